"""google_cc_messages: what protoc makes of a .proto, to be compared with what penstockc does."""

load("@rules_cc//cc:cc_library.bzl", "cc_library")

def google_cc_messages(name, src, package):
    """A testonly cc_library of protoc's C++ for one .proto without imports.

    The classes go to namespace `package` instead of the file's own, so that both fit one program:
    #include "<this folder>/google/<src>.pb.h".

    Args:
      name: of the library.
      src: the .proto.
      package: what stands for the file's own package.
    """
    stem = "google/" + src[:-len(".proto")]
    native.genrule(
        name = name + "_protoc",
        testonly = True,
        srcs = [src],
        outs = [stem + ".pb.h", stem + ".pb.cc"],
        cmd = " && ".join([
            "out=$(RULEDIR)/google",
            "sed 's/^package .*/package %s;/' $(location %s) > $$out/%s" % (package, src, src),
            "protoc -I$$out --cpp_out=$$out $$out/" + src,
        ]),
    )
    cc_library(
        name = name,
        testonly = True,
        srcs = [stem + ".pb.cc"],
        hdrs = [stem + ".pb.h"],
        visibility = ["//:__subpackages__"],
        deps = ["//third_party:protobuf"],
    )
