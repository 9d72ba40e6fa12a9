"""One bidirectional stream, of small and of large messages."""

import contextlib
import json
import statistics
import tempfile

import servers
from tables import print_head, print_machine, print_row, spread

# Octets of payload of each message, and requests without their response at any time. With few of
# them both ends mostly wake each other; with many, flow control is the only bound.
STREAMS = [(16, 100), (16, 1_000), (16, 10_000), (1 << 20, 4)]
SERVER_LABEL = "//loadtest/streams:server"
LOAD_LABEL = "//loadtest/streams:stream-load"


def load(server, binary, in_flight, payload_bytes, args):
    """(messages/s, server CPU microseconds per message, share of its core that the client used)"""
    out = servers.run(
        ["taskset", "-c", str(args.load_cpu), binary, "--in-flight", str(in_flight),
         "--payload-bytes", str(payload_bytes), "-t", f"{args.seconds}s", "--warmup", "500ms",
         "--server-pid", str(server.process.pid), server.address], "stream-load")
    result = json.loads(out)
    return (result["messages"] * 1e9 / result["elapsed_ns"],
            result["server_cpu_ns"] / 1e3 / result["messages"],
            result["client_cpu_ns"] / result["elapsed_ns"])


def print_stream_row(payload_bytes, in_flight, server, ours, results):
    """`ours` (None: not measured) and `results`: what load() has answered, in each round."""
    rates, cpus, shares = zip(*results)
    cpu = statistics.median(cpus)
    against = ""
    if ours is not None and results is not ours:
        against = f"{cpu / statistics.median(row[1] for row in ours):.2f}"
    print_row(payload_bytes, in_flight, server.name, spread(cpus, 3), f"{1e6 / cpu:.0f}",
              f"{payload_bytes / cpu:.1f}", spread(rates, 0),
              f"{100 * statistics.median(shares):.0f}", len(results), against)


def compare(programs, payload_bytes, in_flight, args):
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(servers.Server(program, args.server_cpu))
                   for program in programs]
        results = {server.key: [] for server in running}
        for _ in range(args.rounds):
            for server in running:
                results[server.key].append(
                    load(server, servers.built(LOAD_LABEL), in_flight, payload_bytes, args))
    for server in running:
        print_stream_row(payload_bytes, in_flight, server, results.get(servers.PENSTOCK),
                         results[server.key])


def bench(args):
    with tempfile.TemporaryDirectory() as folder:
        programs = servers.build_programs(args.peers, args, SERVER_LABEL, LOAD_LABEL, folder)
        print_machine(args, "stream-load")
        print_head("payload, octets", "in flight", "server",
                   "CPU per message, us: median (min .. max)", "messages per CPU second",
                   "MB of payload each way per CPU second", "messages/s: median (min .. max)",
                   "client's core, %", "rounds", "penstock : this, per CPU")
        for payload_bytes, in_flight in STREAMS:
            compare(programs, payload_bytes, in_flight, args)
