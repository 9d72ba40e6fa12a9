"""The files to check, and what a rule reports about them."""

import collections
import os
import re
import subprocess

# One fault: `what` is wrong at path:line, and `remedy` says what to do.
Finding = collections.namedtuple("Finding", "path line rule what remedy")

# The reason is part of the permission: without one it is not given.
ALLOW = re.compile(r"tidy: allow\(([a-z-]+)\): \S")

BINARY_SNIFF_BYTES = 8000


class File:
    """A file's path from the root, and its text (None where it is not text)."""

    def __init__(self, path, content):
        self.path = path
        self.content = content
        self.text = None
        if b"\0" not in content[:BINARY_SNIFF_BYTES]:
            try:
                self.text = content.decode("utf-8")
            except UnicodeDecodeError:
                pass
        self.lines = self.text.split("\n") if self.text is not None else []
        if self.lines and self.lines[-1] == "":
            self.lines.pop()

    @property
    def name(self):
        return os.path.basename(self.path)

    @property
    def folder(self):
        """The top-level folder, or "" for a file at the top."""
        return self.path.split("/")[0] if "/" in self.path else ""

    def is_cpp(self):
        return self.path.endswith((".h", ".cc"))

    def is_test(self):
        stem = os.path.splitext(self.name)[0]
        return self.folder == "tests" or stem.endswith(("_test", "_fuzz")) or "/testing/" in self.path

    def is_test_input(self):
        """What tests and fuzzers read: it may look like anything."""
        return any(p == "testdata" or p.endswith("corpus") for p in self.path.split("/")[:-1])

    def allows(self, line, rule):
        """True when line `line` (from 1), or the one above it, gives the rule leave."""
        for number in (line, line - 1):
            if 1 <= number <= len(self.lines):
                for match in ALLOW.finditer(self.lines[number - 1]):
                    if match.group(1) == rule:
                        return True
        return False


class Tree:
    """All files by path."""

    def __init__(self, files):
        self.files = {file.path: file for file in files}
        self.folders = {""}
        for path in self.files:
            while "/" in path:
                path = path.rsplit("/", 1)[0]
                self.folders.add(path)

    def of(self, *suffixes):
        return [f for p, f in sorted(self.files.items()) if p.endswith(suffixes)]

    def build_file_above(self, path):
        """The BUILD file of the package that `path` belongs to, or None."""
        folder = path
        while folder:
            folder = folder.rsplit("/", 1)[0] if "/" in folder else ""
            name = folder + "/BUILD.bazel" if folder else "BUILD.bazel"
            if name in self.files:
                return self.files[name]
        return None


def _listed_by_git(root):
    """What git tracks, and what it would take: paths from the root, or None without a checkout."""
    if not os.path.exists(os.path.join(root, ".git")):
        return None
    command = ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return sorted(set(os.fsdecode(listed).split("\0")) - {""})


def _listed_by_walk(root):
    paths = []
    for folder, folders, names in os.walk(root):
        folders[:] = [
            f for f in folders
            if not f.startswith("bazel-") and f not in (".git", ".cache", "__pycache__")
        ]
        paths += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(paths)


def load(root):
    """The tree at `root`. Links are left out: what they point at is judged where it stands."""
    paths = _listed_by_git(root)
    if paths is None:
        paths = _listed_by_walk(root)
    files = []
    for path in paths:
        full = os.path.join(root, path)
        if os.path.islink(full) or not os.path.isfile(full):
            continue  # a deleted file is still in git's index
        with open(full, "rb") as source:
            files.append(File(path, source.read()))
    return Tree(files)
