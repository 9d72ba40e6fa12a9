"""embed.py [--gzip] OUT.cc HEADER FUNCTION NAME=FILE...: C++ that defines FUNCTION(): the files.

HEADER declares `std::span<const penstock::wire::EmbeddedFile> FUNCTION()`; FUNCTION has its
namespaces before it. Run by penstock_embed of embed.bzl.
"""

import gzip
import sys

OCTETS_A_LINE = 32


def literal(octets):
    """A string literal; octal escapes of three digits, which end by themselves."""
    lines = []
    for start in range(0, len(octets), OCTETS_A_LINE):
        line = octets[start:start + OCTETS_A_LINE]
        lines.append('    "%s"' % "".join("\\%03o" % octet for octet in line))
    return "\n".join(lines) or '    ""'


def main(arguments):
    packs = arguments[0] == "--gzip"
    target, header, function, *files = arguments[1:] if packs else arguments
    namespace, _, name = function.rpartition("::")
    with open(target, "w", encoding="ascii") as out:
        out.write('#include "%s"\n\nnamespace %s {\nnamespace {\n\n'
                  "constexpr wire::EmbeddedFile kFiles[] = {\n" % (header, namespace))
        for file in files:
            file_name, _, path = file.partition("=")
            with open(path, "rb") as source:
                octets = source.read()
            if packs:
                # Without a time in it, so that the same files make the same binary.
                octets = gzip.compress(octets, 9, mtime=0)
            out.write('    {"%s", std::string_view(\n%s,\n    %d)},\n'
                      % (file_name, literal(octets), len(octets)))
        out.write("};\n\n}  // namespace\n\n"
                  "std::span<const wire::EmbeddedFile> %s() { return kFiles; }\n\n"
                  "}  // namespace %s\n" % (name, namespace))


if __name__ == "__main__":
    main(sys.argv[1:])
