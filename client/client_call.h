// ClientCall: a call of a client from its first octet to its status, as the channel keeps it.
//
//     kNew -> kWaiting (for a connection, or a stream) -> kOpen (has a stream) -> kEnded
//                ^------------------ made again ------------|
//     kOpen -> kPacked -> kEnded: its response waits for a turn in which it may be decompressed.
//
// A call with interceptors is kHeld between those: before it begins, and with a coroutine among
// them behind its end on the wire.
//
// It ends exactly once: by the response, by what became of its stream or its connection, at its
// deadline, or because nobody wants it any more.
//
// metadata() is what is sent; initial_metadata() and trailing_metadata() are what was received.
//
// Ownership: the channel's pool; whoever made it (a unary operation, a stream) gives it back with
//            ChannelCore::Release().
#ifndef PENSTOCK_CLIENT_CLIENT_CALL_H_
#define PENSTOCK_CLIENT_CLIENT_CALL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/client/call_options.h"
#include "penstock/client/interception.h"
#include "penstock/http2/stream.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/reactor/wait.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/inbox.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/response_head.h"
#include "penstock/wire/message_assembler.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::client {

class ChannelCore;
class Session;

class ClientCall final : public Call,
                         public reactor::ListHook<struct WaitingTag>,
                         public reactor::ListHook<struct BlockedTag> {
 public:
  enum class Phase : uint8_t { kNew, kHeld, kWaiting, kOpen, kPacked, kEnded };

  // `path`, `parent` and its arena outlive the call.
  ClientCall(ChannelCore* core, CallScope* parent, std::string_view path,
             const CallOptions& options, uint32_t message_bytes_max,
             reactor::Timer::Fire on_deadline);
  ~ClientCall() {
    if (PENSTOCK_UNLIKELY(interception_ != nullptr)) interception_->~Interception();
  }

  // --- for who made it

  // The one request, encoded; END_STREAM follows it.
  void SetRequest(const rpc::MessageWriter& message) {
    request_ = Encode(message);
    request_is_whole_ = true;
  }
  // The responses are read one by one, from inbox(); else there is to be one.
  void StreamResponses(rpc::MessageMemory* memory, uint32_t message_bytes_max) {
    inbox_.emplace(memory, message_bytes_max);
  }
  rpc::Inbox& inbox() { return *inbox_; }
  rpc::CallCompression& compression() { return compression_; }

  ChannelCore& core() const { return core_; }
  bool ended() const { return phase_ == Phase::kEnded; }
  // Of a call that has ended.
  const Status& status() const { return status_; }
  // The one response of a call that has ended with OK. In response_arena().
  wire::Bytes response() const { return response_; }
  // What they wait in.
  CallScope& caller() const { return *caller_; }
  // `wait` is woken when the call ends.
  void WakeAtEnd(reactor::Wait& wait) { waits_.PushBack(wait); }

  // --- for the channel and its sessions

  // It has interceptors. Ownership: the list outlives it.
  void Intercept(const rpc::Interceptors* interceptors, bool all_plain);
  // Null without.
  Interception* interception() const { return interception_; }
  // After an interceptor has perhaps changed its deadline.
  void RearmDeadline() { shard_->timers().Schedule(deadline_timer_, deadline_); }
  // Of an intercepted call, which has lost its socket when its interceptors go on.
  void set_peer(std::string_view address) { peer_ = arena_.Copy(address); }
  // The same, over TLS: a copy, which outlives the connection.
  void set_peer_identity(const PeerIdentity& identity) {
    peer_identity_ = &Set(Shown{identity}).identity;
  }

  Phase phase() const { return phase_; }
  void set_phase(Phase phase) { phase_ = phase; }
  // What goes out behind the head, prefixes included; and whether nothing follows it.
  wire::Bytes request() const { return request_; }
  bool request_is_whole() const { return request_is_whole_; }
  void set_request_is_whole() { request_is_whole_ = true; }
  // One of several requests, of a call that is not open.
  void AppendRequest(const rpc::MessageWriter& message);
  // One of them went out and was not kept.
  void set_request_is_spent() { request_is_spent_ = true; }
  // `wait` is woken when more may be written, or the call has ended.
  void AddWriter(reactor::Wait& wait) { writers_.PushBack(wait); }
  void WakeWriters();
  bool waits_for_ready() const { return waits_for_ready_; }

  Session* session() const { return session_; }
  http2::Stream* stream() const { return stream_; }
  void Open(Session* session, http2::Stream* stream, const reactor::Socket* socket) {
    phase_ = Phase::kOpen;
    session_ = session;
    stream_ = stream;
    socket_ = socket;
  }
  bool streams_responses() const { return inbox_.has_value(); }
  // Where its head begins in what the connection has to send.
  uint64_t sent_from_bytes() const { return sent_from_bytes_; }
  void set_sent_from_bytes(uint64_t bytes) { sent_from_bytes_ = bytes; }
  // The stream is gone, or its session makes it go.
  void ForgetStream() {
    if (inbox_) inbox_->ForgetStream();
    ListHook<BlockedTag>::Unlink();
    session_ = nullptr;
    stream_ = nullptr;
    socket_ = nullptr;
  }

  // May be made again as if nothing had happened: nothing of a response has come, and everything
  // that was sent is still there. Spec: gRPC A6, "Transparent Retries"
  bool may_be_repeated() const { return !has_response_head_ && !request_is_spent_; }
  // The server refused it once; the second time it has ended.
  bool was_refused() const { return was_refused_; }
  void set_was_refused() { was_refused_ = true; }

  // It has ended on the wire, or could not begin: so ends the call, when its interceptors have. The
  // stream is its caller's matter.
  void Finish(Status status);
  // Ends the call and wakes who waits for it.
  void Conclude(Status status);

  // --- what has come of the response

  Metadata* received_initial() { return &initial_metadata_; }
  Metadata* received_trailing() { return &trailing_metadata_; }
  wire::MessageAssembler& assembler() { return assembler_; }
  wire::Arena& response_arena() {
    return parent_.call_arena() != nullptr ? *parent_.call_arena() : arena_;
  }
  // The head of a response of gRPC.
  void BeginResponse(uint16_t http_status, std::string_view encoding) {
    has_response_head_ = true;
    http_status_ = http_status;
    encoding_ = arena_.Copy(encoding);
  }
  // Of something else, whose body is kept for the status' message.
  void BeginForeign(uint16_t http_status, const rpc::ResponseHead& head);
  bool is_foreign() const { return is_foreign_; }
  bool is_of_another_codec() const { return is_of_another_codec_; }
  void AddToBody(wire::Bytes piece);
  bool has_response_head() const { return has_response_head_; }
  uint16_t http_status() const { return http_status_; }
  const std::string& foreign_text() const { return foreign_text_; }
  std::string_view encoding() const { return encoding_; }

  uint32_t responses_count() const { return responses_count_; }
  void AddResponse(const wire::AssembledMessage& message);
  // It came compressed, and still is.
  bool response_is_packed() const { return response_is_packed_; }
  void set_response_is_packed() { response_is_packed_ = true; }
  void SetUnpackedResponse(wire::Bytes response) { response_ = response; }

 private:
  wire::Bytes Encode(const rpc::MessageWriter& message) {
    const size_t bytes = wire::kMessagePrefixBytes + message.byte_size();
    auto* room = static_cast<uint8_t*>(arena_.Allocate(bytes, 1));
    message.SerializeTo(wire::StoreMessagePrefix(
        room, wire::MessagePrefix{static_cast<uint8_t>(message.compressed()),
                                  static_cast<uint32_t>(message.byte_size())}));
    return {room, bytes};
  }

  struct Shown {
    PeerIdentity identity;
  };

  ChannelCore& core_;
  CallScope& parent_;
  CallScope* caller_ = this;
  Interception* interception_ = nullptr;
  Session* session_ = nullptr;
  http2::Stream* stream_ = nullptr;
  wire::Bytes request_;
  Phase phase_ = Phase::kNew;
  bool waits_for_ready_;
  bool request_is_whole_ = false;
  bool request_is_spent_ = false;
  bool was_refused_ = false;
  bool has_response_head_ = false;
  bool is_foreign_ = false;
  bool is_of_another_codec_ = false;
  bool response_is_packed_ = false;
  uint16_t http_status_ = 0;
  uint32_t responses_count_ = 0;
  uint64_t sent_from_bytes_ = 0;
  std::string_view encoding_;
  std::string foreign_text_;
  size_t body_bytes_ = 0;  // of it
  wire::MessageAssembler assembler_;
  wire::Bytes response_;
  Status status_;
  reactor::WaitList waits_;    // for the end
  reactor::WaitList writers_;  // for room
  std::optional<rpc::Inbox> inbox_;
  reactor::Timer deadline_timer_;
  rpc::CallCancellation own_cancellation_;  // of a call that does not inherit its parent's
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_CLIENT_CALL_H_
