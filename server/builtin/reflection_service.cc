#include "penstock/server/builtin/reflection_service.h"

#include <string>
#include <string_view>

#include "penstock/rpc/select.h"
#include "penstock/rpc/topic.h"
#include "penstock/rpc/try.h"
#include "penstock/wire/quoted.h"

#include "grpc/reflection/v1/reflection.server.h"
#include "grpc/reflection/v1alpha/reflection.server.h"

namespace penstock::server {
namespace {

using codec::reflection::DescriptorPool;
using codec::reflection::FieldDescriptor;
using codec::reflection::FileDescriptor;
using codec::reflection::MessageDescriptor;

template <typename Response>
void FillError(StatusCode code, std::string message, Response* response) {
  auto* error = response->mutable_error_response();
  error->set_error_code(static_cast<int32_t>(code));
  error->set_error_message(message);
}

template <typename Response>
void FillNotFound(std::string_view what, std::string_view name, Response* response) {
  FillError(StatusCode::kNotFound,
            "there is no " + std::string(what) + " " + wire::Quoted(name), response);
}

// What one stream has been told.
class Conversation {
 public:
  explicit Conversation(const DescriptorSource* source) : source_(*source) {}

  template <typename Request, typename Response>
  void Answer(const Request& request, Response* response) {
    response->set_valid_host(request.host());
    *response->mutable_original_request() = request;
    switch (request.message_request_case()) {
      case Request::kFileByFilename:
        return FillFile(pool().FindFile(request.file_by_filename()), "file",
                        request.file_by_filename(), response);
      case Request::kFileContainingSymbol:
        return FillFile(pool().FindFileOf(request.file_containing_symbol()), "symbol",
                        request.file_containing_symbol(), response);
      case Request::kFileContainingExtension:
        return FillFileOfExtension(request.file_containing_extension(), response);
      case Request::kAllExtensionNumbersOfType:
        return FillExtensionNumbers(request.all_extension_numbers_of_type(), response);
      case Request::kListServices:
        return FillServices(response);
      default:
        return FillError(StatusCode::kInvalidArgument,
                         "the request asks for nothing: set a field of message_request", response);
    }
  }

 private:
  const DescriptorPool& pool() const { return source_.pool(); }

  template <typename Response>
  void FillFile(const FileDescriptor* file, std::string_view what, std::string_view name,
                Response* response) {
    if (file == nullptr) return FillNotFound(what, name, response);
    auto* files = response->mutable_file_descriptor_response();
    for (const std::string_view octets : source_.WithImports(*file, &sent_)) {
      files->add_file_descriptor_proto(octets);
    }
  }

  template <typename Extension, typename Response>
  void FillFileOfExtension(const Extension& wanted, Response* response) {
    const MessageDescriptor* extendee = pool().FindMessage(wanted.containing_type());
    if (extendee == nullptr) return FillNotFound("message", wanted.containing_type(), response);
    const FieldDescriptor* extension =
        pool().FindExtension(*extendee, static_cast<uint32_t>(wanted.extension_number()));
    if (extension == nullptr) {
      return FillNotFound("extension " + std::to_string(wanted.extension_number()) + " of",
                          wanted.containing_type(), response);
    }
    FillFile(pool().FindFileOf(extension->full_name), "file of", extension->full_name, response);
  }

  template <typename Response>
  void FillExtensionNumbers(std::string_view type, Response* response) {
    const MessageDescriptor* extendee = pool().FindMessage(type);
    if (extendee == nullptr) return FillNotFound("message", type, response);
    auto* numbers = response->mutable_all_extension_numbers_response();
    numbers->set_base_type_name(type);
    for (const int32_t number : source_.ExtensionNumbers(*extendee)) {
      numbers->add_extension_number(number);
    }
  }

  template <typename Response>
  void FillServices(Response* response) {
    auto* services = response->mutable_list_services_response();
    for (const std::string& service : source_.registry().services()) {
      services->add_service()->set_name(service);
    }
  }

  const DescriptorSource& source_;
  DescriptorSource::Files sent_;
};

// Tools leave a stream open between their questions. When the server ends, what has been asked is
// answered still, and then it is told: nobody's end waits for theirs.
// Ownership: `source` and `health` outlive the server; `call`, `in` and `out` live until the call's
//            task completes.
template <typename Request, typename Response>
Task<Status> Converse(const DescriptorSource* source, Health* health, Call& call,
                      Reader<Request>& in, Writer<Response>& out) {
  // Before the first look, so that the end does not fall between the two.
  Subscription<Health::Changed> changes(&health->changes(), call, 1);
  Conversation conversation(source);
  for (;;) {
    const Request* request = nullptr;
    if (health->watches_ended()) {
      const Arrival<Request> arrival = co_await Try(co_await in.Next(0));
      if (arrival.timed_out()) {
        co_return MakeStatus(StatusCode::kUnavailable, "the server is shutting down");
      }
      request = arrival.message();
    } else {
      auto next = in.Next();
      auto change = changes.Receive(call);
      if (co_await Select(next, change) == 1) {
        co_await Try(co_await change);
        continue;
      }
      request = co_await Try(co_await next);
    }
    if (request == nullptr) co_return OkStatus();
    Response response;  // not in the call's arena, which would grow with each
    conversation.Answer(*request, &response);
    co_await Try(co_await out.Write(response));
  }
}

template <typename Request, typename Response>
void HandleUnlessThere(const BidiStreamingMethod<Request, Response>& method,
                       const DescriptorSource* source, Health* health, Registry* registry) {
  if (registry->Find(method.path) != nullptr) return;
  registry->Handle(method,
                   [source, health](Call& call, Reader<Request>& in, Writer<Response>& out) {
                     return Converse(source, health, call, in, out);
                   });
}

}  // namespace

void ReflectionService::Register(Registry& registry) {
  namespace reflection = grpc::reflection;
  HandleUnlessThere(reflection::v1::ServerReflection::ServerReflectionInfo, &source_, &health_,
                    &registry);
  HandleUnlessThere(reflection::v1alpha::ServerReflection::ServerReflectionInfo, &source_,
                    &health_, &registry);
}

}  // namespace penstock::server
