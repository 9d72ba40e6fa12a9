"""The system libraries for Bazel 7 and later (MODULE.bazel); WORKSPACE uses deps.bzl."""

load("//third_party:libraries.bzl", "FILES", "LIBRARIES")
load("//third_party:pkg_config.bzl", "pkg_config_repository")
load("//third_party:system_file.bzl", "system_file_repository")

def _system_libraries_impl(_module_ctx):
    for name, library in LIBRARIES.items():
        pkg_config_repository(
            name = "penstock_system_" + name,
            debian_package = library["debian_package"],
            module = library["module"],
        )
    for name, file in FILES.items():
        system_file_repository(
            name = "penstock_system_" + name,
            debian_package = file["debian_package"],
            path = file["path"],
        )

system_libraries = module_extension(implementation = _system_libraries_impl)
