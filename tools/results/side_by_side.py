"""Prints results of penstock-load beside each other, the first against the others, for tools/demo.

    python3 tools/results/side_by_side.py penstock=penstock.json "Go gRPC 1.70=go.json"
"""

import json
import sys


def value_at(result, path):
    """The number at a dotted path; None if the result has none (a server's CPU without its pid)."""
    node = result
    for key in path.split("."):
        if not isinstance(node, dict) or key not in node:
            return None
        node = node[key]
    return node if isinstance(node, (int, float)) else None


# (what, path in penstock-load's JSON, what one unit of it is shown divided by, digits, unit)
ROWS = [
    ("RPC/s", "totals.rps", 1, 0, ""),
    ("server CPU per RPC", "server.cpu_us_per_rpc", 1, 2, " us"),
    ("service time p50", "latency.service.p50_ns", 1000, 0, " us"),
    ("service time p99", "latency.service.p99_ns", 1000, 0, " us"),
]


def shown(value, divisor, digits, unit):
    return "n/a" if value is None else f"{value / divisor:,.{digits}f}{unit}"


def ratio(first, other):
    """How many times one is the other, the greater over the smaller, said from the first's side."""
    if not first or not other:
        return "n/a"
    if first >= other:
        return f"{first / other:.1f}x"
    return f"1/{other / first:.1f}"


def table(results):
    """results: [(name, parsed JSON)], the first is compared with each of the others."""
    first_name, first = results[0]
    header = ["", *(name for name, _ in results)]
    header += [f"{first_name} is" if len(results) == 2 else f"vs {name}" for name, _ in results[1:]]
    lines = [header]
    for what, path, divisor, digits, unit in ROWS:
        values = [value_at(result, path) for _, result in results]
        lines.append([what, *(shown(v, divisor, digits, unit) for v in values),
                      *(ratio(values[0], v) for v in values[1:])])
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    text = []
    for line in lines:
        cells = [line[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(line[1:], widths[1:])]
        text.append("   ".join(cells).rstrip())
    return "\n".join(text)


def notes(results):
    """A sentence for each result whose RPC/s says more of the generator than of the server."""
    return [f"{name}: RPC/s is a lower bound, penstock-load itself was held up (see its table)."
            for name, result in results if result.get("generator", {}).get("bound")]


def main():
    results = []
    for argument in sys.argv[1:]:
        name, _, path = argument.rpartition("=")
        try:
            with open(path, encoding="utf-8") as file:
                results.append((name, json.load(file)))
        except (OSError, ValueError) as error:
            sys.exit(f"side_by_side: cannot read the result {path}: {error}")
    if len(results) < 2:
        sys.exit("side_by_side: give two results or more, each as NAME=FILE")
    print()
    print(table(results))
    for note in notes(results):
        print(note)


if __name__ == "__main__":
    main()
