"""The pages of results, of penstock-load plot and of tools/bench --report, in Chromium."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import peers
import result_documents
from browser import Browser
from server_process import ServerProcess

DESKTOP, PHONE = (1440, 900), (390, 844)
# What WCAG 2.1 asks of text, and of what is drawn.
CONTRAST_TEXT, CONTRAST_DRAWN = 4.5, 3.0
# Of each canvas, how many colours are in it: one, if nothing was drawn.
COLOURS = """[...document.querySelectorAll('canvas')].map((canvas) => new Set(new Uint32Array(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size)"""
WIDTH = "document.documentElement.scrollWidth"
TEXT = "document.getElementById('page').textContent"


def contrast(one, other):
    """As WCAG 2.1 defines it, of colours such as #0062b8."""
    def luminance(colour):
        parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
                            for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class ResultPagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.browser = cls.enterClassContext(Browser(CHROMIUM))

    def path(self, name):
        return os.path.join(self.folder, name)

    def file(self, name, document):
        with open(self.path(name), "w", encoding="utf-8") as out:
            json.dump(document, out)
        return self.path(name)

    def plot(self, *paths, out="page.html"):
        subprocess.run([LOAD, "plot", *paths, "-o", self.path(out)], check=True, timeout=60)
        return self.path(out)

    def open(self, path, size=DESKTOP, dark=False):
        page = self.browser.open(pathlib.Path(path).as_uri(), *size, dark=dark)
        self.assertEqual(page.troubles, [])
        return page

    def check_drawn(self, page, canvases, width):
        colours = page.evaluate(COLOURS)
        self.assertEqual(len(colours), canvases)
        self.assertGreater(min(colours, default=5), 4, colours)
        self.assertLessEqual(page.evaluate(WIDTH), width)
        # Each says what it shows to those who do not see it, and has its heading.
        self.assertEqual(page.evaluate("document.querySelectorAll('figure > figcaption > h3, "
                                       "canvas[role=img][aria-label]').length"), 2 * canvases)
        self.assertEqual(page.evaluate("document.querySelectorAll('h1').length"), 1)

    def check_everywhere(self, path, canvases):
        for size in (DESKTOP, PHONE):
            for dark in (False, True):
                with self.subTest(width=size[0], dark=dark):
                    self.check_drawn(self.open(path, size, dark), canvases, size[0])

    def test_a_run_is_drawn_on_any_screen(self):
        path = self.plot(self.file("run.json", result_documents.load_run(bound=True)))
        self.check_everywhere(path, canvases=6)
        page = self.open(path)
        text = page.evaluate(TEXT)
        for wanted in ("helloworld.Greeter/SayHello", "open loop, 50,000/s, poisson", "49,400",
                       "4.31 µs", "Generator-bound: these figures are a lower bound", "n/a",
                       "AMD EPYC 7763", "a note for the reader", "2026-11-30 22:10:11 UTC",
                       "penstock-load --rate 50k -d '{\"name\": \"a b\"}' 10.0.0.1:50051",
                       result_documents.ERROR_MESSAGE):
            self.assertIn(wanted, text)
        self.assertNotEqual(page.evaluate("document.title"), "taken over")

    def test_a_page_needs_nothing_else(self):
        path = self.plot(self.file("run.json", result_documents.load_run()))
        page = self.open(path)
        self.assertEqual(page.evaluate(
            "performance.getEntriesByType('resource').map((entry) => entry.name)"), [])

    def test_percentiles_are_those_of_the_histogram(self):
        run = result_documents.load_run()
        page = self.open(self.plot(self.file("run.json", run)))
        for share, key in ((0.5, "p50_ns"), (0.9, "p90_ns"), (0.99, "p99_ns"), (0.999, "p99_9_ns")):
            drawn = page.evaluate(
                "curveOf(readDocuments()[0].document.latency.response).findLast("
                "(point) => point.x <= %r).y" % (1 / (1 - share) * 1.0001))
            self.assertAlmostEqual(drawn / run["latency"]["response"][key], 1, delta=0.008)

    def test_the_band_goes_from_the_least_to_the_greatest_run(self):
        run = result_documents.load_run(180_000, repeats=3)
        for repeat, median_ns in zip(run["repeats"], (200_000, 150_000, 180_000)):
            repeat["latency"]["response"] = result_documents.latency(median_ns)
        band = "bandOf(entryOf('', readDocuments()[0].document).latencies).find(({x}) => x === 2)"
        wanted = [result_documents.latency(median_ns)["p50_ns"] for median_ns in (150_000, 200_000)]
        for with_histograms in (True, False):
            if not with_histograms:
                for repeat in run["repeats"]:
                    del repeat["latency"]["response"]["histogram"]
            page = self.open(self.plot(self.file("run.json", run)))
            drawn = page.evaluate("[%s.min, %s.max]" % (band, band))
            for i in range(2):
                self.assertAlmostEqual(drawn[i] / wanted[i], 1, delta=0.008)

    def test_runs_are_laid_over_each_other(self):
        paths = [self.file(name + ".json", result_documents.load_run(median_ns, repeats=3))
                 for name, median_ns in (("before", 180_000), ("after", 150_000))]
        path = self.plot(*paths)
        self.check_everywhere(path, canvases=7)
        text = self.open(path).evaluate(TEXT)
        self.assertIn("−16.7 %", text)  # of the median
        self.assertIn("±0.0 %, noise", text)  # of the rate

    def test_the_search_for_the_highest_rate_is_drawn(self):
        path = self.plot(self.file("max.json", result_documents.find_max()))
        self.check_everywhere(path, canvases=2)
        text = self.open(path).evaluate(TEXT)
        for wanted in ("19,500/s", "p99<20ms,err<0.1%", "p99 64.2ms"):
            self.assertIn(wanted, text)

    def test_what_a_file_lacks_is_left_out(self):
        path = self.plot(self.file("old.json", result_documents.oldest_load_run()))
        page = self.open(path)
        self.check_drawn(page, 1, DESKTOP[0])
        self.assertIn("A closed loop hides queueing", page.evaluate(TEXT))
        page = self.open(self.plot(self.file("none.json", {
            "schema": "penstock-load-find-max/1", "slo": "p99<1ms", "knee_per_second": None,
            "trials": []})))
        self.check_drawn(page, 0, DESKTOP[0])
        self.assertIn("none", page.evaluate(TEXT))

    def test_a_result_that_is_not_understood_makes_a_sentence(self):
        path = self.plot(self.file("odd.json", {"schema": "penstock-load/1", "totals": {},
                                                "series": 7}))
        page = self.browser.open(pathlib.Path(path).as_uri(), *PHONE)
        self.assertIn("These results cannot be shown", page.evaluate(TEXT))
        self.assertEqual(len(page.troubles), 1)

    def test_what_penstock_load_measures_is_drawn(self):
        with ServerProcess([LOAD, "serve", "--listen", "127.0.0.1:0", "--shards", "1"]) as server:
            for name, flags in (("open", ["--rate", "2k", "-t", "1s"]), ("closed", ["-n", "2000"])):
                # Its exit status tells of the machine, too.
                subprocess.run([LOAD, "--method", "helloworld.Greeter/SayHello", "--quiet", *flags,
                                "--json", self.path(name + ".json"), server.address],
                               timeout=60, check=False)
        page = self.open(self.plot(self.path("open.json")))
        self.assertGreaterEqual(len(page.evaluate(COLOURS)), 3)
        self.assertIn("open loop, 2,000/s, poisson", page.evaluate(TEXT))
        page = self.open(self.plot(self.path("open.json"), self.path("closed.json")), PHONE)
        self.assertGreater(min(page.evaluate(COLOURS)), 4)
        self.assertIn("2,000", page.evaluate(TEXT))

    def test_plot_says_what_it_cannot_plot(self):
        with open(self.path("cut.json"), "w", encoding="utf-8") as out:
            out.write('{"schema": "penstock-load/1", "tot')
        good = self.file("good.json", result_documents.load_run())
        for arguments, status, wanted in (
                ([], 64, "FILE is required"),
                ([good], 64, "--output is required"),
                ([self.path("missing.json"), "-o", "x"], 1, "No such file"),
                ([good, self.path("cut.json"), "-o", "x"], 1, "cut.json is no JSON"),
                ([self.file("other.json", {"a": 1}), "-o", "x"], 1, "other.json has no schema"),
                ([good, "-o", self.path("no/folder.html")], 1,
                 "no/folder.html: No such file or directory; check the path")):
            with self.subTest(arguments=arguments):
                run = subprocess.run([LOAD, "plot", *arguments], capture_output=True, text=True,
                                     timeout=60, check=False)
                self.assertEqual(run.returncode, status, run.stderr)
                self.assertIn(wanted, run.stderr)
                self.assertFalse(os.path.exists("x"))

    def bench_page(self, documents):
        with tempfile.TemporaryDirectory() as folder:
            for name, document in documents.items():
                with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                    json.dump(document, out)
            report_page.write_page(folder, self.path("bench.html"))
        return self.path("bench.html")

    def test_the_page_of_benchmarks_is_drawn_on_any_screen(self):
        path = self.bench_page({
            # Files are not named in their order.
            "a.json": result_documents.bench_run("newer00", "2026-11-30T10:00:00Z"),
            "b.json": result_documents.bench_run("older00", "2026-11-01T10:00:00Z", 1.2),
            "a.gbench.json": result_documents.micro_run("newer00", "2026-11-30T11:00:00Z", 41.3),
            "b.gbench.json": result_documents.micro_run("older00", "2026-11-01T11:00:00Z", 52.5),
            "c.json": {"schema": "another/7"},
            "d.json": result_documents.other_run("newer00", "2026-11-30T12:00:00Z")})
        # Two groups of 4, 3 of latency, 1 of memory, 1 of generators; 2 groups by 3 and memory over
        # commits; 2 of the micro-benchmark.
        self.check_everywhere(path, canvases=8 + 3 + 1 + 1 + 7 + 2)
        page = self.open(path)
        text = page.evaluate(TEXT)
        for wanted in ("commit newer00 ", "311 ns", "1/40.0", "2.00×", "Go gRPC 1.85.0", "3.68 KiB",
                       "older00", "273,463273,464", "−2.5 %", "5,000/s, and a stop of 1.00 s",
                       "247 ms", "40.1 ms", "//http2:hpack_bench", "41.3 ns", "52.5 ns",
                       "c.json is left out: its schema is 'another/7'", "n/a"):
            self.assertIn(wanted, text)
        self.assertEqual(page.evaluate(
            "historyOf(benchRuns(readDocuments().filter((one) => one.document)), 'penstock', "
            "(entry) => entry.cpu_us)[0].points.map((point) => point.y)"), [0.311 * 1.2, 0.311])
        self.assertEqual(page.evaluate("[...document.querySelectorAll('nav a')].filter((link) => "
                                       "!document.querySelector(link.hash)).length"), 0)

    def test_colours_can_be_told_apart(self):
        path = self.plot(self.file("run.json", result_documents.load_run()))
        for dark in (False, True):
            page = self.open(path, dark=dark)
            colour = {name: page.evaluate(
                "getComputedStyle(document.documentElement).getPropertyValue('--%s').trim()" % name)
                for name in ("page", "card", "ink", "muted", "accent", "bad", "good", "warn-ink",
                             "warn-page", *("series-%d" % i for i in range(1, 9)))}
            for name in ("ink", "muted", "accent", "bad", "good"):
                for below in ("page", "card"):
                    self.assertGreaterEqual(contrast(colour[name], colour[below]), CONTRAST_TEXT,
                                            (name, below, dark))
            self.assertGreaterEqual(contrast(colour["warn-ink"], colour["warn-page"]),
                                    CONTRAST_TEXT)
            for i in range(1, 9):
                self.assertGreaterEqual(contrast(colour["series-%d" % i], colour["card"]),
                                        CONTRAST_DRAWN, (i, dark))

    def test_paper_is_light(self):
        page = self.open(self.plot(self.file("run.json", result_documents.load_run())), dark=True)
        dark = page.evaluate("theme.ink")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(page.evaluate("theme.card"), "#ffffff")
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        self.assertEqual(page.evaluate("theme.ink"), dark)
        page.print_to_pdf(self.path("page.pdf"))
        with open(self.path("page.pdf"), "rb") as pdf:
            self.assertTrue(re.match(rb"%PDF-", pdf.read(5)))


if __name__ == "__main__":
    LOAD, BENCHING = sys.argv.pop(1), sys.argv.pop(1)
    sys.path.insert(0, os.path.dirname(os.path.realpath(BENCHING)))
    import report_page
    CHROMIUM = peers.look_for("chromium", "google-chrome")
    if CHROMIUM is None:
        peers.skip("neither chromium nor google-chrome is installed: on Debian apt install "
                   "chromium; Ubuntu has it as a snap alone")
    unittest.main()
