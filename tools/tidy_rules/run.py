"""Runs every rule over the tree and prints what they found."""

import argparse
import os
import sys

import bazel_rules
import cpp_rules
import coroutine_rules
import document_rules
import floor_rules
import option_rules
import text_rules
import tree as tree_of

MODULES = [
    floor_rules,
    cpp_rules,
    coroutine_rules,
    text_rules,
    bazel_rules,
    option_rules,
    document_rules,
]

EXIT_CLEAN, EXIT_FOUND, EXIT_USAGE = 0, 1, 64


def check(tree):
    """All findings that the files do not allow, in the order of files and lines."""
    found = []
    for module in MODULES:
        for finding in module.check(tree):
            file = tree.files.get(finding.path)
            if file is None or not file.allows(finding.line, finding.rule):
                found.append(finding)
    return sorted(set(found))


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(EXIT_USAGE, "tidy: %s\n" % message)


def main(root, arguments, out):
    parser = _Parser(prog="tools/tidy", description="Checks the style that a machine can check.")
    parser.add_argument("--rules", action="store_true", help="print what is checked and end")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="check only these")
    options = parser.parse_args(arguments)
    if options.rules:
        for module in MODULES:
            for name, what in sorted(module.RULES.items()):
                out.write("%-20s %s\n" % (name, what))
        return EXIT_CLEAN

    wanted = []
    for path in options.paths:
        if not os.path.exists(path):
            parser.error("%s: no such file or folder: name one of the tree" % path)
        wanted.append(os.path.relpath(os.path.realpath(path), os.path.realpath(root)))
    tree = tree_of.load(root)
    if not tree.files:
        parser.error("%s holds no files: run it from a checkout" % root)
    found = [f for f in check(tree) if not wanted or _within(f.path, wanted)]
    for f in found:
        out.write("%s:%d: %s: %s: %s\n" % (f.path, f.line, f.rule, f.what, f.remedy))
    if found:
        out.write("tidy: %d to mend in %d files\n" % (len(found), len({f.path for f in found})))
        return EXIT_FOUND
    return EXIT_CLEAN


def _within(path, wanted):
    return any(w == "." or path == w or path.startswith(w + "/") for w in wanted)
