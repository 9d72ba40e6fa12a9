# What the tests of the examples' programs share: `source examples/client_program/programs.bash`.

fail() {
  printf 'FAILED: %s\n' "$1" >&2
  exit 1
}

# start_server PROGRAM FLAG...: on $address, which no other test has.
start_server() {
  local line
  address=unix-abstract:penstock-example-$$
  exec {server_output}< <(exec "$1" --listen "$address" "${@:2}" 2>&1)
  server_pid=$!
  trap 'kill "$server_pid" 2>/dev/null || true' EXIT
  while read -r -u "$server_output" line; do
    case "$line" in *"listening on"*) return ;; esac
  done
  fail "the server $1 did not start"
}

# expect WHAT WANT GOT: GOT is WANT, where a * in WANT stands for anything.
expect() {
  # shellcheck disable=SC2053
  [[ "$3" == $2 ]] || fail "$(printf '%s: it says\n  %s\nand not\n  %s' "$1" "$3" "$2")"
}

# expect_exit STATUS PROGRAM FLAG...: runs it; what it says, both ways, is in $said.
expect_exit() {
  local status=0
  said=$("${@:2}" 2>&1) || status=$?
  [[ "$status" == "$1" ]] || fail "${*:2}: exit status $status, not $1; it says: $said"
}
