"""Five restarts under load, either way: no call fails, nobody is refused."""

import os
import sys
import tempfile
import unittest

from restarts import Programs, restart

RESTARTS = 5
CALLS_MIN = 10_000
ROUNDS_MAX = 10  # a slow machine needs more than one for so many calls


class RestartTest(unittest.TestCase):
    def check(self, way):
        calls_count = 0
        for _ in range(ROUNDS_MAX):
            checks = restart(Programs(*PATHS), way, RESTARTS)
            for what, is_so, how in checks:
                self.assertTrue(is_so, "%s: %s" % (what, how))
            counts = [how for what, _, how in checks if what == "calls enough"]
            calls_count += int(counts[0].split(",")[0])
            if calls_count >= CALLS_MIN:
                return
        self.fail("%d calls, %d wanted" % (calls_count, CALLS_MIN))

    def test_a_successor_takes_over(self):
        self.check("takeover")

    def test_the_sockets_are_the_supervisors(self):
        self.check("passed")


class FailureTest(unittest.TestCase):
    def stand_in(self, folder, name, words):
        """A program that tells its number in the file `pids`."""
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as script:
            script.write("#!/bin/sh\ncd '%s' && echo $$ >>pids\n%s\n" % (folder, words))
        os.chmod(path, 0o755)
        return path

    def check(self, way):
        with tempfile.TemporaryDirectory() as folder:
            # The first serves, or so it says; the second does not, when all have told theirs.
            server = self.stand_in(
                folder, "server",
                "if ! mkdir first; then while [ $(wc -l <pids) -lt 4 ]; do :; done; exit 1; fi\n"
                'echo "listening on 127.0.0.1:1 (h2c)" >&2\nexec sleep 600')
            others = [self.stand_in(folder, name, "exec sleep 600") for name in ("load", "client")]
            with self.assertRaisesRegex(AssertionError, "does not listen"):
                restart(Programs(server, *others), way, 1, pause_s=0)
            with open(os.path.join(folder, "pids"), encoding="utf-8") as pids:
                numbers = [int(line) for line in pids]
        self.assertEqual(len(numbers), 4)
        for number in numbers:
            with self.assertRaises(ProcessLookupError):
                os.kill(number, 0)

    def test_nothing_is_left_running_where_a_successor_fails(self):
        self.check("takeover")

    def test_nothing_is_left_running_where_the_next_one_fails(self):
        self.check("passed")


if __name__ == "__main__":
    PATHS = sys.argv[1:4]
    del sys.argv[1:4]
    unittest.main()
