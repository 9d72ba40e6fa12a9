#include "penstock/codec/compiler/client_code.h"

#include <string>
#include <string_view>

#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

// Streams are not called yet.
bool IsLeftOut(const MethodDescriptor& method) {
  return method.client_streaming || method.server_streaming;
}

CodeWriter::Variables VariablesOf(const FileDescriptor& file, const ServiceDescriptor& service,
                                  const MethodDescriptor& method) {
  return {{"path", "/" + service.full_name + "/" + method.name},
          {"method", CppIdentifier(method.name)},
          {"request", TypeNameIn(file, *method.input)},
          {"reply", TypeNameIn(file, *method.output)}};
}

constexpr std::string_view kUnary =
    R"(  ::penstock::client::Unary<$reply$> $method$(
      ::penstock::Call& call, const $request$& request,
      const ::penstock::client::CallOptions& options =
          ::penstock::client::CallOptions::Default()) const {
    static constexpr ::penstock::UnaryMethod<$request$, $reply$> kMethod{
        "$path$"};
    return ::penstock::client::StartUnary(*core_, kMethod, call, request, options);
  }
)";

void PrintClient(const FileDescriptor& file, const ServiceDescriptor& service, CodeWriter* out) {
  PrintComment(service.comments.leading, "", out);
  out->Print(R"(class $class$ {
 public:
  // Ownership: the channel outlives it.
  explicit $class$(::penstock::client::Channel* channel) : core_(&channel->core()) {}
)",
             {{"class", service.name + "Client"}});
  for (const MethodDescriptor& method : service.methods) {
    const CodeWriter::Variables v = VariablesOf(file, service, method);
    out->Print("\n");
    PrintComment(method.comments.leading, "  ", out);
    if (IsLeftOut(method)) {
      out->Print("  // $method$ streams, which clients cannot do yet.\n", v);
    } else {
      out->Print(kUnary, v);
    }
  }
  out->Print(R"(
 private:
  [[maybe_unused]] ::penstock::client::ChannelCore* core_;
};

)");
}

}  // namespace

void PrintClientHeader(const FileDescriptor& file, CodeWriter* out) {
  const std::string path = WithoutProtoSuffix(file.path);
  const std::string guard = IncludeGuard(path, ".client.h");
  out->Print(R"(#ifndef $guard$
#define $guard$

#include "$path$.penstock.h"
#include "penstock/client/stub.h"

)",
             {{"guard", guard}, {"path", path}});
  OpenNamespace(file, out);
  out->Print("\n");
  for (const ServiceDescriptor& service : file.services) PrintClient(file, service, out);
  CloseNamespace(file, out);
  out->Print("\n#endif  // $guard$\n", {{"guard", guard}});
}

}  // namespace penstock::codec::compiler
