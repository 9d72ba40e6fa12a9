"""The command line of tools/bench."""

import argparse
import re

import cells
import servers

# Replies are longer by a few octets, and 4 MiB is what messages may have by default.
PAYLOAD_BYTES_MAX = 4 * 1024 * 1024 - 64
ROUNDS_DEFAULT = 5
PEERS_DEFAULT = "penstock,go"
PEERS_DEFAULT_ALL = "floor,penstock,go"
# What can be measured instead of a few unary shapes, and what of it is kept as JSON.
FORMS = {
    "all": "measure the whole matrix, and keep it: --list has its cells and how long it takes",
    "streams": "measure one bidirectional stream, and nothing else",
    "overload": "measure goodput past a server's capacity, and nothing else",
    "attacks": "measure a normal client during attacks, and nothing else",
    "generators": "measure penstock-load beside h2load, against the floor",
    "knee": "measure how well --find-max finds a known capacity, and what a stop looks like",
    "micro": "run the micro-benchmarks, and keep Google Benchmark's JSON",
}
# Forms with parts that --only can name.
WITH_PARTS = ("all", "attacks", "micro")
# Forms that keep no JSON.
UNKEPT = ("attacks", "report")
REPORT_DEFAULT = "benchmarks.html"


def add_forms(parser):
    forms = parser.add_mutually_exclusive_group()
    for name, what in FORMS.items():
        forms.add_argument(f"--{name}", action="store_true", help=what)
    forms.add_argument("--report", nargs="?", const=REPORT_DEFAULT, metavar="OUT.html",
                       help="make one page of what is kept under docs/benchmarks; "
                       f"{REPORT_DEFAULT} without a name")
    forms.add_argument("--tls", action="store_true",
                       help="compare penstock over TLS with itself, by h2load")


def add_flags(parser):
    parser.add_argument("--peers", help="which servers, in this order: some of "
                        f"{','.join(servers.NAMES)} (default: {PEERS_DEFAULT}; of --all "
                        f"{PEERS_DEFAULT_ALL})")
    parser.add_argument("--generator", choices=["h2load", "penstock-load"], default="h2load")
    parser.add_argument("--shapes", default="10x100,100x1,1x1", help="connections x streams, ...")
    parser.add_argument("--payload-bytes", type=int, help="of each message, 2 or more, instead of "
                        "7 octets; the floor then copies them")
    parser.add_argument("--rounds", type=int, help=f"{ROUNDS_DEFAULT}, with --quick 1")
    parser.add_argument("--quick", action="store_true",
                        help="of --all and --micro: one short round, to try it; not for the record")
    parser.add_argument("--only", help="of --all: these cells or groups; of --attacks and --micro: "
                        "these, as in rapid_reset,hpack_bomb_fat")
    parser.add_argument("--list", action="store_true",
                        help="of --all: what would be measured, and for how long")
    parser.add_argument("--json", nargs="?", const="", metavar="FILE",
                        help="keep the results there, or without FILE under docs/benchmarks, as "
                        "--all and --micro do unasked; never over a file that is there")
    parser.add_argument("--seconds", type=int, default=2,
                        help="of each measurement of --attacks, --overload and --streams")
    parser.add_argument("--io", choices=["auto", "uring", "epoll"], default="auto")
    parser.add_argument("--server-cpu", type=int, default=0)
    parser.add_argument("--load-cpu", type=int, default=1)


def form_of(args):
    """The name in FORMS, or "report"; "unary" where none was asked for."""
    if args.report is not None:
        return "report"
    return next((name for name in FORMS if getattr(args, name)), "unary")


def settle_defaults(args, form):
    args.rounds = args.rounds or (1 if args.quick else ROUNDS_DEFAULT)
    if args.peers is None:
        args.peers = PEERS_DEFAULT_ALL if form == "all" else PEERS_DEFAULT
    args.peers = [servers.PENSTOCK] if args.tls else args.peers.split(",")
    args.shapes = args.shapes.split(",")
    if form in ("all", "micro") and args.json is None and not (args.quick or args.only):
        args.json = ""


def wrong_values(args, form):
    """What is wrong with single flags, a sentence each."""
    if args.rounds is not None and args.rounds < 1:
        yield f"--rounds takes 1 or more, not {args.rounds}"
    if args.tls and args.generator != "h2load":
        yield "--tls takes h2load: the entries of docs/benchmarks.md are by it"
    if args.payload_bytes is not None and not 2 <= args.payload_bytes <= PAYLOAD_BYTES_MAX:
        yield f"--payload-bytes takes 2 to {PAYLOAD_BYTES_MAX}, not {args.payload_bytes}"
    if args.only and form not in WITH_PARTS:
        yield f"--only goes with {', '.join('--' + name for name in WITH_PARTS)}"
    if (args.quick and form not in ("all", "micro")) or (args.list and form != "all"):
        yield "--quick goes with --all and --micro, --list with --all"
    if args.json is not None and form in UNKEPT:
        yield f"--{form} keeps no JSON"
    for shape in args.shapes.split(","):
        if not re.fullmatch(r"[1-9]\d*x[1-9]\d*", shape):
            yield f"--shapes takes CONNECTIONSxSTREAMS such as 10x100, not '{shape}'"


def wrong_choices(args, form):
    """What is wrong with what was chosen, once the defaults are in place."""
    for peer in args.peers:
        if peer not in servers.NAMES or args.peers.count(peer) > 1:
            yield f"--peers takes each of {', '.join(servers.NAMES)} once, not '{peer}'"
    if args.streams and servers.FLOOR in args.peers:
        yield "--streams goes without the floor, which answers whole requests alone"
    if form == "all" and args.only:
        for name in args.only.split(","):
            if name not in cells.names():
                yield f"--only has no cell or group '{name}': --all --list has them"


def parse(description, arguments=None):
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_forms(parser)
    add_flags(parser)
    args = parser.parse_args(arguments)
    form = form_of(args)
    for wrong in wrong_values(args, form):
        parser.error(wrong)
    settle_defaults(args, form)
    for wrong in wrong_choices(args, form):
        parser.error(wrong)
    return args
