"""Tests of side_by_side.py."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import side_by_side  # noqa: E402  (beside this file)


def result(rps, cpu_us):
    return {"totals": {"rps": rps}, "server": {"cpu_us_per_rpc": cpu_us},
            "latency": {"service": {"p50_ns": 1000, "p99_ns": 2000}}}


class SideBySideTest(unittest.TestCase):
    def test_ratio_says_which_way(self):
        for first, other, want in [(10, 5, "2.0x"), (5, 10, "1/2.0"), (7, 7, "1.0x"),
                                   (None, 3, "n/a"), (3, 0, "n/a")]:
            with self.subTest(f"{first} {other}"):
                self.assertEqual(side_by_side.ratio(first, other), want)

    def test_table_has_a_row_per_figure(self):
        text = side_by_side.table([("penstock", result(1e6, 0.9)), ("Go", result(5e4, 18))])
        rows = [line.split() for line in text.splitlines()]
        self.assertEqual(rows[1], ["RPC/s", "1,000,000", "50,000", "20.0x"])
        self.assertEqual(rows[2][-5:], ["0.90", "us", "18.00", "us", "1/20.0"])

    def test_a_missing_figure_is_said(self):
        text = side_by_side.table([("a", {"totals": {"rps": 1}}), ("b", result(1, 1))])
        self.assertIn("n/a", text.splitlines()[2])

    def test_a_generator_at_its_limit_is_said(self):
        bound = {**result(1, 1), "generator": {"bound": True}}
        self.assertEqual(len(side_by_side.notes([("a", bound), ("b", result(1, 1))])), 1)


if __name__ == "__main__":
    unittest.main()
