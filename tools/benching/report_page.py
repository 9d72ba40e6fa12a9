"""tools/bench --report: the results that are kept under docs/benchmarks as one page of HTML, which
needs no other file and no network. Look and charts are those of penstock-load's page."""

import glob
import json
import math
import os
import re

import servers
from servers import fail

FOLDER = os.path.join(servers.ROOT, "docs", "benchmarks")
SHARED = os.path.join(servers.ROOT, "loadtest", "page")
OWN = os.path.join(os.path.dirname(os.path.realpath(__file__)), "page")
# Debian's libjs-chart.js, as in third_party/libraries.bzl.
CHART_JS = "/usr/share/javascript/chart.js/chart.min.js"
# In the order in which they build on each other.
SCRIPTS = [CHART_JS, *(os.path.join(SHARED, name) for name in ("format.js", "charts.js")),
           *(os.path.join(OWN, name)
             for name in ("bench_entries.js", "bench_report.js", "bench_page.js"))]
SCHEMA = "penstock-bench/1"


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        if path == CHART_JS:
            fail(f"{path} is missing: apt install libjs-chart.js, or tools/setup")
        raise


def without_what_pages_lack(value):
    """The same, without each round's values (their median and spread stay) and without the numbers
    that JSON has no word for, which Google Benchmark writes."""
    if isinstance(value, dict):
        is_figure = "median" in value and "values" in value
        return {key: without_what_pages_lack(part) for key, part in value.items()
                if not (is_figure and key == "values")}
    if isinstance(value, list):
        return [without_what_pages_lack(part) for part in value]
    return value if not isinstance(value, float) or math.isfinite(value) else None


def problem_of(document):
    """Why the page cannot show it, as the rest of a sentence; None where it can."""
    if not isinstance(document, dict):
        return "is left out: it is no result"
    if isinstance(document.get("benchmarks"), list):
        return None
    if document.get("schema") != SCHEMA:
        return f"is left out: its schema is {document.get('schema')!r}, not {SCHEMA}"
    if not isinstance(document.get("rows"), list) or not isinstance(document.get("run"), dict):
        return "is left out: it lacks its run, or its rows"
    return None


def documents_of(folder):
    """[{"name", "document" or "problem"}] of each file of results."""
    documents = []
    for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
        name = os.path.basename(path)
        try:
            document = json.loads(read(path))
        except ValueError as error:
            fail(f"{path} is no JSON ({error}): it may have been cut off; mend it, or take it away")
        problem = problem_of(document)
        documents.append({"name": name, "problem": problem} if problem else
                         {"name": name, "document": without_what_pages_lack(document)})
    return documents


def page_of(documents):
    """The HTML: page.html of penstock-load's, with what belongs in its places."""
    # No "</script" in a string may end what is around it; elsewhere JSON has no "<".
    text = json.dumps(documents).replace("<", "\\u003c")
    places = {
        "title": "penstock, measured",
        "style": read(os.path.join(SHARED, "page.css")),
        "documents": text,
        "scripts": "".join(f"<script>\n{read(path)}</script>\n" for path in SCRIPTS),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda place: places[place.group(1)],
                  read(os.path.join(SHARED, "page.html")))


def write_page(folder, path):
    documents = documents_of(folder)
    if not any("document" in document for document in documents):
        fail(f"there are no results under {folder}: tools/bench --all measures, and keeps them")
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(page_of(documents))
    except OSError as error:
        fail(f"cannot write {path}: {error.strerror}; name another file with --report")
    print(f"bench: {len(documents)} files of results are in {path}")


def bench(args):
    write_page(FOLDER, args.report)
