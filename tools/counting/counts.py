"""Counts of instructions, and what is to be said when they change.

The file of expected counts has a line about the build that they are of, and one for each count:

    build: Debian Clang 19.1.7 (3~deb12u1), x86-64, glibc 2.36, zlib 1.2.13, optimised
    small client 7633
    small server 2243
"""

import collections
import re

# More than this is a regression; as much less asks to be kept.
TOLERANCE_PERCENT = 5
# Of another compiler or C library, whose counts differ for reasons that are not ours.
TOLERANCE_OF_OTHER_BUILDS_PERCENT = 30
ACCEPT = "tools/instructions --accept"

HEADER = """\
# Instructions of a unary call in process, for each end, counted under callgrind.
# tools/instructions fails where a call takes 5 % more; `tools/instructions --accept` writes them.
"""

# build: what the counted program says of itself; counts: {(shape, side): instructions of a call}.
Counts = collections.namedtuple("Counts", "build counts")
Verdict = collections.namedtuple("Verdict", "name is_good text")


def read(text):
    """The Counts in such a file. ValueError names the line that is none."""
    build, counts = None, {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if match := re.fullmatch(r"build: (.+)", line):
            build = match.group(1)
        elif match := re.fullmatch(r"(\S+) (client|server) ([1-9][0-9]*)", line):
            counts[match.group(1), match.group(2)] = int(match.group(3))
        else:
            raise ValueError(f"line {number} is neither 'build: ...' nor 'SHAPE client|server "
                             f"NUMBER': {line}")
    if build is None:
        raise ValueError("no line 'build: ...'")
    return Counts(build, counts)


def written(counts):
    lines = [f"{shape} {side} {count}" for (shape, side), count in counts.counts.items()]
    return HEADER + f"build: {counts.build}\n" + "\n".join(lines) + "\n"


def of_profile(text, calls):
    """Instructions of a call, by what callgrind wrote of so many."""
    match = re.search(r"^summary: (\d+)", text, re.MULTILINE)
    if match is None or int(match.group(1)) == 0 or calls < 1:
        raise ValueError("callgrind counted nothing: has the counted function another name?")
    return round(int(match.group(1)) / calls)


def why_other_build(expected, counted):
    """A sentence where the two builds cannot be compared exactly, else None."""
    if expected.build == counted.build:
        return None
    return (f"expected counts are of '{expected.build}', these of '{counted.build}': only "
            f"{TOLERANCE_OF_OTHER_BUILDS_PERCENT} % more fails")


def judge(expected, counted):
    """A Verdict for each count, expected or found."""
    is_same = expected.build == counted.build
    percent = TOLERANCE_PERCENT if is_same else TOLERANCE_OF_OTHER_BUILDS_PERCENT
    names = list(counted.counts) + [key for key in expected.counts if key not in counted.counts]
    return [Verdict(", ".join(key), *judge_one(expected.counts.get(key), counted.counts.get(key),
                                               percent)) for key in names]


def judge_one(expected, count, percent):
    if expected is None:
        return False, f"{count} instructions a call, and none are expected: {ACCEPT}"
    if count is None:
        return False, f"was not counted; {expected} were expected. Where it has gone: {ACCEPT}"
    change = 100 * (count - expected)
    text = f"{count} instructions a call, {expected} expected: {change / expected:+.1f} %"
    if change > percent * expected:
        return False, f"{text}. Where that is worth it: {ACCEPT}"
    if change < -percent * expected:
        return True, f"{text}. So that it stays so: {ACCEPT}"
    return True, text
