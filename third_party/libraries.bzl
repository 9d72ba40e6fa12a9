"""The system libraries: the name under //third_party, its pkg-config module, its Debian package.

What each is for and why this one: docs/dependencies.md.
"""

def _library(module, debian_package):
    return {"module": module, "debian_package": debian_package}

# Files that are no libraries, as //third_party:NAME.
FILES = {
    "chart_js": {
        "path": "/usr/share/javascript/chart.js/chart.min.js",
        "debian_package": "libjs-chart.js",
    },
}

LIBRARIES = {
    "absl_flat_hash_map": _library("absl_flat_hash_map", "libabsl-dev"),
    "absl_status": _library("absl_status", "libabsl-dev"),
    "absl_statusor": _library("absl_statusor", "libabsl-dev"),
    "absl_strings": _library("absl_strings", "libabsl-dev"),
    "benchmark": _library("benchmark", "libbenchmark-dev"),
    "cli11": _library("CLI11", "libcli11-dev"),
    "gmock": _library("gmock", "libgmock-dev"),
    "gtest": _library("gtest", "libgtest-dev"),
    "gtest_main": _library("gtest_main", "libgtest-dev"),
    "liburing": _library("liburing", "liburing-dev"),
    "nghttp2": _library("libnghttp2", "libnghttp2-dev"),
    "nlohmann_json": _library("nlohmann_json", "nlohmann-json3-dev"),
    "openssl": _library("openssl", "libssl-dev"),
    "protobuf": _library("protobuf", "libprotobuf-dev"),
    "zlib": _library("zlib", "zlib1g-dev"),
    "zstd": _library("libzstd", "libzstd-dev"),
}
