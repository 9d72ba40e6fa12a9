#!/usr/bin/env bash
# For `bazel run //:compdb`, without Python rules.
set -euo pipefail
exec python3 "${BUILD_WORKSPACE_DIRECTORY:-$(dirname "${BASH_SOURCE[0]}")/..}/tools/compdb.py" "$@"
