"""curl, nghttp and h2load load the page of the server that has nothing but http2/."""

import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import peers
from server_process import ServerProcess

PAGE = b"Hello from http2/ alone\n"
BODY_BYTES = 5_000_000  # several windows


class Http2AloneTest(unittest.TestCase):
    def setUp(self):
        # A program of a hundred lines: it leaves signals as they are.
        self.server = self.enterContext(ServerProcess([SERVER], stop_status=-signal.SIGTERM))
        self.url = "http://%s/" % self.server.address

    def run_peer(self, *command):
        run = subprocess.run(command, capture_output=True, timeout=60, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def test_one_client_after_the_other(self):
        for _ in range(3):
            self.assertEqual(self.run_peer(CURL, "-sS", "--http2-prior-knowledge", "--noproxy", "*",
                                           self.url), PAGE)
            self.assertEqual(self.run_peer(NGHTTP, self.url), PAGE)

    def test_head_is_answered_without_the_page(self):
        head = self.run_peer(CURL, "-sSI", "--http2-prior-knowledge", "--noproxy", "*", self.url)
        self.assertIn(b"content-length: %d" % len(PAGE), head)
        self.assertNotIn(PAGE, head)

    def test_bodies_are_read_and_dropped(self):
        with tempfile.NamedTemporaryFile() as body:
            body.write(b"x" * BODY_BYTES)
            body.flush()
            self.assertEqual(
                self.run_peer(CURL, "-sS", "--http2-prior-knowledge", "--noproxy", "*",
                              "--data-binary", "@" + body.name, self.url), PAGE)

    def test_many_requests_on_one_connection(self):
        printed = self.run_peer(H2LOAD, "-n", "5000", "-c", "1", "-m", "50", self.url).decode()
        self.assertIn("5000 succeeded, 0 failed, 0 errored, 0 timeout", printed)

    def test_who_does_not_speak_http2_is_told_so_and_leaves(self):
        with socket.create_connection((self.server.host, self.server.port), timeout=20) as peer:
            peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
            answer = b""
            while chunk := peer.recv(65536):
                answer += chunk
        self.assertIn(b"preface", answer)  # the debug text of its GOAWAY
        self.test_one_client_after_the_other()


if __name__ == "__main__":
    SERVER = sys.argv.pop(1)
    CURL = peers.find("curl", "curl")
    NGHTTP = peers.find("nghttp", "nghttp2-client")
    H2LOAD = peers.find("h2load", "nghttp2-client")
    unittest.main()
