"""The page of results, as far as no browser is needed: tests/interop/result_pages_test.py."""

import contextlib
import io
import json
import os
import re
import tempfile
import unittest

import report_page
import servers

RUN = {"schema": "penstock-bench/1", "run": {"commit": "abc1234"}, "rows": []}


def documents_in(html):
    """As a browser finds them."""
    text = re.search(r'id="documents">(.*?)</script', html, re.DOTALL).group(1)
    return json.loads(text)


class ReportPageTest(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.page = os.path.join(self.folder, "page.html")

    def file(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
            out.write(text)

    def write(self, path=None):
        with contextlib.redirect_stdout(io.StringIO()):
            report_page.write_page(self.folder, path or self.page)
        with open(self.page, encoding="utf-8") as page:
            return documents_in(page.read())

    def fails_with(self, wanted, path=None):
        with self.assertRaises(servers.Failure) as ended:
            self.write(path)
        self.assertIn(wanted, ended.exception.sentence)

    def test_without_results_there_is_no_page(self):
        self.fails_with("there are no results under")
        self.file("other.json", "[1]")
        self.fails_with("there are no results under")
        self.assertFalse(os.path.exists(self.page))

    def test_a_file_that_was_cut_off_is_named(self):
        self.file("good.json", json.dumps(RUN))
        self.file("cut.json", json.dumps(RUN)[:-9])
        self.fails_with("cut.json is no JSON")

    def test_a_page_that_cannot_be_written_is_named(self):
        self.file("good.json", json.dumps(RUN))
        self.fails_with("name another file", os.path.join(self.folder, "no", "page.html"))

    def test_what_is_no_result_is_left_out_with_a_sentence(self):
        self.file("a.json", json.dumps(RUN))
        self.file("b.json", json.dumps({"schema": "penstock-bench/2"}))
        self.file("c.json", json.dumps({"schema": "penstock-bench/1"}))
        self.file("d.gbench.json", json.dumps({"benchmarks": []}))
        problems = [document.get("problem") for document in self.write()]
        self.assertEqual(problems, [
            None, "is left out: its schema is 'penstock-bench/2', not penstock-bench/1",
            "is left out: it lacks its run, or its rows", None])

    def test_holds_figures_without_each_round(self):
        figure = {"median": 2.0, "min": 1.0, "max": 3.0, "values": [1.0, 2.0, 3.0]}
        self.file("a.json", json.dumps({**RUN, "rows": [{"x": figure, "odd": float("nan")}]}))
        [row] = self.write()[0]["document"]["rows"]
        self.assertEqual(row, {"x": {"median": 2.0, "min": 1.0, "max": 3.0}, "odd": None})

    def test_is_not_ended_by_what_a_result_says(self):
        evil = "</script><!-- {{style}}"
        self.file("a.json", json.dumps({**RUN, "run": {"notes": [evil]}}))
        self.assertEqual(self.write()[0]["document"]["run"]["notes"], [evil])


if __name__ == "__main__":
    unittest.main()
