"""penstock-load beside h2load: how many requests a second each makes on one core, of the floor, and
whether what it counted is what the server counted."""

import re
import statistics

import cells
import figures
import history
import loads
import servers
import unary
from servers import fail
from tables import print_head, print_machine, print_row, spread

SHAPES = [(10, 100), (100, 1)]
H2LOAD = "h2load"
OURS = "penstock-load"
# So much CPU of the floor's a measurement takes: h2load's a second or two.
CPU_S_WANTED = 0.3


def counted_by(server):
    """How many requests the floor says it has answered; it says so when it has ended."""
    found = re.search(r"^answered (\d+)$", server.said(), re.MULTILINE)
    if not found:
        fail(f"{server.name} did not say how many requests it answered; it said: "
             f"{server.said()[-500:]}")
    return int(found.group(1))


def measure(load, program, shape, calls, args):
    """What so many calls came to, on a server of their own, and how many it counted."""
    with servers.Server(program, args.server_cpu) as server:
        sample = unary.measure(load, server, *shape, calls)
    counted = counted_by(server)
    if counted != calls:
        fail(f"{server.name} answered {counted} requests, of {calls} that were counted as OK")
    return {**sample, "calls": calls, "calls_counted": counted}


def rounds_of(generators, program, shape, args):
    """The rounds' samples by generator, which take turns."""
    results = {name: [] for name in generators}
    calls = {}
    with servers.Server(program, args.server_cpu) as server:
        for name, load in generators.items():
            calls[name] = unary.calls_for(load, server, *shape, unary.calls_first(*shape, None),
                                          CPU_S_WANTED)
    for _ in range(args.rounds):
        for name, load in generators.items():
            results[name].append(measure(load, program, shape, calls[name], args))
    return results


def rows(shape, results):
    """Of penstock-bench/1, one for each generator."""
    for name, samples in results.items():
        cell = cells.asked_for(*shape, OURS, None, False)._replace(
            name=f"generators-{shape[0]}x{shape[1]}-{name}", generator=name, group="generators",
            title=f"{name}, {cells.title_of(*shape)}")
        yield cells.row_of(cell, {servers.FLOOR: figures.entry(samples)},
                           calls=figures.column(samples, "calls"),
                           calls_counted=figures.column(samples, "calls_counted"))


def per_cpu_second(samples):
    """Requests for each second of processor time that the generator used, in each round."""
    return [sample["rate"] / sample["generator_core"] for sample in samples]


def print_rows(shape, results):
    base = statistics.median(per_cpu_second(results[H2LOAD]))
    for name, samples in results.items():
        each = per_cpu_second(samples)
        cores = [100 * statistics.median(sample[core] for sample in samples)
                 for core in ("generator_core", "server_core")]
        print_row(f"{shape[0]}x{shape[1]}", name, spread([s["rate"] for s in samples], 0),
                  *(f"{core:.0f}" for core in cores), spread(each, 0),
                  f"{statistics.median(each) / base:.2f}",
                  f"{samples[0]['calls']} = {samples[0]['calls_counted']}", len(samples))


def bench(args):
    servers.build(loads.LOAD_LABEL, servers.FLOOR_LABEL)
    program = servers.floor(copying=False)
    with loads.body_file(None) as body, history.Record("generators", args, args.json) as record:
        record.add_servers([program])
        generators = {H2LOAD: loads.h2load(args.load_cpu, body.name),
                      OURS: loads.penstock_load(args.load_cpu)}
        print_machine(args, "as named, on one core")
        print_head("shape", "generator", "requests/s: median (min .. max)", "its core, %",
                   "the floor's core, %", "requests per CPU second of it", "times h2load's",
                   "calls it counted = the floor counted", "rounds")
        for shape in SHAPES:
            results = rounds_of(generators, program, shape, args)
            print_rows(shape, results)
            for row in rows(shape, results):
                record.add(row)
