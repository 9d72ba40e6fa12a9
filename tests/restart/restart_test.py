"""Five restarts under load, either way: no call fails, nobody is refused."""

import sys
import unittest

from restarts import Programs, restart

RESTARTS = 5
CALLS_MIN = 10_000


class RestartTest(unittest.TestCase):
    def check(self, way):
        checks = restart(Programs(*PATHS), way, RESTARTS, calls_min=CALLS_MIN)
        for what, is_so, how in checks:
            self.assertTrue(is_so, "%s: %s" % (what, how))

    def test_a_successor_takes_over(self):
        self.check("takeover")

    def test_the_sockets_are_the_supervisors(self):
        self.check("passed")


if __name__ == "__main__":
    PATHS = sys.argv[1:4]
    del sys.argv[1:4]
    unittest.main()
