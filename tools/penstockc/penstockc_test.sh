#!/bin/sh
# The command line of penstockc: what it writes, what it says, how it ends.
set -u
penstockc="$PWD/$1"
plugin="$PWD/$2"
root="$PWD"
hello=$3
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

# The well-known files are there without an -I, unless a build system says who has them.
printf 'syntax = "proto3";\nimport "google/protobuf/timestamp.proto";\n%s\n' \
  'message T { google.protobuf.Timestamp at = 1; }' > protos/time.proto
expect 0 "" "$penstockc" -I protos --cpp_out=out time.proto google/protobuf/timestamp.proto
if [ ! -s out/google/protobuf/timestamp.penstock.h ]; then
  echo "FAILED: out/google/protobuf/timestamp.penstock.h was not written"
  failures=$((failures + 1))
fi
expect 1 'add it to deps (@penstock//codec/wellknown:timestamp)' \
  "$penstockc" -Iprotos --missing_import_hint="add it to deps" time.proto
expect 0 "" "$penstockc" --proto_path=protos --cpp_out out protos/a.proto protos/dir/b.proto
for file in a.penstock.h a.penstock.cc a.descriptor.cc a.server.h a.mock.h a.client.h \
  dir/b.penstock.h dir/b.penstock.cc; do
  if [ ! -s "out/$file" ]; then
    echo "FAILED: out/$file was not written"
    failures=$((failures + 1))
  fi
done
expect 1 'a.proto:2:8: error: import "dir/b.proto" is not of a direct dependency: add "//dir:b"' \
  "$penstockc" -I protos --indirect_import=dir/b.proto=//dir:b a.proto
expect 0 "" "$penstockc" -I protos --indirect_import=dir/c.proto=//dir:c a.proto
expect 64 "--indirect_import needs PATH=LABEL" "$penstockc" --indirect_import=a.proto a.proto
expect 64 "--include_imports is about --descriptor_set_out: add --descriptor_set_out=FILE" \
  "$penstockc" --include_imports a.proto
expect 64 "--include_source_info takes no value" "$penstockc" --include_source_info=yes a.proto
expect 64 "did you mean --descriptor_set_out?" "$penstockc" --descriptor_set=x a.proto
expect 0 "" "$penstockc" -I protos -oa.binpb a.proto
expect 0 "" "$penstockc" -I protos --descriptor_set_out=all.binpb --include_imports a.proto
expect 1 "cannot write missing/a.binpb" "$penstockc" -I protos -o missing/a.binpb a.proto
expect 1 "" "$penstockc" -I protos -o bad.binpb bad.proto
if [ -e bad.binpb ]; then
  echo "FAILED: a file with errors got a descriptor"
  failures=$((failures + 1))
fi

# sets FILE: how many files a descriptor set has.
sets() {
  protoc --decode_raw < "$1" | grep -c '^1 {'
}
if [ "$(sets a.binpb)" != 1 ] || [ "$(sets all.binpb)" != 2 ]; then
  echo "FAILED: the descriptor sets have $(sets a.binpb) and $(sets all.binpb) files, not 1 and 2"
  failures=$((failures + 1))
fi

# The plugin writes what the compiler writes.
mkdir -p by_plugin
expect 0 "" protoc --plugin="$plugin" -I "$root" --penstock_out=by_plugin "$hello"
mkdir -p by_us
expect 0 "" "$penstockc" -I "$root" --cpp_out=by_us "$hello"
for file in penstock.h penstock.cc descriptor.cc server.h mock.h; do
  if ! cmp "by_plugin/${hello%.proto}.$file" "by_us/${hello%.proto}.$file"; then
    echo "FAILED: the plugin's .$file is another"
    failures=$((failures + 1))
  fi
done
expect 1 'unknown parameter "x=y"' \
  protoc --plugin="$plugin" -I protos --penstock_out=x=y:out a.proto
expect 0 "protoc-gen-penstock 0." "$plugin" --version
expect 64 "as a plugin of protoc" "$plugin" hello.proto
expect 0 "no CodeGeneratorRequest" sh -c "echo damaged | '$plugin'"

if [ -e out/bad.penstock.h ]; then
  echo "FAILED: a file with errors was generated"
  failures=$((failures + 1))
fi
[ "$failures" -eq 0 ]
