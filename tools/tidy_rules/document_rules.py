"""Documents: what a reader is told to type exists, and links lead somewhere."""

import os
import re

from tree import Finding

RULES = {
    "command": "files and targets in fenced sh blocks exist",
    "link": "links between documents lead somewhere",
    "readme-length": "README.md has at most 150 lines",
}

README_LINES_MAX = 150

_FENCE = re.compile(r"^\s*```\s*(\w*)")
_SHELL = {"sh", "bash", "shell", "console"}
_LABEL = re.compile(r"^-?//([\w./-]*)(?::([\w./-]+))?$")
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_BUILT = re.compile(r"^(?:\./)?bazel-bin/(.+)$")


def check(tree):
    for file in tree.of(".md"):
        if file.text is None or file.is_test_input():
            continue
        if file.path == "README.md" and len(file.lines) > README_LINES_MAX:
            yield Finding(file.path, 1, "readme-length", "%d lines" % len(file.lines),
                          "move detail to docs/; %d is the most" % README_LINES_MAX)
        yield from _check_commands(tree, file)
        yield from _check_links(tree, file)


def _check_commands(tree, file):
    language, base = None, ""
    for number, line in enumerate(file.lines, 1):
        fence = _FENCE.match(line)
        if fence:
            language = fence.group(1) if language is None else None
            base = ""
            continue
        if language not in _SHELL:
            continue
        if language == "console" and not line.startswith("$ "):
            continue  # what the command prints
        command = re.sub(r"(?:^|\s)#.*", "", line[2:] if line.startswith("$ ") else line)
        moved = re.match(r"\s*cd\s+([^\s;&]+)", command)
        if moved and base is not None:
            # Behind a cd into the tree names count from there; elsewhere they are not ours.
            base = _joined(base, moved.group(1))
            base = base if base in tree.folders else None
            command = command[moved.end():]
        for word in re.split(r"[\s;&|()'\"=<>]+", command):
            if base is not None:
                yield from _check_word(tree, file, number, word, base)


def _joined(base, path):
    joined = os.path.normpath(os.path.join(base, path))
    return "" if joined == "." else joined


def _check_word(tree, file, number, word, base):
    label = _LABEL.match(word)
    if label:
        if not _label_exists(tree, label.group(1), label.group(2)):
            yield Finding(file.path, number, "command", "%s is no target" % word,
                          "name one that exists")
        return
    built = _BUILT.match(word)
    if built:
        folder, name = os.path.split(built.group(1))
        if not _label_exists(tree, folder, name):
            yield Finding(file.path, number, "command", "%s is not built" % word,
                          "name the output of a target")
        return
    path = _joined(base, word) if word else ""
    first = path.split("/")[0]
    if "/" not in word or "*" in word or "$" in word or first not in tree.folders - {""}:
        return
    if path not in tree.files and path not in tree.folders:
        yield Finding(file.path, number, "command", "%s does not exist" % word, "name what exists")


def _label_exists(tree, package, target):
    if package.endswith("..."):
        return package[:-3].rstrip("/") in tree.folders
    build = tree.files.get(package + "/BUILD.bazel" if package else "BUILD.bazel")
    if build is None:
        return False
    target = target or os.path.basename(package)
    if target in ("all",) or (package + "/" if package else "") + target in tree.files:
        return True
    names = set(re.findall(r'\bname\s*=\s*"([^"]+)"', build.text))
    # Macros add to a name: x_test of a bench, x.server of a service.
    return any(target == n or target.startswith((n + "_", n + ".")) for n in names)


def _check_links(tree, file):
    fenced = False
    for number, line in enumerate(file.lines, 1):
        if _FENCE.match(line):
            fenced = not fenced
        if fenced:
            continue
        for match in _LINK.finditer(line):
            target = match.group(1).split("#")[0]
            if not target or re.match(r"\w+:", target):
                continue
            path = _joined(os.path.dirname(file.path), target)
            if path not in tree.files and path not in tree.folders:
                yield Finding(file.path, number, "link", "%s leads nowhere" % match.group(1),
                              "name a file of the tree")
