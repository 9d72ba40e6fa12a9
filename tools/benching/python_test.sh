#!/usr/bin/env bash
# Runs benching_test.py: a shell test needs no Python rules.
set -euo pipefail
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/benching_test.py"
