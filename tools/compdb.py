"""Writes compile_commands.json for clangd and clang-tidy, from what Bazel would run.

    bazel run //:compdb                  # all targets
    bazel run //:compdb -- //wire/...    # some
"""

import json
import os
import subprocess
import sys


def bazel(root, *args):
    result = subprocess.run(["bazel", *args], cwd=root, stdout=subprocess.PIPE, check=False)
    if result.returncode != 0:
        sys.exit(f"compdb: 'bazel {args[0]}' failed; the reason is above")
    return result.stdout.decode()


def source_of(arguments):
    """The file after -c, or None: a header check or a module has none."""
    if "-c" in arguments and arguments.index("-c") + 1 < len(arguments):
        return arguments[arguments.index("-c") + 1]
    return None


def entries(graph, directory):
    for action in graph.get("actions", []):
        arguments = action.get("arguments", [])
        source = source_of(arguments)
        if source and not source.startswith("external/"):
            yield {"directory": directory, "file": source, "arguments": arguments}


def main():
    root = os.environ.get("BUILD_WORKSPACE_DIRECTORY") or os.path.dirname(
        os.path.dirname(os.path.abspath(__file__)))
    targets = sys.argv[1:] or ["//..."]
    query = f"mnemonic('CppCompile', set({' '.join(targets)}))"
    graph = json.loads(bazel(root, "aquery", "--output=jsonproto", "--noshow_progress", query))
    directory = bazel(root, "info", "--noshow_progress", "execution_root").strip()
    commands = list(entries(graph, directory))
    path = os.path.join(root, "compile_commands.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(commands, file, indent=1)
    print(f"compdb: {len(commands)} commands in {path}; build once, for the generated headers")


if __name__ == "__main__":
    main()
