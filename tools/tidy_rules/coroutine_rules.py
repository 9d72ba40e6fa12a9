"""Coroutines: references that outlive their referent, detached work, bindings of awaits."""

import re

import cpp_text
from tree import Finding

RULES = {
    "task-reference": "a reference or view given to a Task has its lifetime stated in the comment",
    "task-capture": "a lambda that is a coroutine captures nothing: its frame outlives the lambda",
    "detached": "nothing is detached: a TaskGroup or a join ends it",
    "await-binding": "no `auto [a, b] = co_await x`: GCC 12 destroys the temporary twice",
    "await-condition": "a loop's condition names what it awaits: GCC 12 loses the temporary",
}

_TASK = re.compile(r"\bTask<")
_DECLARATOR = re.compile(r"\s*&?\s*((?:[A-Za-z_]\w*(?:<[^<>;(){}]*>)?::)*)([A-Za-z_]\w*)\s*\(")
_LAMBDA = re.compile(r"\[([^\[\]]*)\]\s*(?:<[^<>]*>\s*)?\(")
_VIEW = re.compile(
    r"&|\b(?:string_view|span\s*<|Bytes\b|MutableBytes\b|function_ref\s*<|initializer_list\s*<)")
_CALL = re.compile(r"^(?:penstock::)?Call(?:Scope)?\s*&")
_LIFETIME = re.compile(r"\b(?:live|lives|lived|outlive|outlives|until|lifetime|as long as)\b", re.I)
_DETACHED = re.compile(r"[.>]\s*[dD]etach\s*\(")
_BINDING = re.compile(r"\bauto\s*&{0,2}\s*\[[^\]]*\]\s*=\s*co_await\b")
_CONDITION = re.compile(r"\bwhile\s*\([\s(!]*co_await\b")


def check(tree):
    for file in tree.of(".h", ".cc"):
        if file.text is None or file.is_test_input():
            continue
        code = cpp_text.blank_comments_and_literals(file.text)
        lines = cpp_text.Lines(file.text)
        for match in _DETACHED.finditer(code):
            yield Finding(file.path, lines.of(match.start()), "detached", "work is detached",
                          "join it, or give it to a TaskGroup")
        for match in _BINDING.finditer(code):
            yield Finding(file.path, lines.of(match.start()), "await-binding",
                          "a structured binding takes a co_await", "name the result, then its parts")
        for match in _CONDITION.finditer(code):
            yield Finding(file.path, lines.of(match.start()), "await-condition",
                          "a loop's condition is a co_await without a name",
                          "write `while (const auto x = co_await ...)`")
        if not file.is_test():
            yield from _check_functions(tree, file, code, lines)
            yield from _check_lambdas(file, code, lines)


def _check_functions(tree, file, code, lines):
    header = tree.files.get(file.path[:-3] + ".h") if file.path.endswith(".cc") else None
    for match in _TASK.finditer(code):
        behind = cpp_text.matching(code, match.end() - 1, "<", ">")
        declarator = _DECLARATOR.match(code, behind) if behind > 0 else None
        if not declarator:
            continue
        qualified, name = declarator.group(1), declarator.group(2)
        # A definition's comment stands at its declaration.
        if qualified or (header and re.search(r"\b%s\s*\(" % name, header.text or "")):
            continue
        yield from _check_parameters(file, code, lines, match.start(), declarator.end() - 1, name)


def _check_lambdas(file, code, lines):
    for match in _LAMBDA.finditer(code):
        end = cpp_text.matching(code, match.end() - 1, "(", ")")
        if end < 0 or not re.match(r"\s*(?:mutable\s*)?->\s*(?:penstock::)?Task<", code[end:end + 60]):
            continue
        line = lines.of(match.start())
        if match.group(1).strip() and not _LIFETIME.search(_comment(file, line)):
            yield Finding(file.path, line, "task-capture", "a capturing lambda returns a Task",
                          "pass what it needs as parameters, or say how long the lambda lives")
        yield from _check_parameters(file, code, lines, match.start(), match.end() - 1, "the lambda")


def _check_parameters(file, code, lines, begin, opening, name):
    end = cpp_text.matching(code, opening, "(", ")")
    if end < 0:
        return
    parameters = cpp_text.split_parameters(code[opening + 1:end - 1])
    # A handler: its references live until its task completes, by contract.
    if parameters and _CALL.match(parameters[0]):
        return
    views = [p for p in parameters if _VIEW.search(p)]
    line = lines.of(begin)
    if views and not _LIFETIME.search(_comment(file, line) + _comment_within(file, line, lines.of(end))):
        yield Finding(file.path, line, "task-reference",
                      "%s takes `%s`" % (name, " ".join(views[0].split())),
                      "take it by value, or let the comment say how long it lives")


def _comment(file, line):
    """The comment block right above line `line`, template lines skipped."""
    block, number = [], line - 1
    while number >= 1:
        text = file.lines[number - 1].strip()
        if not text.startswith(("//", "template")):
            break
        block.append(text)
        number -= 1
    return " ".join(block)


def _comment_within(file, first, last):
    return " ".join(l[l.index("//"):] for l in file.lines[first - 1:last] if "//" in l)
