"""connectconformance's reference client against our server: gRPC over HTTP/2 in cleartext."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

import go_tool

MODULE = os.path.dirname(os.path.realpath(__file__))
RUN_TIMEOUT_S = 280
# As many as the pinned release has of what config.yaml names: fewer would mean that some did not
# run.
CASES = 372


class ServerTest(unittest.TestCase):
    def test_server(self):
        run = subprocess.run(
            [RUNNER, "--conf", os.path.join(MODULE, "config.yaml"), "--mode", "server", "-v",
             "--", SERVER],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=RUN_TIMEOUT_S, check=False)
        totals = re.search(r"Total cases: (\d+)\n(\d+) passed, (\d+) failed", run.stdout)
        self.assertIsNotNone(totals, run.stdout)
        print("server:", totals.group(0).replace("\n", "; "))
        self.assertEqual((tuple(map(int, totals.groups())), run.returncode),
                         ((CASES, CASES, 0), 0), run.stdout)


if __name__ == "__main__":
    SERVER = os.path.abspath(sys.argv.pop(1))
    with tempfile.TemporaryDirectory() as folder:
        RUNNER = go_tool.build(MODULE, "connectrpc.com/conformance/cmd/connectconformance",
                               os.path.join(folder, "connectconformance"))
        unittest.main()
