#!/usr/bin/env bash
# The server in README.md is the one that compiles: its C++ block is server.cc without the comment
# on top.
set -euo pipefail

readme=README.md
server=examples/helloworld/server.cc
shown=$(awk '/^```cpp$/ {inside = 1; next} /^```$/ {inside = 0} inside' "$readme")
compiled=$(awk '!/^\/\// || begun {begun = 1; print}' "$server")
if [[ -z "$shown" ]]; then
  echo "$readme has no \`\`\`cpp block: it should show $server" >&2
  exit 1
fi
diff <(printf '%s\n' "$shown") <(printf '%s\n' "$compiled") || {
  echo "the C++ block of $readme differs from $server: make them the same" >&2
  exit 1
}
lines=$(printf '%s\n' "$shown" | grep -c .)
if ((lines > 20)); then
  echo "the server in $readme has $lines lines: 20 is what a reader was promised" >&2
  exit 1
fi
