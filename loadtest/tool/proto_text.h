// ProtoText: descriptors as the text of a .proto, for people: what `describe` prints.
//
//     ProtoText text(pool);
//     text.OfSymbol("helloworld.Greeter")
//
//     // helloworld.proto
//     service Greeter {
//       rpc SayHello(helloworld.HelloRequest) returns (helloworld.HelloReply);
//     }
//
// A whole file reads back as the same descriptors, but for the order of what nests. Types are named
// in full. Comments are there where the descriptors have them: those of a .proto have, those of
// most servers have not.
//
// Ownership: the pool outlives this.
#ifndef PENSTOCK_LOADTEST_TOOL_PROTO_TEXT_H_
#define PENSTOCK_LOADTEST_TOOL_PROTO_TEXT_H_

#include <string>
#include <string_view>

#include "penstock/codec/json/extension_types.h"
#include "penstock/codec/reflection/descriptor_pool.h"

namespace penstock::loadtest::tool {

class ProtoText {
 public:
  explicit ProtoText(const codec::reflection::DescriptorPool& pool)
      : pool_(pool), extensions_(pool) {}

  // A service, "pkg.Service/Method" or "pkg.Service.Method", a message, an enum, an extension, or a
  // field; of the latter the line alone. "" when the pool has nothing of that name.
  std::string OfSymbol(std::string_view name) const;
  std::string OfFile(const codec::reflection::FileDescriptor& file) const;

 private:
  const codec::reflection::DescriptorPool& pool_;
  const codec::json::ExtensionTypes extensions_;
};

}  // namespace penstock::loadtest::tool

#endif  // PENSTOCK_LOADTEST_TOOL_PROTO_TEXT_H_
