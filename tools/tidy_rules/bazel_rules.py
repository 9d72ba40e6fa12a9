"""BUILD files: no test is forgotten."""

import fnmatch
import os
import re

from tree import Finding

RULES = {
    "test-in-build": "every *_test, *_bench and *_fuzz file stands in a BUILD file",
}

_KINDS = re.compile(r"_(?:test|bench|fuzz)\.(?:cc|py|sh)$")
_GLOB = re.compile(r"\bglob\(\s*\[(.*?)\]", re.DOTALL)
_STRING = re.compile(r'"([^"\n]+)"')


def check(tree):
    for file in tree.files.values():
        if not _KINDS.search(file.path) or file.is_test_input():
            continue
        build = tree.build_file_above(file.path)
        if build is None or not _names(build, file.path):
            yield Finding(file.path, 1, "test-in-build", "no BUILD file names it, so it never runs",
                          "add it to %s" % (build.path if build else "a BUILD.bazel beside it"))


def _names(build, path):
    relative = os.path.relpath(path, os.path.dirname(build.path) or ".")
    text = re.sub(r"#[^\n]*", "", build.text)
    if '"%s"' % relative in text:
        return True
    # A list comprehension over stems: name + "_test.py" for name in ["results", ...].
    kind = _KINDS.search(relative).group(0)
    if '+ "%s"' % kind in text and '"%s"' % relative[:-len(kind)] in text:
        return True
    patterns = [p for block in _GLOB.findall(text) for p in _STRING.findall(block)]
    return any(fnmatch.fnmatch(relative, pattern) for pattern in patterns)
