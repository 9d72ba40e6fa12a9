"""curl, nghttp, h2load and our own client load the pages of examples/http2_hello."""

import re
import subprocess
import sys
import unittest

import peers
from server_process import ServerProcess

LARGE_BYTES = 1024 * 1024


class PagesTest(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(
            ServerProcess([SERVER, "--listen", "127.0.0.1:0", "--shards", "1", *FLAGS]))

    def url(self, path):
        return "http://%s%s" % (self.server.address, path)

    def run_peer(self, *command, status=0):
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                             check=False)
        self.assertEqual(run.returncode, status, run.stderr)
        return run

    def curl(self, path, *arguments):
        return self.run_peer(CURL, "-sS", "--http2-prior-knowledge", "--noproxy", "*", *arguments,
                             self.url(path)).stdout

    def client(self, path, *arguments, status=0):
        return self.run_peer(CLIENT, *FLAGS, *arguments, self.url(path), status=status)

    def check_large(self, body):
        lines = body.decode().splitlines()
        self.assertEqual(len(body), LARGE_BYTES)
        for number, line in enumerate(lines):
            self.assertEqual(line.rstrip("."), "line %d" % number)

    def test_curl_loads_each_page(self):
        self.assertIn(b"<h1>Hello over HTTP/2</h1>", self.curl("/"))
        self.assertIn(b"body {", self.curl("/style.css"))
        self.check_large(self.curl("/large.txt?with=query"))
        head = self.curl("/large.txt", "--head").decode().lower()
        self.assertTrue(head.startswith("http/2 200"), head)
        self.assertIn("content-length: %d" % LARGE_BYTES, head)
        self.assertIn("content-type: text/plain", head)

    def test_curl_is_told_what_is_wrong(self):
        self.assertEqual(self.curl("/nothing", "-o", "/dev/null", "-w", "%{http_code}"), b"404")
        answer = self.curl("/", "--data", "x=1", "--include").decode().lower()
        self.assertTrue(answer.startswith("http/2 405"), answer)
        self.assertIn("allow: get, head", answer)
        self.assertEqual(self.curl("/healthz"), b"ok\n")

    def test_nghttp_loads_the_page_and_what_it_links(self):
        printed = self.run_peer(NGHTTP, "-v", "-a", "-n", self.url("/")).stdout.decode()
        self.assertEqual(len(re.findall(r"recv .*:status: 200", printed)), 2, printed)
        self.assertIn("content-type: text/css", printed)
        # The style came without being asked for: on a stream of the server's.
        self.assertRegex(printed, r"recv PUSH_PROMISE frame .*stream_id=13")
        self.assertIn("(promised_stream_id=2)", re.sub(r"padlen=\d+, ", "", printed))
        printed = self.run_peer(NGHTTP, "-v", "-n", "--no-push", self.url("/")).stdout.decode()
        self.assertNotIn("recv PUSH_PROMISE", printed)
        # Windows of 2^10 - 1 and 2^14 - 1 octets: flow control in small pieces.
        for bits in ("10", "14"):
            printed = self.run_peer(NGHTTP, "-w", bits, "-W", bits, self.url("/large.txt")).stdout
            self.check_large(printed)

    def test_h2load_gets_every_answer(self):
        for path, requests in (("/", 20000), ("/large.txt", 100)):
            printed = self.run_peer(H2LOAD, "-n", str(requests), "-c", "4", "-m", "25",
                                    self.url(path)).stdout.decode()
            self.assertIn("%d succeeded, 0 failed, 0 errored, 0 timeout" % requests, printed)
        data = int(re.search(r"\((\d+)\) data", printed).group(1))
        self.assertEqual(data, 100 * LARGE_BYTES)

    def test_our_client_loads_each_page(self):
        self.assertIn(b"<h1>Hello over HTTP/2</h1>", self.client("/").stdout)
        fetched = self.client("/large.txt")
        self.check_large(fetched.stdout)
        self.assertEqual(fetched.stderr, b"HTTP/2 200\n")
        self.assertEqual(self.client("/large.txt", "--head").stdout, b"")

    def test_our_client_says_what_went_wrong(self):
        self.assertEqual(self.client("/nothing", status=2).stderr, b"HTTP/2 404\n")
        refused = self.run_peer(CLIENT, *FLAGS, "http://127.0.0.1:1/", status=1)
        self.assertIn(b"connection refused", refused.stderr)
        for wrong in ("https://127.0.0.1/", "127.0.0.1:80", "--unknown"):
            self.assertIn(b"--help", self.run_peer(CLIENT, wrong, status=64).stderr)


if __name__ == "__main__":
    SERVER, CLIENT, *FLAGS = sys.argv[1:]
    del sys.argv[1:]
    CURL = peers.find("curl", "curl")
    NGHTTP = peers.find("nghttp", "nghttp2-client")
    H2LOAD = peers.find("h2load", "nghttp2-client")
    unittest.main()
