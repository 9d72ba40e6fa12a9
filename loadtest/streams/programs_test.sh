#!/usr/bin/env bash
# The programs as tools/bench uses them: a line of JSON, or a sentence and an exit status.
set -euo pipefail
source examples/client_program/programs.bash

load=loadtest/streams/stream-load

expect_exit 64 "$load"
expect "no target" "stream-load: TARGET is required*" "$said"
expect_exit 64 "$load" -t soon 127.0.0.1:1
expect "no duration" "stream-load: -t,--duration: takes a number with ns, us*" "$said"
expect_exit 1 "$load" unix-abstract:penstock-nobody-is-here
expect "no server" "stream-load: *UNAVAILABLE: cannot connect to *" "$said"

start_server loadtest/streams/server --shards 1
expect_exit 0 "$load" --in-flight 10 --payload-bytes 64 --warmup 1ms -t 20ms \
  --server-pid "$server_pid" "$address"
want='{"messages": [1-9]*, "payload_bytes": 64, "in_flight": 10, "elapsed_ns": [1-9]*'
expect "figures" "$want" "$said"
expect "processor time" '*"client_cpu_ns": [1-9]*, "server_cpu_ns": [0-9]*}' "$said"
