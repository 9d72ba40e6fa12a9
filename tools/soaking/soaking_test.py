"""What tools/soak makes of what it is told."""

import os
import tempfile
import unittest

import loads
import page
import samples

METRICS = """\
# TYPE penstock_shard_connections gauge
penstock_shard_connections{{shard="0"}} 7
grpc_server_handled_total{{grpc_type="unary",grpc_code="OK"}} {ok}
grpc_server_handled_total{{grpc_type="unary",grpc_code="Canceled"}} 10
penstock_shard_cpu_seconds_total{{shard="0"}} 1.5
penstock_shard_turn_seconds_bucket{{shard="0",le="1.6e-05"}} {short}
penstock_shard_turn_seconds_bucket{{shard="0",le="0.001"}} {medium}
penstock_shard_turn_seconds_bucket{{shard="0",le="+Inf"}} {all}
"""
SUMMARY = ("requests: 9 total, 9 started, {done} done, {well} succeeded, {bad} failed, 0 errored\n"
           "status codes: {well} 2xx, 0 3xx, 0 4xx, 0 5xx\n")


def scrape(ok=90, short=100, medium=120, every=120):
    return samples.read_metrics(METRICS.format(ok=ok, short=short, medium=medium, all=every))


def sample(seconds, memory_bytes=10 << 20, p99_s=0.001):
    return samples.Sample(seconds, memory_bytes, 9, 7, 100.0, 0.5, None, p99_s)


class LoadsTest(unittest.TestCase):
    def test_a_request_has_its_prefix_and_the_length_of_its_name(self):
        self.assertEqual(loads.grpc_body(b"world"), b"\x00\x00\x00\x00\x07\x0a\x05world")
        self.assertEqual(loads.grpc_body(b"x" * 300)[:8], b"\x00\x00\x00\x01\x2f\x0a\xac\x02")

    def test_h2load_is_well_when_all_that_was_done_succeeded(self):
        self.assertTrue(loads.judge_h2load(0, SUMMARY.format(done=9, well=9, bad=0))[0])
        for status, output in ((0, SUMMARY.format(done=9, well=8, bad=1)), (0, "no summary"),
                               (0, SUMMARY.format(done=0, well=0, bad=0)),
                               (1, SUMMARY.format(done=9, well=9, bad=0))):
            self.assertFalse(loads.judge_h2load(status, output)[0], output)

    def test_a_load_says_how_its_program_ended(self):
        self.assertEqual(loads.Load("one", [["echo", "done"]], loads.judge_status, 9).verdict(),
                         ("one", True, "done"))
        self.assertEqual(loads.Load("one", [["false"]], loads.judge_status, 9).verdict(),
                         ("one", False, "status 1"))

    def test_a_load_that_is_run_anew_ends_with_the_first_that_is_not_well(self):
        load = loads.Load("two", [["echo", "a"], ["false"]], loads.judge_status, 9, seconds=600)
        self.assertEqual(load.verdict(), ("two", False, "status 1"))


class SamplesTest(unittest.TestCase):
    def test_metrics_are_summed_over_codes_and_shards(self):
        told = scrape()
        self.assertEqual((told.connections, told.calls, told.cpu_s), (7, 100, 1.5))
        self.assertEqual(told.turns, {1.6e-05: 100, 0.001: 120, float("inf"): 120})

    def test_a_sample_is_what_came_between_two_scrapes(self):
        one = samples.difference(4, 2, 1, 9, scrape(), scrape(ok=290, short=190, medium=220,
                                                              every=220))
        self.assertEqual((one.calls_per_s, one.cores), (100, 0))
        self.assertEqual((one.turn_p50_s, one.turn_p99_s), (1.6e-05, 0.001))

    def test_no_turn_between_two_scrapes_has_no_length(self):
        self.assertIsNone(samples.quantile(0.99, scrape().turns, scrape().turns))

    def test_what_is_longer_than_every_bound_is_as_long_as_the_last(self):
        self.assertEqual(samples.quantile(0.99, scrape().turns, scrape(every=220).turns), 0.001)

    def test_memory_that_grew_is_not_flat(self):
        for end_bytes, is_flat in ((12 << 20, True), ((12 << 20) + 1, False)):
            taken = [sample(s, 10 << 20 if s < 80 else end_bytes) for s in range(100)]
            self.assertEqual(samples.memory_is_flat(taken, 100)[0], is_flat, end_bytes)
        self.assertFalse(samples.memory_is_flat([], 100)[0])

    def test_progress_tells_what_is_left(self):
        self.assertTrue(samples.progress(sample(65), 3600).startswith(
            "01:05 of 1:00:00, 58:55 left: 10.0 MiB, 9 descriptors"))

    def test_a_row_for_each_sample(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "soak.csv")
            samples.write_csv(path, [sample(1.5)])
            with open(path, encoding="utf-8") as file:
                head, row = file.read().splitlines()
        self.assertEqual(head.split(",")[:3], ["seconds", "memory_bytes", "descriptors"])
        self.assertEqual(row, "1.5,10485760,9,7,100,0.5,,0.001")


class PageTest(unittest.TestCase):
    def made(self, how):
        return page.made([sample(1), sample(2, p99_s=None)], [("memory is flat", False, how)],
                         "now", "/* Chart.js */")

    def test_what_programs_said_is_text_and_not_markup(self):
        self.assertIn("FAILED", self.made("well"))
        self.assertIn("&lt;b&gt;", self.made("<b>"))
        self.assertNotIn("<b>", self.made("<b>"))

    def test_it_loads_nothing(self):
        for word in ("http:", "https:", " src=", "@import"):
            self.assertNotIn(word, self.made("well"))

    def test_what_is_not_known_is_a_gap(self):
        self.assertIn('"p99, at most", "points": [[1, 1.0], [2, null]]', self.made("well"))

    def test_script_ends_where_it_ends(self):
        self.assertEqual(page.in_script("a</script>b"), "a<\\/script>b")


if __name__ == "__main__":
    unittest.main()
