"""One bidirectional stream, of small and of large messages."""

import contextlib
import statistics
import tempfile

import cells
import figures
import history
import loads
import servers
from tables import print_head, print_machine, print_row, spread

# Octets of payload of each message, and requests without their response at any time. With few of
# them both ends mostly wake each other; with many, flow control is the only bound.
STREAMS = [(16, 100), (16, 1_000), (16, 10_000), (1 << 20, 4)]


def print_stream_row(payload_bytes, in_flight, server, ours, samples):
    """`ours` (None: not measured) and `samples`: what each round has come to."""
    cpus = [sample["cpu_us"] for sample in samples]
    cpu = statistics.median(cpus)
    against = ""
    if ours is not None and samples is not ours:
        against = f"{cpu / statistics.median(sample['cpu_us'] for sample in ours):.2f}"
    share = statistics.median(sample["generator_core"] for sample in samples)
    print_row(payload_bytes, in_flight, server.name, spread(cpus, 3), f"{1e6 / cpu:.0f}",
              f"{payload_bytes / cpu:.1f}", spread([sample["rate"] for sample in samples], 0),
              f"{100 * share:.0f}", len(samples), against)


def row_of(payload_bytes, in_flight, results):
    """The row of penstock-bench/1; `results`: the rounds' samples by key."""
    size = "1MiB" if payload_bytes == 1 << 20 else f"{payload_bytes}B"
    return cells.row_of(cells.stream(size, payload_bytes, in_flight),
                        {key: figures.entry(samples) for key, samples in results.items()})


def compare(programs, payload_bytes, in_flight, args):
    """Prints the rows of one stream, and returns the rounds' samples by key."""
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(servers.Server(program, args.server_cpu))
                   for program in programs]
        results = {server.key: [] for server in running}
        for _ in range(args.rounds):
            for server in running:
                results[server.key].append(loads.stream_load(
                    server, args.load_cpu, in_flight, payload_bytes, args.seconds))
    for server in running:
        print_stream_row(payload_bytes, in_flight, server, results.get(servers.PENSTOCK),
                         results[server.key])
    return results


def bench(args):
    with tempfile.TemporaryDirectory() as folder, \
            history.Record("streams", args, args.json) as record:
        programs = servers.build_programs(args.peers, args, loads.STREAM_SERVER_LABEL,
                                          loads.STREAM_LOAD_LABEL, folder)
        record.add_servers(programs)
        print_machine(args, "stream-load")
        print_head("payload, octets", "in flight", "server",
                   "CPU per message, us: median (min .. max)", "messages per CPU second",
                   "MB of payload each way per CPU second", "messages/s: median (min .. max)",
                   "client's core, %", "rounds", "penstock : this, per CPU")
        for payload_bytes, in_flight in STREAMS:
            record.add(row_of(payload_bytes, in_flight,
                              compare(programs, payload_bytes, in_flight, args)))
