"""The server under examples/deploy/seccomp.json, which leaves it io_uring, and under one that
refuses io_uring as Docker's own does."""

import copy
import json
import os
import subprocess
import sys
import tempfile
import unittest

import peers
import seccomp_exec
from server_process import ServerProcess

PROFILE = "examples/deploy/seccomp.json"
EXEC = "tests/interop/deploy/seccomp_exec.py"
URING = ["io_uring_setup", "io_uring_enter", "io_uring_register"]


class SeccompTest(unittest.TestCase):
    def setUp(self):
        with open(PROFILE, encoding="utf-8") as source:
            self.profile = json.load(source)

    def first_line(self, *flags, profile=None):
        """What a server prints first that runs under the profile, or under none."""
        command = [SERVER, "--listen", "127.0.0.1:0", "--shards", "1", *flags]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as out:
            if profile is not None:
                json.dump(profile, out)
                out.flush()
                command = [sys.executable, "-B", EXEC, out.name, *command]
            with ServerProcess(command) as server:
                return server.output[0]

    def test_it_names_calls_that_exist_and_not_io_uring(self):
        rules = self.profile["syscalls"]
        named = [name for rule in rules for name in rule["names"]]
        always = [name for rule in rules if "args" not in rule for name in rule["names"]]
        self.assertEqual(len(always), len(set(always)))
        self.assertFalse(set(named).intersection(URING))
        known = seccomp_exec.numbers()
        if "io_uring_setup" not in known or "ptrace" not in known:
            peers.skip("this machine's headers are of another form")
        unknown = set(named) - set(known)
        # Of one machine only, or of Linux 5.17.
        self.assertLessEqual(unknown, {"ioperm", "iopl", "set_mempolicy_home_node", "sysfs",
                                       "uselib", "ustat"})

    def test_the_server_has_io_uring_under_it(self):
        without = self.first_line()
        under = self.first_line(profile=self.profile)
        self.assertEqual("; io_uring (" in under, "; io_uring (" in without, under)

    def test_where_io_uring_is_refused_it_says_so_and_runs_on_epoll(self):
        profile = copy.deepcopy(self.profile)
        profile["syscalls"].append({"names": URING, "action": "SCMP_ACT_ERRNO", "errnoRet": 1})
        self.assertIn("; io_uring_setup: EPERM: disabled by kernel.io_uring_disabled or a seccomp "
                      "profile (Docker's default); using epoll; ",
                      self.first_line(profile=profile))

    def test_what_it_refuses_is_refused(self):
        # Each is wrong as well, with another errno: nothing happens where it is let through.
        attempts = ["unshare(0x10000001)", "chroot(b'/no/such/folder')", "sethostname(b'x', -1)",
                    # AF_VSOCK, also with what the kernel does not look at.
                    "socket(40, 1, 0)",
                    "syscall(ctypes.c_long(%d), ctypes.c_long(0x100000028), ctypes.c_long(1), "
                    "ctypes.c_long(0))" % seccomp_exec.numbers()["socket"]]
        # CLONE_NEWNS and its kin, with CLONE_SIGHAND, which needs CLONE_VM.
        clone = seccomp_exec.numbers()["clone"]
        attempts += ["syscall(%d, %d, 0, 0, 0, 0)" % (clone, flag | 0x800)
                     for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000,
                                  0x40000000)]
        script = "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n" + "".join(
            "print(libc.%s, ctypes.get_errno())\n" % attempt for attempt in attempts)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as out:
            json.dump(self.profile, out)
            out.flush()
            result = subprocess.run(
                [sys.executable, "-B", EXEC, out.name, sys.executable, "-c", script],
                capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((result.stdout, result.stderr), ("-1 1\n" * len(attempts), ""))


if __name__ == "__main__":
    SERVER = os.path.abspath(sys.argv.pop(1))
    unittest.main()
