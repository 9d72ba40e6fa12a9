// ServerCall: a call from its head to its status, as the session keeps it.
#ifndef PENSTOCK_SERVER_SERVER_CALL_H_
#define PENSTOCK_SERVER_SERVER_CALL_H_

#include <cstdint>

#include "penstock/codec/codec.h"
#include "penstock/http2/stream.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/inbox.h"
#include "penstock/rpc/request_head.h"
#include "penstock/server/method_entry.h"
#include "penstock/server/metrics.h"
#include "penstock/wire/message_assembler.h"

namespace penstock::server {

class HandlerRun;
class Session;

class ServerCall : public Call,
                   public reactor::ListHook<struct BegunTag>,
                   public reactor::ListHook<struct PackedTag> {
 public:
  ServerCall(Session* session, http2::Stream* stream, wire::SlabPool* slabs,
             uint32_t message_bytes_max, reactor::Timer::Fire on_deadline)
      : Call(slabs),
        session_(session),
        stream_(stream),
        assembler_(message_bytes_max),
        deadline_timer_(on_deadline, this) {}

  // The route is known, and the head has been found good.
  void Begin(const MethodEntry* entry, const rpc::RequestHead& head, const reactor::Socket* socket,
             reactor::Shard* shard) {
    entry_ = entry;
    content_type_ = head.content_type;
    method_ = entry->path;
    streams_ = entry->reads || entry->streams_out;
    socket_ = socket;
    shard_ = shard;
    begun_at_ = shard->now();
    deadline_ =
        head.timeout_ns == kTimeNever ? kTimeNever : SaturatingAdd(shard->now(), head.timeout_ns);
  }

  // Of a call whose content-type is kGrpcOther: null, and what the caller said, for one whose
  // messages are raw.
  void SetCodec(const codec::Codec* codec, std::string_view subtype) {
    content_codec_ = codec;
    content_subtype_ = codec != nullptr ? codec->subtype() : arena_.Copy(subtype);
  }

  // Ownership: the connection's, which outlives the call.
  void set_peer_identity(const PeerIdentity* identity) { peer_identity_ = identity; }

  Metadata* received_metadata() { return &metadata_; }
  rpc::CallCompression& compression() { return compression_; }
  const rpc::CallCompression& compression() const { return compression_; }

  // When its head came; 0 for a plain request. Exact where it is timed, else its turn's time.
  TimeNs begun_at() const { return begun_at_; }

  // Counted there from its start on.
  void BeginMetrics(MethodMetrics* metrics) { metrics_ = metrics; }
  void BeginTiming(TimeNs begun_at) {
    begun_at_ = begun_at;
    is_timed_ = true;
  }
  MethodMetrics& metrics() const { return *metrics_; }
  bool is_timed() const { return is_timed_; }

  // Not an RPC: it is a PlainCall.
  bool is_plain() const { return entry_ == nullptr; }

  Session* session() const { return session_; }
  http2::Stream& stream() const { return *stream_; }
  // False once the stream is answered or lost; then only a coroutine still keeps the call.
  bool has_stream() const { return stream_ != nullptr; }
  void ForgetStream() { stream_ = nullptr; }
  void ForgetSocket() { socket_ = nullptr; }

  // A coroutine handles it, or will when its turn comes; else null.
  HandlerRun* run() const { return run_; }
  void set_run(HandlerRun* run) { run_ = run; }
  // Where a stream of requests waits to be read, from the handler's start on; else null.
  rpc::Inbox* inbox() const { return inbox_; }
  void set_inbox(rpc::Inbox* inbox) { inbox_ = inbox; }
  void set_cancellation(rpc::CallCancellation* cancellation) { cancellation_ = cancellation; }
  const MethodEntry& entry() const { return *entry_; }
  rpc::ContentType content_type() const { return content_type_; }
  wire::MessageAssembler& assembler() { return assembler_; }
  reactor::Timer& deadline_timer() { return deadline_timer_; }

  // The request, once it is whole; its bytes are in the arena when the end has not come yet.
  bool has_request() const { return messages_received_count() != 0; }
  const wire::Bytes& request() const { return request_; }
  void set_request(wire::Bytes request) {
    request_ = request;
    CountReceived();
  }

  // Its deadline timer is yet to be armed.
  bool awaits_timer() const { return ListHook<BegunTag>::linked(); }

  // Or it waits, in the arena, for a turn in which it may be decompressed.
  bool waits_packed() const { return ListHook<PackedTag>::linked(); }
  void KeepPacked(wire::Bytes message) { request_ = message; }
  wire::Bytes packed() const { return request_; }

  // What goes with the status; sent metadata is the handler's.
  const Metadata* sent_initial() const { return &initial_metadata_; }
  const Metadata* sent_trailing() const { return &trailing_metadata_; }

 private:
  Session* session_;
  http2::Stream* stream_;
  const MethodEntry* entry_ = nullptr;
  MethodMetrics* metrics_ = nullptr;
  TimeNs begun_at_ = 0;
  HandlerRun* run_ = nullptr;
  rpc::Inbox* inbox_ = nullptr;
  wire::Bytes request_;
  wire::MessageAssembler assembler_;
  rpc::ContentType content_type_ = rpc::ContentType::kGrpc;
  bool is_timed_ = false;
  reactor::Timer deadline_timer_;  // armed only for a call that outlives the batch it came in
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_SERVER_CALL_H_
