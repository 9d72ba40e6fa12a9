"""Options of a server: none that operators cannot set."""

import re

import cpp_text
from tree import Finding

RULES = {
    "option-row": "each member of ServerOptions, its limits and its TLS has a row in option_table.cc",
}

TABLE = "server/option_table.cc"
STRUCTS = [
    ("server/options.h", "ServerOptions"),
    ("http2/limits.h", "Limits"),
    ("wire/tls_options.h", "TlsServerOptions"),
]

# Members that no operator sets, and why.
WITHOUT_ROW = {
    "http2": "its members have rows",
    "tls": "its members have rows",
    "streams_before_settings_max": "a client's",
    "push_enabled": "a client's",
    "automatic_credit": "of an application that is not gRPC",
}

_MEMBER = re.compile(r"^  [\w:][\w:<>, ]*[\w>] (\w+)(?: =\s[^;]*)?;", re.MULTILINE)


def check(tree):
    table = tree.files.get(TABLE)
    if table is None or table.text is None:
        return
    code = cpp_text.blank_comments_and_literals(table.text)
    for path, struct in STRUCTS:
        file = tree.files.get(path)
        if file is None or file.text is None:
            continue
        text = cpp_text.blank_comments_and_literals(file.text)
        begin = text.find("\nstruct %s {" % struct)
        body_end = text.find("\n};", begin)
        for match in _MEMBER.finditer(text, begin, body_end):
            name = match.group(1)
            if name in WITHOUT_ROW or re.search(r"(?:::|\.|->)%s\b" % name, code):
                continue
            yield Finding(path, text.count("\n", 0, match.start(1)) + 1, "option-row",
                          "%s::%s has no row in %s" % (struct, name, TABLE),
                          "add one, and its line in docs/configuration.md")
