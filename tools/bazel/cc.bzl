"""The rules penstock's own BUILD files use: thin wrappers over cc_library, cc_test, cc_binary.

They make headers includable as "penstock/<package>/<file>.h" and turn on warnings for our code
alone (a user who builds penstock as an external repository gets neither on theirs).
"""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_cc//cc:cc_library.bzl", "cc_library")
load("@rules_cc//cc:cc_test.bzl", "cc_test")

_WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Wshadow",
    "-Wnon-virtual-dtor",
    "-Woverloaded-virtual",
    "-Wundef",
    "-Wvla",
]

def penstock_library(name, copts = [], **kwargs):
    """cc_library whose headers are included as "penstock/<package>/<file>.h"."""
    cc_library(
        name = name,
        copts = _WARNINGS + copts,
        include_prefix = "penstock/" + native.package_name(),
        linkstatic = True,
        **kwargs
    )

def penstock_binary(name, copts = [], **kwargs):
    """cc_binary with our warnings."""
    cc_binary(
        name = name,
        copts = _WARNINGS + copts,
        **kwargs
    )

def penstock_test(name, copts = [], deps = [], size = "small", **kwargs):
    """cc_test with GoogleTest's main.

    Tags: "slow" is left out by tools/test --fast; "threads" is run under ThreadSanitizer;
    "no-asan" and "no-tsan" leave a test out there, with the reason beside the tag.
    """
    cc_test(
        name = name,
        size = size,
        copts = _WARNINGS + copts,
        deps = deps + ["//third_party:gtest", "//third_party:gtest_main"],
        **kwargs
    )

def penstock_bench(name, srcs, copts = [], deps = [], data = [], tags = [], **kwargs):
    """Google Benchmark binary `name`, and `name`_test that runs each bench once.

    bazel run --config=opt //wire:varint_bench
    """
    cc_library(
        name = name + "_cases",
        testonly = True,
        srcs = srcs,
        copts = _WARNINGS + copts,
        linkstatic = True,
        tags = tags,
        deps = deps + ["//third_party:benchmark"],
        alwayslink = True,
        **kwargs
    )
    all_deps = [":" + name + "_cases", "//tools/bazel:bench_main"]
    cc_binary(
        name = name,
        testonly = True,
        data = data,
        tags = tags,
        deps = all_deps,
    )
    cc_test(
        name = name + "_test",
        size = "small",
        # The shortest time there is: one iteration satisfies it.
        args = ["--benchmark_min_time=0.000000001"],
        data = data,
        tags = tags + ["bench"],
        deps = all_deps,
    )

def penstock_fuzz(name, srcs, corpus = [], copts = [], deps = [], tags = [], **kwargs):
    """libFuzzer binary `name`, and `name`_test that replays the corpus in every build.

    srcs define LLVMFuzzerTestOneInput; corpus is a list of files, often a glob().

    bazel build --config=fuzz //wire:compress_fuzz
    bazel-bin/wire/compress_fuzz -max_total_time=60
    """
    cc_binary(
        name = name,
        testonly = True,
        srcs = srcs,
        copts = _WARNINGS + copts,
        linkopts = ["-fsanitize=fuzzer"],
        tags = tags + ["fuzz", "manual"],
        deps = deps,
        **kwargs
    )
    args = []
    if corpus:
        native.filegroup(
            name = name + "_corpus",
            testonly = True,
            srcs = corpus,
        )
        args = ["$(rootpaths :%s_corpus)" % name]
    cc_test(
        name = name + "_test",
        size = "small",
        srcs = srcs,
        args = args,
        copts = _WARNINGS + copts,
        data = [":%s_corpus" % name] if corpus else [],
        tags = tags + ["replay"],
        deps = deps + ["//tools/bazel:fuzz_replay_main"],
        **kwargs
    )
