"""The whole comparison: each cell of cells.CELLS, every server by turns."""

import contextlib
import os
import re
import resource
import sys
import tempfile
import time

import cells
import figures
import history
import loads
import servers
import unary
from cells import shown_s
from fleet import Fleet
from servers import say
from tables import print_head, print_machine, print_row, ratio

IDLE_TOOL = os.path.join(servers.ROOT, "tools", "idle_connections")
# Under h2load a server has so much of its core at the least: by that it gets enough calls.
H2LOAD_SERVER_SHARE = 0.3
# Exit statuses of penstock-load with which there are figures: with 1 calls were late, or had waited
# for long when the window closed, as with 10,000 calls under way at a server that does 20,000 a
# second. What failed, its report tells.
STATUSES = (0, 1)


def milliseconds(seconds):
    return f"{round(1000 * seconds)}ms"


class Bench:
    """Measures one cell on the servers that run for it."""

    def __init__(self, cell, times, load_cpu):
        self.cell = cell
        self.times = times
        self.load_cpu = load_cpu
        self.calls = {}  # for h2load, by server

    def sample(self, server, number):
        """What round `number` (from 1) comes to for a server."""
        if self.cell.kind == "idle":
            return self.idle(server)
        if self.cell.kind == "stream":
            return loads.stream_load(server, self.load_cpu, self.cell.streams,
                                     self.cell.payload_bytes, self.times.closed_s,
                                     round(1000 * self.times.warmup_s))
        if self.cell.generator == "h2load":
            return self.by_h2load(server)
        return self.by_penstock_load(server, number)

    def flags(self, server):
        cell = self.cell
        flags = loads.unary_flags(self.load_cpu, cell.connections, cell.streams,
                                  cell.payload_bytes)
        for field in cell.metadata:
            flags += ["-H", field]
        if cell.deadline_ms is not None:
            flags += ["--deadline", f"{cell.deadline_ms}ms"]
        if cell.tls:
            flags += ["--insecure-skip-verify"]
        return flags + ["--warmup", milliseconds(self.times.warmup_s), "--server-pid",
                        str(server.process.pid), server.address]

    def by_penstock_load(self, server, number):
        """A closed loop, then open loops at parts of what it came to."""
        binary = servers.built(loads.LOAD_LABEL)
        sample = loads.sample_of(loads.report_of(binary, [
            *self.flags(server), "-t", milliseconds(self.times.closed_s)], STATUSES))
        sample["server_core"] /= self.cell.shards
        sample["open"] = []
        for part in cells.PARTS:
            rate = max(1, round(part * sample["rate"]))
            loop = loads.sample_of(loads.report_of(binary, [
                *self.flags(server), "-t", milliseconds(self.times.open_s), "--rate", str(rate),
                "--seed", str(number)], STATUSES))
            sample["open"].append({**loop, "of_capacity": part, "rate": rate})
        return sample

    def by_h2load(self, server):
        connections, streams = self.cell.connections, self.cell.streams
        with loads.body_file(None) as body:
            load = loads.h2load(self.load_cpu, body.name)
            if server.key not in self.calls:
                self.calls[server.key] = unary.calls_for(
                    load, server, connections, streams,
                    unary.calls_first(connections, streams, None),
                    H2LOAD_SERVER_SHARE * self.times.closed_s)
            return unary.measure(load, server, connections, streams, self.calls[server.key])

    def idle(self, server):
        count = self.times.idle_connections
        said = servers.run([
            "taskset", "-c", str(self.load_cpu), IDLE_TOOL, "--connections", str(count), "--calls",
            str(self.cell.streams), "--address", server.address, "--pid", str(server.process.pid)],
            "idle_connections")
        return {"idle": int(re.search(r"^(-?\d+) octets a connection$", said, re.M).group(1)),
                "rss": servers.rss_bytes(server.process.pid)}


def row_of(cell, times, results, shares_core):
    """Of penstock-bench/1; `results`: the rounds' samples by key."""
    if cell.kind == "idle":
        cell = cell._replace(connections=times.idle_connections)
    entries = {key: figures.entry(samples) for key, samples in results.items() if samples}
    return cells.row_of(cell, entries, core_shared=shares_core)


# --- the table

COLUMNS = ("cell", "server", "CPU a unit, us", "units/s", "p50 p99 p99.9, us",
           "at 50 %: p50 p99 p99.9, us", "at 80 %", "memory, MiB", "server's core, %", "limit",
           "CPU : Go gRPC's", "CPU : the floor's")


def shown(figure, digits):
    """Median and spread."""
    if figure is None:
        return ""
    return (f"{figure['median']:.{digits}f} ({figure['min']:.{digits}f} .. "
            f"{figure['max']:.{digits}f})")


def shown_latencies(latency, suffix=""):
    """Medians of the three percentiles."""
    values = [figures.median(latency[name + suffix]) for name in figures.PERCENTILES]
    return " ".join("n/a" if value is None else f"{value:.0f}" for value in values)


def print_table_rows(row, titles):
    for key, entry in row["servers"].items():
        cost = shown(entry["cpu_us"], 3)
        if entry["bytes_per_connection"] is not None:
            cost = shown(entry["bytes_per_connection"], 0) + " octets"
        rss, core = figures.median(entry["rss_bytes"]), figures.median(entry["server_core"])
        loops = [shown_latencies(loop, "_us") for loop in entry["open"]]
        print_row(row["cell"], titles[key], cost, shown(entry["rate"], 0),
                  shown_latencies(entry["latency_us"]) if entry["latency_us"] else "",
                  *(loops or [""] * len(cells.PARTS)),
                  "" if rss is None else f"{rss / 2**20:.1f}",
                  "" if core is None else f"{100 * core:.0f}", entry["limit"] or "",
                  *(ratio(entry["ratio"].get(reference), 1) if reference in entry["ratio"] else ""
                    for reference in figures.REFERENCES))


# --- all of it

def start(programs, cpus, stack, cell, record):
    """Those that start, until `stack` ends; the others are said."""
    running = []
    for program in programs:
        try:
            running.append(stack.enter_context(servers.Server(program, cpus)))
        except servers.Failure as failure:
            record.note(f"{cell.name} is without {program.name}: {failure.sentence}")
    return running


def measure_cell(cell, fleet, times, rounds, record):
    """Adds the cell's row to the record. A round in which a server failed is left out, and said;
    an interruption leaves what there is."""
    own, load_cpu, shares_core = fleet.cpus(cell, os.cpu_count())
    bench_of_cell = Bench(cell, times, load_cpu)
    programs = fleet.programs(cell)
    results = {program.key: [] for program in programs}
    try:
        with contextlib.ExitStack() as stack:
            running = start(programs, ",".join(map(str, own)), stack, cell, record)
            for number in range(1, (1 if cell.kind == "idle" else rounds) + 1):
                for server in running:
                    try:
                        results[server.key].append(bench_of_cell.sample(server, number))
                    except servers.Failure as failure:
                        record.note(f"{cell.name}, round {number}, is without {server.name}: "
                                    f"{failure.sentence}")
    finally:
        if any(results.values()):
            row = row_of(cell, times, results, shares_core)
            record.add(row)
            print_table_rows(row, {program.key: program.name for program in programs})


def print_plan(chosen, args, times):
    estimates = [cells.seconds_of(cell, args.peers, args.rounds, times) for cell in chosen]
    if args.list:
        for cell, seconds in zip(chosen, estimates):
            print(f"{cell.name:18} {cell.group:9} {shown_s(seconds):>6}  {cell.title}")
    say(f"{cells.counted(len(chosen), 'cell')}, {cells.counted(args.rounds, 'round')}, "
        f"{','.join(args.peers)}: about {shown_s(sum(estimates))}, and the builds")
    return estimates


def bench(args):
    times = cells.QUICK if args.quick else cells.FULL
    chosen = cells.chosen(args.only)
    estimates = print_plan(chosen, args, times)
    if args.list:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # for servers of 10,000 connections
    with tempfile.TemporaryDirectory() as folder, \
            history.Record("all", args, args.json) as record:
        fleet = Fleet(args.peers, args, chosen, folder)
        record.add_servers([fleet.program(key, cells.CELLS[0]) for key in fleet.keys])
        print_machine(args, "as named, or penstock-load")
        print(history.PROFILE + "\n")
        print_head(*COLUMNS)
        progress = cells.Progress(estimates, time.monotonic, say)
        for index, cell in enumerate(chosen):
            progress.begin(index, cell)
            if fleet.cpus(cell, os.cpu_count())[2]:
                record.note(f"{cell.name}: the generator shares a core with the server; CPU a "
                            "call is comparable, the rest is not")
            measure_cell(cell, fleet, times, args.rounds, record)
        say(f"done in {shown_s(time.monotonic() - progress.begun_s)}")
    sys.stdout.flush()
