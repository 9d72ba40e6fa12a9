"""Any text: line length, words, TODOs, places of one machine, stray binaries."""

import re

from tree import Finding

RULES = {
    "line-length": "lines have at most 100 columns (links and tables excepted)",
    "whitespace": "no tabs in C++ and Python, no blanks at a line's end, a newline at a file's end",
    "todo": "a TODO has a kind: TODO(perf|security|protocol): sentence.",
    "history": "text speaks of the project, not of how it came about",
    "machine-path": "no path of one machine",
    "registry-host": "no package registry is named: that is each machine's setting",
    "binary": "no binaries but small ones under testdata/ and in corpora",
}

COLUMNS_MAX = 100
BINARY_BYTES_MAX = 64 * 1024
TEXT_BYTES_MAX = 512 * 1024

CODE_SUFFIXES = (".h", ".cc", ".py", ".sh", ".bash", ".bzl", ".bazel", ".go", ".proto")
# These speak of the rules' own words.
OWN = ("tools/tidy", "tools/tidy_rules/")

_TODO = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
_TODO_FORM = re.compile(r"\bTODO\((?:perf|security|protocol)\): \S.*\w")
_HISTORY = re.compile(
    r"\b(?:claude|anthropic|chatgpt|openai|copilot|llms?|language model|sub-?agents?|the brief"
    r"|as (?:requested|instructed|prompted)|(?:the|this|your) prompt|this session"
    r"|(?:see|in|for|from|until) issue \d+|issue #\d+)\b|\bAI[- ](?:generated|assisted|written)",
    re.IGNORECASE)
_MACHINE = re.compile(r"(?<![\w./$}>)~-])/(?:root|work|home)(?:/[\w.]|(?=[\s\"'`,;:)]|$))")
_REGISTRY = re.compile(
    r"\b(?:proxy\.golang\.org|sum\.golang\.org|goproxy\.(?:io|cn)|pypi\.org|pythonhosted\.org"
    r"|registry\.npmjs\.org|(?:static\.)?crates\.io|deb\.debian\.org|archive\.ubuntu\.com"
    r"|bcr\.bazel\.build|registry-1\.docker\.io|docker\.io|ghcr\.io|quay\.io|repo1?\.maven\.org"
    r"|repo\.maven\.apache\.org)\b|\bGOPROXY=\s*[\"']?https?:|--(?:extra-)?index-url\b")


def check(tree):
    for file in tree.files.values():
        yield from _check_size(file)
        if file.text is None or file.is_test_input() or file.path.startswith(OWN):
            continue
        code = file.path.endswith(CODE_SUFFIXES)
        if code:
            yield from _check_layout(file)
        for number, line in enumerate(file.lines, 1):
            if code and _TODO.search(line) and not _TODO_FORM.search(line):
                yield Finding(file.path, number, "todo", "a TODO without a kind",
                              "write TODO(perf|security|protocol): sentence.")
            match = _HISTORY.search(line)
            if match:
                yield Finding(file.path, number, "history", "`%s`" % match.group(0),
                              "say what is so and why, not how it came about")
            match = _MACHINE.search(line)
            if match:
                yield Finding(file.path, number, "machine-path", "`%s` exists on one machine" % (
                    match.group(0)), "use a path in the tree, or an environment variable")
            match = _REGISTRY.search(line)
            if match:
                yield Finding(file.path, number, "registry-host", "`%s`" % match.group(0),
                              "leave the host to the machine's own settings")


def _check_size(file):
    if file.text is None:
        if not file.is_test_input():
            yield Finding(file.path, 1, "binary", "not text",
                          "build it, or move it to testdata/ or to a corpus")
        elif len(file.content) > BINARY_BYTES_MAX:
            yield Finding(file.path, 1, "binary", "%d octets" % len(file.content),
                          "make it smaller than %d" % BINARY_BYTES_MAX)
    elif len(file.content) > TEXT_BYTES_MAX:
        yield Finding(file.path, 1, "binary", "%d octets of text" % len(file.content),
                      "generate it in the build")


def _check_layout(file):
    tabs_matter = file.path.endswith((".h", ".cc", ".py", ".bzl", ".bazel"))
    for number, line in enumerate(file.lines, 1):
        # gofmt knows no line length.
        if (len(line) > COLUMNS_MAX and "://" not in line and not file.path.endswith(".go")):
            yield Finding(file.path, number, "line-length", "%d columns" % len(line),
                          "break it; %d is the most" % COLUMNS_MAX)
        if line != line.rstrip():
            yield Finding(file.path, number, "whitespace", "blanks at the line's end", "remove them")
        if tabs_matter and "\t" in line:
            yield Finding(file.path, number, "whitespace", "a tab", "indent with spaces, write \\t")
    if file.text and not file.text.endswith("\n"):
        yield Finding(file.path, len(file.lines), "whitespace", "no newline at the file's end",
                      "add it")
