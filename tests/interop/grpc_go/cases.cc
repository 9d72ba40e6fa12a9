#include "tests/interop/grpc_go/cases.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "grpc/testing/test.client.h"

namespace penstock::grpc_go {
namespace {

using client::CallOptions;
using client::Channel;
using grpc::testing::Empty;
using grpc::testing::Payload;
using grpc::testing::PayloadType;
using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using grpc::testing::StreamingInputCallRequest;
using grpc::testing::StreamingInputCallResponse;
using grpc::testing::StreamingOutputCallRequest;
using grpc::testing::StreamingOutputCallResponse;
using grpc::testing::TestServiceClient;
using grpc::testing::UnimplementedServiceClient;

using UploadOfInputs = client::Upload<StreamingInputCallRequest, StreamingInputCallResponse>;
using DownloadOfOutputs = client::Download<StreamingOutputCallResponse>;
using DuplexOfOutputs = client::Duplex<StreamingOutputCallRequest, StreamingOutputCallResponse>;

// The sizes are the descriptions', in octets.
constexpr int32_t kLargeRequestBytes = 271'828;
constexpr int32_t kLargeResponseBytes = 314'159;
constexpr std::array<int32_t, 4> kRequestBytes = {27'182, 8, 1'828, 45'904};
constexpr std::array<int32_t, 4> kResponseBytes = {31'415, 9, 2'653, 58'979};

constexpr int32_t kUnknown = static_cast<int32_t>(StatusCode::kUnknown);
constexpr std::string_view kPlainMessage = "test status message";
constexpr std::string_view kSpecialMessage =
    "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001F608\t\n";

constexpr std::string_view kInitialKey = "x-grpc-test-echo-initial";
constexpr std::string_view kInitialValue = "test_initial_metadata_value";
constexpr std::string_view kTrailingKey = "x-grpc-test-echo-trailing-bin";
constexpr std::string_view kTrailingValue = "\xab\xab\xab";

// --- What is sent

void Fill(int32_t size, Payload* payload) {
  payload->set_body(std::string(static_cast<size_t>(size), '\0'));
}

SimpleRequest SimpleOf(int32_t request_bytes, int32_t response_bytes) {
  SimpleRequest request;
  request.set_response_size(response_bytes);
  Fill(request_bytes, request.mutable_payload());
  return request;
}

StreamingOutputCallRequest OutputOf(int32_t request_bytes, int32_t response_bytes) {
  StreamingOutputCallRequest request;
  request.add_response_parameters()->set_size(response_bytes);
  Fill(request_bytes, request.mutable_payload());
  return request;
}

template <typename Request>
Request AskingForStatus(std::string_view message) {
  Request request;
  request.mutable_response_status()->set_code(kUnknown);
  request.mutable_response_status()->set_message(message);
  return request;
}

// --- What is to come back

Status Unlike(const std::string& what) {
  return MakeStatus(StatusCode::kFailedPrecondition, what);
}

Status ExpectBytes(const Payload& payload, int32_t wanted) {
  if (payload.type() != PayloadType::COMPRESSABLE) {
    return Unlike("the payload's type is not COMPRESSABLE");
  }
  const size_t bytes = payload.body().size();
  if (bytes == static_cast<size_t>(wanted)) return OkStatus();
  return Unlike("the payload has " + std::to_string(bytes) + " octets instead of " +
                std::to_string(wanted));
}

Status ExpectCode(const Status& status, StatusCode wanted) {
  if (status.code() == wanted) return OkStatus();
  return Unlike("the call ended with " + status.ToString() + " instead of " +
                absl::StatusCodeToString(wanted));
}

Status ExpectMessage(const Status& status, std::string_view wanted) {
  if (status.code() == StatusCode::kUnknown && MessageOf(status) == wanted) return OkStatus();
  return Unlike("the call ended with '" + status.ToString() + "' instead of UNKNOWN and '" +
                std::string(wanted) + "'");
}

// Once, and with that value.
Status ExpectEntry(const Metadata& metadata, std::string_view key, std::string_view wanted) {
  int count = 0;
  for (const Metadata::Entry& entry : metadata) {
    if (entry.key != key) continue;
    ++count;
    if (entry.value != wanted) return Unlike(std::string(key) + " has another value");
  }
  if (count == 1) return OkStatus();
  return Unlike(std::string(key) + " came " + std::to_string(count) + " times");
}

Task<Status> ExpectEnd(DuplexOfOutputs& calls) {
  const StreamingOutputCallResponse* more = co_await Try(co_await calls.Next());
  co_return more == nullptr ? OkStatus() : Unlike("a message came where the end should have come");
}

Task<Status> ExpectResponse(DuplexOfOutputs& calls, int32_t bytes) {
  const StreamingOutputCallResponse* response = co_await Try(co_await calls.Next());
  if (response == nullptr) co_return Unlike("the end came where a message should have come");
  co_return ExpectBytes(response->payload(), bytes);
}

// --- The cases

Task<Status> EmptyUnary(Channel& channel, CallScope& scope) {
  TestServiceClient service(&channel);
  const Empty request;
  const Empty reply = co_await Try(co_await service.EmptyCall(scope, request));
  co_return reply.SerializeAsString().empty() ? OkStatus() : Unlike("the reply is not empty");
}

Task<Status> LargeUnary(Channel& channel, CallScope& scope) {
  TestServiceClient service(&channel);
  const SimpleRequest request = SimpleOf(kLargeRequestBytes, kLargeResponseBytes);
  const SimpleResponse reply = co_await Try(co_await service.UnaryCall(scope, request));
  co_return ExpectBytes(reply.payload(), kLargeResponseBytes);
}

Task<Status> ClientStreaming(Channel& channel, CallScope& scope) {
  TestServiceClient service(&channel);
  UploadOfInputs upload = service.StreamingInputCall(scope);
  int32_t sum_bytes = 0;
  for (const int32_t bytes : kRequestBytes) {
    StreamingInputCallRequest request;
    Fill(bytes, request.mutable_payload());
    co_await Try(co_await upload.Write(request));
    sum_bytes += bytes;
  }
  const StreamingInputCallResponse reply = co_await Try(co_await upload.Finish());
  if (reply.aggregated_payload_size() == sum_bytes) co_return OkStatus();
  co_return Unlike("aggregated_payload_size is " +
                   std::to_string(reply.aggregated_payload_size()) + " instead of " +
                   std::to_string(sum_bytes));
}

Task<Status> ServerStreaming(Channel& channel, CallScope& scope) {
  TestServiceClient service(&channel);
  StreamingOutputCallRequest request;
  for (const int32_t bytes : kResponseBytes) request.add_response_parameters()->set_size(bytes);
  DownloadOfOutputs download = service.StreamingOutputCall(scope, request);
  size_t count = 0;
  while (const StreamingOutputCallResponse* response =
             co_await Try(co_await download.Next())) {
    if (count == kResponseBytes.size()) co_return Unlike("too many messages came");
    co_await Try(ExpectBytes(response->payload(), kResponseBytes[count++]));
  }
  if (count == kResponseBytes.size()) co_return OkStatus();
  co_return Unlike("only " + std::to_string(count) + " messages came");
}

Task<Status> PingPong(Channel& channel, CallScope& scope) {
  TestServiceClient service(&channel);
  DuplexOfOutputs calls = service.FullDuplexCall(scope);
  for (size_t i = 0; i < kRequestBytes.size(); ++i) {
    const StreamingOutputCallRequest request = OutputOf(kRequestBytes[i], kResponseBytes[i]);
    co_await Try(co_await calls.Write(request));
    co_await Try(co_await ExpectResponse(calls, kResponseBytes[i]));
  }
  calls.CloseWrites();
  co_return co_await ExpectEnd(calls);
}

Task<Status> EmptyStream(Channel& channel, CallScope& scope) {
  TestServiceClient service(&channel);
  DuplexOfOutputs calls = service.FullDuplexCall(scope);
  calls.CloseWrites();
  co_return co_await ExpectEnd(calls);
}

// The connection is there already: the deadline is the call's, and not the attempt's to connect.
Task<Status> TimeoutOnSleepingServer(Channel& channel, CallScope& scope) {
  co_await Try(co_await EmptyUnary(channel, scope));
  TestServiceClient service(&channel);
  CallOptions options;
  options.SetTimeout(kNsPerMs);
  DuplexOfOutputs calls = service.FullDuplexCall(scope, options);
  StreamingOutputCallRequest request;
  Fill(kRequestBytes[0], request.mutable_payload());
  const Status written = co_await calls.Write(request);
  if (!written.ok()) co_await Try(ExpectCode(written, StatusCode::kDeadlineExceeded));
  const StatusOr<const StreamingOutputCallResponse*> response = co_await calls.Next();
  co_return ExpectCode(response.status(), StatusCode::kDeadlineExceeded);
}

// The connection is there already, so that the server hears of the call.
Task<Status> CancelAfterBegin(Channel& channel, CallScope& scope) {
  co_await Try(co_await EmptyUnary(channel, scope));
  TestServiceClient service(&channel);
  UploadOfInputs upload = service.StreamingInputCall(scope);
  upload.Cancel();
  const StatusOr<StreamingInputCallResponse> reply = co_await upload.Finish();
  co_await Try(ExpectCode(reply.status(), StatusCode::kCancelled));
  // The connection has taken no harm.
  co_return co_await EmptyUnary(channel, scope);
}

Task<Status> CancelAfterFirstResponse(Channel& channel, CallScope& scope) {
  TestServiceClient service(&channel);
  DuplexOfOutputs calls = service.FullDuplexCall(scope);
  const StreamingOutputCallRequest request = OutputOf(kRequestBytes[0], kResponseBytes[0]);
  co_await Try(co_await calls.Write(request));
  co_await Try(co_await ExpectResponse(calls, kResponseBytes[0]));
  calls.Cancel();
  const StatusOr<const StreamingOutputCallResponse*> more = co_await calls.Next();
  co_await Try(ExpectCode(more.status(), StatusCode::kCancelled));
  co_return co_await EmptyUnary(channel, scope);
}

Task<Status> StatusCodeAndMessage(Channel& channel, CallScope& scope) {
  TestServiceClient service(&channel);
  const auto request = AskingForStatus<SimpleRequest>(kPlainMessage);
  const StatusOr<SimpleResponse> reply = co_await service.UnaryCall(scope, request);
  co_await Try(ExpectMessage(reply.status(), kPlainMessage));

  DuplexOfOutputs calls = service.FullDuplexCall(scope);
  const auto streamed = AskingForStatus<StreamingOutputCallRequest>(kPlainMessage);
  co_await Try(co_await calls.Write(streamed));
  calls.CloseWrites();
  const StatusOr<const StreamingOutputCallResponse*> response = co_await calls.Next();
  co_return ExpectMessage(response.status(), kPlainMessage);
}

Task<Status> SpecialStatusMessage(Channel& channel, CallScope& scope) {
  TestServiceClient service(&channel);
  const auto request = AskingForStatus<SimpleRequest>(kSpecialMessage);
  const StatusOr<SimpleResponse> reply = co_await service.UnaryCall(scope, request);
  co_return ExpectMessage(reply.status(), kSpecialMessage);
}

Task<Status> CustomMetadata(Channel& channel, CallScope& scope) {
  TestServiceClient service(&channel);
  CallOptions options;
  if (!options.AddMetadata(kInitialKey, kInitialValue) ||
      !options.AddMetadata(kTrailingKey, kTrailingValue)) {
    co_return Unlike("the metadata was refused");
  }
  const SimpleRequest request = SimpleOf(1, 1);
  auto call = service.UnaryCall(scope, request, options);
  const SimpleResponse reply = co_await Try(co_await call);
  co_await Try(ExpectBytes(reply.payload(), 1));
  co_await Try(ExpectEntry(call.initial_metadata(), kInitialKey, kInitialValue));
  co_await Try(ExpectEntry(call.trailing_metadata(), kTrailingKey, kTrailingValue));

  DuplexOfOutputs calls = service.FullDuplexCall(scope, options);
  const StreamingOutputCallRequest streamed = OutputOf(1, 1);
  co_await Try(co_await calls.Write(streamed));
  co_await Try(co_await ExpectResponse(calls, 1));
  calls.CloseWrites();
  co_await Try(co_await ExpectEnd(calls));
  co_await Try(ExpectEntry(calls.initial_metadata(), kInitialKey, kInitialValue));
  co_return ExpectEntry(calls.trailing_metadata(), kTrailingKey, kTrailingValue);
}

template <typename Service>
Task<Status> Unimplemented(Channel& channel, CallScope& scope) {
  Service service(&channel);
  const Empty request;
  const StatusOr<Empty> reply = co_await service.UnimplementedCall(scope, request);
  co_return ExpectCode(reply.status(), StatusCode::kUnimplemented);
}

constexpr Case kCases[] = {
    {"empty_unary", EmptyUnary},
    {"large_unary", LargeUnary},
    {"client_streaming", ClientStreaming},
    {"server_streaming", ServerStreaming},
    {"ping_pong", PingPong},
    {"empty_stream", EmptyStream},
    {"timeout_on_sleeping_server", TimeoutOnSleepingServer},
    {"cancel_after_begin", CancelAfterBegin},
    {"cancel_after_first_response", CancelAfterFirstResponse},
    {"status_code_and_message", StatusCodeAndMessage},
    {"special_status_message", SpecialStatusMessage},
    {"custom_metadata", CustomMetadata},
    {"unimplemented_method", Unimplemented<TestServiceClient>},
    {"unimplemented_service", Unimplemented<UnimplementedServiceClient>},
};

}  // namespace

const Case* FindCase(std::string_view name) {
  for (const Case& each : kCases) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace penstock::grpc_go
