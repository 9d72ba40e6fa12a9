#!/usr/bin/env bash
# Runs tidy_test.py: a shell test needs no Python rules.
set -euo pipefail
exec python3 "$(dirname "${BASH_SOURCE[0]}")/tidy_test.py"
