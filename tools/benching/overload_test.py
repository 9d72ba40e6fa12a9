"""What overload.py makes of results."""

import argparse
import unittest

import overload
import servers


def report(p99_ns=250_000, bound=False, errors=None):
    errors = {"UNAVAILABLE": 30, "DEADLINE_EXCEEDED": 10} if errors is None else errors
    return {"totals": {"rps": 45.0, "goodput_rps": 20.0, "ok": 60, "errors": sum(errors.values())},
            "errors": [{"status": status, "count": count, "first_message": "why"}
                       for status, count in errors.items()],
            "latency": {"response": {"p50_ns": 90_000, "p99_ns": p99_ns}},
            "generator": {"cpu": 0.5, "bound": bound, "lateness": {"p99_ns": 17_000}}}


def row(goodput, p99_us):
    return overload.Summary(goodput, goodput, 90, p99_us, 0.1, 17, False)


class OverloadTest(unittest.TestCase):
    def test_the_server_talks_to_the_kernel_as_the_table_says(self):
        command = overload.program("load", True, argparse.Namespace(io="epoll")).command
        self.assertEqual(command[command.index("--io") + 1], "epoll")
        self.assertIn("--limit-concurrency", command)

    def test_a_summary_has_throughput_goodput_latency_and_refusals(self):
        self.assertEqual(overload.summary(report()), (45.0, 20.0, 90.0, 250.0, 0.3, 17.0, False))

    def test_a_percentile_that_is_not_known_is_no_number(self):
        self.assertIsNone(overload.summary(report(p99_ns=None)).p99_us)
        self.assertEqual(overload.shown(None), "n/a")
        self.assertEqual(overload.shown(250.4), "250")

    def test_the_generator_itself_says_whether_it_was_the_limit(self):
        self.assertTrue(overload.summary(report(bound=True)).is_bound)

    def test_an_error_that_no_overload_explains_is_no_figure(self):
        with self.assertRaises(servers.Failure) as raised:
            overload.summary(report(errors={"INTERNAL": 3}))
        self.assertEqual(raised.exception.sentence, "3 calls ended with INTERNAL: why")

    def test_a_row_has_medians_of_what_is_known_and_every_doubt(self):
        rounds = [overload.Summary(1, 1, None, 3, 0.1, None, False),
                  overload.Summary(5, 4, None, None, 0.3, None, True),
                  overload.Summary(2, 2, None, 4, 0.2, None, False)]
        self.assertEqual(overload.row_of(rounds), (2, 2, None, 3.5, 0.2, None, True))

    def test_what_is_kept_has_each_round_and_every_doubt(self):
        rounds = [overload.Summary(5, 4, None, 3, 0.1, 17, False),
                  overload.Summary(7, 6, None, 5, 0.3, None, True)]
        kept = overload.kept_row(2.0, True, 45_957.4, rounds)
        self.assertEqual((kept["cell"], kept["offered_of_capacity"], kept["guard"]),
                         ("overload-2.0-guarded", 2.0, True))
        entry = kept["servers"]["penstock"]
        self.assertEqual(entry["throughput"],
                         {"median": 6, "min": 5, "max": 7, "values": [5, 7]})
        self.assertIsNone(entry["p50_us"])
        self.assertEqual(entry["generator_bound"], 1)

    def test_the_verdict_is_of_twice_the_capacity(self):
        rows = {0.5: row(20_000, 250), 1.0: row(40_000, 1_900), 2.0: row(38_000, 2_000)}
        self.assertIn("goodput 95 % of its peak", overload.verdict_of(rows))
        self.assertIn("p99 of the admitted 8.0x that at 0.5x", overload.verdict_of(rows))

    def test_there_is_no_verdict_on_nothing(self):
        rows = {0.5: row(20_000, None), 2.0: row(38_000, 2_000)}
        self.assertEqual(overload.verdict_of(rows), "Too few calls were OK in time for a verdict.")


if __name__ == "__main__":
    unittest.main()
