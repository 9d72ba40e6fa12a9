"""The matrix of tools/bench --all: its cells, and how long they take."""

from typing import NamedTuple, Optional

import figures
import loads
import servers

KIB = 1024
MIB = 1024 * KIB
# Metadata as calls within a company have it: who asks, of which request, of which trace.
METADATA = ("authorization: Bearer " + "abcdefghijklmnop" * 12, "x-request-id: 7c9e6679-7425-40de",
            "x-user: 1234567", "x-tenant: acme",
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
DEADLINE_MS = 1000
# Open loops offer these parts of what each server itself did in the closed loop.
PARTS = (0.5, 0.8)


class Cell(NamedTuple):
    """One row of the matrix. `streams` of a stream are its messages in flight."""
    name: str  # stable: by it rows are compared over commits
    title: str
    group: str
    kind: str = "unary"
    payload_bytes: Optional[int] = None  # of the whole message; None: {name: "world"}
    connections: int = 10
    streams: int = 100
    tls: bool = False
    metadata: tuple = ()
    deadline_ms: Optional[int] = None
    shards: int = 1
    generator: str = "penstock-load"

    def takes(self, key):
        """Whether that server can do it."""
        if key == servers.FLOOR:
            return not self.tls and self.kind != "stream"
        return not self.tls or key in servers.WITH_TLS

    @property
    def unit(self):
        return {"unary": "rpc", "stream": "message", "idle": "connection"}[self.kind]


def counted(number, noun):
    return f"{number} {noun}" + "s" * (number != 1)


def title_of(connections, streams):
    return f"{counted(connections, 'connection')} x {counted(streams, 'stream')}"


def shaped(connections, streams, prefix="", **more):
    return Cell(**{"name": f"{prefix}{connections}x{streams}",
                   "title": title_of(connections, streams), "group": "shapes",
                   "connections": connections, "streams": streams, **more})


def asked_for(connections, streams, generator, payload_bytes, tls):
    """The cell of a shape that a command line names."""
    size = "" if payload_bytes is None else f"-{payload_bytes}B"
    shape = shaped(connections, streams, "h2load-" * (generator == "h2load") + "tls-" * tls,
                   generator=generator, payload_bytes=payload_bytes, tls=tls,
                   group="tls" if tls else "shapes")
    return shape._replace(name=shape.name + size,
                          title=shape.title + (f", {payload_bytes} octets" if size else "")
                          + ", TLS" * tls + ", h2load" * (generator == "h2load"))


def of_size(name, payload_bytes, connections, streams):
    return Cell(f"payload-{name}", f"messages of {name}, {connections} x {streams}", "payloads",
                payload_bytes=payload_bytes, connections=connections, streams=streams)


def stream(name, payload_bytes, in_flight):
    return Cell(f"stream-{name}-{in_flight}", f"one bidirectional stream, {in_flight} messages of "
                f"{name} in flight", "streams", kind="stream", payload_bytes=payload_bytes,
                connections=1, streams=in_flight, generator="stream-load")


CELLS = [
    shaped(1, 1), shaped(100, 1), shaped(10, 10), shaped(10, 100), shaped(1000, 10),
    *(shaped(*shape, prefix="h2load-", generator="h2load",
             title=f"{title_of(*shape)}, h2load")
      for shape in [(10, 100), (100, 1), (1, 1)]),
    of_size("0B", 0, 10, 100), of_size("100B", 100, 10, 100), of_size("1KiB", KIB, 10, 100),
    of_size("64KiB", 64 * KIB, 10, 10), of_size("1MiB", MIB, 1, 4),
    shaped(10, 100, prefix="deadline-", group="headers", deadline_ms=DEADLINE_MS,
           title="with deadlines, 10 x 100"),
    shaped(10, 100, prefix="metadata-", group="headers", metadata=METADATA,
           title="with 5 fields of metadata, 10 x 100"),
    shaped(10, 100, prefix="tls-", group="tls", tls=True, title="TLS, 10 x 100"),
    shaped(100, 1, prefix="tls-", group="tls", tls=True, title="TLS, 100 x 1"),
    stream("16B", 16, 100), stream("16B", 16, 10_000), stream("1MiB", MIB, 4),
    shaped(10, 100, prefix="shards2-", group="shards", shards=2, title="2 shards, 10 x 100"),
    shaped(100, 1, prefix="shards2-", group="shards", shards=2, title="2 shards, 100 x 1"),
    Cell("idle-connection", "memory of an idle connection after 10 calls", "idle", kind="idle",
         connections=10_000, streams=10, generator="idle_connections"),
]


def row_of(cell, entries, **more):
    """Of penstock-bench/1. `entries`: figures.entry() of each server, by key."""
    row = {**cell._asdict(), "unit": cell.unit, "metadata": len(cell.metadata)}
    row["cell"] = row.pop("name")
    if cell.kind == "unary":
        row["payload_bytes"] = len(loads.message_of(cell.payload_bytes))
    names_first = {key: row.pop(key) for key in ("cell", "title", "group", "kind", "unit")}
    return {**names_first, **row, **more, "servers": figures.add_ratios(entries)}


def names():
    """What --only takes: cells and groups."""
    return {cell.name for cell in CELLS} | {cell.group for cell in CELLS}


def chosen(only):
    wanted = only.split(",") if only else names()
    return [cell for cell in CELLS if cell.name in wanted or cell.group in wanted]


class Times(NamedTuple):
    """How long each part of a measurement takes."""
    closed_s: float
    open_s: float
    warmup_s: float
    idle_connections: int


FULL = Times(closed_s=1.0, open_s=1.0, warmup_s=0.25, idle_connections=10_000)
QUICK = Times(closed_s=0.3, open_s=0.3, warmup_s=0.1, idle_connections=200)
# Starting a generator, its connections, and stopping it; starting a server.
RUN_S = 0.25
START_S = 0.3
# h2load makes so many calls as take that long, which it is asked for once or twice before.
H2LOAD_S_PER_S = 2.0
H2LOAD_FIRST_RUNS = 1
# tools/idle_connections makes so many connections a second with ten calls each.
IDLE_CONNECTIONS_PER_S = 450


def seconds_of(cell, keys, rounds, times):
    """About how long a cell takes for the servers of `keys`."""
    taken = sum(cell.takes(key) for key in keys)
    if cell.kind == "idle":
        return taken * (START_S + times.idle_connections / IDLE_CONNECTIONS_PER_S)
    if cell.generator == "h2load":
        return taken * (START_S + (H2LOAD_FIRST_RUNS + rounds) * H2LOAD_S_PER_S * times.closed_s)
    loops_s = times.closed_s + times.warmup_s + RUN_S
    if cell.kind == "unary":
        loops_s += len(PARTS) * (times.open_s + times.warmup_s + RUN_S)
    return taken * (START_S + rounds * loops_s)


def shown_s(seconds):
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


class Progress:
    """Says on stderr what runs, and how long the rest will take. `say` takes a line; `now`
    is a clock, in seconds."""

    def __init__(self, estimates_s, now, say):
        self.estimates_s = estimates_s  # of each cell, in order
        self.now = now
        self.say = say
        self.begun_s = now()

    def left_s(self, done):
        """After so many cells: the estimate of the others, as far off as that of those was."""
        planned, left = sum(self.estimates_s[:done]), sum(self.estimates_s[done:])
        return left * ((self.now() - self.begun_s) / planned if planned else 1)

    def begin(self, index, cell):
        self.say(f"{cell.name} ({index + 1} of {len(self.estimates_s)}); about "
                 f"{shown_s(self.left_s(index))} left")
