"""Floors: a file includes only its own folder and strictly lower floors."""

import re

import cpp_text
from tree import Finding

RULES = {
    "floor": "a file includes its own folder and strictly lower floors only",
    "include-path": 'our headers are included as "penstock/<folder>/<file>.h"',
    "floor-link": "BUILD deps keep to the floors; http2 and codec link neither wire:tls nor wire:compress",
}

FLOORS = {
    "wire": 0,
    "http2": 1, "codec": 1, "reactor": 1, "http1": 1, "tcp_lite": 1,
    "rpc": 2,
    "server": 3, "client": 3,
    "loadtest": 4, "examples": 4,
}
# They span folders and may include whatever they need; nothing below includes them.
FREE = {"tools", "tests"}

# Byte transforms with libraries of their own, which sans-I/O code must not drag in.
TRANSFORMS = ("//wire:tls", "//wire:compress")
WITHOUT_TRANSFORMS = ("http2", "codec")

_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
_DEPS = re.compile(r"\b(?:deps|implementation_deps)\s*=[^\[]*?\[(.*?)\]", re.DOTALL)
_LABEL = re.compile(r'"(//[^"]*|:[^"]*)"')


def check(tree):
    for file in tree.of(".h", ".cc"):
        if not file.path.startswith("tests/consumer/"):  # a user's workspace, with folders of its own
            yield from _check_includes(tree, file)
    for file in tree.of("BUILD.bazel"):
        if file.folder in FLOORS:
            yield from _check_deps(file)


def _why_not(folder, other):
    """None when `folder` may use `other`, otherwise the reason."""
    if folder in FREE or folder == other or folder == "":
        return None
    if folder not in FLOORS:
        return "%s/ has no floor" % folder
    if other in FREE:
        return "%s/ stands above all floors" % other
    if other not in FLOORS:
        return "%s/ has no floor" % other
    if FLOORS[other] == FLOORS[folder]:
        return "%s/ and %s/ stand on one floor (%d)" % (folder, other, FLOORS[folder])
    if FLOORS[other] > FLOORS[folder]:
        return "%s/ (floor %d) is above %s/ (floor %d)" % (
            other, FLOORS[other], folder, FLOORS[folder])
    return None


def _check_includes(tree, file):
    # In the blanked text a directive keeps its `#`; one inside a literal (code that is generated)
    # or a comment does not.
    code = cpp_text.blank_comments_and_literals(file.text).split("\n")
    for number, line in enumerate(file.lines, 1):
        match = _INCLUDE.match(line)
        if not match or "#" not in code[number - 1]:
            continue
        path = match.group(1)
        if not path.startswith("penstock/"):
            here = file.path.rsplit("/", 1)[0] + "/" + path
            for own in (path, here):
                if own in tree.files and own.split("/")[0] in FLOORS:
                    yield Finding(file.path, number, "include-path", '"%s" is one of ours' % path,
                                  'write #include "penstock/%s"' % own)
                    break
            continue
        parts = path.split("/")
        other = parts[1] if len(parts) > 2 else ""
        why = _why_not(file.folder, other) if other else "it names no folder"
        if why:
            yield Finding(file.path, number, "floor", "%s may not include %s: %s" % (
                file.path, path, why), "move what is shared to a lower floor, or turn the call around")


def _check_deps(file):
    for block in _DEPS.finditer(file.text):
        for match in _LABEL.finditer(block.group(1)):
            label = match.group(1)
            line = file.text.count("\n", 0, block.start(1) + match.start()) + 1
            if file.folder in WITHOUT_TRANSFORMS and label.startswith(TRANSFORMS):
                yield Finding(file.path, line, "floor-link", "%s/ links %s" % (file.folder, label),
                              "let rpc/ put the byte transform around it")
            if file.folder == "wire" and label.startswith((":tls", ":compress")):
                name = _target_around(file.text, block.start())
                if not name.startswith(("tls", "compress")):
                    yield Finding(file.path, line, "floor-link", "wire:%s links %s" % (name, label),
                                  "keep the transforms targets of their own")
            other = label[2:].split(":")[0].split("/")[0] if label.startswith("//") else ""
            if other in ("", "third_party", "tools"):
                continue
            why = _why_not(file.folder, other)
            if why:
                yield Finding(file.path, line, "floor-link", "deps on %s: %s" % (label, why),
                              "move what is shared to a lower floor")


def _target_around(text, offset):
    names = re.findall(r'\bname\s*=\s*"([^"]+)"', text[:offset])
    return names[-1] if names else ""
