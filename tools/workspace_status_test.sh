#!/usr/bin/env bash
# Tests tools/workspace_status: with git, without, and where the environment says it.
set -euo pipefail

STATUS="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/workspace_status"
WORK="$(mktemp -d "${TEST_TMPDIR:-/tmp}/workspace_status_test.XXXXXX")"
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"
# Not the repository that the test may run in.
export GIT_CEILING_DIRECTORIES="${WORK%/*}" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1

# expect NAME WANT: the script prints WANT, a pattern, behind its key.
expect() {
  local printed
  printed="$("$STATUS")"
  # shellcheck disable=SC2053  # the right side is a pattern
  if [[ "$printed" != "STABLE_PENSTOCK_REVISION "$2 ]]; then
    echo "FAILED: $1: printed '$printed', not '$2'" >&2
    exit 1
  fi
}

unset REVISION
expect "without a repository" unknown
REVISION='v1.2-3; rm "x"' expect "said by the environment, cleaned" "v1.2-3rmx"

if ! command -v git >/dev/null; then
  echo "SKIPPED: git is not installed"
  exit 0
fi
git init -q .
expect "without a commit" unknown
echo one >file
git add file
git -c user.name=a -c user.email=a@b commit -q -m one
HEX='[0-9a-f]'
expect "a commit" "$(printf "%0.s$HEX" {1..12})"
echo new >another
expect "a commit and a file that is new" "$(printf "%0.s$HEX" {1..12})+changes"
rm another
expect "the commit again" "$(printf "%0.s$HEX" {1..12})"
echo two >file
expect "a commit and changes" "$(printf "%0.s$HEX" {1..12})+changes"
