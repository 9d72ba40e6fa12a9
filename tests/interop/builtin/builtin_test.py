"""What tools ask a server: grpcurl without a .proto, grpc-go's classes for health, for the
older reflection and for channelz."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

import go_tool
from server_process import ServerProcess

MODULE = os.path.dirname(os.path.realpath(__file__))
TIMEOUT_S = 60
NOT_FOUND = 5


def run(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=TIMEOUT_S, check=False)


class BuiltinTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ServerProcess([SERVER, "--listen", "127.0.0.1:0", "--shards", "2",
                                    "--channelz"])
        cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)

    def grpcurl(self, *arguments, status=0, flags=()):
        """What it says to arguments that stand behind the address."""
        done = run(GRPCURL, "-plaintext", *flags, self.server.address, *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status == 0 else done.stderr

    def ask(self, *arguments, status=0):
        done = run(CLIENT, "-target", self.server.address, *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout.splitlines()

    def test_grpcurl_lists_services(self):
        services = self.grpcurl("list").splitlines()
        for service in ["routeguide.RouteGuide", "grpc.health.v1.Health",
                        "grpc.channelz.v1.Channelz", "grpc.reflection.v1.ServerReflection",
                        "grpc.reflection.v1alpha.ServerReflection"]:
            self.assertIn(service, services)

    def test_grpcurl_lists_methods(self):
        self.assertEqual(self.grpcurl("list", "routeguide.RouteGuide").splitlines(), [
            "routeguide.RouteGuide." + method
            for method in ["GetFeature", "ListFeatures", "RecordRoute", "RouteChat"]])

    def test_grpcurl_describes(self):
        for what, part in [
                ("routeguide.RouteGuide",
                 "rpc RecordRoute ( stream .routeguide.Point ) "
                 "returns ( .routeguide.RouteSummary );"),
                ("routeguide.RouteGuide.GetFeature",
                 "rpc GetFeature ( .routeguide.Point ) returns ( .routeguide.Feature );"),
                ("routeguide.Point", "int32 latitude = 1;"),
                # Its types are of files that are imported.
                ("grpc.channelz.v1.SocketData", ".google.protobuf.Int64Value")]:
            with self.subTest(what=what):
                self.assertIn(part, self.grpcurl("describe", what))

    def test_grpcurl_calls(self):
        feature = json.loads(self.grpcurl("routeguide.RouteGuide/GetFeature", flags=[
            "-d", '{"latitude": 409146138, "longitude": -746188906}']))
        self.assertEqual(feature["location"], {"latitude": 409146138, "longitude": -746188906})
        self.assertEqual(self.grpcurl("grpc.health.v1.Health/Check").split(),
                         ["{", '"status":', '"SERVING"', "}"])
        self.assertIn("SERVING", self.grpcurl("grpc.health.v1.Health/Check", flags=[
            "-d", '{"service": "routeguide.RouteGuide"}']))

    def test_grpcurl_is_told_what_is_not_there(self):
        self.assertIn("Failed to list", self.grpcurl("list", "routeguide.RoadGuide", status=1))
        self.assertIn("Symbol not found", self.grpcurl("describe", "routeguide.Pint", status=1))
        self.assertIn("does not expose service",
                      self.grpcurl("routeguide.RoadGuide/GetFeature", status=1))
        self.assertIn("NotFound", self.grpcurl("grpc.health.v1.Health/Check", flags=[
            "-d", '{"service": "routeguide.RoadGuide"}'], status=64 + NOT_FOUND))

    def test_health(self):
        self.assertEqual(self.ask("health", ""), ["SERVING"])
        self.assertEqual(self.ask("health", "routeguide.RouteGuide"), ["SERVING"])
        self.assertEqual(self.ask("health", "routeguide.RoadGuide", status=1), ["NotFound"])
        self.assertEqual(self.ask("watch", "routeguide.RouteGuide", "1"), ["SERVING"])
        self.assertEqual(self.ask("watch", "routeguide.RoadGuide", "1"), ["SERVICE_UNKNOWN"])
        self.assertEqual(self.ask("list-health"),
                         ['"" SERVING', '"routeguide.RouteGuide" SERVING'])

    def test_the_older_reflection(self):
        self.assertEqual(self.ask("v1alpha", "routeguide.RouteGuide.GetFeature"),
                         ["examples/route_guide/route_guide.proto"])
        self.assertEqual(self.ask("v1alpha", "routeguide.RoadGuide"), ["error %d" % NOT_FOUND])

    def test_channelz(self):
        servers, *sockets = [json.loads(line) for line in self.ask("channelz")]
        self.assertTrue(servers["end"])
        self.assertEqual(len(servers["server"]), 1)
        self.assertEqual(servers["server"][0]["listenSocket"][0]["name"], self.server.address)
        # That of the client which asks: GetServers, GetServerSockets and GetSocket.
        self.assertGreaterEqual(len(sockets), 1)
        own = sockets[-1]["socket"]["data"]
        self.assertGreaterEqual(int(own["streamsStarted"]), 3)
        self.assertGreaterEqual(int(own["streamsSucceeded"]), 2)


if __name__ == "__main__":
    SERVER = os.path.abspath(sys.argv.pop(1))
    with tempfile.TemporaryDirectory() as folder:
        GRPCURL = go_tool.build(MODULE, "github.com/fullstorydev/grpcurl/cmd/grpcurl",
                                os.path.join(folder, "grpcurl"))
        CLIENT = go_tool.build(MODULE, ".", os.path.join(folder, "client"))
        unittest.main()
