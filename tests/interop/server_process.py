"""A server under test: started on a free port, watched, ended, and asked what it leaked.

    with ServerProcess([binary, "--listen", "127.0.0.1:0"]) as server:
        connect(server.host, server.port)
"""

import os
import re
import select
import signal
import subprocess
import threading
import time

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30

_LISTENING = re.compile(r"listening on (\S+):(\d+)")


class ServerProcess:
    def __init__(self, command, stop_status=0):
        self.command = command
        self.stop_status = stop_status  # what SIGTERM makes of it
        self.output = []  # lines of stdout and stderr together
        self.process = None
        self.host = None
        self.port = None

    @property
    def address(self):
        return "%s:%d" % (self.host, self.port)

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            self._wait_for_start()
        except BaseException:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            raise
        # Keeps the pipe empty, so that the server never waits for its reader.
        self._drain = threading.Thread(target=self._read_to_end, daemon=True)
        self._drain.start()
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.stop()
        else:
            self.process.kill()
            self.process.wait()
            self._drain.join()

    def _wait_for_start(self):
        limit = time.monotonic() + START_TIMEOUT_S
        pending = b""
        while True:
            left = limit - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [], max(left, 0))
            chunk = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not chunk:
                raise AssertionError("%s %s; it printed:\n%s" % (
                    self.command[0],
                    "ended at once" if ready else "did not say `listening on` in time",
                    "\n".join(self.output) + pending.decode(errors="replace")))
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                self.output.append(line.decode(errors="replace"))
                match = _LISTENING.search(self.output[-1])
                if match:
                    self.host, self.port = match.group(1), int(match.group(2))
            if self.port is not None:
                return

    def _read_to_end(self):
        with self.process.stdout as printed:
            for line in printed:
                self.output.append(line.decode(errors="replace").rstrip("\n"))

    def check_alive(self):
        if self.process.poll() is not None:
            raise AssertionError("the server ended with status %d; it printed:\n%s" % (
                self.process.returncode, "\n".join(self.output)))

    def lines_with(self, text, timeout_s=20):
        """The lines it printed that have `text`, once there is one: another thread reads them."""
        limit = time.monotonic() + timeout_s
        while not (lines := [line for line in self.output if text in line]):
            if time.monotonic() > limit:
                raise AssertionError("the server does not say `%s`; it printed:\n%s" % (
                    text, "\n".join(self.output)))
            threading.Event().wait(0.01)
        return lines

    def descriptors_count(self):
        """How many files and sockets the server has open."""
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def wait_for_descriptors(self, count, timeout_s=20):
        """Waits until no more than `count` are open: closing takes the server a turn or two."""
        limit = time.monotonic() + timeout_s
        while self.descriptors_count() > count:
            if time.monotonic() > limit:
                raise AssertionError("%d descriptors are open, %d were at first: a leak" % (
                    self.descriptors_count(), count))
            threading.Event().wait(0.01)

    def stop(self):
        """SIGTERM must end it cleanly: under a sanitizer that is where leaks are reported."""
        self.check_alive()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("SIGTERM did not end the server within %d s" % STOP_TIMEOUT_S)
        self._drain.join()
        if status != self.stop_status:
            raise AssertionError("SIGTERM ended the server with status %d; it printed:\n%s" % (
                status, "\n".join(self.output)))
