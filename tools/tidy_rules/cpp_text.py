"""C++ source with its comments and literals blanked, so that rules may search code alone."""

import bisect
import re

_TOKEN = re.compile(
    r"""//(?:[^\n\\]|\\.|\\\n)*            # line comment
      | /\*.*?\*/                          # block comment
      | R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"   # raw string
      | "(?:[^"\\\n]|\\.|\\\n)*"           # string
      | (?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)+'  # character; not a digit separator
    """,
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE | re.DOTALL)
_NOT_NEWLINE = re.compile(r"[^\n]")


def _blank(match):
    return _NOT_NEWLINE.sub(" ", match.group(0))


def blank_comments_and_literals(text):
    """Same length, same lines; comments, strings and characters are spaces."""
    return _TOKEN.sub(_blank, text)


def blank_directives(text):
    """Blanks preprocessor lines too: macros need not have matching braces."""
    return _DIRECTIVE.sub(_blank, text)


class Lines:
    """Finds the line (from 1) of an offset."""

    def __init__(self, text):
        self._starts = [0] + [m.end() for m in re.finditer("\n", text)]

    def of(self, offset):
        return bisect.bisect_right(self._starts, offset)


def matching(text, at, opening, closing):
    """The offset behind the bracket that closes the one at `at`, or -1."""
    depth = 0
    for i in range(at, len(text)):
        if text[i] == opening:
            depth += 1
        elif text[i] == closing:
            depth -= 1
            if depth == 0:
                return i + 1
    return -1


def split_parameters(text):
    """Splits at the commas that stand outside of all brackets."""
    parts, depth, begin = [], 0, 0
    for i, c in enumerate(text):
        if c in "(<[{":
            depth += 1
        elif c in ")>]}":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[begin:i])
            begin = i + 1
    parts.append(text[begin:])
    return [p.strip() for p in parts if p.strip()]


_TYPE_HEAD = re.compile(r"^(?:template\s*<.*>\s*)?(?:typedef\s+)?(?:class|struct|union|enum)\b", re.DOTALL)
_LABELS = re.compile(r"^(?:\s*(?:public|private|protected)\s*:)+")
_NAME = re.compile(r"((?:operator\s*[^\s\w(]+|operator\s+\w+|[~\w:]+))\s*\(")


def functions(code):
    """(name, offset of the opening brace, offset behind the closing one) of each function body.

    `code` is blanked. A heuristic: a brace that follows a parameter list outside of any function
    opens one. Lambdas and local classes count to the function around them.
    """
    found, stack, head_begin = [], [], 0
    inside = 0  # functions open
    for match in re.finditer(r"[{};]", code):
        at, c = match.start(), match.group(0)
        if c == "{":
            head = _LABELS.sub("", code[head_begin:at].strip()).strip()
            kind = "block" if inside else _kind(head)
            stack.append((kind, at, head))
            inside += kind == "function"
        elif c == "}":
            if not stack:
                return found  # unbalanced: not ours to judge
            kind, begin, head = stack.pop()
            if kind == "function":
                inside -= 1
                name = _NAME.search(head)
                found.append((name.group(1) if name else "?", begin, at + 1))
            if kind == "initialiser":
                continue  # the head goes on behind a member's initialiser
        if not (c == "{" and stack[-1][0] == "initialiser"):
            head_begin = at + 1
    return found


def _kind(head):
    if re.match(r"^(?:inline\s+)?namespace\b|^extern\b\s*$", head):
        return "scope"
    if _TYPE_HEAD.match(head) and not re.search(r"\)\s*(?:const|noexcept|override|final|&|\s)*$", head):
        return "scope"
    if "(" not in head:
        return "block"
    if re.search(r"\)\s*:[^:].*[\w>]$", head, re.DOTALL):
        return "initialiser"  # Foo::Foo() : member_{...} {
    if re.search(r"(?<![=!<>])=(?!=)\s*$", head) or re.search(r"\[\w*\]\s*=", head):
        return "block"  # a table
    return "function"
