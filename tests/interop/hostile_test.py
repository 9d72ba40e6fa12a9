"""What strangers do on the port, while a well-behaved client goes on calling beside them."""

import random
import socket
import struct
import sys
import threading
import time
import unittest

import raw_http2
from raw_http2 import Http2Socket, PREFACE, frame
from server_process import ServerProcess

TIMEOUT_S = 20


class Bystander:
    """Calls without pause on its own connection until told to stop; any fault is kept."""

    def __init__(self, server):
        self.calls_count = 0
        self.fault = None
        self._called = threading.Condition()
        self._stop = threading.Event()
        self._server = server
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        self.wait_for_calls(1)
        return self

    def __exit__(self, kind, *_):
        self._stop.set()
        self._thread.join(TIMEOUT_S)
        if kind is None and self.fault is not None:
            raise AssertionError("the bystander's call %d failed: %r" % (
                self.calls_count + 1, self.fault))

    def _run(self):
        try:
            with Http2Socket(self._server) as client:
                client.open()
                while not self._stop.is_set():
                    client.call("bystander %d" % self.calls_count)
                    with self._called:
                        self.calls_count += 1
                        self._called.notify_all()
        except Exception as fault:  # reported at the end, in the test's own thread
            with self._called:
                self.fault = fault
                self._called.notify_all()

    def wait_for_calls(self, more):
        """Returns once so many more calls have been answered."""
        with self._called:
            want = self.calls_count + more
            done = self._called.wait_for(
                lambda: self.calls_count >= want or self.fault is not None, TIMEOUT_S)
        if not done or self.fault is not None:
            raise AssertionError("the bystander is not served: %r" % self.fault)


def settings_of_wrong_size():
    return PREFACE + frame(raw_http2.SETTINGS, 0, 0, b"12345")


def hello_with(fields):
    return PREFACE + frame(raw_http2.SETTINGS, 0, 0) + frame(
        raw_http2.HEADERS, raw_http2.END_HEADERS | raw_http2.END_STREAM, 1, fields)


# What is sent, all of it answered or closed by the server within its own patience.
GARBAGE = {
    "random octets": random.Random(1).randbytes(4000),
    "zeroes": bytes(4000),
    "a line of text": b"hello there, is this the right port?\r\n\r\n",
    "HTTP/1.1": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/1.1 POST with a body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody",
    "HTTP/1.0": b"GET / HTTP/1.0\r\n\r\n",
    "a TLS hello": bytes.fromhex("16030100a5010000a10303") + bytes(160),
    "a broken preface": PREFACE[:-2] + b"!!" + bytes(100),
    "a preface and garbage": PREFACE + random.Random(2).randbytes(4000),
    "SETTINGS of a wrong size": settings_of_wrong_size(),
    "a frame longer than allowed": PREFACE + frame(raw_http2.SETTINGS, 0, 0) + b"\xff\xff\xff" + (
        bytes([raw_http2.DATA, 0]) + struct.pack(">I", 1)),
    "HPACK that points nowhere": hello_with(b"\xff\xff\xff\xff\x0f"),
    "DATA on a stream that never was": PREFACE + frame(raw_http2.SETTINGS, 0, 0) + frame(
        raw_http2.DATA, 0, 1, b"x"),
}


class HostileTest(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(ServerProcess([*SERVER, "--listen", "127.0.0.1:0"]))
        # Counted while a client is connected: what serving opens once is open from now on.
        with Http2Socket(self.server) as client:
            client.open()
            client.call("warm-up")
            self.descriptors = self.server.descriptors_count() - 1

    def connect(self):
        return socket.create_connection((self.server.host, self.server.port), TIMEOUT_S)

    def finish(self):
        """Nobody is left, nothing is left open, and a new client is served."""
        self.server.check_alive()
        self.server.wait_for_descriptors(self.descriptors)
        with Http2Socket(self.server) as client:
            client.open()
            client.call("afterwards")

    def read_to_end(self, stranger):
        """All that the server says until it closes; a reset counts as a close."""
        answer = b""
        while True:
            try:
                part = stranger.recv(65536)
            except ConnectionResetError:
                return answer
            if not part:
                return answer
            answer += part

    def test_garbage_is_answered_or_closed(self):
        with Bystander(self.server) as bystander:
            for name, octets in GARBAGE.items():
                with self.subTest(name), self.connect() as stranger:
                    try:
                        stranger.sendall(octets)
                        stranger.shutdown(socket.SHUT_WR)
                    except (ConnectionResetError, BrokenPipeError, OSError):
                        pass  # closed while we were still talking: clean enough
                    self.read_to_end(stranger)
                    bystander.wait_for_calls(3)
        self.finish()

    def test_http1_is_told_what_to_speak(self):
        with self.connect() as stranger:
            stranger.sendall(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = self.read_to_end(stranger)
        self.assertRegex(answer, rb"^HTTP/1\.[01] 4\d\d ")
        self.assertIn(b"HTTP/2", answer)
        self.finish()

    def test_garbage_cut_anywhere_does_no_harm(self):
        octets = GARBAGE["HTTP/1.1"] + GARBAGE["HPACK that points nowhere"]
        with Bystander(self.server) as bystander:
            for cut in range(1, 80):
                with self.connect() as stranger:
                    stranger.sendall(octets[:cut])
            bystander.wait_for_calls(10)
        self.finish()

    def test_connections_that_say_nothing_hold_nobody_up(self):
        strangers = [self.connect() for _ in range(200)]
        with Bystander(self.server) as bystander:
            bystander.wait_for_calls(50)
        for stranger in strangers:
            stranger.close()
        self.finish()

    def test_half_open_connections_hold_nobody_up(self):
        strangers = []
        with Bystander(self.server) as bystander:
            for i in range(100):
                stranger = self.connect()
                strangers.append(stranger)
                # As far as the preface, into it, into the header block, into the message.
                begun = hello_with(raw_http2.header_block(raw_http2.request_fields()))
                cuts = [5, len(PREFACE), len(PREFACE) + 14, len(begun) - 9]
                stranger.sendall(begun[:cuts[i % 4]])
            bystander.wait_for_calls(50)
        for stranger in strangers:
            stranger.close()
        self.finish()

    def test_connections_reset_under_way_leak_nothing(self):
        with Bystander(self.server) as bystander:
            for i in range(100):
                with Http2Socket(self.server) as client:
                    client.open()
                    client.send_call("cut off", end_stream=i % 2 == 0)
                    # RST instead of FIN, with a reply perhaps under way.
                    client.socket.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            bystander.wait_for_calls(10)
        self.finish()

    def test_client_that_only_reads_is_not_kept_waiting(self):
        # Nothing arrives while a reply goes out that is longer than one send: the server must go on
        # by itself. The bound is wide: a server that waits for something waits a second each time.
        begun = time.monotonic()
        with Http2Socket(self.server) as client:
            client.open()
            for _ in range(20):
                client.call("x" * 900_000)
        self.assertLess(time.monotonic() - begun, 10)
        self.finish()

    def test_refused_strangers_are_not_kept_waiting(self):
        begun = time.monotonic()
        for _ in range(20):
            with self.connect() as stranger:
                stranger.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                self.read_to_end(stranger)
        self.assertLess(time.monotonic() - begun, 10)
        self.finish()

    def test_call_split_into_octets_is_served(self):
        with Http2Socket(self.server) as client:
            client.stream = 1
            octets = (PREFACE + frame(raw_http2.SETTINGS, 0, 0)
                      + frame(raw_http2.HEADERS, raw_http2.END_HEADERS, 1,
                              raw_http2.header_block(raw_http2.request_fields()))
                      + frame(raw_http2.DATA, raw_http2.END_STREAM, 1,
                              raw_http2.hello_message("slowly")))
            client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for i in range(len(octets)):
                client.socket.sendall(octets[i:i + 1])
            self.assertEqual(client.receive_reply(), raw_http2.hello_message("Hello slowly"))
        self.finish()

    def test_client_that_half_closes_sees_the_connection_end(self):
        with Http2Socket(self.server) as client:
            client.open()
            client.send_call("half closed")
            client.socket.shutdown(socket.SHUT_WR)
            self.read_to_end(client.socket)  # fails by timeout if the server keeps it open
        self.finish()


if __name__ == "__main__":
    SERVER = sys.argv[1:]  # with flags of its own
    del sys.argv[1:]
    unittest.main()
