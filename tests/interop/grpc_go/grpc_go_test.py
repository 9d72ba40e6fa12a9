"""grpc-go's interop client runs gRPC's official cases against our server.

Spec: gRPC's interop-test-descriptions.md; every case that needs neither credentials nor a cloud.
"""

import os
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
    "pick_first_unary",
    "rpc_soak",
    "channel_soak",
]


class GrpcGoTest(unittest.TestCase):
    def run_client(self, server, case):
        run = subprocess.run(
            [CLIENT, "-server_host", server.host, "-server_port", str(server.port),
             "-test_case", case, "-soak_iterations", "50"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=CASE_TIMEOUT_S,
            check=False, env=dict(os.environ, GRPC_GO_LOG_SEVERITY_LEVEL="info"))
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stderr

    def run_cases(self, *flags):
        with ServerProcess([SERVER, "--listen", "127.0.0.1:0", *flags]) as server:
            for case in CASES:
                with self.subTest(case=case):
                    # The client says so: one that ran no case is no success.
                    self.assertRegex(self.run_client(server, case), r"(?im)\bdone$")
                    server.check_alive()

    def test_grpc_go_client(self):
        self.run_cases()

    def test_grpc_go_client_without_io_uring(self):
        self.run_cases("--io", "epoll")


if __name__ == "__main__":
    SERVER = os.path.abspath(sys.argv.pop(1))
    with tempfile.TemporaryDirectory() as folder:
        CLIENT = go_tool.build(MODULE, "google.golang.org/grpc/interop/client",
                          os.path.join(folder, "client"))
        unittest.main()
