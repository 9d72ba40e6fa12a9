"""Results that are kept: one JSON file for each run under docs/benchmarks, of schema
penstock-bench/1 (docs/benchmarking.md), and Google Benchmark's JSON beside them. A file is written
once and never again."""

import datetime
import glob
import json
import os
import platform
import re
import shlex
import subprocess
import sys
import time

import servers
from servers import fail, say

SCHEMA = "penstock-bench/1"
FOLDER = os.path.join(servers.ROOT, "docs", "benchmarks")
SUFFIX = ".json"
MICRO_SUFFIX = ".gbench.json"
PROFILE = "limits by default: 100 streams a connection, messages of up to 4 MiB"


def machine():
    """The processor's name, as the kernel has it."""
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        found = re.search(r"^model name\s*: (.*)$", cpuinfo.read(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def compiler():
    """Of Bazel's toolchain (docs/dependencies.md); None where it is not found by that name."""
    try:
        said = subprocess.run(["clang++-19", "--version"], capture_output=True, text=True,
                              check=False).stdout
    except OSError:
        return None
    found = re.search(r"clang version ([0-9.]+)", said)
    return f"clang {found.group(1)} -O2" if found else None


def describe_run(args):
    """What `run` holds when a run begins."""
    return {
        "commit": servers.commit(),
        "dirty": servers.git("status", "--porcelain", "--untracked-files=no") != "",
        "started_at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": 0, "machine": machine(), "cores": os.cpu_count(),
        "kernel": platform.release(), "compiler": compiler(),
        "command": shlex.join(["tools/bench", *sys.argv[1:]]),
        "rounds": args.rounds, "io": args.io, "server_cpus": [args.server_cpu],
        "load_cpus": [args.load_cpu], "profile": PROFILE, "quick": bool(args.quick),
        "interrupted": False, "notes": []}


def names(run, suffix=SUFFIX):
    """YYYY-MM-DD-COMMIT, then YYYY-MM-DD-COMMIT-2 and so on."""
    first = f"{run['started_at'][:10]}-{run['commit']}"
    yield first + suffix
    number = 2
    while True:
        yield f"{first}-{number}{suffix}"
        number += 1


def write_new(path, text):
    """FileExistsError where there is a file: what was measured once is not written over."""
    with open(path, "x", encoding="utf-8") as file:
        file.write(text)


def write_next(folder, run, text, suffix=SUFFIX):
    """Writes it under the first name that is free, and returns its path."""
    os.makedirs(folder, exist_ok=True)
    for name in names(run, suffix):
        try:
            write_new(os.path.join(folder, name), text)
            return os.path.join(folder, name)
        except FileExistsError:
            continue


def lines_of(key, values, indent=" "):
    """A list, or a dictionary, with a line for each of its values."""
    is_dictionary = isinstance(values, dict)
    lines = [(f"{json.dumps(name)}: {json.dumps(values[name])}" if is_dictionary
              else json.dumps(name)) for name in values]
    left, right = "{}" if is_dictionary else "[]"
    body = ",\n".join(f"{indent} {line}" for line in lines)
    return f"{indent}{json.dumps(key)}: {left}\n{body}\n{indent}{right}"


def text_of_row(row):
    head = json.dumps({key: value for key, value in row.items() if key != "servers"})
    return f"  {head[:-1]},\n{lines_of('servers', row['servers'], '   ')}}}"


def text_of(document):
    """Its JSON, with a line for each server of each row: what is appended is read in diffs, too."""
    rows = ",\n".join(text_of_row(row) for row in document["rows"])
    return (f'{{\n "schema": {json.dumps(document["schema"])},\n'
            f' "form": {json.dumps(document["form"])},\n{lines_of("run", document["run"])},\n'
            f'{lines_of("servers", document["servers"])},\n "rows": [\n{rows}\n ]\n}}\n')


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def read_all(folder=FOLDER):
    """The results of penstock-bench/1 in a folder, the oldest first."""
    paths = [path for path in glob.glob(os.path.join(folder, "*" + SUFFIX))
             if not path.endswith(MICRO_SUFFIX)]
    results = [read(path) for path in paths]
    return sorted((result for result in results if result.get("schema") == SCHEMA),
                  key=lambda result: result["run"]["started_at"])


def why_of(error):
    """What ended a run before its time, for people."""
    if isinstance(error, SystemExit) and isinstance(error.code, int):
        return f"exit status {error.code}"
    return str(error) or type(error).__name__


def check_place(place):
    """Fails where results cannot be written there, before they are measured."""
    if place and os.path.exists(place):
        fail(f"{place} is there: results are never written over; name another file")
    if place and not os.path.isdir(os.path.dirname(place) or "."):
        fail(f"{place}: there is no such folder")


class Record:
    """What a run has come to so far. With `place` ("": docs/benchmarks under the next name; None:
    nowhere) it is written at the end of a `with`, however that comes about."""

    def __init__(self, form, args, place):
        self.place = place
        self.begun_s = time.monotonic()
        self.document = {"schema": SCHEMA, "form": form, "run": describe_run(args), "servers": [],
                         "rows": []}
        check_place(place)

    def add_servers(self, programs):
        known = {server["key"] for server in self.document["servers"]}
        self.document["servers"] += [{"key": program.key, "name": program.name}
                                     for program in programs if program.key not in known]

    def add(self, row):
        self.document["rows"].append(row)

    def note(self, sentence):
        say(sentence)
        self.document["run"]["notes"].append(sentence)

    def write(self):
        """Nothing where nothing was measured."""
        run = self.document["run"]
        run["seconds"] = round(time.monotonic() - self.begun_s)
        if self.place is None or not self.document["rows"]:
            return
        if self.place:
            write_new(self.place, text_of(self.document))
        path = self.place or write_next(FOLDER, run, text_of(self.document))
        say(f"results are in {os.path.relpath(path)}")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if kind is not None:
            self.document["run"]["interrupted"] = True
            self.document["run"]["notes"].append(f"ended early: {why_of(error)}")
        self.write()
