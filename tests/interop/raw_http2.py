"""The least HTTP/2 that makes a gRPC call, for tests that do odd things on a socket."""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
ACK = END_STREAM = 0x1
END_HEADERS = 0x4
INITIAL_WINDOW_SIZE = 4  # of SETTINGS
FRAME_BYTES_MAX = 16384

WINDOW_DEFAULT = 65535
WINDOW_MAX = (1 << 31) - 1

TIMEOUT_S = 20


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(
        ">I", stream) + payload


def _text(value):
    data = value.encode()
    assert len(data) < 127, "one octet of length is enough for a test"
    return bytes([len(data)]) + data


def header_block(fields):
    """HPACK without Huffman and without the dynamic table: literals only (RFC 7541 6.2.2)."""
    return b"".join(b"\0" + _text(name) + _text(value) for name, value in fields)


def request_fields(path="/helloworld.Greeter/SayHello"):
    return [
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "interop.test"),
        ("te", "trailers"), ("content-type", "application/grpc"),
    ]


def _varint(value):
    octets = b""
    while value >= 0x80:
        octets += bytes([value & 0x7F | 0x80])
        value >>= 7
    return octets + bytes([value])


def hello_message(name):
    """A HelloRequest or HelloReply (both have one string, field 1) behind the message prefix."""
    text = name.encode()
    message = b"\x0a" + _varint(len(text)) + text if text else b""
    return b"\0" + struct.pack(">I", len(message)) + message


class Http2Socket:
    def __init__(self, server):
        self.socket = socket.create_connection((server.host, server.port), TIMEOUT_S)
        self.stream = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def open(self):
        """Begins with all the window there is, so that a long dialogue needs no more."""
        settings = frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, WINDOW_MAX))
        everything = frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", WINDOW_MAX - WINDOW_DEFAULT))
        self.socket.sendall(PREFACE + settings + everything)

    def _receive_exactly(self, count):
        parts = b""
        while len(parts) < count:
            part = self.socket.recv(count - len(parts))
            if not part:
                raise ConnectionError("the server closed the connection")
            parts += part
        return parts

    def receive_frame(self):
        head = self._receive_exactly(9)
        length = int.from_bytes(head[:3], "big")
        stream = struct.unpack(">I", head[5:])[0] & 0x7FFFFFFF
        return head[3], head[4], stream, self._receive_exactly(length)

    def send_call(self, name, end_stream=True):
        """Sends a request without a look at the server's windows: a small one, or one at a time."""
        self.stream += 2
        call = frame(HEADERS, END_HEADERS, self.stream, header_block(request_fields()))
        body = hello_message(name)
        for begin in range(0, len(body), FRAME_BYTES_MAX):
            piece = body[begin:begin + FRAME_BYTES_MAX]
            last = end_stream and begin + FRAME_BYTES_MAX >= len(body)
            call += frame(DATA, END_STREAM if last else 0, self.stream, piece)
        self.socket.sendall(call)

    def receive_reply(self):
        """The DATA of the newest call's response, once its trailers have come."""
        body = b""
        while True:
            kind, flags, stream, payload = self.receive_frame()
            if kind == SETTINGS and not flags & ACK:
                self.socket.sendall(frame(SETTINGS, ACK, 0))
            elif kind == PING and not flags & ACK:
                self.socket.sendall(frame(PING, ACK, 0, payload))
            elif kind == GOAWAY or (kind == RST_STREAM and stream == self.stream):
                raise ConnectionError("the call was refused by frame type %d: %r" % (kind, payload))
            elif kind == DATA and stream == self.stream:
                body += payload
            if stream == self.stream and kind in (DATA, HEADERS) and flags & END_STREAM:
                return body

    def call(self, name):
        """One whole SayHello; raises unless the reply is right to the octet."""
        self.send_call(name)
        body = self.receive_reply()
        want = hello_message("Hello " + name)
        if body != want:
            raise AssertionError("the reply is %r..., want %r..." % (body[:80], want[:80]))
