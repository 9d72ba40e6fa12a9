"""Tests of results.py, over event files as Bazel writes them."""

import io
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import results  # noqa: E402  (beside this file)


def summary(label, status, log=None):
    kind = "passed" if status == "PASSED" else "failed"
    files = {kind: [{"uri": "file://" + log}]} if log else {}
    return {
        "id": {"testSummary": {"label": label}},
        "testSummary": {"overallStatus": status, **files},
    }


def completed(label, success):
    body = {"completed": {"success": True}} if success else {"completed": {}}
    return {"id": {"targetCompleted": {"label": label}}, **body}


def run(events, exit_status):
    out = io.StringIO()
    counts = results.report(*results.collect(events), exit_status, out)
    return counts, out.getvalue()


class ReportTest(unittest.TestCase):
    def test_counts_per_target(self):
        cases = [
            ("all pass", [summary("//a:t", "PASSED"), summary("//b:t", "PASSED")], 0, (2, 0)),
            ("flaky passes", [summary("//a:t", "FLAKY")], 0, (1, 0)),
            ("one fails", [summary("//a:t", "PASSED"), summary("//b:t", "FAILED")], 3, (1, 1)),
            ("a timeout fails", [summary("//a:t", "TIMEOUT")], 3, (0, 1)),
            ("a test that does not build counts once",
             [completed("//a:t", False), summary("//a:t", "FAILED_TO_BUILD")], 1, (0, 1)),
            ("a binary that does not build fails",
             [completed("//a:bin", False), summary("//a:t", "PASSED")], 1, (1, 1)),
            ("a built target is no test", [completed("//a:lib", True)], 0, (0, 0)),
            ("a broken build without targets fails once", [], 1, (0, 1)),
            ("no tests at all is not a broken build", [], 4, (0, 0)),
        ]
        for name, events, exit_status, want in cases:
            with self.subTest(name):
                self.assertEqual(run(events, exit_status)[0], want)

    def test_failure_line_names_the_log(self):
        _, text = run([summary("//a:t", "FAILED", "/tmp/x%20y/test.log")], 3)
        self.assertEqual(text, "FAILED: //a:t (failed): log in /tmp/x y/test.log\n")

    def test_skips_are_said(self):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
            log.write("SKIPPED: Go is not installed\n")
            log.write("[  SKIPPED ] Ring.Bundles (0 ms)\n[  SKIPPED ] 1 test, listed below:\n")
            log.flush()
            counts, text = run([summary("//a:t", "PASSED", log.name)], 0)
        self.assertEqual(counts, (1, 0))
        self.assertEqual(
            text, "skipped: //a:t: Go is not installed\nskipped: //a:t: Ring.Bundles\n")

    def test_a_cut_last_line_is_ignored(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(json.dumps(summary("//a:t", "PASSED")) + "\n{\"id\": {\"tes")
            file.flush()
            self.assertEqual(len(results.read_events(file.name)), 1)


if __name__ == "__main__":
    unittest.main()
