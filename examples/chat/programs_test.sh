#!/usr/bin/env bash
# Two terminals in a room, as a user has them: each hears the other; one ends with its input, the
# other with Ctrl-C.
set -euo pipefail
source examples/client_program/programs.bash

client=examples/chat/client

# Without a server, and with a wrong command line.
expect_exit 1 "$client" --server unix-abstract:penstock-nobody-is-here --name ada </dev/null
expect "no server" "chat: UNAVAILABLE: cannot connect to *: connection refused*" "$said"
expect_exit 64 "$client" </dev/null
expect "no name" "chat: --name is required*" "$said"
expect_exit 0 "$client" --help
expect "help" "*--room ROOM*" "$said"

start_server examples/chat/server --shards 2

# hears NAME LINE: the next line of its output.
hears() {
  local line
  read -r -u "${output[$1]}" line || fail "$1 ends, and has not heard: $2"
  expect "$1" "$2" "$line"
}

# enter NAME: a client whose input and output the test holds.
declare -A input output pid
enter() {
  local in_fd out_fd
  mkfifo "$TEST_TMPDIR/$1.in" "$TEST_TMPDIR/$1.out"
  "$client" --server "$address" --name "$1" <"$TEST_TMPDIR/$1.in" >"$TEST_TMPDIR/$1.out" &
  pid[$1]=$!
  exec {in_fd}>"$TEST_TMPDIR/$1.in" {out_fd}<"$TEST_TMPDIR/$1.out"
  input[$1]=$in_fd
  output[$1]=$out_fd
}

enter ada
hears ada "[*] you are in lobby, alone"
enter bob
hears bob "[*] you are in lobby with ada"
hears ada "[*] bob has come"
printf 'hello\n' >&"${input[ada]}"
hears bob "ada: hello"
printf '\033[2Jhello yourself' >&"${input[bob]}"
exec {input[bob]}>&-
hears ada "bob: [?][[]2Jhello yourself"
hears ada "[*] bob has gone"
wait "${pid[bob]}" || fail "bob's client ends with status $?"

expect_exit 1 "$client" --server "$address" --name ada </dev/null
expect "the name is taken" "chat: ALREADY_EXISTS: somebody in the room is called ada*" "$said"

enter eve
hears ada "[*] eve has come"
hears eve "[*] you are in lobby with ada"
kill -INT "${pid[eve]}"
wait "${pid[eve]}" || fail "eve's client ends with status $? at Ctrl-C"
hears ada "[*] eve has gone"
