"""Our client makes gRPC's official cases against grpc-go's interop server, and against our own.

Spec: gRPC's interop-test-descriptions.md; every case that needs neither credentials nor a cloud.
"""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

import go_tool
from server_process import ServerProcess

MODULE = os.path.dirname(os.path.realpath(__file__))
CASE_TIMEOUT_S = 120

CASES = [
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "timeout_on_sleeping_server",
    "cancel_after_begin",
    "cancel_after_first_response",
    "status_code_and_message",
    "special_status_message",
    "custom_metadata",
    "unimplemented_method",
    "unimplemented_service",
]


def go_server():
    # Go's program has no way to be told to end: SIGTERM kills it.
    return ServerProcess([GO_SERVER, "-port", "0"], stop_status=-signal.SIGTERM)


def own_server():
    return ServerProcess([OWN_SERVER, "--listen", "127.0.0.1:0"])


class ClientTest(unittest.TestCase):
    def run_cases(self, server_process, *flags):
        with server_process as server:
            for case in CASES:
                with self.subTest(case=case):
                    run = subprocess.run(
                        [CLIENT, "--server", "127.0.0.1:%d" % server.port, "--case", case, *flags],
                        stdin=subprocess.DEVNULL, capture_output=True, text=True,
                        timeout=CASE_TIMEOUT_S, check=False)
                    self.assertEqual((run.returncode, run.stdout), (0, case + ": done\n"),
                                     run.stderr)
                    server.check_alive()

    def test_grpc_go_server(self):
        self.run_cases(go_server())

    def test_grpc_go_server_without_io_uring(self):
        self.run_cases(go_server(), "--io", "epoll")

    def test_own_server(self):
        self.run_cases(own_server())

    def test_own_server_without_io_uring(self):
        self.run_cases(own_server(), "--io", "epoll")


if __name__ == "__main__":
    CLIENT, OWN_SERVER = (os.path.abspath(path) for path in sys.argv[1:3])
    del sys.argv[1:3]
    # Else the server does not say where it listens.
    os.environ["GRPC_GO_LOG_SEVERITY_LEVEL"] = "info"
    with tempfile.TemporaryDirectory() as folder:
        GO_SERVER = go_tool.build(MODULE, "google.golang.org/grpc/interop/server",
                                  os.path.join(folder, "server"))
        unittest.main()
