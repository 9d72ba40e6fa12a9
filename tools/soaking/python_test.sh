#!/usr/bin/env bash
# Runs the *_test.py beside it: a shell test needs no Python rules.
set -euo pipefail
exec python3 -B -m unittest discover -s "$(dirname "${BASH_SOURCE[0]}")" -p '*_test.py'
