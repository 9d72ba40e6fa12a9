"""embed.py OUT.cc FILE...: C++ that defines Assets(): each file compressed, under its own name."""

import gzip
import os
import sys


def literal(octets):
    """A string literal; octal escapes of three digits, which end by themselves."""
    lines = []
    for start in range(0, len(octets), 32):
        lines.append('    "%s"' % "".join("\\%03o" % octet for octet in octets[start:start + 32]))
    return "\n".join(lines)


def main(target, paths):
    with open(target, "w", encoding="ascii") as out:
        out.write('#include "penstock/server/admin/assets.h"\n\nnamespace penstock::server {\n'
                  "namespace {\n\nconstexpr Asset kAssets[] = {\n")
        for path in paths:
            with open(path, "rb") as source:
                # Without a time in it, so that the same files make the same binary.
                packed = gzip.compress(source.read(), 9, mtime=0)
            out.write('    {"%s", std::string_view(\n%s,\n    %d)},\n' % (
                os.path.basename(path), literal(packed), len(packed)))
        out.write("};\n\n}  // namespace\n\n"
                  "std::span<const Asset> Assets() { return kAssets; }\n\n"
                  "}  // namespace penstock::server\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
