"""h2spec's client half: h2specd is a server that misbehaves, a different way on each port."""

import random
import socket
import sys
import unittest

import h2spec

CASES = 57
# h2specd binds one port after the other from a given one: below those the kernel gives out.
PORTS = range(20000, 32000)
ATTEMPTS_MAX = 20


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def find_free_ports():
    """The first of as many free ports in a row as there are cases."""
    for _ in range(ATTEMPTS_MAX):
        first = random.randrange(PORTS.start, PORTS.stop - CASES)
        if all(is_free(port) for port in range(first, first + CASES)):
            return first
    raise AssertionError("no %d free ports in a row" % CASES)


class ClientTest(unittest.TestCase):
    def test_client(self):
        # It stays for what h2specd sends behind a response, and is gone before h2specd's patience.
        client = " ".join([CLIENT, "--timeout=2", "--linger=1", *FLAGS])
        report = h2spec.run([H2SPECD, "--strict", "--from-port", str(find_free_ports()),
                             "--exec", client])
        print("client:", report.summary())
        lost = "\n".join(["lost:", *report.failures, report.output])
        self.assertEqual((report.total, report.passed, report.skipped), (CASES, CASES, 0), lost)


if __name__ == "__main__":
    CLIENT, *FLAGS = sys.argv[1:]
    del sys.argv[1:]
    H2SPECD = h2spec.install("h2specd")
    unittest.main()
