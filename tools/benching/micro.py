"""The micro-benchmarks: every //...:x_bench, and Google Benchmark's JSON of all of them in one
file, docs/benchmarks/YYYY-MM-DD-COMMIT[-n].gbench.json, which its compare.py reads."""

import os
import tempfile
import time

import history
import servers
from servers import fail, say

QUERY = 'filter("_bench$", kind("cc_binary rule", //...))'
MIN_TIME_S = 0.1
QUICK_MIN_TIME_S = 0.01


def labels_of(said, only):
    """Those in a query's answer, or of them what --only names."""
    labels = sorted(line for line in said.splitlines() if line.startswith("//"))
    wanted = only.split(",") if only else []
    for name in wanted:
        if not any(name in (label, label.rpartition(":")[2]) for label in labels):
            fail(f"--only: there is no micro-benchmark '{name}'; there are: {' '.join(labels)}")
    return [label for label in labels
            if not wanted or label in wanted or label.rpartition(":")[2] in wanted]


def run(label, args):
    """The JSON of one binary, pinned to the server's core."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.json")
        servers.run(["taskset", "-c", str(args.server_cpu), servers.built(label),
                     f"--benchmark_out={out}", "--benchmark_out_format=json",
                     f"--benchmark_min_time={QUICK_MIN_TIME_S if args.quick else MIN_TIME_S}",
                     f"--benchmark_repetitions={args.rounds}",
                     "--benchmark_report_aggregates_only=true"], label, cwd=servers.ROOT)
        return history.read(out)


def merged(results, run_description):
    """One document of several: `results` has label and document of each."""
    context = {**results[0][1]["context"], "penstock": run_description}
    for name in ("executable", "host_name"):  # of one of them, and nobody else's business
        context.pop(name, None)
    return {"context": context,
            "benchmarks": [{**benchmark, "binary": label} for label, document in results
                           for benchmark in document["benchmarks"]]}


def text_of(document):
    return (f'{{\n{history.lines_of("context", document["context"])},\n'
            f'{history.lines_of("benchmarks", document["benchmarks"])}\n}}\n')


def print_rows(label, document):
    for benchmark in document["benchmarks"]:
        if benchmark.get("aggregate_name", "median") == "median":
            print(f"{label:36} {benchmark.get('run_name', benchmark['name']):48} "
                  f"{benchmark['cpu_time']:12.1f} {benchmark['time_unit']}", flush=True)


def keep(results, description, place):
    text = text_of(merged(results, description))
    if place:
        history.write_new(place, text)
    path = place or history.write_next(history.FOLDER, description, text, history.MICRO_SUFFIX)
    say(f"results are in {os.path.relpath(path)}")


def bench(args):
    history.check_place(args.json)
    labels = labels_of(servers.run(["bazel", "query", QUERY], "the query", cwd=servers.ROOT),
                       args.only)
    say(f"building {len(labels)} micro-benchmarks")
    servers.build(*labels)
    description, results = history.describe_run(args), []
    begun_s = time.monotonic()
    try:
        for index, label in enumerate(labels):
            say(f"{label} ({index + 1} of {len(labels)})")
            results.append((label, run(label, args)))
            print_rows(*results[-1])
    finally:
        description["seconds"] = round(time.monotonic() - begun_s)
        description["interrupted"] = len(results) < len(labels)
        if results and args.json is not None:
            keep(results, description, args.json)
