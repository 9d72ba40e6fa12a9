"""curl makes a gRPC call by hand, and is told what to do when it speaks HTTP/1.1."""

import os
import subprocess
import sys
import tempfile
import unittest

import certificates
import peers
import raw_http2
from server_process import ServerProcess

METHOD = "/helloworld.Greeter/SayHello"


class CurlTest(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(ServerProcess([SERVER, "--listen", "127.0.0.1:0"]))
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def curl(self, *arguments, path=METHOD, scheme="http"):
        head, body = (os.path.join(self.folder, name) for name in ("head", "body"))
        run = subprocess.run(
            [CURL, "--silent", "--show-error", "--max-time", "30", "--noproxy", "*",
             "--dump-header", head, "--output", body, *arguments,
             "%s://%s%s" % (scheme, self.server.address, path)],
            capture_output=True, text=True, timeout=60, check=False)
        read = {}
        for name in (head, body):
            read[name] = b""
            if os.path.exists(name):
                with open(name, "rb") as source:
                    read[name] = source.read()
        return run, read[head].decode().lower().splitlines(), read[body]

    def bodiless(self, content_type, path):
        """A request that is whole with its header.

        An answer given before the body has come ends with RST_STREAM(NO_ERROR), as gRPC asks for;
        curl up to 7.88 may then forget the answer, and that is not what is tested here.
        """
        return self.curl("--http2-prior-knowledge", "--request", "POST", "--header",
                         "content-type: " + content_type, "--header", "te: trailers", path=path)

    def test_call_is_answered_with_reply_and_trailers(self):
        request = os.path.join(self.folder, "request")
        with open(request, "wb") as out:
            out.write(raw_http2.hello_message("curl"))
        run, head, body = self.curl(
            "--http2-prior-knowledge", "--data-binary", "@" + request,
            "--header", "content-type: application/grpc", "--header", "te: trailers")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(body, raw_http2.hello_message("Hello curl"))
        self.assertIn("http/2 200", [line.strip() for line in head])
        self.assertIn("content-type: application/grpc", head)
        self.assertIn("grpc-status: 0", head)

    def test_unknown_method_is_a_status_not_an_http_error(self):
        run, head, body = self.bodiless("application/grpc", "/helloworld.Greeter/Nothing")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(body, b"")
        self.assertIn("http/2 200", [line.strip() for line in head])
        self.assertIn("grpc-status: 12", head)

    def test_http2_without_grpc_is_refused_as_http(self):
        run, head, _ = self.bodiless("application/json", METHOD)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("http/2 415", [line.strip() for line in head])

    def test_http1_gets_an_answer(self):
        run, head, body = self.curl("--http1.1", path="/")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(head[0], r"^http/1\.[01] 4\d\d ")
        self.assertIn(b"HTTP/2", body)
        self.server.check_alive()


class CurlTlsTest(CurlTest):
    """The same over TLS: what is said above HTTP/2 stays the same."""

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.certificate, key = certificates.make(self.folder)
        self.server = self.enterContext(ServerProcess([
            SERVER, "--listen", "127.0.0.1:0", "--tls-cert", self.certificate, "--tls-key", key]))

    def curl(self, *arguments, path=METHOD):
        chosen = ["--http2" if each == "--http2-prior-knowledge" else each for each in arguments]
        return super().curl("--cacert", self.certificate, *chosen, path=path, scheme="https")

    def test_http1_gets_an_answer(self):
        run, head, _ = self.curl("--http1.1", path="/")
        self.assertEqual(head, [])
        self.assertIn("no application protocol", run.stderr)
        self.server.check_alive()
        self.server.lines_with("the client does not offer HTTP/2 (ALPN h2)")

    def test_http1_in_cleartext_gets_an_answer(self):
        run, head, body = super().curl("--http1.1", path="/")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(head[0], r"^http/1\.[01] 4\d\d ")
        self.assertIn(b"TLS", body)

    def test_tls_1_2_will_do_and_1_1_will_not(self):
        for most, works in [("1.2", True), ("1.1", False)]:
            run, head, _ = self.curl(
                "--tls-max", most, "--tlsv1.0", "--ciphers", "DEFAULT@SECLEVEL=0",
                "--http2-prior-knowledge", path="/healthz")
            self.assertEqual(run.returncode == 0, works, run.stderr)
            self.assertEqual("http/2 200" in [line.strip() for line in head], works)


if __name__ == "__main__":
    SERVER = sys.argv.pop(1)
    CURL = peers.find("curl", "curl")
    unittest.main()
