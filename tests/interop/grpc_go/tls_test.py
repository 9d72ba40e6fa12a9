"""gRPC's official cases over TLS: grpc-go's client against our server, ours against grpc-go's.

Spec: gRPC's interop-test-descriptions.md; a few cases of each kind, since what is below them is
what differs.
"""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

import certificates
import go_tool
from server_process import ServerProcess

MODULE = os.path.dirname(os.path.realpath(__file__))
CASE_TIMEOUT_S = 120

CASES = ["empty_unary", "large_unary", "ping_pong", "server_streaming", "custom_metadata",
         "status_code_and_message"]


class TlsTest(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.certificate, self.key = certificates.make(self.folder)

    def own_server(self, *flags):
        return ServerProcess([OWN_SERVER, "--listen", "127.0.0.1:0", "--tls-cert",
                              self.certificate, "--tls-key", self.key, *flags])

    def run_program(self, *command):
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=CASE_TIMEOUT_S, check=False)

    def run_go_client(self, server, case, *flags):
        return self.run_program(GO_CLIENT, "-server_host", server.host, "-server_port",
                                str(server.port), "-test_case", case, *flags)

    def run_own_client(self, port, case, *flags):
        return self.run_program(OWN_CLIENT, "--server", "localhost:%d" % port, "--case", case,
                                *flags)

    def test_grpc_go_client(self):
        for io in ["auto", "epoll"]:
            with self.own_server("--io", io) as server:
                for case in CASES:
                    with self.subTest(case=case, io=io):
                        run = self.run_go_client(server, case, "-use_tls", "-use_test_ca",
                                                 "-ca_file", self.certificate)
                        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
                        self.assertRegex(run.stderr, r"(?im)\bdone$")
                        server.check_alive()

    def test_grpc_go_client_in_cleartext_hears_that_it_is_wrong(self):
        with self.own_server() as server:
            run = self.run_go_client(server, "empty_unary")
            self.assertNotEqual(run.returncode, 0)
            self.assertIn("error reading server preface", run.stdout + run.stderr)
            self.assertLess(run.stderr.count("picks a new address"), 5)  # it backs off
            server.check_alive()
        self.assertIn("it speaks cleartext on a TLS port", "\n".join(server.output))

    def test_grpc_go_client_that_does_not_know_the_ca(self):
        with self.own_server() as server:
            other, _ = certificates.make(self.folder, "other")
            run = self.run_go_client(server, "empty_unary", "-use_tls", "-use_test_ca",
                                     "-ca_file", other)
            self.assertNotEqual(run.returncode, 0)
            server.check_alive()

    def test_grpc_go_server(self):
        # Go's program has no way to be told to end: SIGTERM kills it.
        with ServerProcess([GO_SERVER, "-port", "0", "-use_tls", "-tls_cert_file",
                            self.certificate, "-tls_key_file", self.key],
                           stop_status=-signal.SIGTERM) as server:
            for case in CASES:
                with self.subTest(case=case):
                    run = self.run_own_client(server.port, case, "--tls-ca", self.certificate)
                    self.assertEqual((run.returncode, run.stdout), (0, case + ": done\n"),
                                     run.stderr)
            run = self.run_own_client(server.port, "empty_unary", "--tls-ca",
                                      certificates.make(self.folder, "other")[0])
            self.assertNotEqual(run.returncode, 0)
            self.assertIn("the certificate of 'server' was issued by 'server', which is not among",
                          run.stderr)


if __name__ == "__main__":
    OWN_CLIENT, OWN_SERVER = (os.path.abspath(path) for path in sys.argv[1:3])
    del sys.argv[1:3]
    # Else Go's server does not say where it listens, nor its client why it fails.
    os.environ["GRPC_GO_LOG_SEVERITY_LEVEL"] = "info"
    with tempfile.TemporaryDirectory() as work:
        GO_CLIENT, GO_SERVER = (
            go_tool.build(MODULE, "google.golang.org/grpc/interop/" + end, os.path.join(work, end))
            for end in ("client", "server"))
        unittest.main()
