"""Go's tool in tests: what it needs of the environment, and programs built from a pinned module."""

import os
import pwd
import subprocess
import sys

import peers

_BUILD_TIMEOUT_S = 600


def environment():
    """Go finds its caches and its settings by HOME, which a Bazel test does not have."""
    own = dict(os.environ)
    own["HOME"] = pwd.getpwuid(os.getuid()).pw_dir
    own.pop("TEST_TMPDIR", None)
    return own


def build(module, package, binary):
    """Builds `package` with the versions of the folder `module`; skips the test where Go, or its
    modules, cannot be had."""
    tool = peers.find("go", "golang (1.26 or newer)")

    def run(*arguments):
        return subprocess.run([tool, *arguments], cwd=module, env=environment(),
                              capture_output=True, text=True, timeout=_BUILD_TIMEOUT_S,
                              check=False)

    fetched = run("mod", "download")
    if fetched.returncode != 0:
        peers.skip("the Go modules of %s cannot be fetched: %s" % (module, fetched.stderr.strip()))
    built = run("build", "-o", binary, package)
    if built.returncode != 0:
        print("FAILED: %s does not build:\n%s" % (package, built.stderr))
        sys.exit(1)
    return binary
