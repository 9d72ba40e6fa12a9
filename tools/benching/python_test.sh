#!/usr/bin/env bash
# python_test.sh PATTERN: runs the tests beside it in files of that name: a shell test needs no
# Python rules.
set -euo pipefail
exec python3 -B -m unittest discover -s "$(dirname "${BASH_SOURCE[0]}")" -p "$1"
