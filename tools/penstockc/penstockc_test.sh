#!/bin/sh
# The command line of penstockc: what it writes, what it says, how it ends.
set -u
penstockc="$PWD/$1"
cd "$TEST_TMPDIR" || exit 1
failures=0

# expect STATUS TEXT COMMAND...: the exit status, and a text in the output.
expect() {
  want_status=$1
  want_text=$2
  shift 2
  output=$("$@" 2>&1)
  status=$?
  if [ "$status" -ne "$want_status" ]; then
    echo "FAILED: $*: exit status $status, not $want_status; it said: $output"
    failures=$((failures + 1))
  fi
  case "$output" in
    *"$want_text"*) ;;
    *)
      echo "FAILED: $*: \"$want_text\" is not in: $output"
      failures=$((failures + 1))
      ;;
  esac
}

mkdir -p protos/dir out
printf 'syntax = "proto3";\nmessage B { int32 n = 1; }\n' > protos/dir/b.proto
printf 'syntax = "proto3";\nimport "dir/b.proto";\nmessage A { B b = 1; }\n' > protos/a.proto
printf 'syntax = "proto3";\nimport "dir/c.proto";\nmessage M { strin s = 1; }\n' > protos/bad.proto

expect 0 "--cpp_out=DIR" "$penstockc" --help
expect 0 "penstockc 0." "$penstockc" --version
expect 64 "name at least one .proto file" "$penstockc"
expect 64 "unknown flag --cpp_uot; did you mean --cpp_out?" "$penstockc" --cpp_uot=x a.proto
expect 64 "--cpp_out needs a value" "$penstockc" a.proto --cpp_out
expect 1 "no-such.proto: error: no such file" "$penstockc" no-such.proto
expect 1 "is not a folder" "$penstockc" -I protos --cpp_out=missing a.proto
expect 1 'bad.proto:2:8: error: import "dir/c.proto" was not found: looked in protos' \
  "$penstockc" -I protos protos/bad.proto
expect 1 'was not found: looked in protos; did you mean "dir/b.proto"?' \
  "$penstockc" -I protos protos/bad.proto
expect 1 'did you mean "string"?' "$penstockc" -I protos bad.proto
expect 1 'was not found: add its penstock_cc_library to deps' \
  "$penstockc" -Iprotos --missing_import_hint="add its penstock_cc_library to deps" bad.proto
expect 0 "" "$penstockc" -I protos a.proto
expect 0 "" "$penstockc" --proto_path=protos --cpp_out out protos/a.proto protos/dir/b.proto
for file in a.penstock.h a.penstock.cc a.server.h dir/b.penstock.h dir/b.penstock.cc; do
  if [ ! -s "out/$file" ]; then
    echo "FAILED: out/$file was not written"
    failures=$((failures + 1))
  fi
done
if [ -e out/bad.penstock.h ]; then
  echo "FAILED: a file with errors was generated"
  failures=$((failures + 1))
fi
[ "$failures" -eq 0 ]
