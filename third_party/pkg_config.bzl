"""pkg_config_repository: a library of the system as a cc_library, found by pkg-config.

A library that is missing breaks only what uses it: the generated BUILD file is one fail(...) that
names the package to install.
"""

_DEFAULT_INCLUDE_DIRS = ["/usr/include", "/usr/local/include"]

_FOUND = """\
load("@rules_cc//cc:cc_library.bzl", "cc_library")

cc_library(
    name = "library",
    hdrs = glob(["include/**"], allow_empty = True),
    copts = {copts},
    defines = {defines},
    includes = {includes},
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
"""

_MISSING = """\
fail("library {module} not found by pkg-config; on Debian or Ubuntu: apt install {package}")
"""

def _flags(rctx, pkg_config, option):
    result = rctx.execute([pkg_config, option, rctx.attr.module])
    if result.return_code != 0:
        return None
    return [flag for flag in result.stdout.strip().split(" ") if flag]

def _impl(rctx):
    rctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % rctx.name)
    pkg_config = rctx.which("pkg-config")
    if pkg_config == None:
        rctx.file(
            "BUILD.bazel",
            "fail(\"pkg-config not found; on Debian or Ubuntu: apt install pkg-config\")\n",
        )
        return

    cflags = _flags(rctx, pkg_config, "--cflags")
    linkopts = _flags(rctx, pkg_config, "--libs")
    if cflags == None or linkopts == None:
        rctx.file("BUILD.bazel", _MISSING.format(
            module = rctx.attr.module,
            package = rctx.attr.debian_package,
        ))
        return


    # No --as-needed, though pkg-config lists more than most programs use: the shared objects that
    # Bazel makes of a user's cc_library name none of these libraries, so the program must.
    copts, defines, includes = [], [], []
    for flag in cflags:
        if flag.startswith("-D"):
            defines.append(flag[2:])
        elif flag.startswith("-I"):
            # The compiler looks into the default ones by itself; others are linked in here, where
            # the sandbox sees them.
            directory = flag[2:].rstrip("/")
            if directory not in _DEFAULT_INCLUDE_DIRS:
                link = "include/%d" % len(includes)
                rctx.symlink(directory, link)
                includes.append(link)
        else:
            copts.append(flag)
    rctx.file("BUILD.bazel", _FOUND.format(
        copts = copts,
        defines = defines,
        includes = includes,
        linkopts = linkopts,
    ))

pkg_config_repository = repository_rule(
    implementation = _impl,
    attrs = {
        "debian_package": attr.string(mandatory = True),
        "module": attr.string(mandatory = True, doc = "pkg-config's name of the library"),
    },
    # `local` asks again after a restart of the Bazel server, so an installed library is noticed.
    local = True,
    configure = True,
    environ = ["PKG_CONFIG_PATH"],
)
