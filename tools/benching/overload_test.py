"""What overload.py makes of results."""

import unittest

import overload


def report(ok, errors, p99_ns, cpu=0.5):
    return {"totals": {"rps": ok / 2, "ok": ok, "errors": errors},
            "latency": {"response": {"p50_ns": 90_000, "p99_ns": p99_ns}},
            "generator": {"cpu": cpu}}


class OverloadTest(unittest.TestCase):
    def test_a_summary_has_goodput_latency_and_refusals(self):
        self.assertEqual(overload.summary(report(60, 40, 250_000)), (30.0, 90.0, 250.0, 0.4, False))
        self.assertTrue(overload.summary(report(60, 40, None, cpu=0.95))[4])

    def test_a_row_has_medians_and_every_doubt(self):
        rounds = [(1, 2, 3, 0.1, False), (5, 6, 7, 0.3, True), (2, 3, 4, 0.2, False)]
        self.assertEqual(overload.row_of(rounds), [2, 3, 4, 0.2, True])

    def test_the_verdict_is_of_twice_the_capacity(self):
        rows = {0.5: [20_000, 90, 250, 0, False], 1.0: [40_000, 900, 1_900, 0.1, False],
                2.0: [38_000, 900, 2_000, 0.5, False]}
        self.assertIn("goodput 95 % of its peak", overload.verdict_of(rows))
        self.assertIn("p99 of the admitted 8.0x that at 0.5x", overload.verdict_of(rows))


if __name__ == "__main__":
    unittest.main()
