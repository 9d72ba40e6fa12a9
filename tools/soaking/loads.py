"""The server that is soaked, and the clients that do it."""

import os
import re
import subprocess
import tempfile
import threading
import time

METHOD = "helloworld.Greeter/SayHello"
MODES = ["cancel", "deadline", "crumbs"]
LARGE_BYTES = 64 * 1024
LARGE_PER_SECOND = 50
START_TIMEOUT_S = 60
PATIENCE_S = 30
# Between two short runs of clients that come and go.
PAUSE_S = 0.3


def grpc_body(name):
    """HelloRequest{name} behind its message prefix."""
    length, varint = len(name), b""
    while length >= 0x80:
        varint += bytes([length & 0x7f | 0x80])
        length >>= 7
    message = b"\x0a" + varint + bytes([length]) + name
    return b"\x00" + len(message).to_bytes(4, "big") + message


class Server:
    """A server with one shard that takes cleartext and TLS, running until stop()."""

    def __init__(self, binary, io, folder):
        certificate, key = os.path.join(folder, "server.pem"), os.path.join(folder, "server.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")  # pylint: disable=R1732
        self.process = subprocess.Popen(  # pylint: disable=R1732
            [binary, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--shards", "1",
             "--io", io, "--tls-cert", certificate, "--tls-key", key, "--tls-allow-cleartext"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (match := re.search(r"listening on ([0-9.]+:[0-9]+).*admin (http://[0-9.:]+)",
                                      self.said())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise RuntimeError(f"the server does not listen; it said: {self.said()[-500:]}")
            time.sleep(0.02)
        self.address, self.admin = match.groups()

    def said(self):
        with open(self.log.name, encoding="utf-8") as log:
            return log.read()

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def wait_for_descriptors(self, count):
        deadline = time.monotonic() + PATIENCE_S
        while self.descriptors() > count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.descriptors()

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "killed"


class Load:
    """A client program that runs beside the others. `judge` says of its status and output whether
    it is well, and how it was; verdict() has that once the program has ended. With `seconds` it
    is run anew until they are over."""

    def __init__(self, name, commands, judge, timeout_s, seconds=0):
        self.name = name
        self._commands, self._judge, self._timeout_s = commands, judge, timeout_s
        self._process, self._is_stopped = None, False
        self._runs, self._bad = [], None
        self._until = time.monotonic() + seconds
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while self._bad is None and not self._is_stopped:
            is_well, how = self._run_once(self._commands[len(self._runs) % len(self._commands)])
            self._runs.append(how)
            if not is_well:
                self._bad = how
            if time.monotonic() >= self._until:
                return
            time.sleep(PAUSE_S)

    def _run_once(self, command):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True) as self._process:
            try:
                output, _ = self._process.communicate(timeout=self._timeout_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
                return False, f"did not end in {self._timeout_s} s"
            return self._judge(self._process.returncode, output)

    def stop(self):
        """Ends it before its time."""
        self._is_stopped = True
        if self._process is not None and self._process.poll() is None:
            self._process.kill()

    def verdict(self):
        self._thread.join()
        if self._bad is not None or len(self._runs) == 1:
            return self.name, self._bad is None, self._bad or self._runs[0]
        return self.name, True, f"{len(self._runs)} runs, the last: {self._runs[-1]}"


def judge_h2load(status, output):
    """Every request answered 200, none failed, no connection lost."""
    match = re.search(r"requests: (\d+) total, \d+ started, (\d+) done, (\d+) succeeded, "
                      r"(\d+) failed, (\d+) errored", output)
    codes = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output)
    if status != 0 or not match or not codes:
        return False, f"status {status}: {output[-300:]}"
    _, done, succeeded, failed, errored = (int(number) for number in match.groups())
    text = f"{done} requests, {succeeded} succeeded, {failed} failed, {errored} errored"
    others = sum(int(number) for number in codes.groups()[1:])
    return done > 0 and succeeded == done and failed == errored == others == 0, text


def judge_status(status, output):
    return status == 0, output.strip() or f"status {status}"


def start_loads(server, client, stream_load, args, folder):
    """All of them, for args.seconds."""
    small, large = os.path.join(folder, "small.grpc"), os.path.join(folder, "large.grpc")
    for path, name in ((small, b"world"), (large, b"x" * LARGE_BYTES)):
        with open(path, "wb") as body:
            body.write(grpc_body(name))

    def h2load(scheme, body, *flags):
        return ["h2load", "-d", body, "-H", "content-type: application/grpc", "-H", "te: trailers",
                *flags, f"{scheme}://{server.address}/{METHOD}"]

    seconds = str(args.seconds)
    timeout_s = args.seconds + PATIENCE_S
    of_h2load = {
        "h2load -m 100": h2load("http", small, "-D", seconds, "-c", "2", "-m", "100"),
        "64 KiB": h2load("http", large, "-D", seconds, "-c", "2", "-m", "4", "--rps",
                         str(LARGE_PER_SECOND)),
        "TLS": h2load("https", small, "-D", seconds, "-c", "2", "-m", "50"),
    }
    loads = [Load(name, [command], judge_h2load, timeout_s) for name, command in of_h2load.items()]
    loads.append(Load("reconnects", [h2load("http", small, "-n", "400", "-c", "20", "-m", "5"),
                                     h2load("https", small, "-n", "400", "-c", "20", "-m", "5")],
                      judge_h2load, PATIENCE_S, args.seconds))
    loads.append(Load("a stream", [[stream_load, "--in-flight", "100", "--payload-bytes", "1024",
                                    "-t", f"{seconds}s", server.address]],
                      judge_status, timeout_s))
    loads += [Load(f"{mode} {i + 1}", [[client, mode, "--target", server.address, "--seconds",
                                        seconds]], judge_status, timeout_s)
              for mode in MODES for i in range(args.connections)]
    return loads
