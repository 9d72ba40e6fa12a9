#!/usr/bin/env bash
# The client asks the server; without a server it says what is wrong.
set -euo pipefail

server=examples/helloworld/server
client=examples/helloworld/client
address=unix-abstract:penstock-helloworld-$$

if said=$("$client" "$address" 2>&1); then
  echo "FAILED: without a server the client succeeds: $said" >&2
  exit 1
fi
want="UNAVAILABLE: cannot connect to $address: connection refused"
[[ "$said" == "$want"* ]] || {
  printf 'FAILED: without a server it says\n  %s\nand not\n  %s...\n' "$said" "$want" >&2
  exit 1
}

exec 3< <(exec "$server" --listen "$address" 2>&1)
pid=$!
trap 'kill "$pid" 2>/dev/null || true' EXIT
started=
while [[ -z "$started" ]] && read -r -u 3 line; do
  case "$line" in *"listening on"*) started=yes ;; esac
done
[[ -n "$started" ]] || {
  echo "FAILED: the server did not start" >&2
  exit 1
}
said=$("$client" "$address" world)
[[ "$said" == "Hello world" ]] || {
  echo "FAILED: the client prints '$said'" >&2
  exit 1
}
