"""What a server is asked while it is soaked: memory, descriptors, and its own /metrics."""

import csv
import re
import statistics
import sys
import threading
import time
import typing
import urllib.request

INTERVAL_S_MIN = 0.5
SAMPLES_MAX = 600
PROGRESS_INTERVAL_S = 60
SCRAPE_TIMEOUT_S = 10
# Memory is judged from this part of the time on: pools have their size by then.
WARM_SHARE = 0.3
# So much of the time is compared with as much at the end.
COMPARED_SHARE = 0.1
GROWTH_MAX = 1.1
GROWTH_ALLOWED_BYTES = 1 << 20


class Sample(typing.NamedTuple):
    """What was so at a moment, and what happened since the one before. None: not known."""

    seconds: float
    memory_bytes: int
    descriptors: int
    connections: int
    calls_per_s: float
    cores: float
    turn_p50_s: typing.Optional[float]
    turn_p99_s: typing.Optional[float]


class Scrape(typing.NamedTuple):
    """What /metrics says of all shards. `turns`: {upper bound in seconds: as many or shorter}."""

    connections: float
    calls: float
    cpu_s: float
    turns: dict


def read_metrics(text):
    def total(name):
        return sum(float(value) for value in re.findall(
            rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE))

    turns = {}
    for bound, count in re.findall(
            r'^penstock_shard_turn_seconds_bucket\{[^}]*le="([^"]+)"[^}]*\} (\S+)$', text,
            re.MULTILINE):
        turns[float(bound)] = turns.get(float(bound), 0) + float(count)
    return Scrape(total("penstock_shard_connections"), total("grpc_server_handled_total"),
                  total("penstock_shard_cpu_seconds_total"), turns)


def quantile(share, before, now):
    """The upper bound of the bucket that it lies in, of what came between two scrapes."""
    bounds = sorted(now)
    counts = [now[bound] - before.get(bound, 0) for bound in bounds]
    if not counts or counts[-1] <= 0:
        return None
    for bound, count in zip(bounds, counts):
        if count >= share * counts[-1]:
            return bound if bound != float("inf") else bounds[-2]
    return None


def difference(seconds, interval_s, memory_bytes, descriptors, before, now):
    return Sample(seconds, memory_bytes, descriptors, int(now.connections),
                  (now.calls - before.calls) / interval_s, (now.cpu_s - before.cpu_s) / interval_s,
                  quantile(0.5, before.turns, now.turns), quantile(0.99, before.turns, now.turns))


def memory_is_flat(samples, seconds):
    """(whether it is, how it was): medians behind the warm-up and at the end."""
    def median(begin):
        return statistics.median_low([sample.memory_bytes for sample in samples if
                                      begin <= sample.seconds / seconds <= begin + COMPARED_SHARE])

    try:
        warm, end = median(WARM_SHARE), median(1 - COMPARED_SHARE)
    except statistics.StatisticsError:
        return False, f"{len(samples)} samples do not tell"
    return (end <= warm * GROWTH_MAX + GROWTH_ALLOWED_BYTES,
            f"{warm >> 10} KiB, then {end >> 10} KiB")


def progress(sample, seconds):
    """A line for who waits."""
    lag = "n/a" if sample.turn_p99_s is None else f"{sample.turn_p99_s * 1e3:.3g} ms"
    return (f"{clock(sample.seconds)} of {clock(seconds)}, {clock(seconds - sample.seconds)} left: "
            f"{sample.memory_bytes / (1 << 20):.1f} MiB, {sample.descriptors} descriptors, "
            f"{sample.connections} connections, {sample.calls_per_s:,.0f} calls/s, "
            f"turns p99 {lag}")


def clock(seconds):
    seconds = max(0, round(seconds))
    hours, rest = divmod(seconds, 3600)
    return (f"{hours}:" if hours else "") + f"{rest // 60:02}:{rest % 60:02}"


def write_csv(path, samples):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(Sample._fields)
        writer.writerows(["" if value is None else f"{value:.6g}" if isinstance(value, float)
                          else value for value in sample] for sample in samples)


class Sampler:
    """Asks `server` again and again, tells progress on stderr, until stop(). `failures` has what
    could not be asked."""

    def __init__(self, server, seconds):
        self.samples, self.failures = [], []
        self._server, self._seconds = server, seconds
        self._interval_s = max(INTERVAL_S_MIN, seconds / SAMPLES_MAX)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self):
        self._stopped.set()
        self._thread.join()

    def _scrape(self):
        with urllib.request.urlopen(f"{self._server.admin}/metrics",
                                    timeout=SCRAPE_TIMEOUT_S) as page:
            return read_metrics(page.read().decode())

    def _run(self):
        begun = told = at = time.monotonic()
        before = None
        while not self._stopped.wait(self._interval_s):
            try:
                now = self._scrape()
                then, at = at, time.monotonic()
                if before is not None:
                    self.samples.append(difference(
                        at - begun, at - then, self._server.resident_bytes(),
                        self._server.descriptors(), before, now))
                before = now
            except OSError as error:
                self.failures.append(f"{clock(time.monotonic() - begun)}: {error}")
                continue
            told = self._tell(told, at)

    def _tell(self, told, now):
        """In place once a second on a terminal, else a line a minute."""
        on_terminal = sys.stderr.isatty()
        if not self.samples or now - told < (1 if on_terminal else PROGRESS_INTERVAL_S):
            return told
        line = f"soak: {progress(self.samples[-1], self._seconds)}"
        print(f"\r{line}\x1b[K" if on_terminal else line, end="" if on_terminal else "\n",
              file=sys.stderr, flush=True)
        return now
