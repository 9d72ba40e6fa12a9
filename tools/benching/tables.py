"""Rows of Markdown for docs/benchmarks.md, and what stands in them."""

import os
import platform
import statistics

import servers


def spread(values, digits):
    return (f"{statistics.median(values):.{digits}f} "
            f"({min(values):.{digits}f} .. {max(values):.{digits}f})")


def ratio(value, reference):
    """`value` in parts or multiples of `reference`: "1/33.3", "2.1"; "" where there is none."""
    if not reference or not value:
        return ""
    return f"1/{reference / value:.1f}" if value < reference else f"{value / reference:.2f}"


def print_head(*columns):
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns), flush=True)


def print_row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def print_machine(args, generator):
    print(f"commit {servers.commit()}; Linux {platform.release()}; {os.cpu_count()} cores; "
          f"io {args.io}; generator {generator}\n")
