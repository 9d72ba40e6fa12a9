"""Asks a server for more than it can do, with LimitConcurrency and without, for tools/bench.

The server is penstock-load serve, whose handlers compute. What it can do is measured in a closed
loop; then penstock-load offers parts and multiples of that in an open loop, with each call's time
counted from when it was meant to start. Goodput is what was OK per second.
"""

import json
import statistics
import subprocess
import tempfile

import servers
from servers import fail
from tables import print_head, print_machine, print_row
from unary import LOAD_LABEL, METHOD

LOADS = [0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0]
SHAPE = ["--connections", "16", "--streams-per-conn", "100"]
SPIN = "20us"


def program(binary, guarded):
    """penstock-load serve with one shard."""
    return servers.Program("serve", "penstock-load serve", [
        binary, "serve", "--listen", "127.0.0.1:0", "--shards", "1", "--spin", SPIN]
        + (["--limit-concurrency"] if guarded else []))


def load(binary, address, flags, cpu):
    """What penstock-load found, as its JSON. Exit status 1 is a result: calls were refused."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [binary, "--quiet", "--method", METHOD, "--cpus", str(cpu), "--json",
                   report.name] + flags + [address]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode not in (0, 1):
            fail(f"penstock-load failed (exit status {result.returncode}): {result.stderr[-500:]}")
        return json.load(report)


def summary(report):
    """(OK/s, p50 and p99 of the admitted in us from the intended start, share refused, bound)"""
    totals = report["totals"]
    latency = report["latency"]["response"]
    ended = totals["ok"] + totals["errors"]
    return (totals["rps"], (latency["p50_ns"] or 0) / 1e3, (latency["p99_ns"] or 0) / 1e3,
            totals["errors"] / max(ended, 1), report["generator"]["cpu"] > 0.9)


def capacity_of(binary, args):
    """Calls a second without a guard, in a closed loop; the median of three."""
    server = servers.Server(program(binary, False), args.server_cpu)
    try:
        flags = SHAPE[:2] + ["--streams-per-conn", "4", "-t", "2s", "--warmup", "500ms"]
        return statistics.median(
            load(binary, server.address, flags, args.load_cpu)["totals"]["rps"] for _ in range(3))
    finally:
        server.stop()


def measure(binary, guarded, rate, args):
    """A server of its own for each: nothing of an overload is left for the next."""
    server = servers.Server(program(binary, guarded), args.server_cpu)
    try:
        flags = SHAPE + ["--rate", str(int(rate)), "-t", f"{args.seconds}s", "--warmup", "1s"]
        return summary(load(binary, server.address, flags, args.load_cpu))
    finally:
        server.stop()


def row_of(results):
    """The medians of several rounds; the last is whether any was generator-bound."""
    columns = list(zip(*results))
    return [statistics.median(column) for column in columns[:-1]] + [any(columns[-1])]


def verdict_of(rows):
    """Sentences on what is promised. `rows`: load -> medians, with the guard."""
    peak = max(row[0] for row in rows.values())
    unloaded_p99 = rows[min(rows)][2]
    goodput, p99 = rows[2.0][0], rows[2.0][2]
    return (f"At 2x: goodput {100 * goodput / peak:.0f} % of its peak (promised: above 90 %), "
            f"p99 of the admitted {p99 / unloaded_p99:.1f}x that at {min(rows)}x "
            "(promised: under 10x).")


def bench(args):
    """Prints the table and the verdict."""
    servers.build(LOAD_LABEL)
    binary = servers.built(LOAD_LABEL)
    capacity = capacity_of(binary, args)
    print_machine(args, "penstock-load, open loop, poisson")
    print(f"Handlers compute for {SPIN}; capacity in a closed loop {capacity:.0f}/s, "
          f"median of {args.rounds} rounds\n")
    print_head("offered : capacity", "guard", "goodput, OK/s", "p50, us", "p99, us", "refused, %",
               "generator-bound")
    results = {(part, guarded): [] for part in LOADS for guarded in (True, False)}
    for _ in range(args.rounds):
        for part, guarded in results:
            results[part, guarded].append(measure(binary, guarded, part * capacity, args))
    rows = {}
    for (part, guarded), rounds in results.items():
        row = row_of(rounds)
        if guarded:
            rows[part] = row
        print_row(part, "on" if guarded else "off", f"{row[0]:.0f}", f"{row[1]:.0f}",
                  f"{row[2]:.0f}", f"{100 * row[3]:.1f}", "yes" if row[4] else "")
    print("\n" + verdict_of(rows), flush=True)
