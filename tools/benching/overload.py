"""Asks a server for more than it can do, with LimitConcurrency and without, for tools/bench.

The server is penstock-load serve, whose handlers compute. What it can do is measured in a closed
loop; then penstock-load offers parts and multiples of that in an open loop, with each call's time
counted from when it was meant to start. Throughput is what ended with OK per second, whenever it
was meant to start; goodput is the part of it that came within DEADLINE of that, before its caller
had given up.
"""

import statistics
from typing import NamedTuple, Optional

import figures
import history
import loads
import servers
from loads import LOAD_LABEL, METHOD
from servers import fail
from tables import print_head, print_machine, print_row

LOADS = [0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0]
SHAPE = ["--connections", "16", "--streams-per-conn", "100"]
SPIN = "20us"
DEADLINE = "100ms"
# What a server may answer to a call that it does not want.
REFUSALS = ("UNAVAILABLE", "RESOURCE_EXHAUSTED")
# The ends of calls that an overload explains.
EXPLAINED = REFUSALS + ("DEADLINE_EXCEEDED",)


class Summary(NamedTuple):
    """Of one run. A time that is not known, since too few calls of the window ended, is None."""
    throughput: float
    goodput: float
    p50_us: Optional[float]  # of the admitted, from the intended start
    p99_us: Optional[float]
    refused: float  # a share of those that ended
    lateness_us: Optional[float]  # p99, of the generator's sends
    is_bound: bool  # the generator says that it was the limit


def program(binary, guarded, args):
    """penstock-load serve with one shard."""
    return servers.Program(servers.PENSTOCK, "penstock-load serve", [
        binary, "serve", "--listen", "127.0.0.1:0", "--shards", "1", "--io", args.io,
        "--spin", SPIN] + (["--limit-concurrency"] if guarded else []))


def load(binary, address, flags, args):
    """What penstock-load found, as its JSON. Exit status 1 is a result: calls were refused."""
    return loads.report_of(binary, ["--method", METHOD, "--cpus", str(args.load_cpu), "--io",
                                    args.io, *flags, address], accepted=(0, 1))


def microseconds(latency, percentile):
    value = latency[f"{percentile}_ns"]
    return None if value is None else value / 1e3


def summary(report):
    """The Summary of a report. Errors that no overload explains end the measurement."""
    totals = report["totals"]
    latency = report["latency"]["response"]
    for error in report["errors"]:
        if error["status"] not in EXPLAINED:
            fail(f"{error['count']} calls ended with {error['status']}: {error['first_message']}")
    refused = sum(e["count"] for e in report["errors"] if e["status"] in REFUSALS)
    return Summary(
        totals["rps"], totals["goodput_rps"], microseconds(latency, "p50"),
        microseconds(latency, "p99"), refused / max(totals["ok"] + totals["errors"], 1),
        microseconds(report["generator"]["lateness"], "p99"), report["generator"]["bound"])


def capacity_of(binary, args):
    """Calls a second without a guard, in a closed loop; the median of three."""
    with servers.Server(program(binary, False, args), args.server_cpu) as server:
        flags = SHAPE[:2] + ["--streams-per-conn", "4", "-t", "2s", "--warmup", "500ms"]
        return statistics.median(
            load(binary, server.address, flags, args)["totals"]["rps"] for _ in range(3))


def measure(binary, guarded, rate, args):
    """A server of its own for each: nothing of an overload is left for the next."""
    with servers.Server(program(binary, guarded, args), args.server_cpu) as server:
        flags = SHAPE + ["--rate", str(int(rate)), "--deadline", DEADLINE,
                         "-t", f"{args.seconds}s", "--warmup", "1s"]
        return summary(load(binary, server.address, flags, args))


def median(values):
    """Of those that are known; None if none is."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def row_of(results):
    """The medians of several rounds; the last is whether any was generator-bound."""
    columns = list(zip(*results))
    return Summary(*(median(column) for column in columns[:-1]), any(columns[-1]))


def kept_row(part, guarded, capacity, results):
    """Of penstock-bench/1."""
    columns = dict(zip(Summary._fields, zip(*results)))
    entry = {name: figures.figure(columns[name])
             for name in ("throughput", "goodput", "p50_us", "p99_us", "refused")}
    entry |= {"lateness_p99_us": figures.figure(columns["lateness_us"]),
              "generator_bound": sum(columns["is_bound"])}
    return {"cell": f"overload-{part}" + "-guarded" * guarded,
            "title": f"{part} of the capacity offered, " + ("guarded" if guarded else "no guard"),
            "group": "overload", "kind": "overload", "unit": "rpc",
            "offered_of_capacity": part, "guard": guarded, "capacity": figures.rounded(capacity),
            "spin": SPIN, "deadline": DEADLINE, "generator": "penstock-load",
            "servers": {servers.PENSTOCK: entry}}


def shown(microseconds_or_none):
    return "n/a" if microseconds_or_none is None else f"{microseconds_or_none:.0f}"


def verdict_of(rows):
    """Sentences on what is promised. `rows`: load -> medians, with the guard."""
    peak = max(row.goodput for row in rows.values())
    unloaded, twice = rows[min(rows)], rows[2.0]
    if not peak or not unloaded.p99_us or twice.p99_us is None:
        return "Too few calls were OK in time for a verdict."
    return (f"At 2x: goodput {100 * twice.goodput / peak:.0f} % of its peak "
            f"(promised: above 90 %), p99 of the admitted {twice.p99_us / unloaded.p99_us:.1f}x "
            f"that at {min(rows)}x (promised: under 10x).")


def measure_all(binary, capacity, args):
    """The rounds' Summaries by (part of the capacity, guarded)."""
    results = {(part, guarded): [] for part in LOADS for guarded in (True, False)}
    for _ in range(args.rounds):
        for part, guarded in results:
            results[part, guarded].append(measure(binary, guarded, part * capacity, args))
    return results


def bench(args):
    """Prints the table and the verdict."""
    servers.build(LOAD_LABEL)
    binary = servers.built(LOAD_LABEL)
    capacity = capacity_of(binary, args)
    print_machine(args, "penstock-load, open loop, poisson")
    print(f"Handlers compute for {SPIN}; capacity in a closed loop {capacity:.0f}/s, "
          f"median of {args.rounds} rounds. Throughput: OK a second; goodput: of them those within "
          f"{DEADLINE} of their intended start; p50 and p99: of calls that were due, and ended "
          "with OK, in the window\n")
    print_head("offered : capacity", "guard", "throughput, OK/s", "goodput, OK/s", "p50, us",
               "p99, us", "refused, %", "lateness p99, us", "generator-bound")
    rows = {}
    with history.Record("overload", args, args.json) as record:
        record.add_servers([program(binary, False, args)])
        for (part, guarded), rounds in measure_all(binary, capacity, args).items():
            record.add(kept_row(part, guarded, capacity, rounds))
            row = row_of(rounds)
            if guarded:
                rows[part] = row
            print_row(part, "on" if guarded else "off", f"{row.throughput:.0f}",
                      f"{row.goodput:.0f}", shown(row.p50_us), shown(row.p99_us),
                      f"{100 * row.refused:.1f}", shown(row.lateness_us),
                      "yes" if row.is_bound else "")
    print("\n" + verdict_of(rows), flush=True)
