// Connection: HTTP/2 for one end of one connection, without I/O, clock or threads.
//
//   Receive   Receive(bytes, now) gives it what the peer sent; NextEvent() says, one event at a
//             time, what that means. NextEvent() is called until it answers kNone before the bytes
//             are let go.
//   Send      SendHead, SendData, SendTrailers, SendReset, ... what the application wants; each
//             appends frames to the output, or queues them where a window is closed.
//   Take      NextOutput() is what the driver must write to the peer, and Consume()s.
//   Time      Expire(now) at next_expiry().
//
//     connection.Receive(bytes, now);
//     for (Event e = connection.NextEvent(); e.kind != Event::Kind::kNone;
//          e = connection.NextEvent()) {
//       if (e.kind == Event::Kind::kHead) connection.SendHead(*e.stream, fields, EndStream::kYes);
//     }
//     socket.Write(connection.NextOutput());
//
// A stream belongs to the application while `stream.user` is set: only then are its events told.
// Whoever sets it clears it when it is done with the stream, after it returned the credit of all
// DATA that it was given. A Stream& may dangle after any Send call that ends our half when the
// peer's has ended (or after ResetAfterEnd), and after the event that ends both.
//
// A head or trailers above the peer's MAX_HEADER_LIST_SIZE are not sent: the stream is reset with
// INTERNAL_ERROR, what is sent on it afterwards is dropped, and a user hears of it by kStreamReset.
//
// Pushed streams: a server promises one on the stream of the request that it belongs to, and then
// answers on it as on any other. A client that allows it (Limits::push_enabled) is told by
// kPushPromise, and hears the response on the promised stream if it becomes its user.
//
//     if (Stream* pushed = connection.SendPushPromise(stream, request_fields)) {
//       connection.SendHead(*pushed, response_fields, EndStream::kYes);
//     }
//
// Limits: http2/limits.h
// Spec:   RFC 9113, RFC 7541
#ifndef PENSTOCK_HTTP2_CONNECTION_H_
#define PENSTOCK_HTTP2_CONNECTION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "penstock/http2/abuse_meter.h"
#include "penstock/http2/control_queue.h"
#include "penstock/http2/error.h"
#include "penstock/http2/event.h"
#include "penstock/http2/flow_window.h"
#include "penstock/http2/frame.h"
#include "penstock/http2/frame_reader.h"
#include "penstock/http2/hpack_decoder.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/limit.h"
#include "penstock/http2/limits.h"
#include "penstock/http2/message_head.h"
#include "penstock/http2/priority.h"
#include "penstock/http2/scheduler.h"
#include "penstock/http2/settings.h"
#include "penstock/http2/stream.h"
#include "penstock/http2/stream_map.h"
#include "penstock/http2/workspace.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/large_blocks.h"
#include "penstock/wire/output_chain.h"
#include "penstock/wire/time.h"

namespace penstock::http2 {

enum class Role : uint8_t { kServer, kClient };

// Whether our half of the stream ends with what is sent.
enum class EndStream : bool { kNo, kYes };

struct OutgoingField {
  std::string_view name;
  std::string_view value;
  IndexingPolicy indexing = IndexingPolicy::kIndex;
};

// The encoded form of a header block that is sent again and again on one connection. It is good for
// as long as the encoder's table stays as it is, and then costs a copy of a few octets.
struct PreparedBlock {
  uint64_t generation = 0;
  uint8_t size = 0;
  bool is_head_request = false;  // as in Stream, if it is a request's
  bool is_connect = false;
  std::array<uint8_t, 21> bytes;
};

class Connection {
 public:
  Connection(Role role, const Limits& limits, Workspace* workspace, FieldClassifier classifier);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Writes the preface and our SETTINGS into the output. Once, before anything else.
  void Start(TimeNs now);

  // --- Receive
  // NextEvent() has answered kNone to what was received before.
  void Receive(wire::Bytes bytes, TimeNs now);
  [[nodiscard]] Event NextEvent();
  // More DATA of `stream`, frame by frame, without an event for each: right behind a kData event of
  // it that did not end it, or behind another NextData(), with nothing sent on it in between.
  // Empty: NextEvent() says what follows, which may be DATA as well. For those who keep no more of
  // a frame than its octets: small ones owe nothing to Limits::small_data_budget.
  // Bench: Stream/small in server/handler_bench.cc, from 1,383 to 974 instructions a message.
  [[nodiscard]] wire::Bytes NextData(Stream& stream) {
    return reader_.next_is_plain_data(stream.id) ? TakePlainData(stream) : wire::Bytes();
  }
  // True when NextEvent() has something to tell although nothing was received: what sending did.
  bool has_events() const { return detour_ && !failed_; }
  // Of the latest kHead, kInformational, kTrailers (without a head) or kPushPromise event, until
  // the next NextEvent() of this or of any other connection of the workspace.
  const FieldList& fields() const { return workspace_->blocks.latest().fields; }
  const MessageHead& head() const { return workspace_->blocks.latest().head; }
  uint64_t ping_opaque() const { return ping_opaque_; }
  // Of the latest kPushPromise event: the stream whose request made the server promise.
  uint32_t promise_parent_id() const { return promise_parent_id_; }

  // --- Send
  // Client: opens a stream. Null when the peer's limit or the ids are used up, or it said GOAWAY.
  // Heads are sent in the order in which their streams were opened.
  [[nodiscard]] Stream* OpenStream();
  // Server: promises the response to a request that the client has not made. `request` has GET or
  // HEAD, an :authority for which this server speaks, and no content. Null when the client refuses
  // pushed streams, has as many as it allows, or said GOAWAY; when `parent`'s response is over; and
  // when the ids or the peer's MAX_HEADER_LIST_SIZE do not allow it. Spec: RFC 9113 §8.4
  [[nodiscard]] Stream* SendPushPromise(Stream& parent, std::span<const OutgoingField> request);
  void SendHead(Stream& stream, std::span<const OutgoingField> fields, EndStream end);
  void SendPreparedHead(Stream& stream, PreparedBlock& block, std::span<const OutgoingField> fields,
                        EndStream end);
  // Copies what the windows do not let pass at once.
  void SendData(Stream& stream, wire::Bytes data, EndStream end);
  // The same without a copy, where `data` stands in `block`, of the workspace's slabs->large(): it
  // must not change from now on. The caller gives its own share of the block back when it likes.
  void SendShared(Stream& stream, wire::Bytes data, wire::LargeBlock* block, EndStream end);
  // One whole DATA frame of `bytes` that may go now, which does not end the stream. Returns where
  // the caller writes those bytes before any other call. Null, and nothing is sent: use SendData.
  [[nodiscard]] uint8_t* WriteData(Stream& stream, size_t bytes);
  // The same in two steps, for who writes before it knows whether that ends the stream: room, or
  // null.
  [[nodiscard]] uint8_t* BeginData(Stream& stream, size_t bytes);
  // What BeginData() gave is filled.
  void CommitData(Stream& stream, size_t bytes, EndStream end);
  // Server: a whole response in one piece, when it may go now: prepared head, one DATA frame of
  // `bytes`, prepared trailers. Returns where the caller writes those bytes before any other call;
  // the stream may be gone already. Null, and nothing is sent: take the single steps instead.
  [[nodiscard]] uint8_t* SendWhole(Stream& stream, const PreparedBlock& head, size_t bytes,
                                   const PreparedBlock& trailers);
  // Client: the same of a request, whose DATA ends it.
  [[nodiscard]] uint8_t* SendWhole(Stream& stream, const PreparedBlock& head, size_t bytes);
  // Whether the peer takes a head, or trailers, of so much: its MAX_HEADER_LIST_SIZE. What it does
  // not take is not sent: see above.
  bool PeerTakes(std::span<const OutgoingField> fields) const;
  // End our half. After DATA that waits, if there is any.
  void SendTrailers(Stream& stream, std::span<const OutgoingField> fields);
  void SendPreparedTrailers(Stream& stream, PreparedBlock& block,
                            std::span<const OutgoingField> fields);
  // Before what ends our half: should the peer not have ended its own by then, RST_STREAM(NO_ERROR)
  // follows, so that it stops sending, and the stream is gone. Spec: RFC 9113 §8.1
  void ResetAfterEnd(Stream& stream);
  void SendReset(Stream& stream, ErrorCode code);
  void SendPing(uint64_t opaque);
  // The first half of a graceful end: says that a GOAWAY follows, and refuses nothing yet. Whatever
  // the peer had sent by then is served. Spec: RFC 9113 §6.8
  // `debug` is cut at 1 KiB.
  void SendShutdownNotice(std::string_view debug);
  // No stream above the highest one seen will be served; those are ignored from now on. `debug` is
  // cut at 1 KiB.
  void SendGoAway(ErrorCode code, std::string_view debug);
  // The application is done with `bytes` of the stream's DATA. Not with Limits::automatic_credit.
  void ReturnCredit(Stream& stream, uint32_t bytes);
  // The application returns the credit of the stream's DATA later, but what it keeps of a frame is
  // no more than its octets: small frames owe nothing to Limits::small_data_budget any longer.
  void ForgiveSmallData(Stream& stream) {
    if (PENSTOCK_UNLIKELY(stream.small_data_debt != 0)) {
      meter_.ReturnSmallData(&stream.small_data_debt);
    }
  }
  // Server: what the application knows better than the client, or the client did not say.
  void SetPriority(Stream& stream, const Priority& priority);
  // Client: changes what the `priority` field of the request said. Spec: RFC 9218 §7.1
  void SendPriorityUpdate(Stream& stream, const Priority& priority);

  // --- Take
  // Everything to be written, with queued DATA as far as the windows and output_bytes_max allow.
  wire::OutputChain& NextOutput();
  bool has_output() const {
    return !output_.empty() || (!scheduler_.empty() && send_window_.available() > 0);
  }
  // The peer does not read what it makes us say: stop reading from it until this is false.
  bool should_pause() const {
    return output_is_full() ||
           PENSTOCK_UNLIKELY(control_queue_.count() > limits_.control_frames_queued_max &&
                             control_queue_.Count(output_.consumed_bytes()) >
                                 limits_.control_frames_queued_max);
  }
  bool output_is_full() const {
    return output_.size() >= limits_.output_bytes_max || PENSTOCK_UNLIKELY(has_many_orphans());
  }
  // It goes on although nothing more was read: heads and acknowledgements are not held back.
  bool output_is_flooded() const {
    return output_.size() / kOutputFloodFactor >= limits_.output_bytes_max;
  }

  // --- Time
  TimeNs next_expiry() const;
  // Returns kConnectionError when the peer took too long, else kNone. What it says of streams is
  // told by NextEvent(), if has_events().
  [[nodiscard]] Event Expire(TimeNs now);

  // The stream's message is begun and not whole: the peer has slow_request_timeout_ns to go on.
  void AwaitMore(Stream& stream) { stream.awaited_since = now_; }
  static void AwaitNothing(Stream& stream) { stream.awaited_since = kTimeNever; }

  // --- Limits
  // Counts it; once for each time that it was reached.
  void CountTrip(Limit limit);
  // What was reached last, if anything was.
  bool has_tripped() const { return has_tripped_; }
  Limit latest_trip() const { return latest_trip_; }

  // --- State
  const Settings& peer_settings() const { return peer_settings_; }
  size_t streams_open_count() const { return streams_.size(); }
  // The peer has opened a stream, perhaps one that is gone.
  bool peer_has_opened_streams() const { return peer_last_id_ != 0; }
  // The highest id that the peer has opened; 0: none.
  uint32_t peer_latest_stream_id() const { return peer_last_id_; }
  // What lay between the peer's last two PINGs.
  TimeNs ping_interval_ns() const { return meter_.ping_interval_ns(); }
  // True when OpenStream() would succeed.
  bool can_open_stream() const;
  uint32_t peer_last_stream_id() const { return peer_goaway_id_; }
  bool failed() const { return failed_; }
  // Octets on the heap that this connection shares with no other, streams and output not counted.
  size_t heap_bytes() const {
    return decoder_.heap_bytes() + encoder_.heap_bytes() + block_.capacity();
  }
  wire::LargeBlocks& large_blocks() { return workspace_->slabs->large(); }
  // The next octet that is received begins a frame. Not before established().
  bool between_frames() const { return !reader_.holds_cut_frame() && reader_.ends_frame(); }
  // True once the peer's preface and SETTINGS have come.
  bool established() const { return settings_received_; }
  // DATA that waits for a window or for its turn; of the connection, with what the driver has not
  // written yet.
  size_t buffered_bytes(const Stream& stream) const { return stream.queued.size(); }
  size_t buffered_bytes() const { return queued_bytes_ + output_.size(); }
  // What we, or the peer, may send before WINDOW_UPDATE. Both windows count: a stream sends as much
  // as its own and the connection's allow. They may be negative (flow_window.h).
  int64_t send_window_bytes(const Stream& stream) const { return stream.send_window.available(); }
  int64_t send_window_bytes() const { return send_window_.available(); }
  int64_t receive_window_bytes(const Stream& stream) const {
    return stream.receive_window.available();
  }
  int64_t receive_window_bytes() const { return receive_window_.available(); }
  // Received, and not yet told to the peer by WINDOW_UPDATE; with receive_window_bytes() always
  // the window that Limits::connection_window_bytes asks for. Of it, what lies with streams whose
  // application has not returned its credit.
  uint32_t uncredited_bytes() const { return credit_bytes_; }
  uint32_t unread_bytes() const { return unread_bytes_; }
  // Calls fn(Stream&) for each open stream that has a user.
  template <typename Function>
  void ForEachUsed(Function&& fn) {
    streams_.ForEach([&fn](Stream& stream) {
      if (stream.user != nullptr) fn(stream);
    });
  }

 private:
  // connection.cc. ReceiveFrame() names the one place where each type of frame arrives.
  Error ReceivePreface();
  Error ReceiveFrame(Event* event);
  Error ReceivePing(Event* event);
  TimeNs handshake_expiry() const;
  void ExpireQueued();
  Event Fail(const Error& error);
  Event TakeDetour();
  void WriteWindowUpdate(uint32_t stream_id, uint32_t bytes);
  void WriteReset(uint32_t stream_id, ErrorCode code);
  bool has_many_orphans() const {
    return orphans_bytes_ >= limits_.output_bytes_max && output_.consumed_bytes() < orphans_end_;
  }

  // connection_limits.cc
  Error Trip(Limit limit);
  Error MeterGlitch();
  Error MeterHeaderList();
  Error MeterReset(const Stream& stream);
  Error MeterSmallData(Stream& stream);
  void NoteControlFrame();
  TimeNs shortest_watch_ns() const;
  bool has_work_to_watch() const;
  void NoteCutFrame();
  Error WatchFrames(TimeNs* due);
  void BeginWatch();
  Event Watch();
  Error WatchOutput(TimeNs* due);
  void WatchStream(Stream& stream, TimeNs* due);
  void TimeOut(Stream& stream, Limit limit);

  // connection_settings.cc
  Error ReceiveSettings(Event* event);
  Error ApplySettings(wire::Bytes entries);
  void ApplyLocalSettings();
  void ApplyHeaderListBytesMax();
  uint32_t StreamWindowBytes() const;

  // connection_goaway.cc
  Error ReceiveGoAway(Event* event);
  void FindUnprocessed();
  void WriteGoAway(uint32_t last_id, ErrorCode code, std::string_view debug);

  // connection_streams.cc
  Error ReceiveHeaders(Event* event);
  void BeginLongBlock(wire::Bytes fragment);
  Error ReceiveContinuation(Event* event);
  Error DecodeBlock(wire::Bytes block, bool* too_large);
  Error ReceiveHeaderBlock(wire::Bytes block, Event* event);
  const char* JudgeRequest();
  const char* JudgeResponse();
  const char* JudgeTrailers();
  Error ReceiveRequestHead(uint32_t id, bool too_large, Event* event);
  Error ReceiveResponseHead(Stream& stream, bool too_large, Event* event);
  Error ReceiveTrailers(Stream& stream, Event* event);
  Error ReceiveOnMissingStream(uint32_t id, const char* what);
  Error ReceiveOnShutHalf(const Stream& stream, const char* what) const;
  void NoteUnusualRequest(Stream& stream);

  // connection_push.cc
  Error ReceivePushPromise(Event* event);
  Error ReceivePromiseBlock(wire::Bytes block, Event* event);
  Error JudgePromise(uint32_t parent_id, uint32_t promised_id) const;

  // connection_data.cc
  Error ReceiveData(Event* event);
  Error BeginDataFrame();
  wire::Bytes TakePlainData(Stream& stream);
  Error DeliverData(Stream& stream, wire::Bytes piece, bool ends_frame, Event* event);
  Error ReceiveWindowUpdate();
  void CreditConnection();
  void CreditStream(Stream& stream, uint32_t bytes);

  // connection_priority.cc
  Error ReceivePriority();
  Error ReceivePriorityUpdate();
  Error NoteIdlePriority(uint32_t id, const Priority& priority);
  void TakePriority(Stream& stream);

  // connection_ends.cc
  Error ReceiveRstStream(Event* event);
  Error EndRemote(Stream& stream, Event* event);
  Event ResetForFault(uint32_t id, const Error& error);
  void TellReset(Stream& stream, const Error& error, Event* event);
  void FailLocally(Stream& stream);
  void DropUntold(Stream& stream);
  void DropQueued(Stream& stream);
  void NoteOrphan(const wire::LargeBlock* block);
  void ReleaseStream(Stream& stream);
  void ReleaseAfterEvent(Stream& stream);
  bool IsIdle(uint32_t id) const;
  bool IsIgnored(uint32_t id) const;
  bool MayBeResetByUs(uint32_t id) const;
  void RememberReset(uint32_t id);
  void ForgetReset(uint32_t id);

  // Fills the event's stream, or drops the event when the stream has no user.
  static Error TellUser(Stream& stream, Event* event) {
    event->stream = &stream;
    if (stream.user == nullptr) *event = {};
    return kNoFault;
  }
  // Streams that this end opens have odd ids at a client, even ones at a server.
  bool IsLocal(uint32_t id) const { return ((id ^ local_next_id_) & 1) == 0; }
  size_t remote_streams_count() const { return streams_.size() - local_streams_count_; }

  // connection_long_blocks.cc
  bool WriteLongHeaderBlock(Stream& stream, uint8_t frame_flags,
                            std::span<const OutgoingField> fields);
  void WriteBlockInFrames(FrameHeader frame, uint32_t promised_id,
                          std::span<const OutgoingField> fields);

  // connection_send.cc
  static bool OpenReserved(Stream& stream);
  void NoteHead(Stream& stream, std::span<const OutgoingField> fields);
  void NoteHead(Stream& stream, const PreparedBlock& head);
  bool WriteHeaderBlock(Stream& stream, uint8_t frame_flags, std::span<const OutgoingField> fields,
                        PreparedBlock* keep);
  bool WritePrepared(Stream& stream, const PreparedBlock& block, uint8_t frame_flags);
  bool MaySendNow(const Stream& stream, size_t bytes) const;
  void WriteDataFrame(Stream& stream, wire::Bytes data, wire::LargeBlock* block, EndStream end);
  size_t SendableBytes(const Stream& stream) const;
  void QueueData(Stream& stream, wire::Bytes data, wire::LargeBlock* block, EndStream end);
  void SendQueued(Stream& stream);
  void SendQueuedTrailers(Stream& stream);
  void EndLocal(Stream& stream);

  const Role role_;
  const Limits limits_;
  Workspace* const workspace_;

  FrameReader reader_;
  HpackDecoder decoder_;
  HpackEncoder encoder_;
  wire::OutputChain output_;
  StreamMap streams_;
  Scheduler scheduler_;

  Settings peer_settings_;
  // A head whose bound is not above this fits one frame and the peer's MAX_HEADER_LIST_SIZE.
  size_t head_bound_bytes_max_ = kFramePayloadBytesDefault;
  FlowWindow send_window_;
  FlowWindow receive_window_;
  uint32_t credit_bytes_ = 0;  // received, not yet told to the peer by WINDOW_UPDATE
  uint32_t unread_bytes_ = 0;  // delivered to streams that have not returned their credit

  uint64_t ping_opaque_ = 0;
  uint32_t promise_parent_id_ = 0;
  size_t queued_bytes_ = 0;           // of all streams
  size_t orphans_bytes_ = 0;          // blocks that the output holds of streams that were reset...
  uint64_t orphans_end_ = 0;          // ... until so much of it is consumed
  Stream* release_next_ = nullptr;    // closed by the event that is being handled
  Stream* failed_locally_ = nullptr;  // reset by FailLocally(), not yet told and released
  std::vector<uint32_t>
      unprocessed_ids_;  // left out by the peer's GOAWAY, not yet told; descending

  // The DATA frame under way.
  Stream* data_stream_ = nullptr;  // null: discard
  uint32_t data_bytes_left_ = 0;   // of data, without the padding
  bool pad_length_pending_ = false;

  // The header block under way, over HEADERS and CONTINUATION.
  std::vector<uint8_t> block_;
  uint32_t block_stream_id_ = 0;    // 0: none
  uint32_t block_promised_id_ = 0;  // of a PUSH_PROMISE; 0: HEADERS
  uint32_t continuations_count_ = 0;
  bool block_ends_stream_ = false;
  bool block_depends_on_itself_ = false;

  uint32_t peer_last_id_ = 0;  // highest id the peer has opened
  uint32_t local_next_id_;     // the next id to open, or to promise
  uint32_t local_streams_count_ = 0;
  uint32_t goaway_id_ = kStreamIdMax;       // of our GOAWAY: no id of the peer's above it is served
  uint32_t peer_goaway_id_ = kStreamIdMax;  // of the peer's
  uint8_t preface_matched_bytes_ = 0;
  bool settings_received_ = false;
  bool settings_acked_ = false;
  bool goaway_received_ = false;
  bool failed_ = false;
  bool detour_ = false;  // NextEvent() has something else to do before it reads frames
  TimeNs started_at_ = 0;
  TimeNs now_ = 0;
  TimeNs queued_expiry_ = kTimeNever;  // no queued stream expires before this

  AbuseMeter meter_;
  ControlQueue control_queue_;
  bool has_tripped_ = false;
  bool fault_resets_exceeded_ = false;
  Limit latest_trip_ = Limit::kConcurrentStreams;
  // Slow peers.
  TimeNs watch_at_ = kTimeNever;   // never: nothing is open and nothing queued
  TimeNs block_began_at_ = 0;      // while block_stream_id_ is set
  TimeNs cut_began_at_ = 0;        // while reader_.holds_cut_frame()
  uint32_t cut_frames_count_ = 0;  // as of then
  TimeNs output_taken_at_ = 0;     // when it was seen that some was, or that there was none
  uint64_t output_taken_bytes_ = 0;

  // The streams this end reset last: what the peer sent before it knew is ignored.
  static constexpr size_t kResetsRemembered = 32;
  static constexpr size_t kOutputFloodFactor = 8;
  std::array<uint32_t, kResetsRemembered> reset_ids_{};
  uint32_t resets_count_ = 0;
  uint32_t reset_forgotten_id_ = 0;  // the highest id that had to make room in reset_ids_

  // What PRIORITY_UPDATE said of requests that have not come yet.
  struct IdlePriority {
    uint32_t stream_id;
    Priority priority;
  };
  std::vector<IdlePriority> idle_priorities_;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_CONNECTION_H_
