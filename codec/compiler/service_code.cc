#include "penstock/codec/compiler/service_code.h"

#include <string>

#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

// Streams in are not served yet.
bool IsLeftOut(const MethodDescriptor& method) { return method.client_streaming; }

CodeWriter::Variables VariablesOf(const FileDescriptor& file, const ServiceDescriptor& service,
                                  const MethodDescriptor& method) {
  return {{"service", CppIdentifier(service.name)},
          {"path", "/" + service.full_name + "/" + method.name},
          {"method", CppIdentifier(method.name)},
          {"kind", method.server_streaming ? "ServerStreamingMethod" : "UnaryMethod"},
          {"request", TypeNameIn(file, *method.input)},
          {"reply", TypeNameIn(file, *method.output)}};
}

void PrintMethods(const FileDescriptor& file, const ServiceDescriptor& service, CodeWriter* out) {
  out->Print(R"(// The methods of $full_name$, for registering one at a time:
//     registry.Handle($service$::Method, function)
struct $service$ {
  static constexpr std::string_view kFullName = "$full_name$";
)",
             {{"service", CppIdentifier(service.name)}, {"full_name", service.full_name}});
  for (const MethodDescriptor& method : service.methods) {
    const CodeWriter::Variables v = VariablesOf(file, service, method);
    out->Print("\n");
    PrintComment(method.comments.leading, "  ", out);
    if (IsLeftOut(method)) {
      out->Print(
          "  // $method$ streams its requests, which is not supported yet: the server answers\n"
          "  // UNIMPLEMENTED.\n",
          v);
      continue;
    }
    out->Print(
        "  static constexpr ::penstock::$kind$<$request$, $reply$> $method${\n"
        "      \"$path$\"};\n",
        v);
  }
  out->Print("};\n\n");
}

// What each method of the class with virtual methods looks like.
constexpr std::string_view kVirtualUnary =
    R"(  virtual ::penstock::Status $method$(::penstock::Call& call, const $request$& request,
                                      $reply$& reply) = 0;
)";
constexpr std::string_view kVirtualStream =
    R"(  virtual ::penstock::Task<::penstock::Status> $method$(
      ::penstock::Call& call, const $request$& request,
      ::penstock::Writer<$reply$>& out) = 0;
)";
constexpr std::string_view kRegisterUnary =
    R"(    registry.Handle($service$::$method$,
                    [this](::penstock::Call& call, const $request$& request,
                           $reply$& reply) { return $method$(call, request, reply); });
)";
constexpr std::string_view kRegisterStream =
    R"(    registry.Handle($service$::$method$,
                    [this](::penstock::Call& call, const $request$& request,
                           ::penstock::Writer<$reply$>& out) {
                      return $method$(call, request, out);
                    });
)";

void PrintService(const FileDescriptor& file, const ServiceDescriptor& service, CodeWriter* out) {
  PrintComment(service.comments.leading, "", out);
  out->Print(R"(class $class$ : public ::penstock::Service {
 public:
)",
             {{"class", service.name + "Service"}});
  for (const MethodDescriptor& method : service.methods) {
    if (IsLeftOut(method)) continue;
    PrintComment(method.comments.leading, "  ", out);
    out->Print(method.server_streaming ? kVirtualStream : kVirtualUnary,
               VariablesOf(file, service, method));
  }
  out->Print("\n  void Register([[maybe_unused]] ::penstock::Registry& registry) final {\n");
  for (const MethodDescriptor& method : service.methods) {
    if (IsLeftOut(method)) continue;
    out->Print(method.server_streaming ? kRegisterStream : kRegisterUnary,
               VariablesOf(file, service, method));
  }
  out->Print("  }\n};\n\n");
}

// The same for a class that says by its methods' types which form each has.
void PrintHandlers(const FileDescriptor& file, const ServiceDescriptor& service, CodeWriter* out) {
  out->Print(
      R"(// For a class whose unary methods are plain functions or coroutines, each as it likes:
//     class Mine final : public $class$<Mine> { public: ... };
template <typename Derived>
class $class$ : public ::penstock::Service {
 public:
  void Register([[maybe_unused]] ::penstock::Registry& registry) final {
)",
      {{"class", service.name + "Handlers"}});
  for (const MethodDescriptor& method : service.methods) {
    if (IsLeftOut(method)) continue;
    out->Print(
        R"(    registry.Handle($service$::$method$, ::penstock::BoundMethod<&Derived::$method$>(
                                       static_cast<Derived*>(this)));
)",
        VariablesOf(file, service, method));
  }
  out->Print("  }\n};\n\n");
}

void WarnOfStreaming(const FileDescriptor& file, Diagnostics* diagnostics) {
  for (const ServiceDescriptor& service : file.services) {
    for (const MethodDescriptor& method : service.methods) {
      if (!IsLeftOut(method)) continue;
      diagnostics->AddWarning(file.path, method.location,
                              "streamed requests are not supported yet: \"" + method.name +
                                  "\" is left out and answered UNIMPLEMENTED");
    }
  }
}

}  // namespace

void PrintServerHeader(const FileDescriptor& file, Diagnostics* diagnostics, CodeWriter* out) {
  WarnOfStreaming(file, diagnostics);
  const std::string path = WithoutProtoSuffix(file.path);
  const std::string guard = IncludeGuard(path, ".server.h");
  out->Print(R"(#ifndef $guard$
#define $guard$

#include <string_view>

#include "$path$.penstock.h"
#include "penstock/server/service.h"

)",
             {{"guard", guard}, {"path", path}});
  OpenNamespace(file, out);
  out->Print("\n");
  for (const ServiceDescriptor& service : file.services) {
    PrintMethods(file, service, out);
    PrintService(file, service, out);
    PrintHandlers(file, service, out);
  }
  CloseNamespace(file, out);
  out->Print("\n#endif  // $guard$\n", {{"guard", guard}});
}

}  // namespace penstock::codec::compiler
