"""Counts test results from Bazel's build event file, one line per failure, for tools/test.

    python3 tools/results/results.py --exit-status STATUS EVENTS.json

A target counts once: passed, or failed (its test failed, timed out, or it did not build). Without a
failed target but with an exit status of Bazel's that is not 0 (a BUILD file with an error, a
library that does not compile), the build itself counts as one failure. stdout: the failures, the
skips, and last the counts as `PASSED FAILED` for the script. Exit status: 0 if nothing failed.
"""

import argparse
import json
import re
import sys
from urllib.parse import unquote, urlparse

# Bazel's exit status when it ran fine and found no test at all.
_EXIT_NO_TESTS = 4

# A test that leaves itself out says so in one of these ways.
_SKIPPED_LINE = re.compile(r"^(?:SKIPPED: (?P<reason>.*)|\[  SKIPPED \] (?P<test>\S+) \(\d+ ms\))$")


def read_events(path):
    """The events of a --build_event_json_file, which may end in a cut line after a crash."""
    events = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                events.append(json.loads(line))
            except json.JSONDecodeError:
                continue
    return events


def _path_of(files):
    for entry in files:
        if "uri" in entry:
            return unquote(urlparse(entry["uri"]).path)
    return ""


def collect(events):
    """({label: (status, log path)} of the tests, [labels that are no tests and did not build])."""
    tests = {}
    broken = []
    for event in events:
        event_id = event.get("id", {})
        if "testSummary" in event_id:
            label = event_id["testSummary"]["label"]
            summary = event.get("testSummary", {})
            status = summary.get("overallStatus", "NO_STATUS")
            log = _path_of(summary.get("failed", [])) or _path_of(summary.get("passed", []))
            tests[label] = (status, log)
        elif "targetCompleted" in event_id:
            completed = event.get("completed", {})
            # `aborted` is a target that was not reached, or whose analysis failed.
            if not completed.get("success", False):
                broken.append(event_id["targetCompleted"]["label"])
    return tests, [label for label in broken if label not in tests]


def skips_in(log_path):
    """What a passed test's log says it left out."""
    reasons = []
    try:
        with open(log_path, encoding="utf-8", errors="replace") as log:
            for line in log:
                match = _SKIPPED_LINE.match(line.rstrip("\n"))
                if match:
                    reasons.append(match.group("reason") or match.group("test"))
    except OSError:
        pass
    return reasons


def report(tests, broken, exit_status, out):
    """Prints failures and skips; returns (passed count, failed count)."""
    passed = failed = 0
    for label, (status, log) in sorted(tests.items()):
        if status in ("PASSED", "FLAKY"):
            passed += 1
            for reason in skips_in(log):
                print(f"skipped: {label}: {reason}", file=out)
            continue
        failed += 1
        if log:
            print(f"FAILED: {label} ({status.lower()}): log in {log}", file=out)
        else:
            print(f"FAILED: {label} did not build or did not run", file=out)
    for label in sorted(set(broken)):
        failed += 1
        print(f"FAILED: {label} did not build", file=out)
    if failed == 0 and exit_status not in (0, _EXIT_NO_TESTS):
        failed += 1
        print(f"FAILED: the build itself (Bazel's exit status is {exit_status})", file=out)
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--exit-status", type=int, required=True, help="what bazel exited with")
    parser.add_argument("events", help="the file given to bazel --build_event_json_file")
    args = parser.parse_args()
    try:
        events = read_events(args.events)
    except OSError:
        events = []  # Bazel did not start; its exit status says so
    passed, failed = report(*collect(events), args.exit_status, sys.stdout)
    print(passed, failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
