"""The official conformance suite of Protocol Buffers against the codec: no known failures."""

import sys
import unittest

from runner import Runner


class ProtobufTest(unittest.TestCase):
    def test_every_required_and_recommended_case(self):
        report = RUNNER.run(TESTEE, [])
        for suite in report.suites:
            print("%d passed, %d skipped, %d expected and %d unexpected failures" % suite)
        self.assertEqual(len(report.suites), 2, report.output)
        passed, _, expected, unexpected = report.suites[0]
        self.assertEqual((expected, unexpected), (0, 0), report.output)
        self.assertGreaterEqual(passed, CASES, report.output)
        self.assertEqual(report.suites[1][2:], (0, 0), report.output)
        self.assertEqual(report.status, 0, report.output)


CASES = 2779

if __name__ == "__main__":
    RUNNER = Runner(sys.argv[2])
    TESTEE = [sys.argv[1], *sys.argv[3:]]
    del sys.argv[1:]
    unittest.main()
