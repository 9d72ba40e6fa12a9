"""The servers that are measured: penstock's own, which Bazel builds, and the peers of
loadtest/peers, which their scripts build. Running, each is a Server, pinned to a core."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
START_TIMEOUT_S = 10
STOP_TIMEOUT_S = 10
TICKS_PER_S = os.sysconf("SC_CLK_TCK")

PENSTOCK = "penstock"
FLOOR = "floor"
GO = "go"
# What a script of loadtest/peers/NAME/build builds, and what tables call it, before its version.
PEERS = {GO: "Go gRPC", "grpc_cpp": "gRPC C++", "tonic": "tonic"}
NAMES = [FLOOR, PENSTOCK, *PEERS]
FLOOR_LABEL = "//loadtest/peers/floor:server"
# A build script's exit status when what it builds with is missing.
UNAVAILABLE = 69


def fail(message):
    print(f"bench: {message}", file=sys.stderr)
    sys.exit(1)


def end_on_sigterm():
    """Makes SIGTERM raise SystemExit: servers are stopped then, as after any error, and none is
    left on the core that the next run measures."""
    def leave(number, _):
        signal.signal(number, signal.SIG_IGN)  # stopping takes a while, and once is enough
        sys.exit(128 + number)
    signal.signal(signal.SIGTERM, leave)


def run(command, what, **kwargs):
    result = subprocess.run(command, capture_output=True, text=True, check=False, **kwargs)
    if result.returncode != 0:
        fail(f"{what} failed (exit status {result.returncode}): "
             f"{(result.stderr or result.stdout)[-500:]}")
    return result.stdout


def cpu_seconds(pid):
    """User and system time of a process, its ended threads included."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


class Program:
    """A server that can be started: `key` is its name on the command line, `name` in tables."""

    def __init__(self, key, name, command):
        self.key = key
        self.name = name
        self.command = command


class Server:
    """A program, running and pinned until stop(), or to the end of a `with`."""

    def __init__(self, program, cpu):
        self.key = program.key
        self.name = program.name
        self.scheme = "https" if "--tls-cert" in program.command else "http"
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")  # pylint: disable=R1732
        self.process = subprocess.Popen(  # pylint: disable=R1732
            ["taskset", "-c", str(cpu)] + program.command, stdout=self.log, stderr=self.log)
        try:
            self.address = self._wait_for_address()
        except BaseException:  # nobody else knows of it yet
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _wait_for_address(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            with open(self.log.name, encoding="utf-8", errors="replace") as log:
                text = log.read()
            match = re.search(r"listening on ([0-9.]+:[0-9]+)", text)
            if match:
                return match.group(1)
            if self.process.poll() is not None or time.monotonic() > deadline:
                fail(f"{self.name} does not listen; it said: {text[-500:]}")
            time.sleep(0.02)

    def stop(self):
        """Ends it, by force where it does not go."""
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.process.kill()
            self.process.wait()


# --- building

def built(label):
    """The program that Bazel has built for a label."""
    path = label.removeprefix("//").replace(":", "/")
    return os.path.realpath(os.path.join(ROOT, "bazel-bin", path))


def build(*labels):
    run(["bazel", "build", "--config=opt", *labels], "the build", cwd=ROOT)


def build_peer(key, folder):
    """The program, built into `folder`; None, with a word on stderr, without its toolchain."""
    binary = os.path.join(folder, key)
    script = os.path.join(ROOT, "loadtest/peers", key, "build")
    result = subprocess.run([script, binary], capture_output=True, text=True, check=False)
    if result.returncode == UNAVAILABLE:
        print(f"bench: {PEERS[key]} is left out, and so are ratios to it: {result.stderr.strip()}",
              file=sys.stderr)
        return None
    if result.returncode != 0:
        fail(f"{script} failed (exit status {result.returncode}): {result.stderr[-500:]}")
    version = run([binary, "--version"], PEERS[key]).strip()
    return Program(key, f"{PEERS[key]} {version}",
                   [binary, "--listen", "127.0.0.1:0", "--cores", "1"])


def build_programs(keys, args, label, generator, folder):
    """The programs of `keys`, in their order, each for one core. `label` is penstock's server and
    `generator` what loads it; peers are built into `folder`."""
    print(f"bench: building {', '.join(keys)}; some take minutes the first time", file=sys.stderr)
    build(label, generator, *([FLOOR_LABEL] if FLOOR in keys else []))
    programs = []
    for key in keys:
        if key == PENSTOCK:
            programs.append(Program(key, "penstock", [
                built(label), "--listen", "127.0.0.1:0", "--shards", "1", "--io", args.io]))
        elif key == FLOOR:
            copy = [] if args.payload_bytes is None else ["--copy"]
            programs.append(Program(key, "floor" + ", copying" * len(copy), [
                built(FLOOR_LABEL), "--listen", "127.0.0.1:0", "--cores", "1", *copy]))
        else:
            programs.append(build_peer(key, folder))
    return [program for program in programs if program is not None]
