"""The forms of tools/bench that look at the tools themselves."""

import argparse
import contextlib
import io
import json
import os
import tempfile
import unittest
from unittest import mock

import generators
import history
import knee
import micro
import servers

# The floor: how many it has answered is what it is told to say.
ANSWERS = ["sh", "-c", "trap 'echo answered $0; exit' TERM; echo listening on 127.0.0.1:4711; "
           "while true; do sleep 0.01; done"]
ARGS = argparse.Namespace(server_cpu=0, load_cpu=1, rounds=2, io="auto", quick=False)


def load(_server, _connections, _streams, calls):
    return {"rate": 1e5, "ok": calls, "generator_core": 1.0, "bound": True}


class GeneratorsTest(unittest.TestCase):
    def measure(self, answered):
        program = servers.Program("floor", "floor", [*ANSWERS, str(answered)])
        return generators.measure(load, program, (10, 100), 1000, ARGS)

    def test_the_servers_own_count_is_beside_the_generators(self):
        sample = self.measure(1000)
        self.assertEqual((sample["calls"], sample["calls_counted"]), (1000, 1000))

    def test_a_count_that_differs_is_no_figure(self):
        with self.assertRaises(servers.Failure) as raised:
            self.measure(999)
        self.assertEqual(raised.exception.sentence,
                         "floor answered 999 requests, of 1000 that were counted as OK")

    def test_rows_name_the_generator(self):
        sample = {"rate": 1e6, "cpu_us": 0.1, "server_core": 0.3, "generator_core": 1.0,
                  "bound": True, "calls": 1_234_567, "calls_counted": 1_234_567}
        rows = list(generators.rows((10, 100), {"h2load": [sample], "penstock-load": [sample]}))
        self.assertEqual([(row["cell"], row["generator"]) for row in rows],
                         [("generators-10x100-h2load", "h2load"),
                          ("generators-10x100-penstock-load", "penstock-load")])
        self.assertEqual(rows[0]["calls_counted"]["median"], 1_234_567)
        self.assertEqual(rows[0]["servers"]["floor"]["limit"], "generator")


class KneeTest(unittest.TestCase):
    def test_the_row_has_the_error_and_both_latencies(self):
        past = {"response_p99": 9e5, "service_p99": 4e4}
        stop = {"response_p99_9": 1e6, "service_p99_9": None}
        row = knee.row_of([(19_600, past, stop), (20_000, past, stop)])
        entry = row["servers"]["serve"]
        self.assertEqual(entry["error"]["values"], [-0.02, 0])
        self.assertEqual(entry["past"]["response_p99_us"]["median"], 9e5)
        self.assertIsNone(entry["stop"]["service_p99_9_us"])
        self.assertEqual(row["capacity"], knee.CAPACITY)


def ran(name):
    return {"context": {"date": "today", "executable": name, "host_name": "vm", "num_cpus": 2},
            "benchmarks": [{"name": f"{name}_median", "run_name": name, "cpu_time": 2.5,
                            "aggregate_name": "median", "time_unit": "ns"}]}


class MicroTest(unittest.TestCase):
    QUERY = "Loading\n//wire:tls_bench\n//http2:hpack_bench\n"

    def test_all_are_run_or_those_that_are_named(self):
        self.assertEqual(micro.labels_of(self.QUERY, None),
                         ["//http2:hpack_bench", "//wire:tls_bench"])
        self.assertEqual(micro.labels_of(self.QUERY, "tls_bench"), ["//wire:tls_bench"])
        with self.assertRaises(servers.Failure) as raised:
            micro.labels_of(self.QUERY, "hpack")
        self.assertIn("no micro-benchmark 'hpack'; there are: //http2:", raised.exception.sentence)

    def test_one_document_has_those_of_all_binaries(self):
        document = json.loads(micro.text_of(micro.merged(
            [("//a:x_bench", ran("x")), ("//b:y_bench", ran("y"))], {"commit": "0123abc"})))
        self.assertEqual(document["context"], {"date": "today", "num_cpus": 2,
                                               "penstock": {"commit": "0123abc"}})
        self.assertEqual([(entry["binary"], entry["run_name"])
                          for entry in document["benchmarks"]],
                         [("//a:x_bench", "x"), ("//b:y_bench", "y")])

    def test_what_ran_before_an_interruption_is_kept(self):
        ends = [ran("x"), KeyboardInterrupt()]
        with tempfile.TemporaryDirectory() as folder, \
                mock.patch.object(servers, "run", lambda *_, **__: self.QUERY), \
                mock.patch.object(servers, "build", lambda *_: None), \
                mock.patch.object(servers, "git", lambda *_: "0123abc"), \
                mock.patch.object(micro, "run", mock.Mock(side_effect=ends)), \
                contextlib.redirect_stdout(io.StringIO()), \
                contextlib.redirect_stderr(io.StringIO()):
            path = os.path.join(folder, "micro.json")
            with self.assertRaises(KeyboardInterrupt):
                micro.bench(argparse.Namespace(**vars(ARGS), only=None, json=path))
            document = history.read(path)
        self.assertTrue(document["context"]["penstock"]["interrupted"])
        self.assertEqual(len(document["benchmarks"]), 1)


if __name__ == "__main__":
    unittest.main()
