#!/usr/bin/env bash
# Tests how tools/idle_connections ends when a server does not do its part: soon, and with that.
set -euo pipefail

TOOL="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/idle_connections"
WORK="$(mktemp -d "${TEST_TMPDIR:-/tmp}/idle_connections_test.XXXXXX")"
trap 'rm -rf "$WORK"' EXIT
FAILURES=0

# expect_end WHAT TEXT: the tool fails with the text, and its server is gone.
expect_end() {
  local status=0 output
  output="$(timeout 30 "$TOOL" --server "$WORK/server" --connections 1 --calls 1 2>&1)" || status=$?
  if [[ $status != 1 || "$output" != *"$2"* ]]; then
    echo "FAILED: $1: status $status, output: $output" >&2
    FAILURES=$((FAILURES + 1))
  fi
  if kill -0 "$(cat "$WORK/pid")" 2>/dev/null; then
    echo "FAILED: $1: its server is left running" >&2
    FAILURES=$((FAILURES + 1))
    kill "$(cat "$WORK/pid")"
  fi
}

cat >"$WORK/server" <<EOF
#!/usr/bin/env python3
import os, socket, sys
with open("$WORK/pid", "w") as pid:
    pid.write(str(os.getpid()))
server = socket.create_server(("127.0.0.1", 0))
print("listening on 127.0.0.1:%d (h2c)" % server.getsockname()[1], file=sys.stderr, flush=True)
while True:
    connection, _ = server.accept()
    connection.recv(65536)
    connection.close()
EOF
chmod +x "$WORK/server"
expect_end "a server that closes connections" "the server closed a connection"

printf '#!/bin/sh\necho $$ >"%s/pid"\necho "no port is free" >&2\nexec sleep 600\n' "$WORK" \
  >"$WORK/server"
expect_end "a server that does not listen" "it said: no port is free"

# Whose memory is measured has to be said.
"$TOOL" --address 127.0.0.1:1 >"$WORK/said" 2>&1 && FAILURES=$((FAILURES + 1))
grep -q -- "--address and --pid go together" "$WORK/said" ||
  { echo "FAILED: an address alone: $(cat "$WORK/said")" >&2; FAILURES=$((FAILURES + 1)); }

[[ $FAILURES == 0 ]] || exit 1
echo "all facts hold"
