"""Cells of each kind, measured once and short with the programs that the test was built with."""

import contextlib
import io
import os
import tempfile
import unittest
from unittest import mock

import arguments
import history
import matrix
import servers

CELLS = "10x10,stream-16B-100,idle-connection"


def built(label):
    """In the test's runfiles, instead of Bazel's output."""
    return os.path.join(servers.ROOT, label.removeprefix("//").replace(":", "/"))


class SmokeTest(unittest.TestCase):
    def bench(self, *flags):
        """The document that tools/bench with these flags leaves behind, and its table."""
        table = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(table), \
                mock.patch.object(servers, "built", built), \
                mock.patch.object(servers, "build", lambda *_: None), \
                mock.patch.object(servers, "git", lambda *_: "0123abc"):
            path = os.path.join(folder, "result.json")
            matrix.bench(arguments.parse("", [*flags, "--json", path, "--load-cpu", "0"]))
            return history.read(path), table.getvalue()

    def test_a_quick_run_of_a_cell_of_each_kind_keeps_every_figure(self):
        document, table = self.bench("--all", "--quick", "--only", CELLS, "--peers", "penstock")
        self.assertEqual(document["schema"], history.SCHEMA)
        # One core will do, of which the bench says that it is one.
        self.assertEqual([note for note in document["run"]["notes"]
                          if "shares a core" not in note], [])
        self.assertTrue(document["run"]["quick"])
        self.assertFalse(document["run"]["interrupted"])
        rows = {row["cell"]: row for row in document["rows"]}
        self.assertEqual(set(rows), set(CELLS.split(",")))
        unary = rows["10x10"]["servers"]["penstock"]
        for figure in (unary["cpu_us"], unary["rate"], unary["rss_bytes"], unary["server_core"],
                       unary["latency_us"]["p50"], *(loop["p50_us"] for loop in unary["open"])):
            self.assertGreater(figure["median"], 0)
            self.assertEqual(len(figure["values"]), 1)
        self.assertEqual([loop["of_capacity"] for loop in unary["open"]], [0.5, 0.8])
        self.assertGreater(rows["stream-16B-100"]["servers"]["penstock"]["cpu_us"]["median"], 0)
        idle = rows["idle-connection"]["servers"]["penstock"]
        self.assertGreater(idle["bytes_per_connection"]["median"], 0)
        self.assertEqual(sum(line.startswith("| ") for line in table.splitlines()), 1 + len(rows))


if __name__ == "__main__":
    unittest.main()
