"""Wrong command lines: one sentence that says what, where, why and what to do; 64 or 1."""

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

from server_process import ServerProcess

EXIT_RUNTIME = 1
EXIT_USAGE = 64
TIMEOUT_S = 60


def run(*arguments, binary=None, user=None):
    return subprocess.run([binary or SERVER, *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=TIMEOUT_S, check=False, user=user)


class CommandLineTest(unittest.TestCase):
    def check_refusal(self, result, status, words):
        """One line on stderr, nothing on stdout, with each of `words` in it."""
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stdout, "")
        lines = result.stderr.strip().split("\n")
        self.assertEqual(len(lines), 1, result.stderr)
        for word in words:
            self.assertIn(word.lower(), lines[0].lower())

    def check_table(self, status, cases):
        for name, arguments, words in cases:
            with self.subTest(name):
                self.check_refusal(run(*arguments), status, words)

    def test_usage_is_64_and_points_to_help(self):
        self.check_table(EXIT_USAGE, [
            ("unknown flag", ["--frobnicate"], ["--frobnicate", "--help"]),
            ("a slip of the finger", ["--lisetn", "127.0.0.1:0"], ["--lisetn", "--listen"]),
            ("a flag without its value", ["--listen"], ["--listen", "--help"]),
            ("a stray word", ["serve"], ["serve", "--help"]),
            ("an address without a port", ["--listen", "localhost"], ["localhost", "port"]),
            ("a port that is none", ["--listen", "127.0.0.1:http2"], ["127.0.0.1:http2", "port"]),
            ("a port out of range", ["--listen", "127.0.0.1:65536"], ["65536", "port"]),
            ("shards that are no number", ["--shards", "many"], ["--shards", "many"]),
            ("too many shards", ["--shards", "999999"], ["--shards", "999999"]),
            ("negative shards", ["--shards", "-1"], ["--shards"]),
            ("an unknown way of I/O", ["--io", "kqueue"], ["--io", "kqueue", "epoll"]),
            ("cores that are no list", ["--cpus", "0..3"], ["--cpus", "0..3"]),
            ("a compression that is none", ["--compression", "gzp"],
             ["--compression is \"gzp\"", "identity,gzip,deflate,zstd", "--help"]),
            ("a certificate without a key", ["--tls-cert", "a.pem"],
             ["--tls-cert: ", "tls-key", "--help"]),
        ])

    def test_a_missing_certificate_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            missing = os.path.join(folder, "no-such.pem")
            empty = os.path.join(folder, "empty.pem")
            with open(empty, "w", encoding="utf-8"):
                pass
            self.check_table(EXIT_RUNTIME, [
                ("certificate", ["--tls-cert", missing, "--tls-key", missing],
                 [missing, "--tls-cert", "No such file"]),
                ("empty certificate", ["--tls-cert", empty, "--tls-key", missing],
                 [empty, "--tls-cert", "empty"]),
                ("a folder", ["--tls-cert", folder, "--tls-key", folder], [folder, "--tls-cert"]),
            ])

    def test_a_port_in_use_is_named_and_what_to_do(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            address = "127.0.0.1:%d" % holder.getsockname()[1]
            self.check_refusal(run("--listen", address), EXIT_RUNTIME,
                               [address, "in use", "another address"])

    def test_a_second_server_on_the_same_port_leaves_the_first_alone(self):
        with ServerProcess([SERVER, "--listen", "127.0.0.1:0"]) as first:
            self.check_refusal(run("--listen", first.address), EXIT_RUNTIME,
                               [first.address, "in use"])
            first.check_alive()

    def test_addresses_that_are_not_here(self):
        self.check_table(EXIT_RUNTIME, [
            ("another machine's", ["--listen", "192.0.2.1:0"], ["192.0.2.1", "assign"]),
            ("no folder for the socket", ["--listen", "unix:/no-such-folder/socket"],
             ["/no-such-folder/socket", "No such file"]),
        ])

    def test_a_core_that_is_not_there_is_named(self):
        if os.cpu_count() > 1023:
            print("SKIPPED: there is a core 1023", flush=True)
            self.skipTest("there is a core 1023")
        result = run("--listen", "127.0.0.1:0", "--shards", "1", "--cpus", "1023")
        self.check_refusal(result, EXIT_RUNTIME, ["1023"])

    def test_a_privileged_port_needs_permission(self):
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as limit:
            if int(limit.read()) <= 1:
                print("SKIPPED: this machine lets anyone bind port 1", flush=True)
                self.skipTest("this machine lets anyone bind port 1")
        user, binary = None, SERVER
        folder = None
        if os.getuid() == 0:
            user = pwd.getpwnam("nobody").pw_uid
            # Where that user may go.
            folder = tempfile.TemporaryDirectory(dir="/tmp")
            self.addCleanup(folder.cleanup)
            os.chmod(folder.name, 0o755)
            binary = shutil.copy(SERVER, os.path.join(folder.name, "server"))
            os.chmod(binary, 0o755)
        result = run("--listen", "127.0.0.1:1", binary=binary, user=user)
        self.check_refusal(result, EXIT_RUNTIME, ["127.0.0.1:1", "permi"])

    def test_a_file_that_cannot_be_one_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            self.check_table(EXIT_RUNTIME, [
                ("none", ["--config", folder + "/no.conf"], [folder + "/no.conf", "No such file"]),
                ("a folder", ["--config", folder], [folder, "directory"]),
                ("a program", ["--config", SERVER], [SERVER, "longer than"]),
            ])

    def test_a_server_outlives_the_reader_of_its_lines(self):
        """As behind `server 2>&1 | grep -m1 listening`: what it says later has no reader."""
        reader, writer = os.pipe()
        command = [SERVER, "--listen", "127.0.0.1:0"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=writer) as server:
            self.addCleanup(server.kill)
            os.close(writer)
            with os.fdopen(reader, "rb") as lines:
                port = int(re.search(rb"listening on \S+:(\d+)", lines.readline()).group(1))
            # TLS to a cleartext port is a line, and the end of the connection.
            with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as peer:
                peer.sendall(b"\x16\x03\x01\x02\x00\x01" + bytes(300))
                try:
                    while peer.recv(4096):
                        pass
                except ConnectionResetError:
                    pass
            server.terminate()
            self.assertEqual(server.wait(TIMEOUT_S), 0)

    def test_help_and_version_go_to_stdout(self):
        for flag, word in (("--help", "--listen"), ("--version", "penstock")):
            with self.subTest(flag):
                result = run(flag)
                self.assertEqual(result.returncode, 0)
                self.assertIn(word, result.stdout)
                self.assertEqual(result.stderr, "")

    def test_what_is_printed_must_arrive(self):
        for flag in ("--help", "--version", "--print-config"):
            with self.subTest(flag), open("/dev/full", "wb") as full:
                result = subprocess.run([SERVER, flag], stdin=subprocess.DEVNULL, stdout=full,
                                        stderr=subprocess.PIPE, text=True, timeout=TIMEOUT_S,
                                        check=False)
                self.assertEqual(result.returncode, EXIT_RUNTIME)
                self.assertIn("standard output did not take all", result.stderr)


if __name__ == "__main__":
    SERVER = os.path.abspath(sys.argv.pop(1))
    unittest.main()
