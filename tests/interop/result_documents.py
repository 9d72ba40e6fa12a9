"""Results as penstock-load and tools/bench write them, of runs that never were."""

import math

SECONDS = 30
RATE = 50_000
STALLED = range(12, 15)  # seconds in which the server was slow, and refused calls
ERROR_MESSAGE = "queue is full </script><script>document.title = 'taken over'</script>"


def bucket_of(value):
    """As loadtest/histogram.h."""
    if value < 256:
        return value
    shift = value.bit_length() - 8
    return (shift << 7) + (value >> shift)


def latency(median_ns, count=200_000):
    """Of values that are spread evenly on the logarithm, four powers of ten up from a tenth of the
    median at the far end."""
    values = sorted(int(median_ns * 10 ** (0.6 * math.tan(3.0 * ((i + 0.5) / 2000 - 0.5)) / 7))
                    for i in range(2000))
    buckets = {}
    for value in values:
        buckets[bucket_of(value)] = buckets.get(bucket_of(value), 0) + count // len(values)
    return {"count": count, "min_ns": values[0], "mean_ns": sum(values) / len(values),
            "max_ns": values[-1], "p50_ns": values[999], "p90_ns": values[1799],
            "p99_ns": values[1979], "p99_9_ns": values[1997], "p99_99_ns": None,
            "histogram": {"sub_bucket_bits": 7, "buckets": sorted(map(list, buckets.items()))}}


def second_of(number, median_ns):
    slow = 4 if number in STALLED else 1
    return {"at_s": number + 1.0, "ok": RATE - 2000 * (slow - 1), "errors": 500 * (slow - 1),
            "carried_ok": 0, "dropped": 0, "in_flight": 10 * slow, "p50_ns": median_ns * slow,
            "p99_ns": 3 * median_ns * slow,
            "p99_9_ns": None if number == 5 else 9 * median_ns * slow,
            "generator_cpu": 0.44, "server_cores": 0.93}


def load_run(median_ns=180_000, bound=False, repeats=0):
    """An open loop."""
    series = [second_of(number, median_ns) for number in range(SECONDS)]
    ok, errors = (sum(second[key] for second in series) for key in ("ok", "errors"))
    report = {
        "schema": "penstock-load/1",
        "command_line": ["penstock-load", "--rate", "50k", "-d", '{"name": "a b"}',
                         "10.0.0.1:50051"],
        "environment": {"kernel": "Linux 6.18.44", "cpu_model": "AMD EPYC 7763", "cpus": 8,
                        "governor": "", "io_mode": "uring", "io_reason": "", "version": "0.1.0",
                        "started_at": "2026-11-30T22:10:11Z"},
        "load": {"mode": "open", "target": "10.0.0.1:50051",
                 "method": "helloworld.Greeter/SayHello", "message_bytes": 7,
                 "deadline_ns": None, "connections": 8, "streams_per_connection": 100,
                 "shards": 1, "duration_ns": SECONDS * 10**9, "warmup_ns": 2 * 10**9,
                 "arrival": "poisson", "seed": 1, "max_in_flight": 1_000_000,
                 "stages": [{"at_ns": 0, "per_second": RATE}]},
        "totals": {"duration_s": SECONDS, "rps": ok / SECONDS, "goodput_rps": None, "ok": ok,
                   "errors": errors, "unfinished": 3, "repeated": 0, "carried_ok": 0,
                   "carried_errors": 0, "offered": ok + errors + 3, "dropped": 0,
                   "waited_for_slot": 0},
        "errors": [{"status": "UNAVAILABLE", "code": 14, "count": errors,
                    "first_message": ERROR_MESSAGE}],
        "latency": {"response": latency(median_ns), "service": latency(median_ns * 3 // 4)},
        "generator": {"cpu": 0.97 if bound else 0.44, "cpu_total": 0.44, "waited": 0.01,
                      "bound": bound, "lateness": latency(9_000)},
        "server": {"pid": 7, "cpu_us_per_rpc": 4.31, "user_us_per_rpc": 2.1,
                   "system_us_per_rpc": 2.21, "cpu_cores": 0.93, "rss_bytes": 24 << 20},
        "series": series, "interrupted": False, "notes": ["a note for the reader"]}
    report["repeats"] = [repeat_of(report, 0.98 + 0.02 * number)
                         for number in range(repeats)] or None
    return report


def repeat_of(report, factor):
    def scaled(of):
        return {key: value * factor if key.endswith("_ns") and value else value
                for key, value in of.items()}
    return {"totals": {**report["totals"], "rps": report["totals"]["rps"] * factor},
            "latency": {kind: scaled(of) for kind, of in report["latency"].items()},
            "generator": {"cpu": 0.4, "bound": False},
            "server": {**report["server"], "cpu_us_per_rpc": 4.31 * factor}}


def oldest_load_run():
    """A closed loop with the keys alone that every file has had."""
    run = load_run()
    return {"schema": run["schema"],
            "load": {**run["load"], "mode": "closed", "arrival": None, "stages": None},
            "totals": {**run["totals"], "offered": None, "dropped": None},
            "latency": {"response": None, "service": run["latency"]["service"]},
            "generator": {"cpu": 0.5, "bound": False, "lateness": None}}


def find_max():
    trials = []
    for rate in (1_000, 4_000, 8_000, 16_000, 32_000, 24_000, 20_000, 18_000, 19_000, 19_500):
        good = rate <= 19_500
        report = load_run(median_ns=900_000 if good else 60_000_000)
        report["totals"]["rps"] = min(rate, 19_900)
        trials.append({"rate": rate, "missed": "" if good else "p99 64.2ms", "report": report})
    return {"schema": "penstock-load-find-max/1", "slo": "p99<20ms,err<0.1%",
            "knee_per_second": 19_500, "interrupted": False, "stopped_by": None, "trials": trials}


# --- tools/bench

def figure(median):
    return {"median": median, "min": median * 0.97, "max": median * 1.04, "values": [median]}


def server_of(cpu_us, rate, ratio):
    loops = [{"of_capacity": part, "rate": figure(rate * part), "p50_us": figure(100 * part),
              "p99_us": figure(900 * part), "p99_9_us": None, "lateness_p99_us": figure(9),
              "generator_bound": 0} for part in (0.5, 0.8)]
    return {"cpu_us": figure(cpu_us), "rate": figure(rate), "open": loops,
            "latency_us": {"p50": figure(50), "p99": figure(310), "p99_9": None},
            "rss_bytes": figure(9 << 20), "server_core": figure(0.95), "generator_core": None,
            "bytes_per_connection": None, "limit": "server", "ratio": ratio}


def bench_row(cell, group, cpu_us):
    servers = {"floor": server_of(cpu_us / 2, 2e6 / cpu_us, {"go": 0.01}),
               "penstock": server_of(cpu_us, 1e6 / cpu_us, {"go": 0.025, "floor": 2.0}),
               "go": server_of(cpu_us * 40, 25e3 / cpu_us, {"floor": 80.0})}
    return {"cell": cell, "title": "the title of " + cell, "group": group, "kind": "unary",
            "unit": "rpc", "payload_bytes": 7, "servers": servers}


def bench_run(commit, started_at, factor=1.0):
    run = {"commit": commit, "dirty": False, "started_at": started_at, "seconds": 60,
           "machine": "AMD EPYC 7763", "cores": 2, "kernel": "6.18.44", "compiler": "clang 19.1.7",
           "command": "tools/bench --all", "rounds": 5, "io": "auto",
           "profile": "limits by default", "quick": False, "interrupted": False, "notes": []}
    idle = bench_row("idle", "idle", 1)
    idle["kind"], idle["connections"] = "idle", 10_000
    for server in idle["servers"].values():
        server.update(cpu_us=None, rate=None, open=[], bytes_per_connection=figure(3767))
    return {"schema": "penstock-bench/1", "form": "all", "run": run,
            "servers": [{"key": "floor", "name": "floor"}, {"key": "penstock", "name": "penstock"},
                        {"key": "go", "name": "Go gRPC 1.85.0"}],
            "rows": [bench_row("10x100", "shapes", 0.311 * factor),
                     bench_row("1x1", "shapes", 41.7 * factor),
                     bench_row("payload-1MiB", "payloads", 2500 * factor), idle]}


def other_run(commit, started_at):
    """What tools/bench --generators and --knee keep, in one."""
    generator = bench_row("generators-10x100-h2load", "generators", 0.3)
    generator["servers"] = {"floor": {**generator["servers"]["floor"], "open": []}}
    generator.update(calls=figure(273_463), calls_counted=figure(273_464))
    latencies = {kind + "_" + name + "_us": figure(us)
                 for kind, us in (("response", 247_464), ("service", 40_108))
                 for name in ("p50", "p99", "p99_9")}
    serve = {"knee": figure(19_500), "error": figure(-0.025),
             "past": {"of_capacity": 1.2, **latencies},
             "stop": {"seconds": 1.0, "rate": 5_000, **latencies}}
    knee = {"cell": "knee", "title": "a known capacity", "group": "knee", "kind": "knee",
            "capacity": 20_000, "servers": {"serve": serve}}
    return {**bench_run(commit, started_at), "form": "knee", "rows": [generator, knee]}


def micro_run(commit, started_at, ns):
    entries = [{"name": "BM_Encode_" + part, "run_name": "BM_Encode", "run_type": "aggregate",
                "aggregate_name": part, "cpu_time": value, "real_time": value, "time_unit": "ns",
                "binary": "//http2:hpack_bench"}
               for part, value in (("mean", ns), ("median", ns), ("stddev", ns / 30))]
    return {"context": {"penstock": {"commit": commit, "started_at": started_at}},
            "benchmarks": entries}
