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

PENSTOCK = "penstock"
FLOOR = "floor"
GO = "go"
# What a script of loadtest/peers/NAME/build builds, and what tables call it, before its version.
PEERS = {GO: "Go gRPC", "grpc_cpp": "gRPC C++", "tonic": "tonic"}
NAMES = [FLOOR, PENSTOCK, *PEERS]
# Those that take --tls-cert and --tls-key.
WITH_TLS = (PENSTOCK, GO, "grpc_cpp")
FLOOR_LABEL = "//loadtest/peers/floor:server"
# A build script's exit status when what it builds with is missing.
UNAVAILABLE = 69


def say(line):
    """To people, on stderr: stdout has the table."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


class Failure(SystemExit):
    """Ends the program with its sentence on stderr and status 1, unless somebody can go on."""

    def __init__(self, sentence):
        super().__init__(f"bench: {sentence}")
        self.sentence = sentence


def fail(message):
    raise Failure(message)


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


def git(*arguments):
    return run(["git", *arguments], "git", cwd=ROOT).strip()


def commit():
    return git("rev-parse", "--short", "HEAD")


def cpu_seconds(pid):
    """User and system time of a process, its ended threads included, to the nanosecond: a clock of
    the kernel's has it (clock_getcpuclockid(3), whose number for a process this is)."""
    return time.clock_gettime(~pid << 3 | 2)


def rss_bytes(pid):
    """Resident memory of a process."""
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as status:
        return 1024 * int(re.search(r"^VmRSS:\s+(\d+) kB", status.read(), re.MULTILINE).group(1))


class Program:
    """A server that can be started: `key` is its name on the command line, `name` in tables.
    `echoes` if it answers with the request's own octets instead of a greeting."""

    def __init__(self, key, name, command, echoes=False):
        self.key = key
        self.name = name
        self.command = command
        self.echoes = echoes


class Server:
    """A program, running and pinned to `cpus` ("0", "0,1") until stop(), or to the end of a
    `with`."""

    def __init__(self, program, cpus):
        self.key = program.key
        self.name = program.name
        self.echoes = program.echoes
        self.scheme = "https" if "--tls-cert" in program.command else "http"
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")  # pylint: disable=R1732
        self.process = subprocess.Popen(  # pylint: disable=R1732
            ["taskset", "-c", str(cpus)] + program.command, stdout=self.log, stderr=self.log)
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
            text = self.said()
            match = re.search(r"listening on ([0-9.]+:[0-9]+)", text)
            if match:
                return match.group(1)
            if self.process.poll() is not None or time.monotonic() > deadline:
                fail(f"{self.name} does not listen; it said: {text[-500:]}")
            time.sleep(0.02)

    def said(self):
        """All that it has printed."""
        with open(self.log.name, encoding="utf-8", errors="replace") as log:
            return log.read()

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
        say(f"{PEERS[key]} is left out, and so are ratios to it: {result.stderr.strip()}")
        return None
    if result.returncode != 0:
        fail(f"{script} failed (exit status {result.returncode}): {result.stderr[-500:]}")
    version = run([binary, "--version"], PEERS[key]).strip()
    return Program(key, f"{PEERS[key]} {version}", [binary, "--listen", "127.0.0.1:0"])


def say_building(keys):
    say(f"building {', '.join(keys)}; some take minutes the first time")


def penstock(label, args, shards=1):
    return Program(PENSTOCK, "penstock", [built(label), "--listen", "127.0.0.1:0", "--shards",
                                          str(shards), "--io", args.io])


def floor(copying, cores=1):
    return Program(FLOOR, "floor" + ", copying" * copying,
                   [built(FLOOR_LABEL), "--listen", "127.0.0.1:0", "--cores", str(cores)]
                   + ["--copy"] * copying, echoes=copying)


def on_cores(peer, cores):
    """A peer of build_peer() for so many cores."""
    return Program(peer.key, peer.name, peer.command + ["--cores", str(cores)])


def build_programs(keys, args, label, generator, folder):
    """The programs of `keys`, in their order, each for one core. `label` is penstock's server and
    `generator` what loads it; peers are built into `folder`."""
    say_building(keys)
    build(label, generator, *([FLOOR_LABEL] if FLOOR in keys else []))
    programs = []
    for key in keys:
        if key == PENSTOCK:
            programs.append(penstock(label, args))
        elif key == FLOOR:
            programs.append(floor(args.payload_bytes is not None))
        else:
            peer = build_peer(key, folder)
            programs += [] if peer is None else [on_cores(peer, 1)]
    return programs


def with_tls(program, folder):
    """The same over TLS, with a certificate of its own."""
    certificate, key = os.path.join(folder, "server.pem"), os.path.join(folder, "server.key")
    if not os.path.exists(certificate):
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=bench", "-keyout", key, "-out", certificate],
            "openssl")
    return Program(program.key, f"{program.name}, TLS",
                   program.command + ["--tls-cert", certificate, "--tls-key", key])
