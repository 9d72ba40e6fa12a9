# Functions the scripts in tools/ share. Sourced, never run.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# die MESSAGE...: one sentence on stderr, exit status 1.
die() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# say MESSAGE...: progress for people, on stderr, so that stdout stays what was asked for.
say() {
  echo "==> $*" >&2
}

# use_go: puts Go on PATH where its installer leaves it; status 1 if there is none.
use_go() {
  if command -v go >/dev/null; then
    return 0
  fi
  if [[ -x /usr/local/go/bin/go ]]; then
    export PATH="$PATH:/usr/local/go/bin"
    return 0
  fi
  return 1
}

# bazel_progress_flag: Bazel's progress bar is for terminals; without one it would fill the log.
bazel_progress_flag() {
  if [[ -t 2 ]]; then
    echo "--show_progress"
  else
    echo "--noshow_progress"
  fi
}
