// EmbeddedFile: a file that is a part of the program, so that it needs none beside it when it runs.
// penstock_embed (tools/bazel/embed.bzl) makes the source file that defines a function such as
//
//     std::span<const wire::EmbeddedFile> Assets();
//
// Ownership: the octets live as long as the program.
#ifndef PENSTOCK_WIRE_EMBEDDED_FILE_H_
#define PENSTOCK_WIRE_EMBEDDED_FILE_H_

#include <string_view>

namespace penstock::wire {

struct EmbeddedFile {
  std::string_view name;    // without folders: "dashboard.js"
  std::string_view octets;  // as they are, or compressed, as the function's header says
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_EMBEDDED_FILE_H_
