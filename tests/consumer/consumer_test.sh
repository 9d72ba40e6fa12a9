#!/usr/bin/env bash
# Builds and tests the Bazel workspace in workspace/, which uses penstock as a stranger's project
# does, reads what it says of the mistakes in mistakes/, starts its server, calls it with its own
# client, then with curl and a request made by hand, and stops it.
set -euo pipefail

# The real folder: Bazel runs this through a link.
HERE="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
WORKSPACE="$HERE/workspace"
WORK="$(mktemp -d "${TEST_TMPDIR:-/tmp}/consumer.XXXXXX")"
SERVER_PID=""
TIMEOUT_S=10

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

clean_up() {
  if [[ -n "$SERVER_PID" ]]; then
    kill -KILL "$SERVER_PID" 2>/dev/null || true
  fi
  rm -rf "$WORK"
}
trap clean_up EXIT

# inner_bazel COMMAND FLAG...: as from a terminal in workspace/, without the outer test's settings.
inner_bazel() {
  (cd "$WORKSPACE" && env -u TEST_TMPDIR -u RUNFILES_DIR -u JAVA_RUNFILES -u TEST_SRCDIR \
    -u RUNFILES_MANIFEST_FILE bazel --max_idle_secs=30 "$@")
}

# mistake PACKAGE TEXT: mistakes/PACKAGE, as if it lay in workspace/, does not build and says TEXT.
mistake() {
  local said
  if said="$(inner_bazel build --noshow_progress --symlink_prefix=/ \
    --package_path="%workspace%:$HERE/mistakes" "//$1" 2>&1)"; then
    fail "//$1 was built"
  fi
  [[ "$said" == *"$2"* ]] || fail "the error of //$1 does not say '$2' but: $said"
}

mistakes_are_explained() {
  mistake missing_dep 'missing.proto:3:8: error: import "units/units.proto" was not found: add its'
  mistake indirect_dep 'is not of a direct dependency: add "//units:units" to deps'
  mistake twice 'same.proto is in srcs of both "once" and "again"'
  mistake empty 'penstock_cc_library(name = "empty") has no srcs: list its .proto files'
  mistake elsewhere 'is not in package elsewhere: give it a penstock_cc_library there'
  mistake no_proto "(expected .proto)"
}

# start_server PROGRAM: sets SERVER_PID and, once the server says where it listens, ADDRESS.
start_server() {
  local line
  mkfifo "$WORK/server.out"
  "$1" --listen 127.0.0.1:0 --shards 1 >"$WORK/server.out" 2>&1 &
  SERVER_PID=$!
  exec 3<"$WORK/server.out"
  while read -r -t "$TIMEOUT_S" -u 3 line; do
    echo "server: $line"
    if [[ "$line" =~ listening\ on\ ([0-9.]+:[0-9]+) ]]; then
      ADDRESS="${BASH_REMATCH[1]}"
      return
    fi
  done
  fail "the server ended, or did not say within $TIMEOUT_S s that it listens"
}

# call METHOD REQUEST: REQUEST is printf's notation of the message; sets REPLY (hex, with the 5-byte
# prefix) and STATUS (grpc-status, from the trailers or from a response of trailers only).
call() {
  local length
  # shellcheck disable=SC2059  # the format is the message
  printf "$2" >"$WORK/message"
  length="$(stat -c %s "$WORK/message")"
  ((length < 128)) || fail "this test's messages have one byte of length"
  {
    # shellcheck disable=SC2059
    printf "\\0\\0\\0\\0\\x$(printf %02x "$length")"
    cat "$WORK/message"
  } >"$WORK/request"
  curl --silent --show-error --max-time 10 --http2-prior-knowledge \
    -H 'content-type: application/grpc' -H 'te: trailers' --data-binary "@$WORK/request" \
    --dump-header "$WORK/headers" --output "$WORK/reply" "http://$ADDRESS/$1" ||
    fail "curl could not call $1"
  REPLY="$(od -An -v -tx1 "$WORK/reply" 2>/dev/null | tr -d ' \n')"
  STATUS="$(sed -nE 's/^grpc-status: ([0-9]+).*/\1/p' "$WORK/headers" | tr -d '\r' | tail -n 1)"
}

# expect WHAT GOT WANT
expect() {
  [[ "$2" == "$3" ]] || fail "$1 is '$2', not '$3'; headers and trailers: $(cat "$WORK/headers")"
}

calls_are_answered() {
  # Reading{station: "Oslo", temperature: {tenths: 215}}
  call weather.v1.Weather/Convert '\x0a\x04Oslo\x12\x03\x08\xd7\x01'
  # Report{text: "Oslo: 70.7 F", temperature: {tenths: 707, scale: FAHRENHEIT}}
  expect "the reply" "$REPLY" \
    "00000000150a0c4f736c6f3a2037302e372046120508c3051001"
  expect "grpc-status" "$STATUS" 0

  # Reading{}: the service says INVALID_ARGUMENT
  call weather.v1.Weather/Convert ''
  expect "grpc-status of a reading without a station" "$STATUS" 3
}

# PROGRAM: the client of the same workspace.
clients_are_answered() {
  local said
  said="$("$1" "$ADDRESS" Oslo 215)" || fail "the client ended with status $? and said '$said'"
  [[ "$said" == "Oslo: 70.7 F" ]] || fail "the client said '$said'"
  if said="$("$1" "$ADDRESS" "" 215)"; then
    fail "the client did not hear that a reading without a station is refused"
  fi
  [[ "$said" == INVALID_ARGUMENT:* ]] || fail "the client said '$said' to a refused reading"
}

stop_server() {
  kill -TERM "$SERVER_PID"
  timeout "$TIMEOUT_S" tail --pid="$SERVER_PID" -f /dev/null ||
    fail "the server still runs $TIMEOUT_S s after SIGTERM"
  wait "$SERVER_PID" || fail "the server ended with status $? after SIGTERM"
  SERVER_PID=""
}

main() {
  command -v bazel >/dev/null || fail "bazel is not on PATH"
  echo "building and testing $WORKSPACE"
  inner_bazel test --noshow_progress --test_output=errors --symlink_prefix=/ //...
  mistakes_are_explained
  local bin
  bin="$(inner_bazel info --noshow_progress bazel-bin 2>/dev/null)"
  start_server "$bin/server/server"
  clients_are_answered "$bin/client/client"

  if ! command -v curl >/dev/null; then
    [[ "${CI:-}" != true ]] || fail "curl is not installed, and CI must call the server"
    echo "SKIPPED: curl is not installed, so the server is not called by others' hand"
  else
    calls_are_answered
  fi
  stop_server
  echo "built, tested, called and stopped"
}

main "$@"
