"""Programs of others that a test needs: found, or a loud skip, which in CI is a failure."""

import os
import shutil
import sys

# Where installers put what is not on a test's PATH.
_PLACES = ["/usr/local/go/bin", "/usr/lib/go/bin"]


def skip(reason):
    """Ends the test: a developer's machine may lack a peer, CI may not."""
    if os.environ.get("CI") == "true":
        print("FAILED: %s (CI=true: a missing peer is a failure)" % reason, flush=True)
        sys.exit(1)
    print("SKIPPED: %s" % reason, flush=True)
    sys.exit(0)


def skip_one(test, reason):
    """The same for one test of a unittest.TestCase, whose others run without the peer."""
    if os.environ.get("CI") == "true":
        test.fail("%s (CI=true: a missing peer is a failure)" % reason)
    test.skipTest(reason)


def look_for(*programs):
    """The path of the first that there is, or None."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath)] + _PLACES)
    return next(filter(None, (shutil.which(program, path=path) for program in programs)), None)


def find(program, package):
    """The program's path; skips the test where there is none."""
    found = look_for(program)
    if found is None:
        skip("%s is not installed: on Debian or Ubuntu: apt install %s" % (program, package))
    return found
