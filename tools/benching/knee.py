"""What penstock-load makes of a server whose capacity is known, and of one that stops.

The server is penstock-load serve with a queue of CAPACITY calls a second. --find-max shall find
that; past it the response latency, from when a call was due, shall grow while the service latency,
from when it was sent, says little; and a stop of the whole process shall show in the open loop's
p99.9, although only the calls under way waited for the server.
"""

import json
import os
import signal
import subprocess
import time

import figures
import history
import loads
import servers
from servers import fail
from tables import print_head, print_machine, print_row, spread

CAPACITY = 20_000
SERVE = ["--sleep", "1ms", "--max-rate", str(CAPACITY)]
SHAPE = ["--method", loads.METHOD, "--connections", "8"]
# What a trial of two seconds at 2.5 % above the capacity queues up at its end.
SLO = "p99<50ms,err<0.1%"
PAST = 1.2  # of the capacity
STOP_RATE = 5_000
STOP_S = 1.0
STOP_AFTER_S = 1.5  # of a run of STOP_RUN
# A hundred slots are half a per cent of its calls: what was sent before the stop is in the p99.9 of
# both latencies, what was due in it in the response's p99 alone.
STOP_RUN = ["--method", loads.METHOD, "-t", "4s", "--warmup", "300ms", "--rate", str(STOP_RATE)]


def find_knee(server, binary, args):
    """Calls a second that --find-max finds."""
    result = subprocess.run(
        [binary, *SHAPE, "--quiet", "--json", "-", "--cpus", str(args.load_cpu), "--find-max",
         "--slo", SLO, "--rate", str(CAPACITY // 4), "-t", "2s", server.address],
        capture_output=True, text=True, check=False)
    knee = json.loads(result.stdout)["knee_per_second"] if result.stdout.startswith("{") else None
    if not knee:
        fail(f"--find-max found no rate (exit status {result.returncode}): {result.stderr[-500:]}")
    return knee


def past_the_knee(server, binary, args):
    """{"response_p50": microseconds, .. "service_p99": ..}"""
    report = loads.report_of(binary, [
        *SHAPE, "--cpus", str(args.load_cpu), "-t", "2s", "--warmup", "300ms", "--rate",
        str(round(PAST * CAPACITY)), server.address], accepted=(0, 1))
    return {f"{which}_{name}": value for which in ("response", "service")
            for name, value in figures.latencies(report, which).items()}


def stopped(server, binary, args):
    """The latencies of a run in which the server's process stops for STOP_S."""
    with subprocess.Popen([binary, *STOP_RUN, "--quiet", "--json", "-", "--cpus",
                           str(args.load_cpu), server.address], stdout=subprocess.PIPE,
                          text=True) as load:
        time.sleep(STOP_AFTER_S)
        try:
            os.kill(server.process.pid, signal.SIGSTOP)
            time.sleep(STOP_S)
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
        report = json.loads(load.communicate()[0])
    return {f"{which}_{name}": value for which in ("response", "service")
            for name, value in figures.latencies(report, which).items()}


def columns(samples):
    return {f"{name}_us": figures.column(samples, name) for name in samples[0]}


def row_of(rounds):
    """Of penstock-bench/1; `rounds`: (knee, past_the_knee(), stopped()) of each."""
    knees, past, stops = zip(*rounds)
    return {"cell": "knee", "title": f"a server of {CAPACITY} calls a second", "group": "knee",
            "kind": "knee", "unit": "rpc", "generator": "penstock-load", "capacity": CAPACITY,
            "slo": SLO, "servers": {"serve": {
                "knee": figures.figure(knees),
                "error": figures.figure([knee / CAPACITY - 1 for knee in knees]),
                "past": {"of_capacity": PAST, **columns(past)},
                "stop": {"seconds": STOP_S, "rate": STOP_RATE, **columns(stops)}}}}


def print_milliseconds(what, samples, name):
    values = [sample[name] / 1e3 for sample in samples if sample[name] is not None]
    print_row(what, spread(values, 1) + " ms" if values else "n/a")


def bench(args):
    servers.build(loads.LOAD_LABEL)
    binary = servers.built(loads.LOAD_LABEL)
    program = servers.Program("serve", "penstock-load serve " + " ".join(SERVE), [
        binary, "serve", "--listen", "127.0.0.1:0", "--shards", "1", "--io", args.io, *SERVE])
    rounds = []
    with history.Record("knee", args, args.json) as record:
        record.add_servers([program])
        print_machine(args, f"penstock-load --find-max --slo '{SLO}'")
        for number in range(args.rounds):
            servers.say(f"round {number + 1} of {args.rounds}, about 40 s")
            with servers.Server(program, args.server_cpu) as server:
                rounds.append((find_knee(server, binary, args),
                               past_the_knee(server, binary, args), stopped(server, binary, args)))
        record.add(row_of(rounds))
    knees, past, stops = zip(*rounds)
    print_head("of a server of 20,000 calls a second", "median (min .. max)")
    print_row("the knee that was found", spread(knees, 0) + "/s")
    for which in ("response", "service"):
        for name in ("p50", "p99"):
            print_milliseconds(f"{which} {name} at {PAST} of that", past, f"{which}_{name}")
    for which in ("response", "service"):
        for name in ("p99", "p99_9"):
            print_milliseconds(f"{which} {name.replace('_', '.')} with a stop of {STOP_S:.0f} s",
                               stops, f"{which}_{name}")
