#!/usr/bin/env bash
# The C++ in docs/guards.md is what the test beside this compiles: each line of its cpp blocks
# stands in it, however far it is indented.
set -euo pipefail

page=docs/guards.md
test=tests/guards/guards_test.cc
missing=0
lines=0
while IFS= read -r line; do
  line="${line#"${line%%[! ]*}"}"
  [[ -z "$line" ]] && continue
  lines=$((lines + 1))
  if ! sed 's/^ *//' "$test" | grep -cxF -- "$line" > /dev/null; then
    echo "$page shows a line that $test does not have: $line" >&2
    missing=1
  fi
done < <(sed -n '/^```cpp$/,/^```$/{/^```/d;p}' "$page")
((lines > 2)) || { echo "$page shows only $lines lines: it had examples" >&2; exit 1; }
exit "$missing"
