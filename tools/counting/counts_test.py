"""When counts.py says that a call has become dearer."""

import os
import unittest

import counts

BUILD = "Clang 19, x86-64, optimised"
EXPECTED_FILE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "tests",
                             "in_process", "instructions.txt")


def of(count, build=BUILD, key=("small", "server")):
    return counts.Counts(build, {key: count})


def only(expected, counted):
    (verdict,) = counts.judge(expected, counted)
    return verdict


class CountsTest(unittest.TestCase):
    def test_more_than_five_per_cent_fails_and_says_how_much_and_what_to_do(self):
        verdict = only(of(2000), of(2101))
        self.assertFalse(verdict.is_good)
        self.assertEqual(verdict.name, "small, server")
        for part in ("2101", "2000", "+5.0 %", counts.ACCEPT):
            self.assertIn(part, verdict.text)

    def test_five_per_cent_is_within_the_tolerance(self):
        self.assertTrue(only(of(2000), of(2100)).is_good)
        self.assertNotIn(counts.ACCEPT, only(of(2000), of(2100)).text)

    def test_less_passes_and_asks_to_be_kept(self):
        self.assertEqual(only(of(2000), of(1899)).is_good, True)
        self.assertIn(counts.ACCEPT, only(of(2000), of(1899)).text)
        self.assertNotIn(counts.ACCEPT, only(of(2000), of(1901)).text)

    def test_counts_of_another_build_are_compared_loosely_and_that_is_said(self):
        self.assertIsNone(counts.why_other_build(of(2000), of(2101)))
        self.assertIn("GCC 12", counts.why_other_build(of(2000), of(2000, "GCC 12")))
        self.assertTrue(only(of(2000), of(2600, "GCC 12")).is_good)
        self.assertFalse(only(of(2000), of(2601, "GCC 12")).is_good)

    def test_what_is_on_one_side_alone_fails(self):
        both = counts.judge(of(2000), of(2000, key=("large", "server")))
        self.assertEqual([(verdict.name, verdict.is_good) for verdict in both],
                         [("large, server", False), ("small, server", False)])

    def test_what_is_written_is_read(self):
        two = counts.Counts(BUILD, {("small", "client"): 7633, ("small", "server"): 2243})
        self.assertEqual(counts.read(counts.written(two)), two)

    def test_a_line_that_is_none_is_named(self):
        for line in ("small server", "small server 0", "small gateway 3", "small server 3 4"):
            with self.assertRaisesRegex(ValueError, "line 2"):
                counts.read(f"build: {BUILD}\n{line}\n")
        with self.assertRaisesRegex(ValueError, "build"):
            counts.read("small server 3\n")

    def test_a_profile_of_nothing_is_no_count(self):
        self.assertEqual(counts.of_profile("events: Ir\nsummary: 6400\n", 3), 2133)
        for profile, calls in (("summary: 0\n", 3), ("", 3), ("summary: 6400\n", 0)):
            with self.assertRaises(ValueError):
                counts.of_profile(profile, calls)

    def test_the_file_in_the_tree_has_both_ends_of_each_shape(self):
        with open(EXPECTED_FILE, encoding="utf-8") as file:
            tree = counts.read(file.read())
        self.assertIn("optimised", tree.build)
        self.assertNotIn("not optimised", tree.build)
        shapes = {shape for shape, _ in tree.counts}
        self.assertEqual(set(tree.counts), {(shape, side) for shape in shapes
                                            for side in ("client", "server")})


if __name__ == "__main__":
    unittest.main()
