"""system_file_repository: a file of a Debian package that is no library, as //third_party:NAME.

One that is missing breaks only what uses it: the generated BUILD file is one fail(...) that names
the package to install.
"""

_FOUND = """\
exports_files(["{name}"])

alias(
    name = "library",
    actual = "{name}",
    visibility = ["//visibility:public"],
)
"""

_MISSING = """\
fail("{path} not found; on Debian or Ubuntu: apt install {package}")
"""

def _impl(rctx):
    rctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % rctx.name)
    path = rctx.path(rctx.attr.path)
    if not path.exists:
        rctx.file("BUILD.bazel", _MISSING.format(
            path = rctx.attr.path,
            package = rctx.attr.debian_package,
        ))
        return
    rctx.symlink(path.realpath, path.basename)
    rctx.file("BUILD.bazel", _FOUND.format(name = path.basename))

system_file_repository = repository_rule(
    implementation = _impl,
    attrs = {
        "debian_package": attr.string(mandatory = True),
        "path": attr.string(mandatory = True, doc = "where the package puts it"),
    },
    local = True,
    configure = True,
)
