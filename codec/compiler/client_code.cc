#include "penstock/codec/compiler/client_code.h"

#include <string>
#include <string_view>

#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

CodeWriter::Variables VariablesOf(const FileDescriptor& file, const ServiceDescriptor& service,
                                  const MethodDescriptor& method) {
  return {{"path", "/" + service.full_name + "/" + method.name},
          {"method", CppIdentifier(method.name)},
          {"kind", method.server_streaming ? "Duplex" : "Upload"},
          {"request", TypeNameIn(file, *method.input)},
          {"reply", TypeNameIn(file, *method.output)}};
}

// What stands in each kind's function. Options come last everywhere.
constexpr std::string_view kUnary =
    R"(  ::penstock::client::Unary<$reply$> $method$(
      ::penstock::CallScope& call, const $request$& request,
      const ::penstock::client::CallOptions& options =
          ::penstock::client::CallOptions::Default()) const {
    static constexpr ::penstock::UnaryMethod<$request$, $reply$> kMethod{
        "$path$"};
    return ::penstock::client::StartUnary(channel_.For(call), kMethod, call, request, options);
  }
)";
constexpr std::string_view kDownload =
    R"(  ::penstock::client::Download<$reply$> $method$(
      ::penstock::CallScope& call, const $request$& request,
      const ::penstock::client::CallOptions& options =
          ::penstock::client::CallOptions::Default()) const {
    return ::penstock::client::Download<$reply$>(
        &channel_.For(call), &call, "$path$", request, options);
  }
)";
constexpr std::string_view kUploadOrDuplex =
    R"(  ::penstock::client::$kind$<$request$, $reply$> $method$(
      ::penstock::CallScope& call,
      const ::penstock::client::CallOptions& options =
          ::penstock::client::CallOptions::Default()) const {
    return ::penstock::client::$kind$<$request$, $reply$>(
        &channel_.For(call), &call, "$path$", options);
  }
)";
constexpr std::string_view kBlockingUnary =
    R"(  ::penstock::StatusOr<$reply$> $method$(
      const $request$& request,
      const ::penstock::client::CallOptions& options =
          ::penstock::client::CallOptions::Default()) const {
    static constexpr ::penstock::UnaryMethod<$request$, $reply$> kMethod{
        "$path$"};
    return channel_->Call(kMethod, request, options);
  }
)";

std::string_view TemplateOf(const MethodDescriptor& method) {
  if (method.client_streaming) return kUploadOrDuplex;
  return method.server_streaming ? kDownload : kUnary;
}

void PrintClient(const FileDescriptor& file, const ServiceDescriptor& service, CodeWriter* out) {
  PrintComment(service.comments.leading, "", out);
  out->Print(R"(class $class$ {
 public:
  // Ownership: the channel outlives it.
  explicit $class$(::penstock::client::Channel* channel) : channel_(channel) {}
  explicit $class$(::penstock::client::ShardedChannel* channel) : channel_(channel) {}
)",
             {{"class", service.name + "Client"}});
  for (const MethodDescriptor& method : service.methods) {
    out->Print("\n");
    PrintComment(method.comments.leading, "  ", out);
    out->Print(TemplateOf(method), VariablesOf(file, service, method));
  }
  out->Print(R"(
 private:
  ::penstock::client::ChannelRef channel_;
};

)");
}

// The unary methods, for threads that may block.
void PrintBlockingClient(const FileDescriptor& file, const ServiceDescriptor& service,
                         CodeWriter* out) {
  out->Print(R"(// The unary methods, for threads that are no shard's.
class $class$ {
 public:
  // Ownership: the channel outlives it.
  explicit $class$(::penstock::client::BlockingChannel* channel)
      : channel_(channel) {}
)",
             {{"class", service.name + "BlockingClient"}});
  for (const MethodDescriptor& method : service.methods) {
    if (method.client_streaming || method.server_streaming) continue;
    out->Print("\n");
    PrintComment(method.comments.leading, "  ", out);
    out->Print(kBlockingUnary, VariablesOf(file, service, method));
  }
  out->Print(R"(
 private:
  [[maybe_unused]] ::penstock::client::BlockingChannel* channel_;
};

)");
}

}  // namespace

void PrintClientHeader(const FileDescriptor& file, CodeWriter* out) {
  OpenServicesHeader(file, ".client.h", R"(#include "$path$.penstock.h"
#include "penstock/client/stub.h"
)",
                     out);
  for (const ServiceDescriptor& service : file.services) {
    PrintClient(file, service, out);
    PrintBlockingClient(file, service, out);
  }
  CloseServicesHeader(file, ".client.h", out);
}

}  // namespace penstock::codec::compiler
