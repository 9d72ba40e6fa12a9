"""Prometheus scrapes the admin port of a server under load; Chromium shows its dashboard move."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import peers
import raw_http2
from server_process import ServerProcess

METHOD = "/helloworld.Greeter/SayHello"
PATIENCE_S = 60
# A message of two octets whose field is longer than that: it does not decode.
MALFORMED = b"\0\0\0\0\x02\x0a\x7f"
FAILED_SHARE = 0.25

# Never through a proxy.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


class AdminTest(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(ServerProcess(
            [SERVER, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--shards", "2"]))
        self.admin = re.search(r"admin http://(\S+?);", " ".join(self.server.output)).group(1)
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.good = self.file("good", raw_http2.hello_message("world"))
        self.bad = self.file("bad", MALFORMED)

    def file(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(content)
        return path

    def call(self, count, body):
        run = subprocess.run(
            [H2LOAD, "-n", str(count), "-c", "2", "-m", "10", "-t", "1", "-d", body,
             "-H", "content-type: application/grpc", "-H", "te: trailers",
             "http://%s%s" % (self.server.address, METHOD)],
            capture_output=True, text=True, timeout=PATIENCE_S, check=True)
        self.assertIn("%d succeeded" % count, run.stdout)  # as HTTP: 200

    def call_until_the_end(self):
        """Load of which FAILED_SHARE fails, in the background, until the test ends."""
        over = threading.Event()

        def run():
            while not over.is_set():
                self.call(750, self.good)
                self.call(250, self.bad)

        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(over.set)

    def curl(self, path):
        run = subprocess.run(
            [CURL, "--silent", "--show-error", "--fail", "--max-time", "30", "--noproxy", "*",
             "http://%s%s" % (self.admin, path)],
            capture_output=True, text=True, timeout=PATIENCE_S, check=True)
        return run.stdout

    def test_curl_reads_what_promtool_finds_well_formed(self):
        self.call(1000, self.good)
        page = self.curl("/metrics")
        self.assertIn('grpc_method="SayHello",grpc_code="OK"} 1000\n', page)
        self.assertEqual(self.curl("/readyz"), "ready\n")
        check = subprocess.run([PROMTOOL, "check", "metrics"], input=page, capture_output=True,
                               text=True, timeout=PATIENCE_S, check=False)
        self.assertEqual((check.returncode, check.stdout, check.stderr), (0, "", ""))

    def test_prometheus_scrapes_and_evaluates(self):
        config = os.path.join(self.folder, "prometheus.yml")
        with open(config, "w", encoding="utf-8") as out:
            out.write("scrape_configs: [{job_name: a, scrape_interval: 1s, scrape_timeout: 1s, "
                      "static_configs: [{targets: ['%s']}]}]\n" % self.admin)
        prometheus = subprocess.Popen(
            [PROMETHEUS, "--config.file=" + config, "--web.listen-address=127.0.0.1:0",
             "--storage.tsdb.path=" + os.path.join(self.folder, "data")],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            for line in prometheus.stderr:
                found = re.search(r'msg="Listening on" address=(\S+)', line)
                if found:
                    break
            self.assertIsNotNone(found, "Prometheus did not start")
            # A first failure, so that the row is there when it scrapes for the first time.
            self.call(2, self.bad)
            drain = threading.Thread(target=prometheus.stderr.read, daemon=True)
            drain.start()
            self.call_until_the_end()
            query = self.query_of(found.group(1))
            self.assertEqual(query("sum(up)"), 1)
            self.assertGreater(query('sum(rate(grpc_server_handled_total{grpc_code="OK"}[10s]))'),
                               0)
            share, p99 = self.expressions_of_the_page()
            self.assertTrue(0 < query(p99) < 10)
            # Scrapes come in the middle of a batch: after some of them that matters little.
            limit = time.monotonic() + PATIENCE_S
            while abs(query(share) - FAILED_SHARE) > FAILED_SHARE / 4:
                self.assertLess(time.monotonic(), limit, query(share))
                threading.Event().wait(0.2)
            self.assertEqual(query("count(penstock_shard_up == 1)"), 2)
        finally:
            prometheus.kill()
            prometheus.wait()
            prometheus.stderr.close()

    def expressions_of_the_page(self):
        """Those of docs/metrics.md, which are to work as they stand."""
        with open(PAGE, encoding="utf-8") as page:
            expressions = re.findall(r"(?m)^    (.*\[5m\].*)$", page.read())
        self.assertEqual(len(expressions), 2, expressions)
        return expressions

    def query_of(self, address):
        """A function that asks an expression's value until it has one that is a number."""
        def query(expression):
            limit = time.monotonic() + PATIENCE_S
            while time.monotonic() < limit:
                url = "http://%s/api/v1/query?%s" % (
                    address, urllib.parse.urlencode({"query": expression}))
                try:
                    with _open(url, timeout=PATIENCE_S) as answer:
                        results = json.load(answer)["data"]["result"]
                except urllib.error.HTTPError as error:
                    self.assertEqual(error.code, 503)  # it reads its database still
                    results = []
                if results and results[0]["value"][1] not in ("NaN", "0"):
                    return float(results[0]["value"][1])
                threading.Event().wait(0.2)
            raise AssertionError("Prometheus has no value of %s" % expression)
        return query

    def test_chromium_shows_the_dashboard_move(self):
        if CHROMIUM is None:
            peers.skip_one(self, "neither chromium nor google-chrome is installed: on Debian apt "
                                 "install chromium; Ubuntu has it as a snap alone")
        self.call(1000, self.good)
        self.call_until_the_end()
        # It prints the page as it is after so many milliseconds of the page's own time, which runs
        # ahead of ours: between two looks there may have been no call.
        run = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-proxy-server", "--user-data-dir=" + os.path.join(self.folder, "profile"),
             "--virtual-time-budget=5000", "--dump-dom", "http://%s/dashboard" % self.admin],
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
            env=dict(os.environ, HOME=self.folder))
        self.assertEqual(run.returncode, 0, run.stderr)
        shown = dict(re.findall(r'id="(\w+)">([^<]*)<', run.stdout))
        self.assertEqual(shown["state"], "live", run.stderr)
        self.assertRegex(shown["rate"], r"^[0-9]+$")
        self.assertGreaterEqual(int(shown["total"]), 1000)
        self.assertRegex(shown["p99"], r"^([0-9.]+ (µs|ms|s)|-)$")
        # Chart.js has given each canvas a size.
        self.assertEqual(len(re.findall(r"<canvas id=\"\w+\" [^>]*width=\"[1-9]", run.stdout)), 4)


if __name__ == "__main__":
    SERVER, PAGE = sys.argv.pop(1), sys.argv.pop(1)
    CURL = peers.find("curl", "curl")
    H2LOAD = peers.find("h2load", "nghttp2-client")
    PROMTOOL = peers.find("promtool", "prometheus")
    PROMETHEUS = peers.find("prometheus", "prometheus")
    CHROMIUM = peers.look_for("chromium", "google-chrome")
    unittest.main()
