#!/usr/bin/env bash
# Runs tools/tidy over the checkout that this test was built from: its data file is a link to there.
set -euo pipefail
tidy="$(realpath tools/tidy)"
root="$(dirname "$(dirname "$tidy")")"
if [[ ! -f "$root/WORKSPACE" || ! -d "$root/wire" ]]; then
  echo "style_test: $root is not the checkout: run this test where tools/tidy is a link to it" >&2
  exit 1
fi
exec "$tidy"
