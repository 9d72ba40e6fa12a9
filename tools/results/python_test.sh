#!/usr/bin/env bash
# Runs the Python test named by the argument, which lies beside this file: a shell test needs no
# Python rules.
set -euo pipefail
exec python3 "$(dirname "${BASH_SOURCE[0]}")/$1"
