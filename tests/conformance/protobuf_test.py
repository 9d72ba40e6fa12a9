"""The official conformance suite of Protocol Buffers against the codec: no known failures."""

import sys
import unittest

from runner import Runner


class ProtobufTest(unittest.TestCase):
    def test_every_required_and_recommended_case(self):
        report = RUNNER.run(TESTEE, ["--maximum_edition", "2023"])
        for suite in report.suites:
            print("%d passed, %d skipped, %d expected and %d unexpected failures" % suite)
        self.assertEqual(len(report.suites), 2, report.output)
        passed, skipped, expected, unexpected = report.suites[0]
        self.assertEqual((skipped, expected, unexpected), (0, 0, 0), report.output)
        self.assertGreaterEqual(passed, CASES, report.output)
        # Text format is printed, not read: most of its cases are skipped.
        self.assertEqual(report.suites[1][2:], (0, 0), report.output)
        self.assertEqual(report.status, 0, report.output)


CASES = 5567  # in binary and JSON, of proto2, proto3 and edition 2023

if __name__ == "__main__":
    RUNNER = Runner(sys.argv[2])
    TESTEE = [sys.argv[1], *sys.argv[3:]]
    del sys.argv[1:]
    unittest.main()
