"""How connections end by age and by too many PINGs, between penstock and grpc-go, both ways: no
call may fail because of it. Before that grpc-go is checked against itself."""

import os
import subprocess
import sys
import tempfile
import unittest

import go_tool
from server_process import ServerProcess

MODULE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "go")
TIMEOUT_S = 240


class LifetimeTest(unittest.TestCase):
    def check_with_go(self, *arguments):
        run = subprocess.run([GO, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                             text=True, timeout=TIMEOUT_S, check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertRegex(run.stdout, r"1 passed, 0 failed\n$")

    def call(self, address, *arguments):
        return subprocess.Popen([CLIENT, "--target", address, *arguments], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_0_go_loses_no_call_to_the_age_of_connections_of_go(self):
        with ServerProcess([GO, "-reference", "127.0.0.1:0", "-reference-kind", "age"]) as server:
            self.check_with_go("-aging-target", server.address)

    def test_go_loses_no_call_to_the_age_of_connections(self):
        with ServerProcess([SERVER, "--age-ms", "100"]) as server:
            self.check_with_go("-aging-target", server.address)

    def test_we_lose_no_call_to_the_age_of_connections(self):
        for command in [[GO, "-reference", "127.0.0.1:0", "-reference-kind", "age"],
                        [SERVER, "--age-ms", "100"]]:
            with ServerProcess(command) as server:
                with self.call(server.address, "--calls", "2000", "--threads", "4") as client:
                    said, log = client.communicate(timeout=TIMEOUT_S)
                self.assertEqual(said, "8000 good \n", log)

    # Whatever it was told, the channel connects again, asks less often, and serves.
    def test_we_heed_too_many_pings(self):
        with ServerProcess([GO, "-reference", "127.0.0.1:0"]) as server:
            with self.call(server.address, "--keepalive-ms", "20") as client:
                self.assertEqual(client.stdout.readline(), "1 good \n")
                self.assertIn(server.address + " says too_many_pings", client.stderr.readline())
                said, log = client.communicate("again\n", timeout=TIMEOUT_S)
            self.assertEqual(said, "1 good \n", log)

    def test_go_is_told_too_many_pings(self):
        with ServerProcess([SERVER, "--ping-strikes", "0"]) as server:
            self.check_with_go("-pinging-target", server.address)
            told = server.lines_with("was told too_many_pings")
            self.assertIn("ServerOptions::http2.ping_interval_idle_min_ns", told[0])
        # It has ended, and all that it said is read.
        self.assertEqual(len(server.lines_with("was told too_many_pings")), 1, server.output)


if __name__ == "__main__":
    SERVER, CLIENT = sys.argv.pop(1), sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as work:
        GO = go_tool.build(MODULE, ".", os.path.join(work, "interop"))
        unittest.main()
