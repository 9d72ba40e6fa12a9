#!/usr/bin/env bash
# python_test.sh NAME ARGUMENT...: runs NAME beside this file; a shell test needs no Python rules.
set -euo pipefail
name="$1"
shift
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/$name" "$@"
