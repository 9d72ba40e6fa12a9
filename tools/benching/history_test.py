"""Figures, and the files in which they are kept."""

import argparse
import contextlib
import io
import json
import os
import tempfile
import unittest
from unittest import mock

import figures
import history
import servers

RUN = {"commit": "0123abc", "started_at": "2026-11-30T22:00:00Z", "notes": []}


def sample(cpu_us, p99=None, **more):
    return {"cpu_us": cpu_us, "rate": 1e5, "p50": 5.0, "p99": p99, "server_core": 0.95, **more}


class FigureTest(unittest.TestCase):
    def test_is_median_and_spread_of_what_is_known(self):
        self.assertEqual(figures.figure([3, None, 1, 2]),
                         {"median": 2, "min": 1, "max": 3, "values": [3, 1, 2]})
        self.assertEqual(figures.figure([4, 1])["median"], 2.5)
        self.assertIsNone(figures.figure([None, None]))

    def test_has_six_digits(self):
        self.assertEqual(figures.figure([1234567.8, 0.123456789])["values"], [1234570, 0.123457])
        self.assertEqual(figures.figure([1234567])["median"], 1234567)

    def test_the_limit_is_the_server_where_it_had_all_its_cores(self):
        for core, bound, want in [(0.97, False, "server"), (0.97, True, "server"),
                                  (0.4, True, "generator"), (0.4, False, "neither"),
                                  (None, True, "generator")]:
            with self.subTest(core=core, bound=bound):
                self.assertEqual(figures.limit_of(core, bound), want)


class EntryTest(unittest.TestCase):
    def test_has_what_is_known(self):
        loop = {"of_capacity": 0.5, "rate": 500, "p50": 7.0, "bound": True}
        entry = figures.entry([sample(2.0, 9.0, rss=10, open=[loop]),
                               sample(4.0, None, rss=20, open=[{**loop, "bound": False}])])
        self.assertEqual(entry["cpu_us"]["median"], 3.0)
        self.assertEqual(entry["latency_us"]["p99"]["values"], [9.0])
        self.assertIsNone(entry["latency_us"]["p99_9"])
        self.assertEqual(entry["open"][0]["p50_us"]["values"], [7.0, 7.0])
        self.assertEqual(entry["open"][0]["generator_bound"], 1)
        self.assertEqual((entry["limit"], entry["rss_bytes"]["max"]), ("server", 20))
        self.assertIsNone(entry["generator_core"])

    def test_has_no_latency_and_no_loops_where_none_was_measured(self):
        entry = figures.entry([{"cpu_us": 1.0, "rate": 2.0, "server_core": 0.1}])
        self.assertIsNone(entry["latency_us"])
        self.assertEqual(entry["open"], [])

    def test_is_compared_with_each_reference_that_is_there(self):
        entries = figures.add_ratios({key: figures.entry([sample(cpu)]) for key, cpu in
                                      [("floor", 0.2), ("penstock", 0.5), ("go", 10.0)]})
        self.assertEqual(entries["penstock"]["ratio"], {"go": 0.05, "floor": 2.5})
        self.assertEqual(entries["floor"]["ratio"], {"go": 0.02})
        self.assertEqual(figures.add_ratios({"tonic": figures.entry([sample(1)])})
                         ["tonic"]["ratio"], {})

    def test_of_idle_connections_is_compared_by_memory(self):
        entries = figures.add_ratios({key: figures.entry([{"idle": octets}]) for key, octets in
                                      [("penstock", 4_000), ("go", 40_000)]})
        self.assertEqual(entries["penstock"]["ratio"], {"go": 0.1})
        self.assertIsNone(entries["penstock"]["limit"])


class FileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()  # pylint: disable=R1732
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for stand_in in [mock.patch.object(servers, "git", lambda *_: "0123abc"),
                         mock.patch.object(history, "FOLDER", self.folder)]:
            stand_in.start()
            self.addCleanup(stand_in.stop)
        self.args = argparse.Namespace(rounds=3, io="auto", server_cpu=0, load_cpu=1, quick=False)

    def record(self, place="", rows=1):
        with contextlib.redirect_stderr(io.StringIO()), \
                history.Record("all", self.args, place) as record:
            for number in range(rows):
                record.add({"cell": str(number), "servers": {
                    "go": figures.entry([sample(1.0)]), "floor": figures.entry([sample(0.1)])}})
        return record

    def test_has_date_and_commit_in_its_name_and_is_never_written_over(self):
        paths = [history.write_next(self.folder, RUN, str(n)) for n in range(3)]
        self.assertEqual([os.path.basename(path) for path in paths],
                         ["2026-11-30-0123abc.json", "2026-11-30-0123abc-2.json",
                          "2026-11-30-0123abc-3.json"])
        with self.assertRaises(FileExistsError):
            history.write_new(paths[0], "again")
        self.assertEqual(history.read(paths[0]), 0)

    def test_that_is_named_and_there_is_refused_before_anything_is_measured(self):
        path = os.path.join(self.folder, "mine.json")
        self.record(path)
        with self.assertRaises(servers.Failure) as raised:
            self.record(path)
        self.assertIn("results are never written over", raised.exception.sentence)
        with self.assertRaises(servers.Failure):
            self.record(os.path.join(self.folder, "no", "folder.json"))

    def test_holds_the_document_and_is_read_again_the_oldest_first(self):
        records = [self.record(rows=2), self.record()]
        records[1].document["run"]["started_at"] = "2020-01-01T00:00:00Z"
        history.write_next(self.folder, RUN, history.text_of(records[1].document))
        history.write_next(self.folder, RUN, "{}", history.MICRO_SUFFIX)
        history.write_next(self.folder, RUN, '{"schema": "another/1"}')
        read = history.read_all(self.folder)
        self.assertEqual(read[0]["run"]["started_at"], "2020-01-01T00:00:00Z")
        self.assertEqual(read[1], records[0].document)
        self.assertEqual(len(read), 3)

    def test_has_a_line_for_each_server(self):
        text = history.text_of(self.record(None, rows=2).document)
        self.assertEqual(sum('"cpu_us"' in line for line in text.splitlines()), 4)
        json.loads(text)

    def test_is_not_written_without_a_place_or_a_row(self):
        self.record(None)
        self.record("", rows=0)
        self.assertEqual(os.listdir(self.folder), [])

    def test_of_an_interrupted_run_says_so(self):
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(KeyboardInterrupt), \
                history.Record("all", self.args, "") as record:
            record.add({"cell": "1x1", "servers": {"go": {}}})
            raise KeyboardInterrupt
        run = history.read_all(self.folder)[0]["run"]
        self.assertTrue(run["interrupted"])
        self.assertEqual(run["notes"], ["ended early: KeyboardInterrupt"])

    def test_says_what_ended_it(self):
        for error, want in [(KeyboardInterrupt(), "KeyboardInterrupt"),
                            (SystemExit(143), "exit status 143"),
                            (servers.Failure("no"), "bench: no"), (ValueError("x"), "x")]:
            with self.subTest(want):
                self.assertEqual(history.why_of(error), want)


if __name__ == "__main__":
    unittest.main()
