"""Restarts a server again and again under load, and counts what its clients saw of it.

    checks = restart(Programs(server, load, client), way="takeover", restarts=100, io="auto")

Ways: "takeover", the new process takes the sockets over from the old one; "passed", they are the
supervisor's, which ends the old process before it starts the new one, as systemd does.

Load: penstock-load, a client of penstock's own, and connections that say nothing at first: they sit
in a server's table or in the backlog while it is replaced, and must be answered when they speak.
"""

import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time

METHOD = "helloworld.Greeter/SayHello"
PATIENCE_S = 60
SILENCE_S_MAX = 0.2
PROBERS = 4
LISTENING = re.compile(r"listening on (\S+) \(")

# Frames: RFC 9113; fields: RFC 7541, literals without indexing.
DATA, HEADERS, SETTINGS = 0, 1, 4
END_STREAM, END_HEADERS = 1, 4
FRAME_HEADER_BYTES = 9


def _frame(kind, flags, stream, payload):
    return (len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") +
            payload)


def _literal(name, value):
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


REQUEST = (
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(SETTINGS, 0, 0, b"") +
    _frame(HEADERS, END_HEADERS, 1,
           _literal(b":method", b"POST") + _literal(b":scheme", b"http") +
           _literal(b":path", b"/" + METHOD.encode()) + _literal(b":authority", b"x") +
           _literal(b"content-type", b"application/grpc") + _literal(b"te", b"trailers")) +
    _frame(DATA, END_STREAM, 1, b"\x00\x00\x00\x00\x07\x0a\x05world"))


def rest(seconds):
    threading.Event().wait(seconds)


class Programs:
    def __init__(self, server, load, client):
        self.server = server
        self.load = load
        self.client = client


def _frames(connection):
    """Those that come, as (kind, flags, payload)."""
    octets = b""
    while part := connection.recv(4096):
        octets += part
        while len(octets) >= FRAME_HEADER_BYTES:
            end = FRAME_HEADER_BYTES + int.from_bytes(octets[:3], "big")
            if len(octets) < end:
                break
            yield octets[3], octets[4], octets[FRAME_HEADER_BYTES:end]
            octets = octets[end:]
    raise OSError("closed before the whole answer came")


def _kill(process):
    if process.poll() is None:
        process.kill()
        process.communicate()


class Server:
    """One process of the chain, running from the constructor on."""

    def __init__(self, command, **popen):
        self.log = tempfile.TemporaryFile("w+")  # pylint: disable=R1732
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,  # pylint: disable=R1732
                                        stdout=self.log, stderr=self.log, **popen)
        limit = time.monotonic() + PATIENCE_S
        while not (match := LISTENING.search(self.said())):
            if self.process.poll() is not None or time.monotonic() > limit:
                self.process.kill()
                raise AssertionError("the server does not listen; it said: " + self.said())
            rest(0.005)
        self.address = match.group(1)

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def kill(self):
        """Nothing where it has ended."""
        _kill(self.process)
        self.log.close()

    def end(self):
        """SIGTERM, whether it drains already or not. What is wrong with its end, or ""."""
        with self.log:
            return self._end()

    def _end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "did not end; it said: " + self.said()
        if status != 0 or "has not ended" in self.said():
            return "ended with status %d; it said: %s" % (status, self.said())
        return ""


class TakeoverChain:
    def __init__(self, server, io, folder):
        self.command = [server, "--shards", "2", "--io", io, "--takeover",
                        "unix:" + os.path.join(folder, "takeover")]
        self.current = Server(self.command + ["--listen", "127.0.0.1:0"])
        self.address = self.current.address

    def restart(self):
        old = self.current
        self.current = Server(self.command + ["--listen", self.address])
        return old.end()

    def end(self):
        return self.current.end()

    def kill(self):
        self.current.kill()


class PassedChain:
    def __init__(self, server, io, _folder):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.command = [server, "--shards", "2", "--io", io, "--listen", "systemd:"]
        self.current = self._start()

    def _start(self):
        fd = self.socket.fileno()
        script = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@" 3<&%d' % fd
        return Server(["bash", "-c", script, "bash"] + self.command, pass_fds=[fd])

    def restart(self):
        trouble = self.current.end()
        self.current = self._start()
        return trouble

    def end(self):
        self.socket.close()
        return self.current.end()

    def kill(self):
        self.socket.close()
        self.current.kill()


CHAINS = {"takeover": TakeoverChain, "passed": PassedChain}


class Prober:
    """Connects, speaks at once or after a rest, and wants the whole answer to a call."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.where = (host, int(port))
        self.served_count = 0
        self.troubles = []
        self.over = False
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while not self.over:
            try:
                self._probe()
                self.served_count += 1
            except OSError as error:
                self.troubles.append(str(error))

    def _probe(self):
        with socket.create_connection(self.where, timeout=PATIENCE_S) as connection:
            rest(random.choice([0, random.random() * SILENCE_S_MAX]))
            connection.sendall(REQUEST)
            data = b""
            for kind, flags, payload in _frames(connection):
                if kind == DATA:
                    data += payload
                if kind == HEADERS and flags & END_STREAM:
                    break
            if b"world" not in data:
                raise OSError("an answer without the greeting: %r" % data)


def _join(probers):
    for prober in probers:
        prober.over = True
    for prober in probers:
        prober.thread.join()


def _load(programs, address):
    return subprocess.Popen(
        [programs.load, "--method", METHOD, "--payload-bytes", "5", "--connections", "10",
         "--streams-per-conn", "10", "-t", "3600s", "-q", "--json", "-", address],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _check_load(load):
    load.send_signal(signal.SIGINT)
    out, said = load.communicate(timeout=PATIENCE_S)
    if not out.startswith("{"):
        return False, "status %d: %s %s" % (load.returncode, out, said)
    result = json.loads(out)
    totals = result["totals"]
    text = "%d calls ok, %d failed" % (totals["ok"], totals["errors"])
    return (totals["ok"] > 0 and totals["errors"] == 0,
            " ".join([text] + [str(error) for error in result["errors"]] + [said.strip()]))


def _check_client(client):
    out, _ = client.communicate(timeout=PATIENCE_S)
    return client.returncode == 0 and not out.startswith("0 ok"), out.strip()


def restart(programs, way, restarts, io="auto", calls_min=0, pause_s=0.2, tell=lambda text: None):
    """[(what, whether it is so, how it was)]. However it ends, nothing is left running."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        probers = []
        # Behind the end of the servers, for whose answers they wait.
        stack.callback(_join, probers)
        chain = CHAINS[way](programs.server, io, folder)
        stack.callback(chain.kill)
        load = _load(programs, chain.address)
        stack.callback(_kill, load)
        client = subprocess.Popen(  # pylint: disable=R1732
            [programs.client, chain.address, "4"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        stack.callback(_kill, client)
        probers += [Prober(chain.address) for _ in range(PROBERS)]
        troubles = []
        begin = time.monotonic()
        for number in range(restarts):
            rest(pause_s)
            troubles.append(chain.restart())
            tell("%d of %d restarts" % (number + 1, restarts))
        seconds = time.monotonic() - begin
        rest(pause_s)
        _join(probers)
        checks = [("penstock-load", *_check_load(load)), ("a client", *_check_client(client))]
        troubles.append(chain.end())
    calls_count = sum(int(how.split()[0]) for _, is_so, how in checks if is_so)
    lost = [trouble for prober in probers for trouble in prober.troubles]
    served_count = sum(prober.served_count for prober in probers)
    ended_badly = [trouble for trouble in troubles if trouble]
    return checks + [
        ("calls enough", calls_count >= calls_min, "%d, %d wanted" % (calls_count, calls_min)),
        ("connections that spoke late", not lost and served_count > 0,
         "%d served, %d refused or lost %s" % (served_count, len(lost), lost[:3])),
        ("servers", not ended_badly,
         "%d restarts in %.1f s, %d ended badly %s" % (restarts, seconds, len(ended_badly),
                                                       ended_badly[:2])),
    ]


def report(checks):
    """Prints them; the exit status."""
    for what, is_so, how in checks:
        print("%s: %s: %s" % ("ok" if is_so else "FAILED", what, how))
    passed = sum(is_so for _, is_so, _ in checks)
    print("%d passed, %d failed" % (passed, len(checks) - passed))
    return 0 if passed == len(checks) else 1
