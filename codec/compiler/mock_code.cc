#include "penstock/codec/compiler/mock_code.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

constexpr std::string_view kMockUnary =
    R"(  MOCK_METHOD(::penstock::Status, $method$,
              (::penstock::Call & call, const $request$& request, $reply$& reply), (override));
)";
constexpr std::string_view kMockStream =
    R"(  MOCK_METHOD(::penstock::Task<::penstock::Status>, $method$,
              (::penstock::Call & call, const $request$& request,
               ::penstock::Writer<$reply$>& out), (override));
)";

CodeWriter::Variables VariablesOf(const FileDescriptor& file, const MethodDescriptor& method) {
  return {{"method", CppIdentifier(method.name)},
          {"request", TypeNameIn(file, *method.input)},
          {"reply", TypeNameIn(file, *method.output)}};
}

// gmock makes a Status by itself, a Task it cannot.
void PrintDefaults(const FileDescriptor& file, const ServiceDescriptor& service, CodeWriter* out) {
  out->Print("  Mock$service$Service() {\n", {{"service", service.name}});
  for (const MethodDescriptor& method : service.methods) {
    if (method.client_streaming || !method.server_streaming) continue;
    out->Print(R"(    ON_CALL(*this, $method$).WillByDefault(
        [](::penstock::Call&, const $request$&,
           ::penstock::Writer<$reply$>&) -> ::penstock::Task<::penstock::Status> {
          co_return ::penstock::OkStatus();
        });
)",
               VariablesOf(file, method));
  }
  out->Print("  }\n\n");
}

void PrintMock(const FileDescriptor& file, const ServiceDescriptor& service, CodeWriter* out) {
  out->Print(R"(// Add it to a server, or call it: a method without an expectation answers OK.
class Mock$service$Service : public $service$Service {
 public:
)",
             {{"service", service.name}});
  const auto streams_out = [](const MethodDescriptor& method) {
    return method.server_streaming && !method.client_streaming;
  };
  if (std::any_of(service.methods.begin(), service.methods.end(), streams_out)) {
    PrintDefaults(file, service, out);
  }
  for (const MethodDescriptor& method : service.methods) {
    if (method.client_streaming) continue;  // as in x.server.h
    out->Print(method.server_streaming ? kMockStream : kMockUnary, VariablesOf(file, method));
  }
  out->Print("};\n\n");
}

}  // namespace

void PrintMockHeader(const FileDescriptor& file, CodeWriter* out) {
  const std::string path = WithoutProtoSuffix(file.path);
  const std::string guard = IncludeGuard(path, ".mock.h");
  out->Print(R"(#ifndef $guard$
#define $guard$

#include <gmock/gmock.h>

#include "$path$.server.h"

)",
             {{"guard", guard}, {"path", path}});
  OpenNamespace(file, out);
  out->Print("\n");
  for (const ServiceDescriptor& service : file.services) PrintMock(file, service, out);
  CloseNamespace(file, out);
  out->Print("\n#endif  // $guard$\n", {{"guard", guard}});
}

}  // namespace penstock::codec::compiler
