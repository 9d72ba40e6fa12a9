"""Everything penstock needs around it, for a WORKSPACE (Bazel 4.2.3).

    local_repository(name = "penstock", path = "../penstock")
    load("@penstock//tools/bazel:deps.bzl", "penstock_dependencies")
    penstock_dependencies()

Nothing is downloaded. The rules that Bazel itself loads come from Debian's packages or are small
stand-ins; libraries are found by pkg-config. A repository that your WORKSPACE declared before the
call is left as it is.
"""

load("//third_party:libraries.bzl", "FILES", "LIBRARIES")
load("//third_party:pkg_config.bzl", "pkg_config_repository")
load("//third_party:system_file.bzl", "system_file_repository")

def _rules_cc_shim_impl(rctx):
    rctx.file("WORKSPACE", "workspace(name = \"rules_cc\")\n")
    rctx.file("BUILD", "")
    rctx.file("cc/BUILD", "")
    rctx.symlink(rctx.attr.defs, "cc/defs.bzl")
    for rule in ["cc_binary", "cc_import", "cc_library", "cc_test"]:
        rctx.file("cc/%s.bzl" % rule, "%s = native.%s\n" % (rule, rule))

_rules_cc_shim = repository_rule(
    implementation = _rules_cc_shim_impl,
    attrs = {"defs": attr.label(default = Label("//tools/bazel:shims/cc_defs.bzl"))},
    doc = "rules_cc with the one-file-per-rule layout of today, answered by built-in rules.",
)

def _rules_shell_shim_impl(rctx):
    rctx.file("WORKSPACE", "workspace(name = \"rules_shell\")\n")
    rctx.file("BUILD", "")
    rctx.file("shell/BUILD", "")
    for rule in ["sh_binary", "sh_library", "sh_test"]:
        rctx.file("shell/%s.bzl" % rule, "%s = native.%s\n" % (rule, rule))

_rules_shell_shim = repository_rule(implementation = _rules_shell_shim_impl)

def _coverage_shim_impl(rctx):
    rctx.file("WORKSPACE", "workspace(name = \"remote_coverage_tools\")\n")
    rctx.file(
        "BUILD",
        "filegroup(name = \"coverage_report_generator\", visibility = [\"//visibility:public\"])\n",
    )

_coverage_shim = repository_rule(
    implementation = _coverage_shim_impl,
    doc = "Without it `bazel test` goes to the network for a coverage tool nobody asked for.",
)

def _declare(name, rule, **kwargs):
    if not native.existing_rule(name):
        rule(name = name, **kwargs)

def penstock_dependencies():
    """Declares the rule repositories and one repository per system library."""
    _declare("rules_cc", _rules_cc_shim)
    _declare("rules_shell", _rules_shell_shim)
    _declare("remote_coverage_tools", _coverage_shim)
    _declare("rules_java", native.local_repository, path = "/usr/share/bazel/rules/java")
    _declare("platforms", native.local_repository, path = "/usr/share/bazel/tools/platforms")
    for name, library in LIBRARIES.items():
        _declare(
            "penstock_system_" + name,
            pkg_config_repository,
            module = library["module"],
            debian_package = library["debian_package"],
        )
    for name, file in FILES.items():
        _declare(
            "penstock_system_" + name,
            system_file_repository,
            path = file["path"],
            debian_package = file["debian_package"],
        )
