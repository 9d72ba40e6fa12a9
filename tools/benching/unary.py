"""Unary calls: every server under the same load, by turns."""

import contextlib
import statistics
import tempfile

import cells
import figures
import history
import loads
import servers
from servers import fail
from tables import print_head, print_machine, print_row, ratio, spread

# So much server CPU a measurement should see.
CPU_S_WANTED = 1.0
# How many calls are tried first: of messages up to LARGE_BYTES, and of larger ones.
CALLS_FIRST = 20_000
CALLS_FIRST_LARGE = 500
LARGE_BYTES = 16 * 1024
# What penstock over TLS is called beside penstock, which its cost is then compared with.
TLS = "tls"


def measure(load, server, connections, streams, calls):
    """What a run came to, with the server's CPU; every call must have been answered."""
    pid = server.process.pid
    before = servers.cpu_seconds(pid)
    sample = load(server, connections, streams, calls)
    cpu_us = (servers.cpu_seconds(pid) - before) / calls * 1e6
    if sample["ok"] != calls:
        fail(f"{server.name} answered {sample['ok']} of {calls} calls: no figure")
    return {**sample, "cpu_us": cpu_us, "server_core": cpu_us * sample["rate"] / 1e6,
            "rss": servers.rss_bytes(pid)}


def calls_for(load, server, connections, streams, calls, cpu_s_wanted=CPU_S_WANTED):
    """How many calls, `calls` at least, keep the server busy for so long."""
    while True:
        cpu_us = measure(load, server, connections, streams, calls)["cpu_us"]
        if cpu_us * calls >= cpu_s_wanted * 1e5:
            return max(calls, int(cpu_s_wanted * 1e6 / cpu_us))
        calls *= 4


def calls_first(connections, streams, payload_bytes):
    large = (payload_bytes or 0) > LARGE_BYTES
    return max(CALLS_FIRST_LARGE if large else CALLS_FIRST, connections * streams)


def references(keys):
    """Whose CPU the others' is compared with: (key, the column's head)."""
    if TLS in keys:
        return [(servers.PENSTOCK, "CPU : in cleartext")]
    return [(servers.GO, "CPU : Go gRPC's"), (servers.FLOOR, "CPU : the floor's")]


def rows(shape, running, calls, results, rounds):
    """The table's rows of one shape. `calls`, and `results`, the rounds' samples, by key."""
    cpus = {key: statistics.median(sample["cpu_us"] for sample in samples)
            for key, samples in results.items()}
    for server in running:
        samples = results[server.key]
        core = statistics.median(sample["server_core"] for sample in samples)
        yield (shape, server.name, spread([sample["cpu_us"] for sample in samples], 3),
               spread([sample["rate"] for sample in samples], 0), f"{100 * core:.0f}",
               calls[server.key], rounds,
               *("" if server.key == other else ratio(cpus[server.key], cpus.get(other))
                 for other, _ in references(results)))


def kept_rows(args, shape, results):
    """Rows of penstock-bench/1: TLS is a row of its own, whose server is penstock."""
    connections, streams = (int(number) for number in shape.split("x"))
    for tls in (False, True):
        entries = {servers.PENSTOCK if tls else key: figures.entry(samples)
                   for key, samples in results.items() if (key == TLS) == tls}
        if entries:
            yield cells.row_of(cells.asked_for(
                connections, streams, args.generator, args.payload_bytes, tls), entries)


def compare(load, programs, shape, args):
    """Prints the rows of one shape, and returns the rounds' samples by key."""
    connections, streams = (int(number) for number in shape.split("x"))
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(servers.Server(program, args.server_cpu))
                   for program in programs]
        first = calls_first(connections, streams, args.payload_bytes)
        calls = {server.key: calls_for(load, server, connections, streams, first)
                 for server in running}
        results = {server.key: [] for server in running}
        for _ in range(args.rounds):
            for server in running:
                results[server.key].append(
                    measure(load, server, connections, streams, calls[server.key]))
    for row in rows(shape, running, calls, results, args.rounds):
        print_row(*row)
    return results


def bench(args):
    with loads.body_file(args.payload_bytes) as body, \
            tempfile.TemporaryDirectory() as folder, \
            history.Record("tls" if args.tls else "unary", args, args.json) as record:
        programs = servers.build_programs(args.peers, args, loads.SERVER_LABEL, loads.LOAD_LABEL,
                                          folder)
        record.add_servers(programs)
        if args.tls:
            over_tls = servers.with_tls(programs[0], folder)
            over_tls.key = TLS
            programs.append(over_tls)
        load = (loads.h2load(args.load_cpu, body.name, args.payload_bytes)
                if args.generator == "h2load"
                else loads.penstock_load(args.load_cpu, args.payload_bytes))
        octets = len(loads.message_of(args.payload_bytes))
        print_machine(args, f"{args.generator}, messages of {octets} octets")
        print_head("shape", "server", "CPU per RPC, us: median (min .. max)",
                   "RPC/s: median (min .. max)", "server's core, %", "calls a round", "rounds",
                   *(head for _, head in references([program.key for program in programs])))
        for shape in args.shapes:
            for row in kept_rows(args, shape, compare(load, programs, shape, args)):
                record.add(row)
