"""A server that benchmarks compare with: it builds by its script, says where it listens, and
answers penstock-load, h2load and stream-load without an error.

    peer_test.py NAME SERVER PENSTOCK_LOAD STREAM_LOAD    SERVER: its build script, or a program
"""

import json
import os
import pwd
import re
import subprocess
import sys
import tempfile
import unittest

import peers
import raw_http2
from server_process import ServerProcess

BUILD_TIMEOUT_S = 800
RUN_TIMEOUT_S = 120
UNAVAILABLE = 69  # exit status of a build script, and of the floor, without what they need
WITH_TLS = ("go", "grpc_cpp")
HELLO = "helloworld.Greeter/SayHello"
HELLO_REQUEST = raw_http2.hello_message("world")
HELLO_REPLY_BYTES = len(raw_http2.hello_message("Hello world"))
# SimpleRequest{response_size: 1000}, and what its response has in all: message prefix, tag and
# length of Payload, tag and length of its body, the body.
SIMPLE_REQUEST = b"\0\0\0\0\3\x10\xe8\x07"
SIMPLE_RESPONSE_BYTES = 5 + 3 + 3 + 1000


def build(script, output):
    """The caches of Go and cargo are found by HOME, which a Bazel test does not have."""
    own = dict(os.environ, HOME=pwd.getpwuid(os.getuid()).pw_dir, PEER_JOBS="2")
    own.pop("TEST_TMPDIR", None)  # Go would have its cache there
    built = subprocess.run([script, output], env=own, capture_output=True, text=True,
                           timeout=BUILD_TIMEOUT_S, check=False)
    if built.returncode == UNAVAILABLE:
        peers.skip("%s: %s" % (NAME, built.stderr.strip()))
    if built.returncode != 0:
        print("FAILED: %s does not build:\n%s" % (NAME, built.stderr))
        sys.exit(1)
    return output


def need_io_uring(program):
    """The floor says so and ends where there is none."""
    process = subprocess.Popen([program, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    said = process.stdout.readline()
    if "listening on" in said:
        process.terminate()
    if process.wait(RUN_TIMEOUT_S) == UNAVAILABLE:
        peers.skip(said.strip())


class PeerTest(unittest.TestCase):
    def server(self, *flags, cores=1):
        return ServerProcess([SERVER, "--listen", "127.0.0.1:0", "--cores", str(cores), *flags])

    def h2load(self, server, method, message, calls, connections, streams):
        """Octets of DATA per call; every call must have been answered."""
        with tempfile.NamedTemporaryFile() as body:
            body.write(message)
            body.flush()
            run = subprocess.run(
                [H2LOAD, "-n", str(calls), "-c", str(connections), "-m", str(streams),
                 "-d", body.name, "--header", "content-type: application/grpc",
                 "--header", "te: trailers", "http://%s/%s" % (server.address, method)],
                capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False)
        self.assertIn("%d done, %d succeeded, 0 failed, 0 errored, 0 timeout" % (calls, calls),
                      run.stdout, run.stderr)
        return int(re.search(r"\((\d+)\) data", run.stdout).group(1)) / calls

    def penstock_load(self, server, calls, connections, streams, *flags):
        """Every call must be OK, which its exit status says."""
        run = subprocess.run(
            [PENSTOCK_LOAD, "--method", HELLO, "-n", str(calls), "--connections", str(connections),
             "--streams-per-conn", str(streams), "--quiet", "--json", "-", *flags, server.address],
            capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertEqual(json.loads(run.stdout)["totals"]["ok"], calls)

    def test_hello(self):
        with self.server() as server:
            for connections, streams, calls in [(10, 100, 3000), (100, 1, 500), (1, 1, 300)]:
                with self.subTest(connections=connections, streams=streams):
                    self.penstock_load(server, calls, connections, streams)
                    self.assertEqual(HELLO_REPLY_BYTES, self.h2load(
                        server, HELLO, HELLO_REQUEST, calls, connections, streams))
            server.check_alive()

    def test_two_cores(self):
        with self.server(cores=2) as server:
            self.penstock_load(server, 500, 4, 10)
            server.check_alive()

    def test_tls(self):
        if NAME not in WITH_TLS:
            self.skipTest("it has no TLS")
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = (os.path.join(folder, name) for name in ("cert.pem", "key.pem"))
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=peer",
                 "-keyout", key, "-out", certificate], check=True, capture_output=True)
            with self.server("--tls-cert", certificate, "--tls-key", key) as server:
                self.penstock_load(server, 100, 2, 10, "--insecure-skip-verify")
                server.check_alive()

    def test_unary_call(self):
        if CANNED:
            self.skipTest("the floor knows one reply")
        with self.server() as server:
            self.assertEqual(SIMPLE_RESPONSE_BYTES, self.h2load(
                server, "grpc.testing.BenchmarkService/UnaryCall", SIMPLE_REQUEST, 300, 1, 10))

    def test_says_at_its_end_how_many_it_answered(self):
        if not CANNED:
            self.skipTest("this is for the floor")
        with self.server(cores=2) as server:
            self.penstock_load(server, 300, 4, 10)
            self.h2load(server, HELLO, HELLO_REQUEST, 200, 2, 10)
        self.assertIn("answered 500", "\n".join(server.output).splitlines())

    def test_copy(self):
        if not CANNED:
            self.skipTest("this is for the floor")
        message = raw_http2.hello_message("x" * (1 << 20))
        with self.server("--copy") as server:
            for connections, streams in [(1, 4), (10, 10)]:
                with self.subTest(connections=connections, streams=streams):
                    self.assertEqual(len(message), self.h2load(
                        server, HELLO, message, 200, connections, streams))
            server.check_alive()

    def test_streaming_call(self):
        if CANNED:
            self.skipTest("the floor answers whole requests alone")
        with self.server() as server:
            run = subprocess.run(
                [STREAM_LOAD, "--in-flight", "10", "--payload-bytes", "1000", "--warmup", "1ms",
                 "-t", "50ms", server.address],
                capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertGreater(json.loads(run.stdout)["messages"], 0)


if __name__ == "__main__":
    NAME, SERVER, PENSTOCK_LOAD, STREAM_LOAD = sys.argv[1:]
    del sys.argv[1:]
    CANNED = NAME == "floor"
    H2LOAD = peers.find("h2load", "nghttp2-client")
    with tempfile.TemporaryDirectory() as folder:
        if CANNED:
            need_io_uring(SERVER)
        else:
            SERVER = build(SERVER, os.path.join(folder, "server"))
        unittest.main()
