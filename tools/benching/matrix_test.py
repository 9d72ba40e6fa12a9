"""The matrix: what is in it, how long it takes, and what the command line says of it."""

import argparse
import contextlib
import io
import unittest
from unittest import mock

import arguments
import cells
import figures
import fleet
import history
import matrix
import servers

KEYS = ["floor", "penstock", "go"]


def parse(*flags):
    """What it takes the flags for, or the sentence that refuses them."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return arguments.parse("", list(flags))
    except SystemExit:
        return said.getvalue().splitlines()[-1]


class CellTest(unittest.TestCase):
    def test_each_has_a_name_of_its_own_that_no_group_has(self):
        self.assertEqual(len(cells.names()),
                         len(cells.CELLS) + len({cell.group for cell in cells.CELLS}))

    def test_are_chosen_by_name_and_by_group(self):
        self.assertEqual([cell.name for cell in cells.chosen("idle,10x100,tls")],
                         ["10x100", "tls-10x100", "tls-100x1", "idle-connection"])
        self.assertEqual(cells.chosen(None), cells.CELLS)

    def test_leave_out_who_cannot(self):
        for name, want in [("10x100", ["floor", "penstock", "go", "tonic"]),
                           ("tls-10x100", ["penstock", "go"]),
                           ("stream-16B-100", ["penstock", "go", "tonic"])]:
            with self.subTest(name):
                cell, = cells.chosen(name)
                self.assertEqual([key for key in [*KEYS, "tonic"] if cell.takes(key)], want)

    def test_all_are_measured_in_less_than_25_minutes(self):
        seconds = [cells.seconds_of(cell, KEYS, 5, cells.FULL) for cell in cells.CELLS]
        self.assertLess(sum(seconds), 25 * 60)
        self.assertGreater(min(seconds), 0)
        quick = [cells.seconds_of(cell, KEYS, 1, cells.QUICK) for cell in cells.CELLS]
        self.assertLess(sum(quick), 3 * 60)


class ProgressTest(unittest.TestCase):
    def test_learns_from_what_is_done(self):
        clock, said = [100.0], []
        progress = cells.Progress([60, 60, 120], lambda: clock[0], said.append)
        progress.begin(0, cells.CELLS[0])
        clock[0] += 90  # half as long again as was thought
        progress.begin(1, cells.CELLS[1])
        self.assertEqual(said, ["1x1 (1 of 3); about 4:00 left",
                                "100x1 (2 of 3); about 4:30 left"])


class FleetTest(unittest.TestCase):
    def cpus(self, name, cores):
        built = fleet.Fleet.__new__(fleet.Fleet)
        built.args = argparse.Namespace(server_cpu=0, load_cpu=1)
        return built.cpus(cells.chosen(name)[0], cores)

    def test_a_generator_shares_a_core_only_where_there_is_none_left(self):
        self.assertEqual(self.cpus("10x100", 2), ([0], 1, False))
        self.assertEqual(self.cpus("shards2-10x100", 2), ([0, 1], 1, True))
        self.assertEqual(self.cpus("shards2-10x100", 4), ([0, 1], 2, False))


class Measured:
    """A cell's figures without servers: each of `results` is a sample, or a Failure."""

    def __init__(self, results):
        self.results = iter(results)

    def sample(self, _server, _number):
        result = next(self.results)
        if isinstance(result, BaseException):
            raise result
        return result


class MeasureTest(unittest.TestCase):
    def row(self, results, rounds, penstock="echo listening on 127.0.0.1:4711; exec sleep 60"):
        cell, = cells.chosen("10x100")
        go = "echo listening on 127.0.0.1:4711; exec sleep 60"
        ships = argparse.Namespace(cpus=lambda *_: ([0], 1, False), programs=lambda _: [
            servers.Program("penstock", "penstock", ["sh", "-c", penstock]),
            servers.Program("go", "Go", ["sh", "-c", go])])
        args = argparse.Namespace(rounds=rounds, io="auto", server_cpu=0, load_cpu=1, quick=True)
        with mock.patch.object(servers, "git", lambda *_: "0123abc"):
            record = history.Record("all", args, None)
        with mock.patch.object(matrix, "Bench", lambda *_: Measured(results)), \
                contextlib.redirect_stdout(io.StringIO()), \
                contextlib.redirect_stderr(io.StringIO()):
            try:
                matrix.measure_cell(cell, ships, cells.QUICK, rounds, record)
            except KeyboardInterrupt:
                pass
        return record.document["rows"], record.document["run"]["notes"]

    def test_servers_take_turns(self):
        rows, _ = self.row([{"cpu_us": number, "rate": 1} for number in (1, 10, 2, 20)], 2)
        self.assertEqual(rows[0]["servers"]["penstock"]["cpu_us"]["values"], [1, 2])
        self.assertEqual(rows[0]["servers"]["go"]["cpu_us"]["values"], [10, 20])
        self.assertEqual(rows[0]["servers"]["penstock"]["ratio"], {"go": 0.1})

    def test_a_round_that_failed_is_left_out_and_said(self):
        rows, notes = self.row([servers.Failure("no"), {"cpu_us": 2, "rate": 1}], 1)
        self.assertEqual(list(rows[0]["servers"]), ["go"])
        self.assertEqual(notes, ["10x100, round 1, is without penstock: no"])

    def test_a_server_that_does_not_start_is_left_out_and_said(self):
        rows, notes = self.row([{"cpu_us": 2, "rate": 1}], 1, penstock="echo no ring; exit 69")
        self.assertEqual(list(rows[0]["servers"]), ["go"])
        self.assertEqual(notes, ["10x100 is without penstock: penstock does not listen; it said: "
                                 "no ring\n"])

    def test_an_interruption_leaves_what_there_is(self):
        rows, _ = self.row([{"cpu_us": 2, "rate": 1}, {"cpu_us": 3, "rate": 1},
                            KeyboardInterrupt()], 5)
        self.assertEqual(rows[0]["servers"]["go"]["cpu_us"]["values"], [3])


class TableTest(unittest.TestCase):
    def test_shows_percentiles_and_what_is_not_known(self):
        self.assertEqual(matrix.shown(None, 3), "")
        self.assertEqual(matrix.shown(figures.figure([1, 2, 4]), 1), "2.0 (1.0 .. 4.0)")
        latency = {"p50": figures.figure([5]), "p99": figures.figure([60]), "p99_9": None}
        self.assertEqual(matrix.shown_latencies(latency), "5 60 n/a")


class ArgumentsTest(unittest.TestCase):
    def test_of_the_matrix_have_other_defaults(self):
        args = parse("--all")
        self.assertEqual((args.peers, args.rounds, args.json), (KEYS, 5, ""))
        args = parse("--all", "--quick")
        self.assertEqual((args.rounds, args.json), (1, None))
        args = parse()
        self.assertEqual((args.peers, args.rounds, args.json), (["penstock", "go"], 5, None))
        self.assertEqual(parse("--streams", "--json", "a.json").json, "a.json")

    def test_of_the_report_have_a_page_by_default(self):
        self.assertEqual(arguments.form_of(parse("--report")), "report")
        self.assertEqual(parse("--report").report, "benchmarks.html")
        self.assertEqual(parse("--report", "a.html").report, "a.html")
        self.assertEqual(arguments.form_of(parse("--all")), "all")
        self.assertEqual(arguments.form_of(parse()), "unary")

    def test_that_mean_nothing_are_refused(self):
        for flags, want in [
                (["--all", "--only", "10x1"], "--only has no cell or group '10x1'"),
                (["--only", "10x100"], "--only goes with --all, --attacks, --micro"),
                (["--streams", "--quick"], "--quick goes with --all and --micro"),
                (["--streams", "--overload"], "not allowed with argument"),
                (["--attacks", "--json"], "--attacks keeps no JSON"),
                (["--report", "a.html", "--json"], "--report keeps no JSON"),
                (["--rounds", "0"], "--rounds takes 1 or more, not 0"),
                (["--peers", "go,go"], "--peers takes each of"),
                (["--peers", "java"], "--peers takes each of"),
                (["--shapes", "10x"], "such as 10x100, not '10x'"),
                (["--payload-bytes", "1"], "--payload-bytes takes 2 to"),
                (["--tls", "--generator", "penstock-load"], "--tls takes h2load"),
                (["--streams", "--peers", "floor,go"], "--streams goes without the floor")]:
            with self.subTest(flags=flags):
                self.assertIn(want, parse(*flags))


if __name__ == "__main__":
    unittest.main()
