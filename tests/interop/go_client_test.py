"""Builds the Go client of grpc-go and lets it check the example servers and the status server.

Before that it checks itself against grpc-go's own server, so that a failure says whose it is.
"""

import os
import subprocess
import sys
import tempfile
import unittest

import go_tool
from server_process import ServerProcess

MODULE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "go")
CHECKS_TIMEOUT_S = 240


class GoClientTest(unittest.TestCase):
    def run_client(self, *arguments):
        run = subprocess.run([CLIENT, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                             text=True, timeout=CHECKS_TIMEOUT_S, check=False)
        summary = run.stdout.strip().split("\n")[-1]
        failed = [line for line in run.stdout.split("\n") if line.startswith("FAILED")]
        self.assertEqual(run.returncode, 0, "\n".join(failed) + "\n" + summary + run.stderr)
        self.assertRegex(summary, r"^[1-9]\d* passed, 0 failed$")
        return summary

    def test_0_the_checks_pass_on_grpc_go_itself(self):
        with ServerProcess([CLIENT, "-reference", "127.0.0.1:0"]) as reference:
            print("grpc-go:", self.run_client(
                "-target", reference.address, "-status-target", reference.address))

    def test_example_server(self):
        with ServerProcess([SERVER, "--listen", "127.0.0.1:0"]) as server:
            print("example server:", self.run_client("-target", server.address))
            server.check_alive()

    def test_status_server(self):
        with ServerProcess([STATUS_SERVER, "--listen", "127.0.0.1:0"]) as server:
            print("status server:", self.run_client(
                "-target", server.address, "-status-target", server.address))
            server.check_alive()

    def test_route_guide(self):
        for io in ["auto", "epoll"]:
            with ServerProcess([ROUTE_GUIDE, "--listen", "127.0.0.1:0", "--io", io]) as server:
                print("route guide, %s:" % io, self.run_client("-route-target", server.address))
                server.check_alive()

    def test_example_server_without_io_uring(self):
        with ServerProcess([SERVER, "--listen", "127.0.0.1:0", "--io", "epoll"]) as server:
            print("example server, epoll:", self.run_client("-target", server.address))
            server.check_alive()

    def test_example_server_with_two_shards(self):
        with ServerProcess([SERVER, "--listen", "127.0.0.1:0", "--shards", "2"]) as server:
            print("example server, two shards:", self.run_client("-target", server.address))
            server.check_alive()


if __name__ == "__main__":
    SERVER, STATUS_SERVER, ROUTE_GUIDE = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as work:
        CLIENT = go_tool.build(MODULE, ".", os.path.join(work, "interop"))
        unittest.main()
