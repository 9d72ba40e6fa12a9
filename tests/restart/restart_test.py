"""Five restarts under load, either way: no call fails, nobody is refused."""

import sys
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


if __name__ == "__main__":
    PATHS = sys.argv[1:4]
    del sys.argv[1:4]
    unittest.main()
