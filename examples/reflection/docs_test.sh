#!/usr/bin/env bash
# The C++ in docs/reflection.md is what reflection_test compiles: each of its indented lines stands
# there, whatever the depth.
set -euo pipefail

page=docs/reflection.md
compiled=examples/reflection/reflection_test.cc
missing=0
lines=0
while IFS= read -r line; do
  line="${line#"${line%%[![:space:]]*}"}"
  [[ -z "$line" ]] && continue
  lines=$((lines + 1))
  if ! grep -qF -- "$line" "$compiled"; then
    echo "$page shows a line that $compiled does not have: $line" >&2
    missing=1
  fi
done < <(grep '^    ' "$page")
((lines > 10)) || { echo "$page shows only $lines lines: it had examples" >&2; exit 1; }
exit "$missing"
