#include "tests/connectconformance/service.h"

#include <string>
#include <string_view>
#include <utility>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/status_details.h"

#include "tests/connectconformance/headers.h"

namespace penstock::connectconformance {
namespace {

namespace pb = connectrpc::conformance::v1;

using Seen = pb::ConformancePayload_RequestInfo;

// --- What came, to be sent back

template <typename Message>
void AddRequest(const Message& message, Seen* seen) {
  google::protobuf::Any& request = *seen->add_requests();
  request.set_type_url("type.googleapis.com/" + std::string(Message::kFullName));
  request.set_value(message.SerializeAsString());
}

void AddHeaders(const Call& call, Seen* seen) {
  for (const pb::Header& header : HeadersOf(call.metadata())) *seen->add_request_headers() = header;
  if (call.deadline() != kTimeNever) {
    seen->set_timeout_ms((call.time_left_ns() + kNsPerMs - 1) / kNsPerMs);
  }
}

// --- What is asked for

template <typename Headers>
Status AddTo(const Headers& headers, Metadata* metadata) {
  return AddEach(headers, [metadata](std::string_view key, std::string_view value) {
    return metadata->Add(key, value);
  });
}

template <typename Definition>
Status AddMetadata(const Definition& definition, Call& call) {
  Status added = AddTo(definition.response_headers(), &call.initial_metadata());
  if (added.ok()) added = AddTo(definition.response_trailers(), &call.trailing_metadata());
  return added;
}

// With what was seen among its details, where no payload says so.
Status StatusOf(const pb::Error& error, const Seen* seen) {
  Status status = MakeStatus(static_cast<StatusCode>(error.code()), error.message());
  for (const google::protobuf::Any& detail : error.details()) {
    AddDetail(status, detail.type_url(), detail.value());
  }
  if (seen != nullptr) AddDetail(status, *seen);
  return status;
}

Sleep Delay(Call& call, uint32_t delay_ms) { return Sleep(call, delay_ms * kNsPerMs); }

// What Unary and ClientStream answer.
template <typename Response>
Task<StatusOr<Response>> AnswerOnce(Call& call, const pb::UnaryResponseDefinition& definition,
                                    const Seen& seen) {
  co_await Try(AddMetadata(definition, call));
  co_await Try(co_await Delay(call, definition.response_delay_ms()));
  if (definition.has_error()) co_return StatusOf(definition.error(), &seen);
  Response response;
  response.mutable_payload()->set_data(definition.response_data());
  *response.mutable_payload()->mutable_request_info() = seen;
  co_return response;
}

template <typename Response>
Response ResponseWith(std::string_view data, const Seen* seen) {
  Response response;
  response.mutable_payload()->set_data(data);
  if (seen != nullptr) *response.mutable_payload()->mutable_request_info() = *seen;
  return response;
}

// All that a stream of responses is to have, from the response `index` on; what was seen goes with
// the first.
template <typename Response>
Task<Status> AnswerRest(Call& call, const pb::StreamResponseDefinition& definition, int index,
                        const Seen& seen, Writer<Response>& out) {
  for (; index < definition.response_data_size(); ++index) {
    co_await Try(co_await Delay(call, definition.response_delay_ms()));
    const Response response = ResponseWith<Response>(definition.response_data(index),
                                                     index == 0 ? &seen : nullptr);
    co_await Try(co_await out.Write(response));
  }
  if (!definition.has_error()) co_return OkStatus();
  co_return StatusOf(definition.error(), index == 0 ? &seen : nullptr);
}

}  // namespace

Task<StatusOr<pb::UnaryResponse>> ConformanceService::Unary(Call& call,
                                                            const pb::UnaryRequest& request) {
  Seen seen;
  AddHeaders(call, &seen);
  AddRequest(request, &seen);
  co_return co_await AnswerOnce<pb::UnaryResponse>(call, request.response_definition(), seen);
}

Task<Status> ConformanceService::ServerStream(Call& call, const pb::ServerStreamRequest& request,
                                              Writer<pb::ServerStreamResponse>& out) {
  Seen seen;
  AddHeaders(call, &seen);
  AddRequest(request, &seen);
  co_await Try(AddMetadata(request.response_definition(), call));
  out.SendHead();
  co_return co_await AnswerRest(call, request.response_definition(), 0, seen, out);
}

Task<StatusOr<pb::ClientStreamResponse>> ConformanceService::ClientStream(
    Call& call, Reader<pb::ClientStreamRequest>& in) {
  Seen seen;
  AddHeaders(call, &seen);
  pb::UnaryResponseDefinition definition;
  while (const pb::ClientStreamRequest* request = co_await Try(co_await in.Next())) {
    if (seen.requests_size() == 0) definition = request->response_definition();
    AddRequest(*request, &seen);
  }
  co_return co_await AnswerOnce<pb::ClientStreamResponse>(call, definition, seen);
}

Task<Status> ConformanceService::BidiStream(Call& call, Reader<pb::BidiStreamRequest>& in,
                                            Writer<pb::BidiStreamResponse>& out) {
  Seen seen;
  AddHeaders(call, &seen);
  pb::StreamResponseDefinition definition;
  bool full_duplex = false;
  bool first = true;
  int answered_count = 0;
  while (const pb::BidiStreamRequest* request = co_await Try(co_await in.Next())) {
    AddRequest(*request, &seen);
    if (first) {
      first = false;
      definition = request->response_definition();
      full_duplex = request->full_duplex();
      co_await Try(AddMetadata(definition, call));
      if (request->has_response_definition()) out.SendHead();
    }
    if (!full_duplex) continue;
    if (answered_count == definition.response_data_size()) break;
    co_await Try(co_await Delay(call, definition.response_delay_ms()));
    const auto response = ResponseWith<pb::BidiStreamResponse>(
        definition.response_data(answered_count++), &seen);
    co_await Try(co_await out.Write(response));
    seen.clear_requests();
    seen.clear_request_headers();
    seen.clear_timeout_ms();
  }
  co_return co_await AnswerRest(call, definition, answered_count, seen, out);
}

}  // namespace penstock::connectconformance
