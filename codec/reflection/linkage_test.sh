#!/bin/sh
# Who pays for descriptors: the program that asks for them, and no other.
set -u
failures=0

# count FILE TEXT: how many symbols have the text in their name.
count() {
  nm -C "$1" | grep -c "$2"
}

for text in penstock::codec::embedded:: File_codec_stesting penstock::codec::compiler:: \
  penstock::codec::reflection:: TableFunctions; do
  if [ "$(count "$1" "$text")" != 0 ]; then
    echo "FAILED: $1, which uses messages alone, has symbols with $text in them"
    failures=$((failures + 1))
  fi
done
for text in File_codec_stesting_severything_dproto File_codec_stesting_simported_dproto; do
  if [ "$(count "$2" "$text")" = 0 ]; then
    echo "FAILED: $2, which asks for a descriptor, has no symbol with $text in it"
    failures=$((failures + 1))
  fi
done
if ! "$2"; then
  echo "FAILED: $2 found no fields"
  failures=$((failures + 1))
fi
[ "$failures" -eq 0 ]
