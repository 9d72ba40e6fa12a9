#include "penstock/codec/compiler/well_known_protos.h"

namespace penstock::codec::compiler {
namespace {

struct EmbeddedProto {
  std::string_view path;
  std::string_view text;
};

constexpr EmbeddedProto kProtos[] = {
#include "penstock/codec/compiler/well_known_protos.inc"  // {"path", "text"}, made by a genrule
};

}  // namespace

std::string_view WellKnownProto(std::string_view path) {
  for (const EmbeddedProto& proto : kProtos) {
    if (proto.path == path) return proto.text;
  }
  return "";
}

}  // namespace penstock::codec::compiler
