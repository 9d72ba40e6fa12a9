"""The generators that load a server once, and what each found: a dictionary that figures.entry()
takes, of rate (a second), generator_core (the share of its core that it used), bound (whether it
was the limit itself), and what else it knows."""

import json
import re
import resource
import shutil
import subprocess
import tempfile

import figures
import servers
from servers import fail, run

METHOD = "helloworld.Greeter/SayHello"
PREFIX_BYTES = 5  # before each message, in gRPC
SERVER_LABEL = "//examples/helloworld:server"
LOAD_LABEL = "//loadtest:penstock-load"
STREAM_SERVER_LABEL = "//loadtest/streams:server"
STREAM_LOAD_LABEL = "//loadtest/streams:stream-load"
# A note of penstock-load's.
LOST_CONNECTIONS = re.compile(r"\d+ of \d+ connections (could not be made|were lost)")


# --- messages

def varint(value, count=1):
    """Of `count` octets at least: longer than it need be is allowed."""
    octets = bytearray()
    while value >= 0x80 or len(octets) + 1 < count:
        octets.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(octets + bytes([value]))


def name_bytes_of(payload_bytes):
    """(octets of the name, of its length) in a HelloRequest of so many octets in all."""
    length_bytes = 1
    while payload_bytes - 1 - length_bytes >= 1 << 7 * length_bytes:
        length_bytes += 1
    return payload_bytes - 1 - length_bytes, length_bytes


def message_of(payload_bytes):
    """HelloRequest of so many octets in all, which penstock-load --payload-bytes sends as well;
    without a number, of "world"."""
    if payload_bytes is None:
        return b"\x0a\x05world"
    if payload_bytes == 0:
        return b""
    name_bytes, length_bytes = name_bytes_of(payload_bytes)
    return b"\x0a" + varint(name_bytes, length_bytes) + b"x" * name_bytes


def reply_bytes(server, payload_bytes):
    """Octets of DATA that a right answer has."""
    message = message_of(payload_bytes)
    if server.echoes:
        return PREFIX_BYTES + len(message)
    name_bytes = name_bytes_of(len(message))[0] if message else 0
    reply_name_bytes = name_bytes + len("Hello ")
    return PREFIX_BYTES + 1 + len(varint(reply_name_bytes)) + reply_name_bytes


# --- unary calls, so many of them: load(server, connections, streams, calls)

def h2load_result(said, calls, data_bytes_each, name):
    """(requests a second, of them answered) in h2load's output. It counts an HTTP 200 as a success
    whatever its grpc-status, so that a refusal would be a cheap answer; but a refusal has no DATA.
    """
    rate = float(re.search(r"finished in .*?, ([0-9.]+) req/s", said).group(1))
    answered = int(re.search(r"status codes: (\d+) 2xx", said).group(1))
    data_bytes = int(re.search(r"^traffic: .*\((\d+)\) data", said, re.MULTILINE).group(1))
    if answered == calls and data_bytes != calls * data_bytes_each:
        fail(f"{name} answered {calls} calls of h2load with {data_bytes} octets of DATA, not "
             f"{data_bytes_each} each: some were not OK. No figure")
    return rate, answered


def h2load(cpu, body, payload_bytes=None):
    """`body`: the path of a file with one request, its prefix included."""
    if shutil.which("h2load") is None:
        fail("h2load is not installed: apt install nghttp2-client, or tools/setup")

    def load(server, connections, streams, calls):
        before = children_seconds()
        out = run(["taskset", "-c", str(cpu), "h2load", "-n", str(calls), "-c", str(connections),
                   "-m", str(streams), "-d", body, "-H", "content-type: application/grpc",
                   "-H", "te: trailers", f"{server.scheme}://{server.address}/{METHOD}"], "h2load")
        spent = children_seconds() - before
        rate, ok = h2load_result(out, calls, reply_bytes(server, payload_bytes), server.name)
        core = spent * rate / calls
        return {"rate": rate, "ok": ok, "generator_core": core, "bound": core >= figures.BUSY}
    return load


def children_seconds():
    """Processor time of the children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def body_file(payload_bytes):
    """What h2load sends: a message and its prefix, in a file that goes with its last reference."""
    file = tempfile.NamedTemporaryFile(suffix=".grpc")  # pylint: disable=R1732
    message = message_of(payload_bytes)
    file.write(b"\0" + len(message).to_bytes(PREFIX_BYTES - 1, "big") + message)
    file.flush()
    return file


def sample_of(report):
    """What a report of penstock-load has for figures.entry(); errors, and connections that are
    missing, end the measurement."""
    for error in report["errors"]:
        fail(f"{error['count']} calls ended with {error['status']}: {error['first_message']}")
    for note in report["notes"]:
        if LOST_CONNECTIONS.match(note):  # another load than was asked for
            fail(note)
    if report["totals"]["ok"] == 0:
        fail("no call ended in the window")
    is_open = report["load"]["mode"] == "open"
    generator = report["generator"]
    sample = {"rate": report["totals"]["rps"], "ok": report["totals"]["ok"],
              "generator_core": generator["cpu"], "bound": generator["bound"],
              **figures.latencies(report, "response" if is_open else "service")}
    if is_open:
        lateness = generator["lateness"]["p99_ns"]
        sample["lateness"] = None if lateness is None else lateness / 1e3
    server = report["server"]
    if server is not None:
        sample |= {"cpu_us": server["cpu_us_per_rpc"], "rss": server["rss_bytes"],
                   "server_core": server["cpu_cores"]}
    return sample


def report_of(binary, flags, accepted=(0,)):
    """The report of a run of penstock-load with these flags, whose exit status is accepted."""
    result = subprocess.run([binary, "--quiet", "--json", "-", *flags], capture_output=True,
                            text=True, check=False)
    report = json.loads(result.stdout) if result.stdout.startswith("{") else None
    if result.returncode not in accepted or report is None:
        why = result.stderr.strip() or "; ".join(report["notes"] if report else [])
        fail(f"penstock-load failed (exit status {result.returncode}): {why[-500:]}")
    return report


def unary_flags(cpu, connections, streams, payload_bytes=None):
    payload = [] if payload_bytes is None else ["--payload-bytes", str(payload_bytes)]
    return ["--method", METHOD, *payload, "--connections", str(connections),
            "--streams-per-conn", str(streams), "--cpus", str(cpu)]


def penstock_load(cpu, payload_bytes=None):
    binary = servers.built(LOAD_LABEL)

    def load(server, connections, streams, calls):
        flags = unary_flags(cpu, connections, streams, payload_bytes)
        return sample_of(report_of(binary, [*flags, "-n", str(calls), server.address]))
    return load


# --- one bidirectional stream

def stream_load(server, load_cpu, in_flight, payload_bytes, seconds, warmup_ms=500):
    """What `seconds` of a stream with so many messages under way came to."""
    out = run(["taskset", "-c", str(load_cpu), servers.built(STREAM_LOAD_LABEL), "--in-flight",
               str(in_flight), "--payload-bytes", str(payload_bytes), "-t",
               f"{int(1000 * seconds)}ms", "--warmup", f"{warmup_ms}ms", "--server-pid",
               str(server.process.pid), server.address], "stream-load")
    result = json.loads(out)
    core = result["client_cpu_ns"] / result["elapsed_ns"]
    return {"rate": result["messages"] * 1e9 / result["elapsed_ns"],
            "cpu_us": result["server_cpu_ns"] / 1e3 / result["messages"],
            "server_core": result["server_cpu_ns"] / result["elapsed_ns"],
            "generator_core": core, "bound": core >= figures.BUSY,
            "rss": servers.rss_bytes(server.process.pid)}
