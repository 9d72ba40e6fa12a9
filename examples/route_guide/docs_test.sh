#!/usr/bin/env bash
# The C++ in docs/testing.md is what the tests beside this compile: each line of its cpp blocks
# stands in one of them.
set -euo pipefail

page=docs/testing.md
folder=examples/route_guide
missing=0
lines=0
while IFS= read -r line; do
  [[ -z "$line" ]] && continue
  lines=$((lines + 1))
  if ! grep -qxF -- "$line" "$folder/handlers_test.cc" "$folder/in_process_test.cc"; then
    echo "$page shows a line that no test in $folder has: $line" >&2
    missing=1
  fi
done < <(sed -n '/^```cpp$/,/^```$/{/^```/d;p}' "$page")
((lines > 10)) || { echo "$page shows only $lines lines: it had examples" >&2; exit 1; }
exit "$missing"
