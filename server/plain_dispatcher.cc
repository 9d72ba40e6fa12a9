#include "penstock/server/plain_dispatcher.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <string>
#include <vector>

#include "penstock/http2/frame.h"
#include "penstock/http2/hpack_field.h"
#include "penstock/rpc/responder.h"
#include "penstock/server/session.h"
#include "penstock/wire/check.h"

namespace penstock::server {
namespace {

using http2::EndStream;
using http2::IndexingPolicy;

constexpr size_t kPieceBytes = http2::kFramePayloadBytesDefault;

void ReplyNotFound(HttpReply& reply) { reply.SetText(404, "404: nothing is served here\n"); }

// A POST that may have been meant for an RPC: told so in HTTP, and in gRPC's words as well.
// Spec: gRPC PROTOCOL-HTTP2: 415 for foreign content-types
void ReplyNotGrpc(HttpReply& reply) {
  reply.set_status(415);
  reply.set_content_type("application/grpc");
  static_cast<void>(reply.AddField("grpc-status", "2"));
  static_cast<void>(reply.AddField("grpc-message", "the content-type is not application/grpc"));
}

void ReplyNotAllowed(HttpReply& reply, bool is_page, bool is_rpc) {
  const char* const allowed = !is_rpc ? "GET, HEAD" : is_page ? "GET, HEAD, POST" : "POST";
  static_cast<void>(reply.AddField("allow", allowed));
  reply.SetText(405, is_page ? "405: this path answers GET and HEAD\n"
                             : "405: an RPC is called here, by POST with application/grpc\n");
}

// A handler that escapes. What it says goes to standard error and not to the peer: it may hold
// secrets.
void ReplyBroken(const HttpEntry& entry, const char* what, HttpReply& reply) {
  std::fprintf(stderr, "penstock: the handler of GET %s %s\n", entry.path.c_str(), what);
  reply.SetText(500, "500: the handler failed\n");
}

bool HasBody(int status) { return status != 204 && status != 304; }

}  // namespace

void PlainDispatcher::Run(PlainCall& call) {
  Answer(call);
  ++(call.reply().status() < 400 ? state_.counters.calls_ok : state_.counters.calls_failed);
  if (PENSTOCK_UNLIKELY(!call.reply().pushes().empty())) return SendPushing(call);
  SendReply(call);
}

// The promises go before the body that makes the client ask for what they promise, and the promised
// replies behind it. Spec: RFC 9113 §8.4.1
PENSTOCK_COLD void PlainDispatcher::SendPushing(PlainCall& call) {
  std::vector<PlainCall*> promised;
  for (const std::string& target : call.reply().pushes()) {
    if (PlainCall* pushed = Promise(call, target)) promised.push_back(pushed);
  }
  SendReply(call);
  for (PlainCall* pushed : promised) Run(*pushed);
}

// Null where the client, or the registry, does not let it be pushed. What a promised reply would
// push itself is left out by SendPushPromise().
PlainCall* PlainDispatcher::Promise(PlainCall& parent, std::string_view target) {
  if (parent.authority().empty() || state_.registry.FindGet(PathOfTarget(target)) == nullptr) {
    return nullptr;
  }
  const wire::TlsEngine* const tls = parent.session()->link().tls();
  const http2::OutgoingField request[] = {{":method", "GET"},
                                          {":scheme", tls != nullptr ? "https" : "http"},
                                          {":authority", parent.authority()},
                                          {":path", target, IndexingPolicy::kNoIndex}};
  http2::Stream* stream = connection_.SendPushPromise(parent.stream(), request);
  if (stream == nullptr) return nullptr;
  ++state_.counters.calls_started;
  PlainCall* pushed =
      state_.plain_calls.New(parent.session(), stream, &state_.shard.slabs(), nullptr);
  pushed->BeginPlain("GET", parent.authority(), target, parent.socket());
  if (tls != nullptr) pushed->set_peer_identity(&tls->peer());
  stream->user = static_cast<ServerCall*>(pushed);
  return pushed;
}

void PlainDispatcher::Answer(PlainCall& call) {
  const std::string_view path = PathOfTarget(call.target());
  const HttpEntry* entry = state_.registry.FindGet(path);
  const bool is_get = call.http_method() == "GET" || call.is_head();
  if (entry != nullptr && is_get) return RunHandler(*entry, call);
  if (entry == nullptr && call.http_method() == "POST") return ReplyNotGrpc(call.reply());
  const bool is_rpc = state_.registry.Find(path) != nullptr;
  if (entry == nullptr && !is_rpc) return ReplyNotFound(call.reply());
  ReplyNotAllowed(call.reply(), entry != nullptr, is_rpc);
}

void PlainDispatcher::RunHandler(const HttpEntry& entry, PlainCall& call) {
  HttpReply& reply = call.reply();
  try {
    entry.handler(call.request_view(), reply);
  } catch (const std::exception& exception) {
    return ReplyBroken(entry, ("threw: " + std::string(exception.what())).c_str(), reply);
  } catch (...) {
    return ReplyBroken(entry, "threw what is not a std::exception", reply);
  }
  if (!http2::IsValidFieldValue(reply.content_type())) {
    return ReplyBroken(entry, "set a content-type with NUL, CR or LF", reply);
  }
  if (reply.status() >= 200 && reply.status() <= 599) return;
  const std::string what = "set the status " + std::to_string(reply.status());
  ReplyBroken(entry, (what + ": it is none of 200 to 599").c_str(), reply);
}

void PlainDispatcher::SendReply(PlainCall& call) {
  const HttpReply& reply = call.reply();
  const std::string status = std::to_string(reply.status());
  const std::string length = std::to_string(reply.body().size());
  const std::string date = FormatHttpDate(std::time(nullptr));
  std::vector<http2::OutgoingField> fields;
  fields.reserve(5 + reply.fields().size());
  fields.push_back({":status", status});
  if (HasBody(reply.status())) {
    if (!reply.content_type().empty()) fields.push_back({"content-type", reply.content_type()});
    fields.push_back({"content-length", length, IndexingPolicy::kNoIndex});
  }
  fields.push_back({"server", rpc::kServerName});
  fields.push_back({"date", date, IndexingPolicy::kNoIndex});
  for (const HttpReply::Field& field : reply.fields()) {
    fields.push_back({field.name, field.value, IndexingPolicy::kNoIndex});
  }
  const bool has_body = HasBody(reply.status()) && !call.is_head() && !reply.body().empty();
  http2::Stream& stream = call.stream();
  if (!has_body) {
    stream.user = nullptr;
    connection_.SendHead(stream, fields, EndStream::kYes);
    return state_.plain_calls.Delete(&call);
  }
  connection_.SendHead(stream, fields, EndStream::kNo);
  call.set_unsent(reply.body());
  unsent_.PushBack(call);
  SendPiece(call);
}

// The last piece ends the stream and the call.
void PlainDispatcher::SendPiece(PlainCall& call) {
  const std::string_view rest = call.unsent();
  const std::string_view piece = rest.substr(0, kPieceBytes);
  call.set_unsent(rest.substr(piece.size()));
  if (piece.size() < rest.size()) {
    return connection_.SendData(call.stream(), wire::AsBytes(piece), EndStream::kNo);
  }
  call.stream().user = nullptr;
  connection_.SendData(call.stream(), wire::AsBytes(piece), EndStream::kYes);
  state_.plain_calls.Delete(&call);  // leaves unsent_ with it
}

// Of the bodies that their own stream's window does not hold up.
PENSTOCK_COLD uint8_t PlainDispatcher::MostUrgent() {
  uint8_t urgency = UINT8_MAX;
  unsent_.ForEach([&](const PlainCall& call) {
    const http2::Stream& stream = call.stream();
    const bool is_held_up = !stream.queued.empty() && connection_.send_window_bytes(stream) <= 0;
    if (!is_held_up) urgency = std::min(urgency, stream.urgency);
  });
  return urgency;
}

// The most urgent ones in turns, so that one large body does not hold up its equals. Ends because
// SendData() queues what the windows, or a full output, do not take.
PENSTOCK_COLD void PlainDispatcher::SendBodies() {
  bool progressed = true;
  while (progressed) {
    progressed = false;
    const uint8_t urgency = MostUrgent();
    unsent_.ForEach([&](PlainCall& call) {
      if (!call.stream().queued.empty() || call.stream().urgency > urgency) return;
      progressed = true;
      SendPiece(call);
    });
  }
}

// A reply under way has been counted already.
PENSTOCK_COLD void PlainDispatcher::Cancel(PlainCall& call) {
  if (!call.is_answered()) ++state_.counters.calls_cancelled;
  state_.plain_calls.Delete(&call);
}

}  // namespace penstock::server
