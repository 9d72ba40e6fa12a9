#include "penstock/client/session.h"

#include <cstring>

#include "penstock/client/channel_core.h"
#include "penstock/client/request_fields.h"
#include "penstock/client/status_of.h"
#include "penstock/http2/frame.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/check.h"
#include "penstock/wire/message_prefix.h"
#include "penstock/wire/tls_certificate.h"

namespace penstock::client {
namespace {

using http2::EndStream;

// Stream ids are used once: before they run out another connection takes over.
// Source: grpc-go does so at the same share.
constexpr uint32_t kLastStreamId = http2::kStreamIdMax / 4 * 3;

// Spec: gRPC A8
constexpr std::string_view kTooManyPings = "too_many_pings";

// Of a GOAWAY's debug data, what is told: it is the peer's to choose.
constexpr size_t kDebugBytesMax = 200;

std::string TextOfGoAway(const http2::Event& event) {
  std::string text = Named("GOAWAY", event.error.code);
  const std::string_view debug = wire::AsString(event.data);
  if (debug.empty()) return text;
  text += " \"" + wire::Printable(std::string(debug.substr(0, kDebugBytesMax)));
  return text + (debug.size() > kDebugBytesMax ? "...\"" : "\"");
}

ClientCall& CallOf(const http2::Event& event) {
  return *static_cast<ClientCall*>(event.stream->user);
}

}  // namespace

Session::Session(Link& link, ChannelCore* core, Subchannel* subchannel, std::string address)
    : link_(link), core_(*core), subchannel_(subchannel), address_(std::move(address)) {
  core_.Add(*this);
}

// --- What the client does

void Session::Start(ClientCall& call) {
  if (PENSTOCK_UNLIKELY(keepalive_.dormant())) WakeKeepalive();
  http2::Connection& connection = link_.connection();
  http2::Stream* stream = connection.OpenStream();
  PENSTOCK_DCHECK(stream != nullptr, "only a session with room is given calls");
  stream->user = &call;
  call.Open(this, stream, &link_.socket());
  if (call.streams_responses()) call.inbox().Attach(&connection, stream, &link_.socket());
  const wire::OutputChain& output = connection.NextOutput();
  call.set_sent_from_bytes(output.consumed_bytes() + output.size());
  if (PENSTOCK_UNLIKELY(call.interception() != nullptr)) NamePeer(call);
  const RequestFields head(call, core_);
  const wire::Bytes request = call.request();
  const EndStream end = call.request_is_whole() ? EndStream::kYes : EndStream::kNo;
  connection.SendHead(*stream, head.fields(), request.empty() ? end : EndStream::kNo);
  if (uint8_t* room = request.empty() ? nullptr : connection.BeginData(*stream, request.size());
      PENSTOCK_LIKELY(room != nullptr)) {
    std::memcpy(room, request.data(), request.size());
    connection.CommitData(*stream, request.size(), end);
  } else if (!request.empty()) {
    connection.SendData(*stream, request, end);
  }
  link_.MarkDirty();
  if (PENSTOCK_UNLIKELY(!call.request_is_whole())) {
    is_full(call) ? AddBlocked(call) : call.WakeWriters();
  }
  if (PENSTOCK_UNLIKELY(stream->id >= kLastStreamId)) {
    Retire("the connection to " + address_ + " has no stream ids left");
  }
}

// For its interceptors.
void Session::NamePeer(ClientCall& call) {
  call.set_peer(address_);
  if (const wire::TlsEngine* tls = link_.tls()) call.set_peer_identity(tls->peer());
}

void Session::Send(ClientCall& call, const rpc::MessageWriter& message) {
  http2::Connection& connection = link_.connection();
  http2::Stream& stream = *call.stream();
  const size_t bytes = wire::kMessagePrefixBytes + message.byte_size();
  const wire::MessagePrefix prefix{static_cast<uint8_t>(message.compressed()),
                                   static_cast<uint32_t>(message.byte_size())};
  call.set_request_is_spent();
  if (uint8_t* room = connection.WriteData(stream, bytes); PENSTOCK_LIKELY(room != nullptr)) {
    message.SerializeTo(wire::StoreMessagePrefix(room, prefix));
  } else if (bytes > http2::kFramePayloadBytesDefault) {
    const wire::LentBlock block(connection.large_blocks(), bytes);  // a format may throw
    message.SerializeTo(wire::StoreMessagePrefix(block.data(), prefix));
    connection.SendShared(stream, {block.data(), bytes}, block.get(), EndStream::kNo);
  } else {
    wire::Arena scratch(core_.workspace().slabs);
    room = static_cast<uint8_t*>(scratch.Allocate(bytes, 1));
    message.SerializeTo(wire::StoreMessagePrefix(room, prefix));
    connection.SendData(stream, {room, bytes}, EndStream::kNo);
  }
  link_.MarkDirty();
}

void Session::EndRequest(ClientCall& call) {
  link_.connection().SendData(*call.stream(), {}, EndStream::kYes);
  link_.MarkDirty();
}

bool Session::is_full(const ClientCall& call) const {
  const http2::Connection& connection = link_.connection();
  return connection.output_is_full() ||
         connection.buffered_bytes(*call.stream()) > core_.options().stream_unsent_bytes_max;
}

void Session::AddBlocked(ClientCall& call) {
  if (!call.reactor::ListHook<BlockedTag>::linked()) blocked_.PushBack(call);
}

void Session::WakeWriters() {
  if (PENSTOCK_LIKELY(blocked_.empty())) return;
  blocked_.ForEach([this](ClientCall& call) {
    if (!is_full(call)) call.WakeWriters();
  });
}

PENSTOCK_COLD void Session::Reset(ClientCall& call) {
  LeaveStream(call, http2::ErrorCode::kCancel);
  CloseIfDrained();
}

void Session::LeaveStream(ClientCall& call, http2::ErrorCode code) {
  http2::Stream& stream = *call.stream();
  stream.user = nullptr;
  call.ForgetStream();
  if (PENSTOCK_UNLIKELY(!stream.state.closed()) && !ended_) {
    link_.connection().SendReset(stream, code);
    link_.MarkDirty();
  }
  core_.OnRoom();
}

void Session::Close() {
  subchannel_ = nullptr;
  link_.Close(http2::ErrorCode::kNoError, "");
}

// --- Whether it is still there

// A call begins after a time without any.
PENSTOCK_COLD void Session::WakeKeepalive() {
  if (keepalive_.Wake(core_.shard().now(), link_.silent_since())) {
    link_.connection().SendPing(rpc::Keepalive::kPingOpaque);
  }
  link_.Rearm();
}

PENSTOCK_COLD void Session::OnExpiry(TimeNs now) {
  switch (keepalive_.Expire(now, link_.silent_since(), calls_count() != 0)) {
    case rpc::Keepalive::Step::kNone:
      return;
    case rpc::Keepalive::Step::kPing:
      return link_.connection().SendPing(rpc::Keepalive::kPingOpaque);
    case rpc::Keepalive::Step::kLost:
      return link_.Lose("it did not answer a PING within keepalive_timeout_ns");
  }
}

// --- What the server does

void Session::OnEvent(const http2::Event& event) {
  using Kind = http2::Event::Kind;
  switch (event.kind) {
    case Kind::kHead:
      return OnHead(event);
    case Kind::kData:
      return OnData(event);
    case Kind::kTrailers: {
      rpc::ResponseHead trailers;
      rpc::ReadResponseHead(link_.connection().fields(), &trailers);
      return OnResponseEnd(CallOf(event), trailers);
    }
    case Kind::kStreamReset:
      return OnReset(event);
    case Kind::kHeadTooLarge:
      return Fail(CallOf(event), StatusCode::kResourceExhausted,
                  "the response's head exceeds header_list_bytes_max");
    case Kind::kSettings:
      return OnSettings();
    case Kind::kGoAway:
      return OnGoAway(event);
    case Kind::kNone:
    case Kind::kInformational:
    case Kind::kPushPromise:
    case Kind::kPingAck:
    case Kind::kConnectionError:
      return;
  }
}

PENSTOCK_COLD void Session::OnReset(const http2::Event& event) {
  ClientCall& call = CallOf(event);
  const http2::Error& error = event.error;
  event.stream->user = nullptr;
  call.ForgetStream();
  core_.OnRoom();
  if (IsUnprocessed(error) && call.may_be_repeated() && !call.was_refused()) {
    call.set_was_refused();
    return core_.Repeat(call, StatusOfStream(call, error));
  }
  call.Finish(StatusOfStream(call, error));
}

Status Session::StatusOfStream(const ClientCall& call, const http2::Error& error) const {
  switch (error.initiator) {
    case http2::Initiator::kPeerFault:
      return MakeStatus(StatusCode::kInternal,
                        "the response breaks HTTP/2: " + std::string(error.text));
    case http2::Initiator::kLocal:
      // A head that is too large for the server, or a server that does not read.
      return MakeStatus(error.code == http2::ErrorCode::kInternalError
                            ? StatusCode::kResourceExhausted
                            : StatusCode::kUnavailable,
                        "the request cannot be sent: " + std::string(error.text));
    case http2::Initiator::kPeer:
      break;
  }
  const StatusCode code = StatusOfReset(error.code);
  if (code == StatusCode::kCancelled && call.time_left_ns() <= 0) {
    return MakeStatus(StatusCode::kDeadlineExceeded, "the server gave up after the deadline");
  }
  return MakeStatus(code, IsUnprocessed(error) && !goaway_.empty()
                              ? address_ + " says " + goaway_ + ": the call was not served"
                              : address_ + " says " + Named("RST_STREAM", error.code));
}

PENSTOCK_COLD void Session::Fail(ClientCall& call, StatusCode code, std::string_view message) {
  LeaveStream(call, http2::ErrorCode::kCancel);
  call.Finish(MakeStatus(code, message));
}

PENSTOCK_COLD void Session::OnSettings() {
  if (!established_) {
    established_ = true;
    const rpc::KeepaliveOptions keepalive = core_.keepalive();
    keepalive_.Begin(core_.shard().now(), keepalive);
    if (keepalive.time_ns != kTimeNever) link_.socket().SetUserTimeout(keepalive.timeout_ns);
    link_.Rearm();
    if (subchannel_ != nullptr) subchannel_->OnSettings();
  }
  core_.OnRoom();
}

// What the server will not serve is reset; the rest ends as it would have.
PENSTOCK_COLD void Session::OnGoAway(const http2::Event& event) {
  goaway_ = TextOfGoAway(event);
  if (event.error.code == http2::ErrorCode::kEnhanceYourCalm &&
      wire::AsString(event.data) == kTooManyPings) {
    core_.OnTooManyPings(address_);
  }
  Retire(address_ + " says " + goaway_);
}

void Session::Retire(const std::string& why) {
  if (draining_) return;
  draining_ = true;
  if (subchannel_ == nullptr) return;
  std::exchange(subchannel_, nullptr)->OnDraining(why, has_served_, ServesSome());
}

bool Session::ServesSome() const {
  const uint32_t last_id = link_.connection().peer_last_stream_id();
  bool serves = false;
  link_.connection().ForEachUsed(
      [&](const http2::Stream& stream) { serves = serves || stream.id <= last_id; });
  return serves;
}

void Session::OnBatchEnd() { CloseIfDrained(); }

void Session::CloseIfDrained() {
  if (PENSTOCK_UNLIKELY(draining_) && !ended_ && calls_count() == 0) Close();
}

// --- The end of the connection

PENSTOCK_COLD void Session::OnConnectionEnd(const http2::Error& error) {
  ended_ = true;
  std::string why = error.text;
  if (error.initiator == http2::Initiator::kPeerFault) why = "the server breaks HTTP/2: " + why;
  if (!goaway_.empty()) why = goaway_ + ", then " + why;
  why = TextOfEnd(why);
  // Of a send in flight nobody knows how much of it will have left.
  const uint64_t left_bytes = link_.socket().send_in_flight()
                                  ? UINT64_MAX
                                  : link_.connection().NextOutput().consumed_bytes();
  const Status lost = MakeStatus(StatusCode::kUnavailable, why);
  link_.connection().ForEachUsed([&](http2::Stream& stream) {
    ClientCall& call = *static_cast<ClientCall*>(stream.user);
    stream.user = nullptr;
    call.ForgetStream();
    const bool never_left = left_bytes <= call.sent_from_bytes();
    never_left && call.may_be_repeated() ? core_.Repeat(call, lost) : call.Finish(lost);
  });
  if (subchannel_ != nullptr) std::exchange(subchannel_, nullptr)->OnSessionEnd(why, has_served_);
}

std::string Session::TextOfEnd(const std::string& why) const {
  const wire::TlsEngine* const tls = link_.tls();
  const std::string failure = tls != nullptr ? tls->failure() : "";
  if (established_) {
    return "lost the connection to " + address_ + ": " + (failure.empty() ? why : failure);
  }
  if (!failure.empty()) return "TLS handshake with " + address_ + " failed: " + failure;
  return "cannot connect to " + address_ + ": " + why + " before it spoke HTTP/2: is it a gRPC " +
         (tls != nullptr ? "server?" : "server, without TLS?");
}

void Session::OnClosed() {
  ChannelCore& core = core_;
  delete &link_;  // and this with it
  core.OnSocketClosed();
}

}  // namespace penstock::client
