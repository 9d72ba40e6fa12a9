#!/usr/bin/env bash
# Tests tools/setup with stand-ins for apt-get, dpkg-query and id: nothing is installed.
set -euo pipefail

SETUP="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/setup"
WORK="$(mktemp -d "${TEST_TMPDIR:-/tmp}/setup_test.XXXXXX")"
trap 'rm -rf "$WORK"' EXIT
FAILURES=0

# stand_in NAME SCRIPT: a program of that name, first on PATH.
stand_in() {
  mkdir -p "$WORK/bin"
  printf '#!/bin/bash\n%s\n' "$2" >"$WORK/bin/$1"
  chmod +x "$WORK/bin/$1"
}

# run_setup ARGUMENT...: sets OUTPUT (both streams) and STATUS; apt-get's calls are in $WORK/calls.
run_setup() {
  : >"$WORK/calls"
  STATUS=0
  OUTPUT="$(PATH="$WORK/bin:$PATH" SETUP_OS_RELEASE="$WORK/os-release" SKIP_SETUP="" \
    CALLS="$WORK/calls" "$SETUP" "$@" 2>&1)" || STATUS=$?
}

# expect WHAT CONDITION...: the condition is a test of [ ].
expect() {
  local what="$1"
  shift
  if ! [ "$@" ]; then
    echo "FAILED: $what (status $STATUS, output: $OUTPUT)" >&2
    FAILURES=$((FAILURES + 1))
  fi
}

expect_output() {
  if [[ "$OUTPUT" != *"$1"* ]]; then
    echo "FAILED: the output has no '$1' (status $STATUS, output: $OUTPUT)" >&2
    FAILURES=$((FAILURES + 1))
  fi
}

# everything_but PACKAGE: a dpkg-query that has all but one installed ("" for all).
everything_but() {
  # shellcheck disable=SC2016  # the stand-in expands it
  stand_in dpkg-query 'for p in "${@:4}"; do [ "$p" = "'"$1"'" ] || echo "installed $p"; done'
}

on_debian() {
  printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n' >"$WORK/os-release"
}

on_debian
# shellcheck disable=SC2016
stand_in apt-get 'echo "$*" >>"$CALLS"'
stand_in id 'echo 0'
stand_in bazel 'exit 0'

nothing_missing_calls_nothing() {
  everything_but ""
  run_setup
  expect "nothing missing is success" "$STATUS" = 0
  expect_output "nothing is missing"
  expect "apt-get is left alone" ! -s "$WORK/calls"
  run_setup --check
  expect "--check agrees" "$STATUS" = 0
}

check_lists_and_installs_nothing() {
  everything_but liburing-dev
  run_setup --check
  expect "--check exits 1 when something is missing" "$STATUS" = 1
  expect_output "missing: liburing-dev"
  expect "--check calls no apt-get" ! -s "$WORK/calls"
}

only_what_is_missing_is_installed() {
  everything_but clang-19
  run_setup
  expect "installing is success" "$STATUS" = 0
  expect "only the missing one is installed" \
    "$(grep -c 'install --no-install-recommends clang-19$' "$WORK/calls")" = 1
}

chromium_is_a_package_on_debian_alone() {
  everything_but chromium
  run_setup --check
  expect "Debian has a package of it" "$STATUS" = 1
  expect_output "missing: chromium"
  printf 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04 LTS"\n' >"$WORK/os-release"
  run_setup
  expect "Ubuntu has none, and misses nothing" "$STATUS" = 0
  expect_output "nothing is missing"
  expect "apt-get is left alone" ! -s "$WORK/calls"
  run_setup --help
  expect "nor does the help ask for it" "${OUTPUT/chromium/}" = "$OUTPUT"
  on_debian
}

failures_of_apt_are_sentences() {
  local case said want
  everything_but curl
  for case in \
    "E: Could not get lock /var/lib/dpkg/lock-frontend|holds apt's lock" \
    "E: Unable to locate package curl|enable 'universe'" \
    "E: Package 'curl' has no installation candidate|enable 'universe'" \
    "Temporary failure resolving 'packages.example'|check the network" \
    "E: dpkg was interrupted|dpkg --configure -a"; do
    said="${case%%|*}"
    want="${case#*|}"
    stand_in apt-get "echo \"$said\"; exit 100"
    run_setup
    expect "a failing apt-get fails the set-up" "$STATUS" = 1
    expect_output "$want"
  done
}

without_root_and_sudo_it_says_what_to_run() {
  everything_but curl
  stand_in id 'echo 1000'
  # A PATH without sudo: links to what the script uses, and nothing else.
  local program
  mkdir -p "$WORK/few"
  for program in bash env dirname grep; do
    ln -sf "$(command -v "$program")" "$WORK/few/$program"
  done
  STATUS=0
  OUTPUT="$(PATH="$WORK/bin:$WORK/few" SETUP_OS_RELEASE="$WORK/os-release" SKIP_SETUP="" \
    "$SETUP" 2>&1)" || STATUS=$?
  expect "it fails" "$STATUS" = 1
  expect_output "as root run: apt-get install curl"
  stand_in id 'echo 0'
}

other_systems_are_told_what_to_install() {
  everything_but ""
  printf 'ID=fedora\nVERSION_ID=40\nPRETTY_NAME="Fedora Linux 40"\n' >"$WORK/os-release"
  run_setup
  expect "another system exits 1" "$STATUS" = 1
  expect_output "Fedora Linux 40"
  expect_output "liburing-dev"
}

unknown_arguments_are_refused() {
  run_setup --chekc
  expect "an unknown argument exits 1" "$STATUS" = 1
  expect_output "unknown argument '--chekc'"
}

nothing_missing_calls_nothing
check_lists_and_installs_nothing
only_what_is_missing_is_installed
chromium_is_a_package_on_debian_alone
failures_of_apt_are_sentences
without_root_and_sudo_it_says_what_to_run
other_systems_are_told_what_to_install
unknown_arguments_are_refused
[[ $FAILURES == 0 ]] || exit 1
echo "all facts hold"
