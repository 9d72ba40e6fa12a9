#!/usr/bin/env bash
# The C++ in docs/codecs.md is what codecs_test compiles: each of its indented lines stands there,
# whatever the depth. Includes of "shop/..." stand for the reader's own.
set -euo pipefail

page=docs/codecs.md
compiled=examples/codecs/codecs_test.cc
missing=0
lines=0
while IFS= read -r line; do
  line="${line#"${line%%[![:space:]]*}"}"
  [[ -z "$line" || "$line" == '#include "shop/'* ]] && continue
  lines=$((lines + 1))
  if ! grep -qF -- "$line" "$compiled"; then
    echo "$page shows a line that $compiled does not have: $line" >&2
    missing=1
  fi
done < <(grep '^    ' "$page")
((lines > 10)) || { echo "$page shows only $lines lines: it had examples" >&2; exit 1; }
exit "$missing"
