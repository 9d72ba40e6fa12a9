// What a session makes of responses: their heads, messages and trailers, up to the call's status.
// Spec: gRPC PROTOCOL-HTTP2, "Responses"
#include <string>
#include <utility>

#include "penstock/client/channel_core.h"
#include "penstock/client/session.h"
#include "penstock/client/status_of.h"
#include "penstock/rpc/percent.h"
#include "penstock/wire/check.h"

namespace penstock::client {
namespace {

using Assembled = wire::MessageAssembler::Result;

ClientCall& CallOf(const http2::Event& event) {
  return *static_cast<ClientCall*>(event.stream->user);
}

}  // namespace

void Session::OnHead(const http2::Event& event) {
  ClientCall& call = CallOf(event);
  const http2::FieldList& fields = link_.connection().fields();
  const uint16_t http_status = link_.connection().head().status_code;
  rpc::ResponseHead head;
  rpc::ReadResponseHead(fields, &head);
  has_served_ = true;
  const bool is_grpc = http_status == 200 && (head.content_type == rpc::ContentType::kGrpc ||
                                              head.content_type == rpc::ContentType::kGrpcProto);
  if (PENSTOCK_LIKELY(is_grpc)) {
    call.BeginResponse(http_status, head.encoding);
    if (PENSTOCK_UNLIKELY(!head.encoding.empty())) BeginCompressed(call);
  } else {
    call.BeginForeign(http_status, head);
  }
  if (event.end_stream) return OnResponseEnd(call, head);  // "Trailers-Only"
  if (PENSTOCK_UNLIKELY(!rpc::ReadMetadata(fields, head, call.received_initial()))) {
    Fail(call, StatusCode::kInternal, "the response's metadata is not base64 under a -bin key");
  }
}

void Session::OnData(const http2::Event& event) {
  ClientCall& call = CallOf(event);
  if (PENSTOCK_UNLIKELY(call.streams_responses() && !call.is_foreign())) {
    ReceiveSeveral(call, event);
  } else {
    ReceiveOne(call, event);
  }
  // Without trailers there is no status.
  if (PENSTOCK_UNLIKELY(event.end_stream) && call.stream() != nullptr) OnResponseEnd(call, {});
}

void Session::ReceiveOne(ClientCall& call, const http2::Event& event) {
  wire::Bytes input = event.data;
  // Whatever the assembler keeps is bounded by message_bytes_max.
  link_.connection().ReturnCredit(*event.stream, static_cast<uint32_t>(input.size()));
  if (PENSTOCK_UNLIKELY(call.is_foreign())) return call.AddToBody(input);
  while (!input.empty()) {
    wire::AssembledMessage message;
    const Assembled result = call.assembler().Next(&input, &call.response_arena(), &message);
    if (result == Assembled::kNeedMore) return;
    if (PENSTOCK_UNLIKELY(result != Assembled::kMessage)) {
      const Fault fault = result == Assembled::kBadFlag ? Fault::kBadFlag : Fault::kTooLarge;
      return FailMessage(call, fault, call.assembler().length_bytes());
    }
    if (PENSTOCK_UNLIKELY(message.compressed) && !Decompress(call, &message)) return;
    call.AddResponse(message);
  }
}

// Of a response whose messages are read one by one: the reader's side does it.
PENSTOCK_COLD void Session::BeginCompressed(ClientCall& call) {
  const rpc::Encoding encoding = core_.encodings().Find(call.encoding());
  const bool is_used =
      encoding != rpc::Encoding::kIdentity && encoding != rpc::Encoding::kUnknown;
  if (!is_used || !call.streams_responses()) return;
  call.inbox().Decompress(&core_.compressor(), &core_.decompression(), encoding,
                          core_.encodings().NameOf(encoding));
}

PENSTOCK_COLD bool Session::Decompress(ClientCall& call, wire::AssembledMessage* message) {
  const rpc::Encoding encoding = core_.encodings().Find(call.encoding());
  if (encoding == rpc::Encoding::kIdentity || encoding == rpc::Encoding::kUnknown) {
    FailMessage(call, Fault::kCompressed, 0);
    return false;
  }
  if (!core_.decompression().has_room()) {
    call.set_response_is_packed();  // the call ends when it is not any more
    return true;
  }
  const Status status = core_.Decompress(call, &message->bytes);
  message->in_input = false;
  if (!status.ok()) Fail(call, status.code(), MessageOf(status));
  return status.ok();
}

// Their credit follows the reader.
void Session::ReceiveSeveral(ClientCall& call, const http2::Event& event) {
  if (event.data.empty()) return;
  const size_t queued_before_count = call.inbox().queued_count();
  const Fault fault = call.inbox().Receive(event.data);
  call.CountReceived(call.inbox().queued_count() - queued_before_count);
  if (PENSTOCK_UNLIKELY(fault != Fault::kNone)) {
    FailMessage(call, fault, call.inbox().length_bytes());
  }
}

PENSTOCK_COLD void Session::FailMessage(ClientCall& call, Fault fault, uint32_t length_bytes) {
  if (fault == Fault::kBadFlag) {
    return Fail(call, StatusCode::kInternal, "the response has a message flag other than 0 and 1");
  }
  if (fault == Fault::kTooLarge) {
    return Fail(call, StatusCode::kResourceExhausted,
                "a message of " + std::to_string(length_bytes) +
                    " octets exceeds message_bytes_max, " +
                    std::to_string(core_.options().message_bytes_max));
  }
  const std::string_view encoding = call.encoding();
  Fail(call, StatusCode::kInternal,
       encoding.empty() || encoding == "identity"
           ? "a compressed message without a grpc-encoding"
           : "a message compressed by '" + std::string(encoding) + "', which was not asked for");
}

// `head` is the trailers, or the only head there was.
void Session::OnResponseEnd(ClientCall& call, const rpc::ResponseHead& head) {
  Status status = JudgeResponse(call, head);
  const bool metadata_is_good =
      rpc::ReadMetadata(link_.connection().fields(), head, call.received_trailing());
  if (PENSTOCK_UNLIKELY(!metadata_is_good && status.ok())) {
    status = MakeStatus(StatusCode::kInternal, "a trailer's value is not base64 under a -bin key");
  }
  LeaveStream(call, http2::ErrorCode::kNoError);
  if (PENSTOCK_UNLIKELY(call.response_is_packed()) && status.ok()) return core_.Unpack(call);
  call.Finish(std::move(status));
}

Status Session::JudgeResponse(ClientCall& call, const rpc::ResponseHead& head) const {
  if (PENSTOCK_LIKELY(head.has_status && head.status_code == StatusCode::kOk &&
                      !call.is_foreign())) {
    const bool at_boundary = call.streams_responses() ? call.inbox().at_boundary()
                                                      : call.assembler().at_boundary();
    if (PENSTOCK_UNLIKELY(!at_boundary)) {
      return MakeStatus(StatusCode::kInternal, "the response ended inside a message");
    }
    if (PENSTOCK_LIKELY(call.responses_count() == 1 || call.streams_responses())) {
      return OkStatus();
    }
    return MakeStatus(StatusCode::kUnimplemented,
                      call.responses_count() == 0
                          ? "the server answers OK without a message, where there has to be one"
                          : "the server answers with several messages, where there has to be one");
  }
  return JudgeFailure(call, head);
}

PENSTOCK_COLD Status Session::JudgeFailure(const ClientCall& call,
                                           const rpc::ResponseHead& head) const {
  const bool is_foreign = call.is_foreign();
  if (!head.has_status || (is_foreign && head.status_code == StatusCode::kOk)) {
    if (!is_foreign) {
      return MakeStatus(StatusCode::kUnknown, "the response ended without a grpc-status");
    }
    // Messages in another notation are gRPC's, and no proxy's page.
    const StatusCode code = call.http_status() == 200 && call.is_of_another_codec()
                                ? StatusCode::kInternal
                                : StatusOfHttp(call.http_status());
    return MakeStatus(code, address_ + ": " + call.foreign_text());
  }
  if (head.status_is_malformed) {
    return MakeStatus(StatusCode::kUnknown,
                      "the server's grpc-status '" + std::string(head.status_text) +
                          "' is no number from 0 to 16; its grpc-message is '" +
                          rpc::PercentDecode(head.message) + "'");
  }
  return rpc::StatusOf(head);
}

}  // namespace penstock::client
