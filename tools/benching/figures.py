"""Figures of several rounds, and what they are compared with: the words of penstock-bench/1, whose
whole form stands in docs/benchmarking.md."""

import statistics

import servers

# Figures of a call's latency that are kept.
PERCENTILES = ("p50", "p99", "p99_9")
# A server that had so much of its cores was the limit itself.
BUSY = 0.9
# Whose cost the others' is compared with.
REFERENCES = (servers.GO, servers.FLOOR)


def rounded(value):
    """Six digits, more than any measurement has; counts as they are."""
    return value if isinstance(value, int) else float(f"{value:.6g}")


def figure(values):
    """Of what each round came to; None stands for a round in which it is not known."""
    known = [rounded(value) for value in values if value is not None]
    if not known:
        return None
    return {"median": rounded(statistics.median(known)), "min": min(known), "max": max(known),
            "values": known}


def median(figure_or_none):
    return None if figure_or_none is None else figure_or_none["median"]


def limit_of(server_core, generator_bound):
    """Who was the limit: the server, which had (nearly) all of its cores; the generator, so that
    the rate is a lower bound; or neither, where both mostly waited for each other."""
    if server_core is not None and server_core >= BUSY:
        return "server"
    return "generator" if generator_bound else "neither"


def latencies(report, which):
    """{"p50": microseconds or None, ..} of a penstock-load report's "service" or "response"."""
    latency = report["latency"][which]
    return {name: None if latency[f"{name}_ns"] is None else latency[f"{name}_ns"] / 1e3
            for name in PERCENTILES}


def column(samples, name):
    return figure([sample.get(name) for sample in samples])


def open_entry(samples):
    """Of one open loop in each round, all at the same part of the capacity."""
    return {"of_capacity": samples[0]["of_capacity"], "rate": column(samples, "rate"),
            **{f"{name}_us": column(samples, name) for name in PERCENTILES},
            "lateness_p99_us": column(samples, "lateness"),
            "generator_bound": sum(sample["bound"] for sample in samples)}


def entry(samples):
    """What a row has of one server: `samples` has a dictionary for each round, with what is known
    of cpu_us, rate, p50, p99, p99_9, rss, server_core, generator_core, bound, idle and open."""
    latency = {name: column(samples, name) for name in PERCENTILES}
    result = {
        "cpu_us": column(samples, "cpu_us"), "rate": column(samples, "rate"),
        "latency_us": latency if any(latency.values()) else None,
        "open": [open_entry(loops) for loops in zip(*(s.get("open", []) for s in samples))],
        "rss_bytes": column(samples, "rss"), "server_core": column(samples, "server_core"),
        "generator_core": column(samples, "generator_core"),
        "bytes_per_connection": column(samples, "idle")}
    bound = 2 * sum(bool(sample.get("bound")) for sample in samples) > len(samples)
    result["limit"] = (None if result["rate"] is None
                       else limit_of(median(result["server_core"]), bound))
    return result


def add_ratios(entries):
    """To each of `entries`, by key: its cost as a multiple of each reference's."""
    for key, its in entries.items():
        its["ratio"] = {}
        cost = "cpu_us" if its["bytes_per_connection"] is None else "bytes_per_connection"
        for reference in REFERENCES:
            other = median(entries[reference][cost]) if reference in entries else None
            own = median(its[cost])
            if reference != key and other and own is not None:
                its["ratio"][reference] = rounded(own / other)
    return entries
