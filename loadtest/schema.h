// Schema: what a method takes, known from .proto files or from a descriptor set, so that its
// request can be written as JSON.
//
//     Schema schema;
//     std::string why;
//     if (!schema.AddProto("shop.proto", {"protos"}, &why)) return Fail(why);
//     if (!schema.MakeRequest("shop.Cart/Add", R"({"item": "tea"})", &octets, &why)) ...
//
// Errors: false, and *why is one sentence, or what the compiler says, a line for each error.
#ifndef PENSTOCK_LOADTEST_SCHEMA_H_
#define PENSTOCK_LOADTEST_SCHEMA_H_

#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/loadtest/call_kind.h"

namespace penstock::loadtest {

class Schema {
 public:
  // A .proto file with what it imports, looked for below `roots`; empty: the current folder and the
  // file's own.
  [[nodiscard]] bool AddProto(const std::string& file, const std::vector<std::string>& roots,
                              std::string* why);
  // What protoc and penstockc write with --descriptor_set_out --include_imports.
  [[nodiscard]] bool AddDescriptorSet(const std::string& file, std::string* why);

  const codec::reflection::DescriptorPool& pool() const { return pool_; }
  // For descriptors from elsewhere, such as a server's reflection.
  codec::reflection::DescriptorPool& pool() { return pool_; }

  // "pkg.Service/Method"; null where there is none.
  const codec::reflection::MethodDescriptor* FindMethod(std::string_view method,
                                                        std::string* why) const;
  static CallKind KindOf(const codec::reflection::MethodDescriptor& method) {
    return CallKindOf(method.client_streaming, method.server_streaming);
  }
  // A request of `method`, "pkg.Service/Method", of its JSON form.
  [[nodiscard]] bool MakeRequest(std::string_view method, std::string_view json,
                                 std::string* octets, std::string* why) const;

 private:
  std::vector<std::string> MethodNames() const;

  codec::reflection::DescriptorPool pool_;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_SCHEMA_H_
