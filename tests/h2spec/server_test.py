"""h2spec against a server of pages (every case), and on the path of an RPC."""

import sys
import unittest

import h2spec
from server_process import ServerProcess

CASES = 147
RPC_PATH = "/helloworld.Greeter/SayHello"


class ServerTest(unittest.TestCase):
    def check(self, command, path):
        with ServerProcess([*command, "--listen", "127.0.0.1:0", *FLAGS]) as server:
            report = h2spec.run([H2SPEC, "--strict", "--host", server.host,
                                 "--port", str(server.port), "--path", path])
            server.check_alive()
        print("%s: %s" % (path, report.summary()))
        lost = "\n".join(["lost:", *report.failures, report.output])
        self.assertEqual((report.total, report.passed, report.skipped), (CASES, CASES, 0), lost)

    def test_server_of_pages(self):
        self.check([PAGES_SERVER], "/")

    # h2spec does not speak gRPC: what it sees there is how the server answers those who do not.
    def test_path_of_an_rpc(self):
        self.check([RPC_SERVER], RPC_PATH)


if __name__ == "__main__":
    PAGES_SERVER, RPC_SERVER, *FLAGS = sys.argv[1:]
    del sys.argv[1:]
    H2SPEC = h2spec.install("h2spec")
    unittest.main()
