"""C++: sizes, include guards, names, and what library code leaves alone."""

import ast
import re

import cpp_text
from tree import Finding

RULES = {
    "file-length": "source files have at most 500 lines",
    "function-length": "functions have at most 70 lines",
    "include-guard": "a header's guard spells its path; no #pragma once",
    "type-name": "type and file names say something: no Manager, Helper, Util, Impl, Info...",
    "test-name": "a test's name is CamelCase and states a fact",
    "test-sleep": "tests wait for events, never for time",
    "no-throw": "library code never throws",
    "no-clock": "wire/, http2/ and codec/ are told the time",
    "std-string-view": "abseil's own string_view stays out of headers",
}

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70

SOURCE_SUFFIXES = (".h", ".cc", ".py", ".sh", ".bash", ".bzl", ".go")
LIBRARY = {"wire", "http2", "codec", "reactor", "rpc", "server", "client"}
TIMELESS = {"wire", "http2", "codec", "http1", "tcp_lite"}

# Part of a name -> what to write in its place.
EMPTY_WORDS = {
    "Manager": "name what it does with them: Pool, Registry, Table, Scheduler",
    "Helper": "name what it helps with, or make it a free function",
    "Helpers": "name what it helps with, or make them free functions",
    "Util": "name what the functions are about",
    "Utils": "name what the functions are about",
    "Utility": "name what the functions are about",
    "Impl": "name what sets this implementation apart (UringPoller, not PollerImpl)",
    "Inner": "name its part in the whole",
    "Misc": "give each thing a home",
}
EMPTY_ENDINGS = {
    "Data": "name what the octets or values are",
    "Info": "name what is known: Address, Limits, Statistics",
    "2": "name what is different from the first one",
}

_TYPE = re.compile(
    r"\b(?:class|struct|union|enum(?:\s+class)?|concept)\s+(?:alignas\([^)]*\)\s*)?(?:\[\[\w+\]\]\s*)?"
    r"([A-Z]\w*)|\busing\s+([A-Z]\w*)\s*=")
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[0-9]+")
_TEST = re.compile(r"^\s*(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
_SLEEP = re.compile(
    r"\b(?:sleep_for|sleep_until|usleep|nanosleep|clock_nanosleep|time\.sleep|time\.Sleep)\b"
    r"|(?<![\w.])sleep\s*\(")
_SHELL_SLEEP = re.compile(r"(?:^|[;&|]|\bdo\b|\bthen\b)\s*sleep\s+[\d$\"]", re.MULTILINE)
_CLOCK = re.compile(r"\b(?:clock_gettime|gettimeofday|\w+_clock::now|absl::Now|GetCurrentTimeNanos)\b")


def check(tree):
    for file in tree.of(*SOURCE_SUFFIXES):
        if file.text is None or file.is_test_input():
            continue
        yield from _check_length(file)
        yield from _check_file_name(file)
        yield from _check_sleeps(file)
        if file.path.endswith(".py"):
            yield from _check_python_functions(file)
    for file in tree.of(".h", ".cc"):
        if file.text is None or file.is_test_input():
            continue
        code = cpp_text.blank_comments_and_literals(file.text)
        lines = cpp_text.Lines(file.text)
        yield from _check_guard(file)
        yield from _check_functions(file, code, lines)
        yield from _check_types(file, code, lines)
        yield from _check_tests(file, code, lines)
        yield from _check_manners(file, code, lines)


def _check_length(file):
    if len(file.lines) > FILE_LINES_MAX:
        yield Finding(file.path, 1, "file-length", "%d lines" % len(file.lines),
                      "split it by subject; %d is the most" % FILE_LINES_MAX)


def _check_functions(file, code, lines):
    for name, begin, end in cpp_text.functions(cpp_text.blank_directives(code)):
        first, last = lines.of(begin), lines.of(end - 1)
        if last - first + 1 > FUNCTION_LINES_MAX:
            yield _too_long(file, first, name, last - first + 1)


def _check_python_functions(file):
    try:
        parsed = ast.parse(file.text)
    except SyntaxError as error:
        yield Finding(file.path, error.lineno or 1, "function-length", "does not parse", "mend it")
        return
    for node in ast.walk(parsed):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            count = node.end_lineno - node.lineno + 1
            if count > FUNCTION_LINES_MAX:
                yield _too_long(file, node.lineno, node.name, count)


def _too_long(file, line, name, count):
    return Finding(file.path, line, "function-length", "%s has %d lines" % (name, count),
                   "give its parts names; %d is the most" % FUNCTION_LINES_MAX)


def _check_guard(file):
    for number, line in enumerate(file.lines, 1):
        if re.match(r"\s*#\s*pragma\s+once\b", line):
            yield Finding(file.path, number, "include-guard", "#pragma once", "write an include guard")
    if not file.path.endswith(".h") or file.path.startswith("tests/consumer/"):
        return
    guard = "PENSTOCK_" + re.sub(r"[^A-Z0-9]", "_", file.path.upper()) + "_"
    directives = [(n, l) for n, l in enumerate(file.lines, 1) if l.startswith("#")]
    want = ["#ifndef " + guard, "#define " + guard]
    for (number, line), text in zip(directives[:2] or [(1, "")], want):
        if line != text:
            yield Finding(file.path, number, "include-guard", "the guard does not spell the path",
                          "write `%s`" % text)
            return
    number, last = directives[-1]
    if last != "#endif  // " + guard:
        yield Finding(file.path, number, "include-guard", "the guard's end does not name it",
                      "write `#endif  // %s`" % guard)


def _check_types(file, code, lines):
    for match in _TYPE.finditer(code):
        name = match.group(1) or match.group(2)
        humps = _HUMP.findall(name)
        for hump in humps:
            if hump in EMPTY_WORDS:
                yield Finding(file.path, lines.of(match.start()), "type-name",
                              "%s says nothing by `%s`" % (name, hump), EMPTY_WORDS[hump])
        if len(humps) > 1 and humps[-1] in EMPTY_ENDINGS:
            yield Finding(file.path, lines.of(match.start()), "type-name",
                          "%s says nothing by `%s`" % (name, humps[-1]), EMPTY_ENDINGS[humps[-1]])


def _check_file_name(file):
    for part in re.split(r"[_.]", file.name.lower()):
        word = part.capitalize()
        if word in EMPTY_WORDS:
            yield Finding(file.path, 1, "type-name", "the file's name says nothing by `%s`" % part,
                          EMPTY_WORDS[word])


def _check_tests(file, code, lines):
    for match in _TEST.finditer(code):
        line = lines.of(match.start(1))
        for name in match.groups():
            if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
                yield Finding(file.path, line, "test-name", "%s is not CamelCase" % name,
                              "write words in TitleCase without underscores")
        if len(re.findall(r"[A-Z]", match.group(2))) < 2:
            yield Finding(file.path, line, "test-name", "%s states no fact" % match.group(2),
                          "say what is so: ShrinkingSettingsMayMakeItNegative")


def _check_sleeps(file):
    if not file.is_test():
        return
    code = file.text
    if file.is_cpp() or file.path.endswith(".go"):
        code = cpp_text.blank_comments_and_literals(code)
    elif file.path.endswith(".py"):
        code = re.sub(r"#[^\n]*|\"(?:[^\"\\\n]|\\.)*\"", _spaces, code)
    pattern = _SHELL_SLEEP if file.path.endswith((".sh", ".bash")) else _SLEEP
    for match in pattern.finditer(code):
        yield Finding(file.path, code.count("\n", 0, match.end()) + 1, "test-sleep", "a test sleeps",
                      "wait for the event itself, with a bound, or drive a virtual clock")


def _spaces(match):
    return " " * len(match.group(0))


def _check_manners(file, code, lines):
    if file.folder in LIBRARY and not file.is_test():
        for match in re.finditer(r"\bthrow\b", code):
            yield Finding(file.path, lines.of(match.start()), "no-throw", "library code throws",
                          "return an error: an enum, http2::Error or absl::Status")
    if file.folder in TIMELESS:
        for match in _CLOCK.finditer(code):
            if not re.search(r"_bench\.cc$|_bench_", file.path):
                yield Finding(file.path, lines.of(match.start()), "no-clock",
                              "%s/ reads a clock" % file.folder, "take `now` as a parameter")
    if file.path.endswith(".h") and file.path != "wire/absl_strings.h":
        for match in re.finditer(r"\babsl::string_view\b", code):
            yield Finding(file.path, lines.of(match.start()), "std-string-view",
                          "absl::string_view in a header",
                          "use std::string_view; wire/absl_strings.h converts")
