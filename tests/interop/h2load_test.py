"""h2load with a gRPC body: every request answered, every answer the whole reply."""

import re
import subprocess
import sys
import tempfile
import unittest

import peers
import raw_http2
from server_process import ServerProcess

NAME = "h2load"


class H2loadTest(unittest.TestCase):
    def load(self, requests, connections, streams):
        with ServerProcess([*SERVER, "--listen", "127.0.0.1:0"]) as server:
            with tempfile.NamedTemporaryFile() as body:
                body.write(raw_http2.hello_message(NAME))
                body.flush()
                run = subprocess.run(
                    [H2LOAD, "-n", str(requests), "-c", str(connections), "-m", str(streams),
                     "-d", body.name, "--header", "content-type: application/grpc",
                     "--header", "te: trailers",
                     "http://%s/helloworld.Greeter/SayHello" % server.address],
                    capture_output=True, text=True, timeout=120, check=False)
            server.check_alive()
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        counts = dict((what, int(n)) for n, what in re.findall(
            r"(\d+) (total|succeeded|failed|errored|timeout|2xx)\b", run.stdout))
        self.assertEqual(counts, {"total": requests, "succeeded": requests, "failed": 0,
                                  "errored": 0, "timeout": 0, "2xx": requests}, run.stdout)
        # h2load takes any HTTP 200 for a success: count the octets of the replies too.
        data = re.search(r"\((\d+)\) data", run.stdout)
        reply = raw_http2.hello_message("Hello " + NAME)
        self.assertEqual(int(data.group(1)), requests * len(reply), run.stdout)

    def test_many_streams_on_few_connections(self):
        self.load(20000, 10, 100)

    def test_one_stream_on_many_connections(self):
        self.load(5000, 100, 1)

    def test_one_stream_on_one_connection(self):
        self.load(1000, 1, 1)


if __name__ == "__main__":
    SERVER = sys.argv[1:]  # with flags of its own
    del sys.argv[1:]
    H2LOAD = peers.find("h2load", "nghttp2-client")
    unittest.main()
