#include "penstock/codec/compiler/mock_code.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

// What is said of each of the four kinds of methods.
struct KindCode {
  std::string_view mock;
  // gmock makes a Status by itself, a Task it cannot.
  std::string_view default_action;
};

constexpr KindCode kUnary = {
    R"(  MOCK_METHOD(::penstock::Status, $method$,
              (::penstock::Call & call, const $request$& request, $reply$& reply), (override));
)",
    ""};
constexpr KindCode kServerStreaming = {
    R"(  MOCK_METHOD(::penstock::Task<::penstock::Status>, $method$,
              (::penstock::Call & call, const $request$& request,
               ::penstock::Writer<$reply$>& out), (override));
)",
    R"(    ON_CALL(*this, $method$).WillByDefault(
        [](::penstock::Call&, const $request$&,
           ::penstock::Writer<$reply$>&) -> ::penstock::Task<::penstock::Status> {
          co_return ::penstock::OkStatus();
        });
)"};
constexpr KindCode kClientStreaming = {
    R"(  MOCK_METHOD(::penstock::Task<::penstock::StatusOr<$reply$>>, $method$,
              (::penstock::Call & call, ::penstock::Reader<$request$>& in), (override));
)",
    R"(    ON_CALL(*this, $method$).WillByDefault(
        [](::penstock::Call& call, ::penstock::Reader<$request$>&)
            -> ::penstock::Task<::penstock::StatusOr<$reply$>> {
          $reply$ reply(&call.arena());
          co_return reply;
        });
)"};
constexpr KindCode kBidiStreaming = {
    R"(  MOCK_METHOD(::penstock::Task<::penstock::Status>, $method$,
              (::penstock::Call & call, ::penstock::Reader<$request$>& in,
               ::penstock::Writer<$reply$>& out), (override));
)",
    R"(    ON_CALL(*this, $method$).WillByDefault(
        [](::penstock::Call&, ::penstock::Reader<$request$>&,
           ::penstock::Writer<$reply$>&) -> ::penstock::Task<::penstock::Status> {
          co_return ::penstock::OkStatus();
        });
)"};

const KindCode& CodeOf(const MethodDescriptor& method) {
  if (method.client_streaming) return method.server_streaming ? kBidiStreaming : kClientStreaming;
  return method.server_streaming ? kServerStreaming : kUnary;
}

CodeWriter::Variables VariablesOf(const FileDescriptor& file, const MethodDescriptor& method) {
  return {{"method", CppIdentifier(method.name)},
          {"request", TypeNameIn(file, *method.input)},
          {"reply", TypeNameIn(file, *method.output)}};
}

void PrintDefaults(const FileDescriptor& file, const ServiceDescriptor& service, CodeWriter* out) {
  out->Print("  Mock$service$Service() {\n", {{"service", service.name}});
  for (const MethodDescriptor& method : service.methods) {
    out->Print(CodeOf(method).default_action, VariablesOf(file, method));
  }
  out->Print("  }\n\n");
}

void PrintMock(const FileDescriptor& file, const ServiceDescriptor& service, CodeWriter* out) {
  out->Print(R"(// Add it to a server, or call it: a method without an expectation answers OK.
class Mock$service$Service : public $service$Service {
 public:
)",
             {{"service", service.name}});
  const auto is_coroutine = [](const MethodDescriptor& method) {
    return method.server_streaming || method.client_streaming;
  };
  if (std::any_of(service.methods.begin(), service.methods.end(), is_coroutine)) {
    PrintDefaults(file, service, out);
  }
  for (const MethodDescriptor& method : service.methods) {
    out->Print(CodeOf(method).mock, VariablesOf(file, method));
  }
  out->Print("};\n\n");
}

// A method of a client's mock, and its place in Answer().
constexpr std::string_view kMockClientMethod =
    R"(  MOCK_METHOD(::penstock::Status, $method$,
              (::penstock::Call & call, const $request$& request, $reply$& reply));
)";
constexpr std::string_view kAnswer =
    R"(    if (call.method() == "$path$") {
      return AnswerUnary<$request$, $reply$>(
          call, [this](::penstock::Call& its_call, const $request$& request, $reply$& reply) {
            return $method$(its_call, request, reply);
          });
    }
)";

void PrintMockClient(const FileDescriptor& file, const ServiceDescriptor& service,
                     CodeWriter* out) {
  const CodeWriter::Variables v = {{"service", service.name}};
  out->Print(R"(// For code under test, which is given client(): see client/mock_client.h. A method
// without an expectation answers OK.
class Mock$service$Client : public ::penstock::client::MockClient {
 public:
  explicit Mock$service$Client(::penstock::reactor::Shard* shard)
      : MockClient(shard), client_(&channel()) {}

  $service$Client& client() { return client_; }

)",
             v);
  for (const MethodDescriptor& method : service.methods) {
    if (method.client_streaming || method.server_streaming) continue;
    out->Print(kMockClientMethod, VariablesOf(file, method));
  }
  out->Print("\n private:\n  void Answer(::penstock::client::ClientCall& call) override {\n");
  for (const MethodDescriptor& method : service.methods) {
    if (method.client_streaming || method.server_streaming) continue;
    CodeWriter::Variables of_method = VariablesOf(file, method);
    of_method["path"] = "/" + service.full_name + "/" + method.name;
    out->Print(kAnswer, of_method);
  }
  out->Print("    AnswerUnknown(call);\n  }\n\n  $service$Client client_;\n};\n\n", v);
}

}  // namespace

void PrintMockHeader(const FileDescriptor& file, CodeWriter* out) {
  OpenServicesHeader(file, ".mock.h", R"(#include <gmock/gmock.h>

#include "$path$.client.h"
#include "$path$.server.h"
#include "penstock/client/mock_client.h"
)",
                     out);
  for (const ServiceDescriptor& service : file.services) {
    PrintMock(file, service, out);
    PrintMockClient(file, service, out);
  }
  CloseServicesHeader(file, ".mock.h", out);
}

}  // namespace penstock::codec::compiler
