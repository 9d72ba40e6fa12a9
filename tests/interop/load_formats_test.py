"""What penstock-load -o writes, as the programs read it that it is for."""

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import peers
from server_process import ServerProcess

CALLS = 5000
HDR_LINE = re.compile(r" *(\d+\.\d{6}) +([01]\.\d{12}) +(\d+)(?: +(\d+\.\d\d))?$")


class LoadFormatsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        with ServerProcess([SERVER, "--listen", "127.0.0.1:0", "--shards", "1"]) as server:
            for name, flags in (("closed", []), ("open", ["--rate", "20k"])):
                command = [LOAD, "--method", "helloworld.Greeter/SayHello", "-n", str(CALLS),
                           "--server-pid", str(server.process.pid), *flags, server.address]
                for suffix in ("json", "csv", "hdr", "prom", "gbench.json"):
                    command += ["-o", cls.path(name, suffix)]
                # An open loop on a busy machine may end with 1: it was late.
                subprocess.run(command, timeout=60, check=name == "closed",
                               stdout=subprocess.DEVNULL)

    @classmethod
    def path(cls, name, suffix):
        return os.path.join(cls.folder, "%s.%s" % (name, suffix))

    def read(self, name, suffix):
        with open(self.path(name, suffix), encoding="utf-8") as file:
            return file.read()

    def test_promtool_finds_nothing_to_say(self):
        for name in ("closed", "open"):
            check = subprocess.run([PROMTOOL, "check", "metrics"], input=self.read(name, "prom"),
                                   capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual((check.returncode, check.stdout, check.stderr), (0, "", ""))

    def test_each_has_all_calls(self):
        for name in ("closed", "open"):
            report = json.loads(self.read(name, "json"))
            ended = report["totals"]["ok"]
            self.assertEqual(ended + report["totals"]["errors"], CALLS)
            rows = list(csv.DictReader(self.read(name, "csv").splitlines()))
            self.assertEqual(sum(int(row["ok"]) for row in rows), ended)
            self.assertIn('status="OK"} %d\n' % ended, self.read(name, "prom"))
            benchmark = json.loads(self.read(name, "gbench.json"))["benchmarks"][0]
            self.assertEqual(benchmark["iterations"], CALLS)
            self.assertGreater(benchmark["cpu_time"], 0)

    def test_hdr_goes_up_to_all_calls(self):
        for name in ("closed", "open"):
            lines = self.read(name, "hdr").splitlines()
            self.assertEqual(lines[1].split(), ["Value", "Percentile", "TotalCount",
                                                "1/(1-Percentile)"])
            rows = [HDR_LINE.match(line) for line in lines[3:] if not line.startswith("#")]
            self.assertNotIn(None, rows)
            for column in (1, 2, 3):
                values = [float(row.group(column)) for row in rows]
                self.assertEqual(values, sorted(values))
            for row in rows[:-1]:
                # HdrHistogram's own arithmetic: at least so many lie below.
                self.assertGreaterEqual(int(row.group(3)) / CALLS + 1e-9, float(row.group(2)))
            self.assertEqual(rows[-1].group(2), "1.000000000000")
            self.assertEqual(int(rows[-1].group(3)), CALLS)
            self.assertIsNone(rows[-1].group(4))


if __name__ == "__main__":
    LOAD, SERVER = sys.argv.pop(1), sys.argv.pop(1)
    PROMTOOL = peers.find("promtool", "prometheus")
    unittest.main()
