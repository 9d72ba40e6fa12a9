#include "penstock/codec/compiler/mock_code.h"

#include <string>

#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

void PrintMock(const FileDescriptor& file, const ServiceDescriptor& service, CodeWriter* out) {
  out->Print(R"(// Add it to a server, or call it: a method without an expectation answers OK.
class Mock$service$Service : public $service$Service {
 public:
)",
             {{"service", service.name}});
  for (const MethodDescriptor& method : service.methods) {
    if (method.client_streaming || method.server_streaming) continue;  // as in x.server.h
    out->Print(R"(  MOCK_METHOD(::penstock::Status, $method$,
              (::penstock::Call & call, const $request$& request, $reply$& reply), (override));
)",
               {{"method", CppIdentifier(method.name)},
                {"request", TypeNameIn(file, *method.input)},
                {"reply", TypeNameIn(file, *method.output)}});
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
