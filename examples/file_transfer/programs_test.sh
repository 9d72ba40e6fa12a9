#!/usr/bin/env bash
# A file to the server and back, as a user has it.
set -euo pipefail
source examples/client_program/programs.bash

client=$PWD/examples/file_transfer/client
root=$TEST_TMPDIR/root
mkdir "$root" "$TEST_TMPDIR/here"

# Without a server, and with a wrong command line.
expect_exit 1 "$client" --server unix-abstract:penstock-nobody-is-here download x --to "$root/x"
expect "no server" "file_transfer: UNAVAILABLE: cannot connect to *: connection refused*" "$said"
expect_exit 64 "$client"
expect "no command" "file_transfer: A subcommand is required*" "$said"
expect_exit 64 "$client" upload
expect "no file" "file_transfer: FILE is required*" "$said"
expect_exit 0 "$client" download --help
expect "help" "*--to FILE*" "$said"
expect_exit 64 examples/file_transfer/server
expect "no root" "*: --root is required*" "$said"
expect_exit 1 examples/file_transfer/server --root /nowhere
expect "a wrong root" "*: cannot serve the files of /nowhere: *" "$said"

start_server examples/file_transfer/server --root "$root" --max-file-bytes 1000000

cd "$TEST_TMPDIR/here"
head -c 300000 /dev/urandom >sent
expect_exit 0 "$client" --server "$address" upload sent --as kept
crc32=${said##* }
expect "upload" "uploaded kept: 300000 octets, crc32 ????????" "$said"
cmp sent "$root/kept" || fail "another file was stored"
expect_exit 0 "$client" --server "$address" download kept
expect "download" "downloaded kept: 300000 octets, crc32 $crc32" "$said"
cmp sent kept || fail "another file came back"

head -c 100000 sent >again.part
expect_exit 0 "$client" --server "$address" download kept --to again
expect "resume" "downloaded kept: 300000 octets, crc32 $crc32, of which 100000 were here" "$said"
cmp sent again || fail "another file came back"

expect_exit 1 "$client" --server "$address" upload nowhere
expect "no such file here" "file_transfer: NOT_FOUND: cannot open the file nowhere: *" "$said"
expect_exit 1 "$client" --server "$address" upload sent --as ../sent
expect "a way out" "file_transfer: INVALID_ARGUMENT: this is no name for a file here*" "$said"
head -c 1000001 /dev/zero >long
expect_exit 1 "$client" --server "$address" upload long
expect "too long" "file_transfer: RESOURCE_EXHAUSTED: the file is longer than 1000000 *" "$said"
expect "what is left" kept "$(ls -A "$root")"
