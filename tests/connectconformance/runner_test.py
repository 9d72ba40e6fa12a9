"""connectconformance's reference ends against ours: gRPC over HTTP/2, in cleartext, over
TLS, and over TLS with client certificates.

    runner_test.py server|client PROGRAM
"""

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
CASES = {"server": 566, "client": 634}
# The release expects UNKNOWN of an HTTP status 431, as gRPC's table of them once had it. The table
# says INTERNAL now, and so do we: the runner makes sure that these still fail.
OUTDATED = {
    "server": [],
    "client": ["HTTP to RPC Code Mapping/**/request-header-fields-too-large"],
}
OUTDATED_CASES = {"server": 0, "client": 4}


class RunnerTest(unittest.TestCase):
    def test_every_case(self):
        outdated = [flag for name in OUTDATED[MODE] for flag in ("--known-failing", name)]
        run = subprocess.run(
            [RUNNER, "--conf", os.path.join(MODULE, "config.yaml"), "--mode", MODE, "-v",
             *outdated, "--", PROGRAM],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=RUN_TIMEOUT_S, check=False)
        totals = re.search(r"Total cases: (\d+)\n(\d+) passed, (\d+) failed", run.stdout)
        self.assertIsNotNone(totals, run.stdout)
        print("%s: %s" % (MODE, totals.group(0).replace("\n", "; ")))
        wanted = (CASES[MODE], CASES[MODE] - OUTDATED_CASES[MODE], 0)
        self.assertEqual((tuple(map(int, totals.groups())), run.returncode), (wanted, 0),
                         run.stdout)


if __name__ == "__main__":
    MODE = sys.argv.pop(1)
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    with tempfile.TemporaryDirectory() as folder:
        RUNNER = go_tool.build(MODULE, "connectrpc.com/conformance/cmd/connectconformance",
                               os.path.join(folder, "connectconformance"))
        unittest.main()
