"""Unary calls: every server under the same load, by turns."""

import contextlib
import json
import os
import re
import shutil
import statistics
import tempfile

import servers
from servers import fail, run
from tables import print_head, print_machine, print_row, ratio, spread

METHOD = "helloworld.Greeter/SayHello"
HELLO_MESSAGE = b"\x0a\x05world"  # HelloRequest{name: "world"}
# So much server CPU a measurement should see, that a tick of 10 ms is one per cent of it at most.
CPU_S_WANTED = 1.0
# How many calls are tried first: of messages up to LARGE_BYTES, and of larger ones.
CALLS_FIRST = 20_000
CALLS_FIRST_LARGE = 500
LARGE_BYTES = 16 * 1024
SERVER_LABEL = "//examples/helloworld:server"
LOAD_LABEL = "//loadtest:penstock-load"


def message_of(payload_bytes):
    """HelloRequest of so many octets in all, which penstock-load --payload-bytes sends as well."""
    if payload_bytes is None:
        return HELLO_MESSAGE
    length_bytes = 1
    while payload_bytes - 1 - length_bytes >= 1 << 7 * length_bytes:
        length_bytes += 1
    name_bytes = payload_bytes - 1 - length_bytes
    length = bytes((name_bytes >> 7 * i & 0x7f) | (0x80 if i + 1 < length_bytes else 0)
                   for i in range(length_bytes))
    return b"\x0a" + length + b"x" * name_bytes


# --- generators: load(server, connections, streams, calls) -> (RPC/s, calls answered)

def h2load(cpu, body):
    """Counts a call as answered that got an HTTP 200, whatever its grpc-status."""
    if shutil.which("h2load") is None:
        fail("h2load is not installed: apt install nghttp2-client, or tools/setup")

    def load(server, connections, streams, calls):
        out = run(["taskset", "-c", str(cpu), "h2load", "-n", str(calls), "-c", str(connections),
                   "-m", str(streams), "-d", body, "-H", "content-type: application/grpc",
                   "-H", "te: trailers", f"{server.scheme}://{server.address}/{METHOD}"], "h2load")
        rate = float(re.search(r"finished in .*?, ([0-9.]+) req/s", out).group(1))
        return rate, int(re.search(r"status codes: (\d+) 2xx", out).group(1))
    return load


def penstock_load(cpu, payload_bytes):
    binary = servers.built(LOAD_LABEL)
    payload = [] if payload_bytes is None else ["--payload-bytes", str(payload_bytes)]

    def load(server, connections, streams, calls):
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            run([binary, "--quiet", "--method", METHOD, *payload, "--connections", str(connections),
                 "--streams-per-conn", str(streams), "-n", str(calls), "--cpus", str(cpu),
                 "--json", report.name, server.address], "penstock-load")
            totals = json.load(report)["totals"]
        return totals["rps"], totals["ok"]
    return load


# --- measuring

def measure(load, server, connections, streams, calls):
    """(RPC/s, CPU microseconds per RPC) of one run; every call must have been answered."""
    before = servers.cpu_seconds(server.process.pid)
    rate, ok = load(server, connections, streams, calls)
    spent = servers.cpu_seconds(server.process.pid) - before
    if ok != calls:
        fail(f"{server.name} answered {ok} of {calls} calls: no figure")
    return rate, spent / calls * 1e6


def calls_for(load, server, connections, streams, calls):
    """How many calls, `calls` at least, keep the server busy for CPU_S_WANTED."""
    while True:
        _, cpu_us = measure(load, server, connections, streams, calls)
        if cpu_us * calls >= CPU_S_WANTED * 1e5:
            return max(calls, int(CPU_S_WANTED * 1e6 / cpu_us))
        calls *= 4


def rows(shape, running, calls, results, rounds):
    """The table's rows of one shape. `calls` and `results`, the rounds' (RPC/s, CPU), by key."""
    cpus = {key: statistics.median(cpu for _, cpu in result) for key, result in results.items()}
    for server in running:
        rates_each, cpus_each = zip(*results[server.key])
        cpu = cpus[server.key]
        yield (shape, server.name, spread(cpus_each, 3), spread(rates_each, 0),
               f"{statistics.median(rates_each) * cpu / 1e4:.0f}", calls[server.key], rounds,
               *("" if server.key == other else ratio(cpu, cpus.get(other))
                 for other in (servers.GO, servers.FLOOR)))


def compare(load, programs, shape, args):
    connections, streams = (int(number) for number in shape.split("x"))
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(servers.Server(program, args.server_cpu))
                   for program in programs]
        large = (args.payload_bytes or 0) > LARGE_BYTES
        first = max(CALLS_FIRST_LARGE if large else CALLS_FIRST, connections * streams)
        calls = {server.key: calls_for(load, server, connections, streams, first)
                 for server in running}
        results = {server.key: [] for server in running}
        for _ in range(args.rounds):
            for server in running:
                results[server.key].append(
                    measure(load, server, connections, streams, calls[server.key]))
    for row in rows(shape, running, calls, results, args.rounds):
        print_row(*row)


def with_tls(penstock, folder):
    """penstock alone, in cleartext and over TLS with a certificate of its own."""
    certificate, key = os.path.join(folder, "server.pem"), os.path.join(folder, "server.key")
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=bench", "-keyout", key, "-out", certificate],
        "openssl")
    return [penstock, servers.Program(
        "tls", f"{penstock.name}, TLS",
        penstock.command + ["--tls-cert", certificate, "--tls-key", key])]


def bench(args):
    with tempfile.NamedTemporaryFile(suffix=".grpc") as body, \
            tempfile.TemporaryDirectory() as folder:
        programs = servers.build_programs(args.peers, args, SERVER_LABEL, LOAD_LABEL, folder)
        if args.tls:
            programs = with_tls(programs[0], folder)
        message = message_of(args.payload_bytes)
        body.write(b"\0" + len(message).to_bytes(4, "big") + message)
        body.flush()
        load = (h2load(args.load_cpu, body.name) if args.generator == "h2load"
                else penstock_load(args.load_cpu, args.payload_bytes))
        print_machine(args, f"{args.generator}, messages of {len(message)} octets")
        print_head("shape", "server", "CPU per RPC, us: median (min .. max)",
                   "RPC/s: median (min .. max)", "server's core, %", "calls a round", "rounds",
                   "CPU : Go gRPC's", "CPU : the floor's")
        for shape in args.shapes:
            compare(load, programs, shape, args)
