"""The comparisons of tools/bench, with servers and generators that only say so."""

import argparse
import contextlib
import io
import os
import signal
import subprocess
import sys
import time
import unittest
from unittest import mock

import servers
import tables
import unary

LISTENS = ["sh", "-c", "echo listening on 127.0.0.1:4711; exec sleep 60"]
REAL_POPEN = subprocess.Popen
# A bench that runs one server, and says its process id.
UNTIL_SIGTERM = f"""
import signal, servers
servers.end_on_sigterm()
with servers.Server(servers.Program("go", "Go", {LISTENS!r}), 0) as server:
    print(server.process.pid, flush=True)
    while True:
        signal.pause()
"""
ARGS = argparse.Namespace(server_cpu=0, rounds=3, payload_bytes=None)


def sample(rate, cpu_us):
    return {"rate": rate, "cpu_us": cpu_us, "server_core": rate * cpu_us / 1e6,
            "generator_core": 0.5, "bound": False}


def program(key):
    return servers.Program(key, "the " + key, LISTENS)


class RatioTest(unittest.TestCase):
    def test_is_a_part_or_a_multiple(self):
        for value, reference, want in [(0.45, 15, "1/33.3"), (0.45, 0.2, "2.25"), (3, 3, "1.00"),
                                       (3, None, ""), (3, 0, ""), (0, 3, "")]:
            with self.subTest(value=value, reference=reference):
                self.assertEqual(tables.ratio(value, reference), want)


class RowsTest(unittest.TestCase):
    def rows(self, cpus):
        running = [program(key) for key in cpus]
        results = {key: [sample(1e6, cpu)] * 3 for key, cpu in cpus.items()}
        return [row[-2:] for row in unary.rows("1x1", running, dict.fromkeys(cpus, 10), results, 3)]

    def test_compare_with_go_and_with_the_floor(self):
        self.assertEqual(self.rows({"floor": 0.2, "penstock": 0.4, "go": 16.0}),
                         [("1/80.0", ""), ("1/40.0", "2.00"), ("", "80.00")])

    def test_compare_with_nothing_that_was_not_measured(self):
        self.assertEqual(self.rows({"penstock": 0.4, "tonic": 4.0}), [("", ""), ("", "")])

    def test_say_how_busy_the_server_was(self):
        row, = unary.rows("1x1", [program("go")], {"go": 10}, {"go": [sample(50_000, 19.0)]}, 1)
        self.assertEqual(row[4], "95")

    def test_compare_tls_with_cleartext(self):
        running = [program("penstock"), program("tls")]
        results = {"penstock": [sample(1e6, 0.4)], "tls": [sample(1e6, 0.5)]}
        rows = list(unary.rows("1x1", running, {"penstock": 9, "tls": 9}, results, 1))
        self.assertEqual([row[-1] for row in rows], ["", "1.25"])
        self.assertEqual(unary.references(results), [("penstock", "CPU : in cleartext")])

    def test_keep_tls_as_a_row_of_penstock(self):
        args = argparse.Namespace(generator="h2load", payload_bytes=None)
        results = {"penstock": [sample(1e6, 0.4)], "tls": [sample(1e6, 0.5)]}
        rows = list(unary.kept_rows(args, "10x100", results))
        self.assertEqual([(row["cell"], row["tls"], list(row["servers"])) for row in rows],
                         [("h2load-10x100", False, ["penstock"]),
                          ("h2load-tls-10x100", True, ["penstock"])])
        self.assertEqual(rows[1]["servers"]["penstock"]["cpu_us"]["median"], 0.5)


class CompareTest(unittest.TestCase):
    def setUp(self):
        self.cpu_s = {}  # by pid, of the servers
        for name, stand_in in [("cpu_seconds", lambda pid: self.cpu_s.get(pid, 0)),
                               ("rss_bytes", lambda pid: 1 << 20)]:
            patch = mock.patch.object(servers, name, stand_in)
            patch.start()
            self.addCleanup(patch.stop)

    def load(self, server, connections, streams, calls):
        self.assertEqual((server.address, connections, streams), ("127.0.0.1:4711", 10, 100))
        cpu_us = 2 if server.key == servers.FLOOR else 8
        pid = server.process.pid
        self.cpu_s[pid] = self.cpu_s.get(pid, 0) + cpu_us * calls / 1e6
        return {"rate": 100_000, "ok": calls - self.lost, "generator_core": 0.5, "bound": False}

    lost = 0

    def compare(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            unary.compare(self.load, [program("floor"), program("penstock")], "10x100", ARGS)
        return out.getvalue().splitlines()

    def test_each_server_is_busy_for_a_second(self):
        self.assertEqual(self.compare(), [
            "| 10x100 | the floor | 2.000 (2.000 .. 2.000) | 100000 (100000 .. 100000) | 20 "
            "| 500000 | 3 |  |  |",
            "| 10x100 | the penstock | 8.000 (8.000 .. 8.000) | 100000 (100000 .. 100000) | 80 "
            "| 125000 | 3 |  | 4.00 |"])

    def test_a_call_without_an_answer_is_no_figure(self):
        self.lost = 1
        with self.assertRaises(SystemExit):
            self.compare()


class ServerTest(unittest.TestCase):
    def test_one_that_ends_is_an_error(self):
        with self.assertRaises(servers.Failure) as raised:
            servers.Server(servers.Program("go", "Go", ["sh", "-c", "echo no port; exit 1"]), 0)
        self.assertEqual(raised.exception.sentence, "Go does not listen; it said: no port\n")
        self.assertEqual(raised.exception.code, "bench: Go does not listen; it said: no port\n")

    def test_its_processor_time_and_memory_are_the_kernels(self):
        own = servers.cpu_seconds(os.getpid())
        self.assertAlmostEqual(own, time.process_time(), delta=0.5)
        self.assertGreater(servers.rss_bytes(os.getpid()), 1 << 20)

    def test_one_that_does_not_go_is_killed(self):
        stubborn = servers.Program("go", "Go", [
            "sh", "-c", "trap '' TERM; echo listening on 127.0.0.1:4711; exec sleep 60"])
        with mock.patch.object(servers, "STOP_TIMEOUT_S", 0.05):
            with servers.Server(stubborn, 0) as server:
                process = server.process
        self.assertEqual(process.returncode, -signal.SIGKILL)

    def test_an_interruption_before_it_listens_leaves_none_behind(self):
        started = []

        def popen(*args, **kwargs):
            started.append(REAL_POPEN(*args, **kwargs))
            return started[-1]
        with mock.patch.object(subprocess, "Popen", popen), \
                mock.patch.object(time, "sleep", side_effect=KeyboardInterrupt), \
                self.assertRaises(KeyboardInterrupt):
            servers.Server(servers.Program("go", "Go", ["sleep", "60"]), 0)
        self.assertIsNotNone(started[0].returncode)

    def test_sigterm_leaves_none_behind(self):
        with subprocess.Popen([sys.executable, "-B", "-c", UNTIL_SIGTERM], text=True,
                              cwd=os.path.dirname(os.path.abspath(__file__)),
                              stdout=subprocess.PIPE) as bench:
            pid = int(bench.stdout.readline())
            bench.terminate()
            self.assertEqual(bench.wait(), 128 + signal.SIGTERM)
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)


if __name__ == "__main__":
    unittest.main()
