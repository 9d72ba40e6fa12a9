#include "penstock/server/dispatcher.h"

#include <string>

#include "penstock/wire/check.h"
#include "penstock/wire/quoted.h"

namespace penstock::server {

using wire::Quoted;

// What a handler's wrapper (registry.h) answers through.
class Dispatcher::Exchange final : public UnaryExchange {
 public:
  Exchange(Dispatcher* dispatcher, ServerCall* server_call)
      : UnaryExchange(*server_call, server_call->request()),
        dispatcher_(*dispatcher),
        server_call_(*server_call) {}

  void Reply(const rpc::MessageWriter& reply) override { dispatcher_.Reply(server_call_, reply); }
  void Fail(const Status& status) override { dispatcher_.Fail(server_call_, status); }

 private:
  Dispatcher& dispatcher_;
  ServerCall& server_call_;
};

Dispatcher::Verdict Dispatcher::Judge(http2::Stream& stream, const rpc::RequestHead& head) {
  if (PENSTOCK_UNLIKELY(!head.is_post)) return JudgePlain(stream, head);
  if (PENSTOCK_UNLIKELY(head.content_type == rpc::ContentType::kNotGrpc)) {
    return JudgePlain(stream, head);
  }
  if (PENSTOCK_UNLIKELY(head.timeout_is_malformed)) {
    return RefuseHttp(stream, head, "400", StatusCode::kInternal, "grpc-timeout is malformed");
  }
  if (PENSTOCK_UNLIKELY(head.route == nullptr)) {
    return Refuse(stream, head, StatusCode::kUnimplemented, "no handler for " + Quoted(head.path));
  }
  if (PENSTOCK_UNLIKELY(head.content_type == rpc::ContentType::kGrpcOther) && !CanRead(head)) {
    return RefuseSubtype(stream, head);
  }
  if (PENSTOCK_UNLIKELY(head.encoding == rpc::Encoding::kUnknown)) {
    return Refuse(stream, head, StatusCode::kUnimplemented,
                  "grpc-encoding " + Quoted(head.encoding_name) + " is not supported");
  }
  if (PENSTOCK_UNLIKELY(head.timeout_ns == 0)) {
    return Refuse(stream, head, StatusCode::kDeadlineExceeded,
                  "the deadline had passed when the request came");
  }
  return Verdict::kCall;
}

PENSTOCK_COLD bool Dispatcher::CanRead(const rpc::RequestHead& head) const {
  switch (static_cast<const MethodEntry*>(head.route)->notations) {
    case codec::Notations::kProto:
      return false;
    case codec::Notations::kRegistered:
      return state_.registry.FindCodec(head.subtype) != nullptr;
    case codec::Notations::kAny:
      return !head.subtype.empty();
  }
  return false;
}

PENSTOCK_COLD Dispatcher::Verdict Dispatcher::RefuseSubtype(http2::Stream& stream,
                                                            const rpc::RequestHead& head) {
  std::string message = "this content-type cannot be read";
  if (static_cast<const MethodEntry*>(head.route)->notations == codec::Notations::kProto) {
    message += ": the method takes Protocol Buffers alone, application/grpc+proto";
  } else {
    message += ": there is no codec for it";
    for (const std::string& subtype : state_.registry.subtypes()) {
      message += (subtype == "proto" ? "; there is application/grpc+" : ", +") + subtype;
    }
  }
  return Refuse(stream, head, StatusCode::kUnimplemented, message);
}

PENSTOCK_COLD void Dispatcher::ChooseCodec(ServerCall& call, const rpc::RequestHead& head) {
  call.SetCodec(state_.registry.FindCodec(head.subtype), head.subtype);
}

// Not POST, or not application/grpc. Who means to speak gRPC is answered in its way; the others,
// and whoever asks for a path of HandleGet(), as HTTP.
PENSTOCK_COLD Dispatcher::Verdict Dispatcher::JudgePlain(http2::Stream& stream,
                                                         const rpc::RequestHead& head) {
  const bool is_grpc = head.content_type != rpc::ContentType::kNotGrpc;
  const bool is_without_path = head.path.empty();  // CONNECT: it may never end
  const bool is_known = state_.registry.FindGet(PathOfTarget(head.path)) != nullptr;
  if (is_without_path || (is_grpc && !is_known)) {
    return RefuseHttp(stream, head, "405", StatusCode::kInternal,
                      "gRPC requests use the method POST");
  }
  return Verdict::kPlain;
}

PENSTOCK_COLD Dispatcher::Verdict Dispatcher::Refuse(http2::Stream& stream,
                                                     const rpc::RequestHead& head, StatusCode code,
                                                     std::string_view message) {
  ++state_.counters.calls_failed;
  activity_.CountFailed();
  CountRefused(head, code);
  const std::string_view accepted = head.encoding == rpc::Encoding::kIdentity
                                        ? std::string_view()
                                        : state_.registry.encodings().accepted();
  const codec::Codec* codec = state_.registry.FindCodec(head.subtype);
  const std::string_view subtype = codec == nullptr ? std::string_view() : codec->subtype();
  responder_.SendStatus(stream, {head.content_type, nullptr, nullptr, accepted, subtype},
                        MakeStatus(code, message));
  return Verdict::kAnswered;
}

// It never became a call.
PENSTOCK_COLD void Dispatcher::CountRefused(const rpc::RequestHead& head, StatusCode code) {
  const auto* entry = static_cast<const MethodEntry*>(head.route);
  MethodMetrics& metrics =
      entry == nullptr ? state_.metrics.unknown() : state_.metrics.Of(entry->index);
  ++metrics.started_count;
  metrics.CountEnd(code);
}

PENSTOCK_COLD Dispatcher::Verdict Dispatcher::RefuseHttp(http2::Stream& stream,
                                                         const rpc::RequestHead& head,
                                                         std::string_view http_status,
                                                         StatusCode code,
                                                         std::string_view message) {
  ++state_.counters.calls_failed;
  activity_.CountFailed();
  if (head.content_type != rpc::ContentType::kNotGrpc) CountRefused(head, code);
  responder_.SendHttpStatus(stream, http_status, MakeStatus(code, message));
  return Verdict::kAnswered;
}

PENSTOCK_COLD void Dispatcher::RefuseMetadata(http2::Stream& stream, const rpc::RequestHead& head) {
  Refuse(stream, head, StatusCode::kInternal,
         "binary metadata is not base64, or has too many values");
}

// In gRPC's words even where the request may have been a plain GET, which would deserve 431: past
// the limits the decoder drops the fields, the method and the content-type among them.
PENSTOCK_COLD void Dispatcher::RefuseHead(http2::Stream& stream) {
  ++state_.counters.calls_started;
  ++state_.counters.calls_failed;
  activity_.CountStarted();
  activity_.CountFailed();
  CountRefused({}, StatusCode::kResourceExhausted);
  responder_.SendStatus(
      stream, {},
      MakeStatus(StatusCode::kResourceExhausted,
                 "the request's metadata exceeds " +
                     std::to_string(state_.options.http2.header_list_bytes_max) + " octets or " +
                     std::to_string(state_.options.http2.header_fields_max) + " fields"));
}

void Dispatcher::Run(ServerCall& call) {
  if (PENSTOCK_UNLIKELY(call.time_left_ns() <= 0)) {
    return Fail(call, MakeStatus(StatusCode::kDeadlineExceeded,
                                 "the deadline passed before the request was whole"));
  }
  Exchange exchange(this, &call);
  call.entry().run_inline(call.entry(), exchange);
}

void Dispatcher::Reply(ServerCall& call, const rpc::MessageWriter& reply) {
  ++state_.counters.calls_ok;
  activity_.CountReply();
  call.metrics().sent_sizes.Count(reply.byte_size());
  state_.CountEnd(call, StatusCode::kOk, {});
  call.stream().expires_at = call.deadline();
  if (PENSTOCK_UNLIKELY(!call.compression().is_unused())) return ReplyEncoded(call, reply);
  responder_.SendUnary(call.stream(), AnswerOf(call), reply, &call.arena());
}

PENSTOCK_COLD void Dispatcher::ReplyEncoded(ServerCall& call, const rpc::MessageWriter& reply) {
  state_.compressor.Compress(
      call.compression().TakeNext(), reply, state_.options.compressed_bytes_min,
      [&](const rpc::MessageWriter& message) {
        rpc::Responder::Answer answer = EncodedAnswerOf(call);
        if (!message.compressed()) answer.encoding = {};
        responder_.SendUnary(call.stream(), answer, message, &call.arena());
      });
}

void Dispatcher::Fail(ServerCall& call, const Status& status) {
  ++state_.counters.calls_failed;
  activity_.CountFailed();
  CountEnd(call, status);
  responder_.SendStatus(call.stream(), EncodedAnswerOf(call), status);
}

rpc::Responder::Answer Dispatcher::AnswerOf(const ServerCall& call) {
  return {call.content_type(), call.sent_initial(), call.sent_trailing(), {},
          call.content_subtype()};
}

rpc::Responder::Answer Dispatcher::EncodedAnswerOf(const ServerCall& call) {
  rpc::Responder::Answer answer = AnswerOf(call);
  const rpc::CallCompression& compression = call.compression();
  if (compression.is_unused()) return answer;
  answer.accepted = compression.disclosed();
  answer.encoding = compression.sent_name();
  return answer;
}

void Dispatcher::SendHead(ServerCall& call) {
  responder_.SendHead(call.stream(), EncodedAnswerOf(call));
  call.compression().NoteHead();
}

void Dispatcher::CountEnd(const ServerCall& call, const Status& status) {
  // code(), not raw_code(): as it is sent.
  state_.CountEnd(call, status.code(), MessageOf(status));
}

void Dispatcher::SendMessage(ServerCall& call, const rpc::MessageWriter& message) {
  activity_.CountSent(state_.shard.now());
  wire::SlabPool* const scratch = &state_.shard.slabs();
  call.metrics().sent_sizes.Count(message.byte_size());
  if (PENSTOCK_LIKELY(call.compression().is_unused())) {
    return responder_.SendMessage(call.stream(), message, scratch);
  }
  state_.compressor.Compress(
      call.compression().TakeNext(), message, state_.options.compressed_bytes_min,
      [&](const rpc::MessageWriter& writer) {
        responder_.SendMessage(call.stream(), writer, scratch);
      });
}

void Dispatcher::Finish(ServerCall& call, const Status& status) {
  ++(status.ok() ? state_.counters.calls_ok : state_.counters.calls_failed);
  status.ok() ? activity_.CountFinished() : activity_.CountFailed();
  CountEnd(call, status);
  call.stream().expires_at = call.deadline();
  responder_.SendTrailers(call.stream(), AnswerOf(call), status);
}

}  // namespace penstock::server
