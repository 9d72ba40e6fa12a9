#include "penstock/codec/compiler/service_code.h"

#include <string>
#include <string_view>

#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/descriptor_code.h"
#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

// What is said of each of the four kinds of methods.
struct KindCode {
  std::string_view constant;  // the class of its constant
  std::string_view virtual_method;
  std::string_view registration;  // of the virtual method
};

constexpr KindCode kUnary = {
    "UnaryMethod",
    R"(  virtual ::penstock::Status $method$(::penstock::Call& call, const $request$& request,
                                      $reply$& reply) = 0;
)",
    R"(    registry.Handle($service$::$method$,
                    [this](::penstock::Call& call, const $request$& request,
                           $reply$& reply) { return $method$(call, request, reply); });
)"};
constexpr KindCode kServerStreaming = {
    "ServerStreamingMethod",
    R"(  virtual ::penstock::Task<::penstock::Status> $method$(
      ::penstock::Call& call, const $request$& request,
      ::penstock::Writer<$reply$>& out) = 0;
)",
    R"(    registry.Handle($service$::$method$,
                    [this](::penstock::Call& call, const $request$& request,
                           ::penstock::Writer<$reply$>& out) {
                      return $method$(call, request, out);
                    });
)"};
constexpr KindCode kClientStreaming = {
    "ClientStreamingMethod",
    R"(  virtual ::penstock::Task<::penstock::StatusOr<$reply$>> $method$(
      ::penstock::Call& call, ::penstock::Reader<$request$>& in) = 0;
)",
    R"(    registry.Handle($service$::$method$,
                    [this](::penstock::Call& call, ::penstock::Reader<$request$>& in) {
                      return $method$(call, in);
                    });
)"};
constexpr KindCode kBidiStreaming = {
    "BidiStreamingMethod",
    R"(  virtual ::penstock::Task<::penstock::Status> $method$(
      ::penstock::Call& call, ::penstock::Reader<$request$>& in,
      ::penstock::Writer<$reply$>& out) = 0;
)",
    R"(    registry.Handle($service$::$method$,
                    [this](::penstock::Call& call, ::penstock::Reader<$request$>& in,
                           ::penstock::Writer<$reply$>& out) {
                      return $method$(call, in, out);
                    });
)"};

const KindCode& CodeOf(const MethodDescriptor& method) {
  if (method.client_streaming) return method.server_streaming ? kBidiStreaming : kClientStreaming;
  return method.server_streaming ? kServerStreaming : kUnary;
}

CodeWriter::Variables VariablesOf(const FileDescriptor& file, const ServiceDescriptor& service,
                                  const MethodDescriptor& method) {
  return {{"service", CppIdentifier(service.name)},
          {"path", "/" + service.full_name + "/" + method.name},
          {"file", FileConstant(file.path)},
          {"method", CppIdentifier(method.name)},
          {"kind", std::string(CodeOf(method).constant)},
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
    out->Print(
        "  static constexpr ::penstock::$kind$<$request$, $reply$> $method${\n"
        "      \"$path$\", &::penstock::codec::embedded::$file$};\n",
        v);
  }
  out->Print("};\n\n");
}

void PrintService(const FileDescriptor& file, const ServiceDescriptor& service, CodeWriter* out) {
  PrintComment(service.comments.leading, "", out);
  out->Print(R"(class $class$ : public ::penstock::Service {
 public:
)",
             {{"class", service.name + "Service"}});
  for (const MethodDescriptor& method : service.methods) {
    PrintComment(method.comments.leading, "  ", out);
    out->Print(CodeOf(method).virtual_method, VariablesOf(file, service, method));
  }
  out->Print("\n  void Register([[maybe_unused]] ::penstock::Registry& registry) final {\n");
  for (const MethodDescriptor& method : service.methods) {
    out->Print(CodeOf(method).registration, VariablesOf(file, service, method));
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
    out->Print(
        R"(    registry.Handle($service$::$method$, ::penstock::BoundMethod<&Derived::$method$>(
                                       static_cast<Derived*>(this)));
)",
        VariablesOf(file, service, method));
  }
  out->Print("  }\n};\n\n");
}

}  // namespace

void PrintServerHeader(const FileDescriptor& file, CodeWriter* out) {
  const std::string includes = R"(#include <string_view>

#include "$path$.penstock.h"
#include "penstock/server/service.h"

namespace penstock::codec::embedded {
extern const EmbeddedFile )" + FileConstant(file.path) +
                               ";\n}  // namespace penstock::codec::embedded\n";
  OpenServicesHeader(file, ".server.h", includes, out);
  for (const ServiceDescriptor& service : file.services) {
    PrintMethods(file, service, out);
    PrintService(file, service, out);
    PrintHandlers(file, service, out);
  }
  CloseServicesHeader(file, ".server.h", out);
}

}  // namespace penstock::codec::compiler
