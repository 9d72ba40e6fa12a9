"""h2spec v2.6.0: installed by Go, run, and its report read.

`@latest` resolves to an older release with fewer cases: the version is that of a commit.
"""

import os
import pwd
import re
import subprocess

import peers

_MODULE = "github.com/summerwind/h2spec"
_VERSION = "v0.0.0-20200804131034-70ac22940108"  # commit 70ac2294, which is v2.6.0
_INSTALL_TIMEOUT_S = 300
_RUN_TIMEOUT_S = 280


def install(program):
    """The path of `h2spec` or `h2specd`; skips the test where it cannot be had."""
    go = peers.find("go", "golang")
    home = pwd.getpwuid(os.getuid()).pw_dir
    folder = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache"),
                          "penstock", "h2spec-" + _VERSION)
    installed = os.path.join(folder, program)
    if os.access(installed, os.X_OK):
        return installed
    # Go finds its caches by HOME, and installs by a rename: two tests at once do no harm.
    environment = dict(os.environ, HOME=home, GOBIN=folder)
    environment.pop("TEST_TMPDIR", None)
    run = subprocess.run([go, "install", "%s/cmd/%s@%s" % (_MODULE, program, _VERSION)],
                         env=environment, capture_output=True, text=True,
                         timeout=_INSTALL_TIMEOUT_S, check=False)
    if run.returncode != 0:
        peers.skip("%s cannot be installed: %s" % (program, run.stderr.strip()))
    return installed


class Report:
    """What a run said: how many passed, and which did not."""

    def __init__(self, output):
        self.output = re.sub(r"\x1b\[[0-9;]*m", "", output)
        found = re.findall(r"(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed", self.output)
        if not found:
            raise AssertionError("h2spec ended without a summary:\n" + self.output)
        self.total, self.passed, self.skipped, self.failed = map(int, found[-1])
        self.failures = self._failures()
        if len(self.failures) != self.failed:
            raise AssertionError("%d failed, and %d are named:\n%s" % (
                self.failed, len(self.failures), self.output))

    def _failures(self):
        """Each as "SECTION/NUMBER: what it does", from the list at the end."""
        names, section, root = [], "", ""
        for line in self.output.partition("Failures:")[2].splitlines():
            heading = re.match(r"^\s*(\d[\d.]*)\. ", line)
            if heading:
                section = heading.group(1)
            elif re.match(r"^\S.*(HTTP|HPACK)", line):
                root = "generic" if "Generic" in line else "hpack" if "HPACK" in line else "http2"
            case = re.match(r"^\s*× (\d+): (.*)$", line)
            if case:
                names.append("%s/%s/%s: %s" % (root, section, case.group(1), case.group(2)))
        return names

    def summary(self):
        return "%d tests, %d passed, %d skipped, %d failed" % (
            self.total, self.passed, self.skipped, self.failed)


def run(arguments):
    """Runs it to its end; the exit status says only that something failed, the report says what."""
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=_RUN_TIMEOUT_S, check=False)
    return Report(done.stdout.decode(errors="replace"))
