#!/usr/bin/env bash
# python_test.sh NAME ARGUMENT...: runs NAME of this folder, which may import what tests/interop
# shares; a shell test needs no Python rules.
set -euo pipefail
name="$1"
shift
export PYTHONPATH=tests/interop
exec python3 -B "tests/peers/$name" "$@"
