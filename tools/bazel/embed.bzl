"""Files that become a part of a binary."""

def penstock_embed(name, files, header, function, gzip = False):
    """NAME.cc, which defines FUNCTION(): `files`, as penstock::wire::EmbeddedFile.

    A source file of the library whose HEADER declares the function.

    Args:
      name: the target, and the file without ".cc".
      files: {the name under which the program finds it: label}.
      header: as it is included, "penstock/server/admin/assets.h".
      function: with its namespaces, "penstock::server::Assets".
      gzip: the octets are compressed, for a browser that takes them so.
    """
    native.genrule(
        name = name,
        srcs = files.values(),
        outs = [name + ".cc"],
        cmd = " ".join(
            ["python3 $(location //tools/bazel:embed.py)"] +
            (["--gzip"] if gzip else []) +
            ["$@", header, function] +
            ["%s=$(location %s)" % (file, label) for file, label in files.items()],
        ),
        tools = ["//tools/bazel:embed.py"],
    )
