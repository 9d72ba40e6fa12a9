// Session: one connection of the generator and the calls that are under way on it.
//
// Each of its M slots holds one call at a time. A call that ends frees its slot; the Generator lets
// all sessions with free slots start the next calls at once, at the end of the turn, so that the
// requests of a turn leave in one write per connection.
//
// What the peer says it has done nothing with (RST_STREAM(REFUSED_STREAM), or a stream that its
// GOAWAY leaves out) is sent once more, by whichever session has a slot. A connection that says
// GOAWAY serves the calls it has, while another takes its place; one that has had its calls, or its
// time, by Options::reconnect_calls or reconnect_ns, is replaced when they have ended.
// Spec: gRFC A6, "Transparent Retries"
//
// Ownership: part of its Link, which it destroys in OnClosed().
#ifndef PENSTOCK_LOADTEST_SESSION_H_
#define PENSTOCK_LOADTEST_SESSION_H_

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/http2/connection.h"
#include "penstock/http2/event.h"
#include "penstock/loadtest/histogram.h"
#include "penstock/loadtest/message_flow.h"
#include "penstock/loadtest/tally.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/rpc/link.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest {

class Generator;
class Session;
struct MethodLoad;

// A slot, and the call in it.
struct Call : reactor::ListHook<struct DeadlineTag> {
  http2::Stream* stream = nullptr;  // null: the slot is free
  Session* session = nullptr;
  Call* next_free = nullptr;
  MethodLoad* method = nullptr;
  MessageFlow* flow = nullptr;  // null: the call is unary
  TimeNs intended_ns = 0;       // when it was to be sent
  TimeNs start_ns = 0;          // when it was sent, the first time
  uint64_t response_bytes = 0;  // of DATA, prefix included
  uint16_t http_status = 0;     // 0: no head has come
  bool is_repeat = false;
};

inline Call& CallOf(const http2::Event& event) { return *static_cast<Call*>(event.stream->user); }

// What is told of a call before it has a slot.
struct CallBegin {
  TimeNs intended_ns;
  TimeNs start_ns;
  bool is_repeat;
  MethodLoad* method = nullptr;  // null: whichever is next
};

// Session::Classify()'s of "grpc-status: 0".
inline constexpr uint64_t kOkMeaning = 1 + kOk;

class Session : public reactor::ListHook<struct ReadyTag>,
                public reactor::ListHook<struct SessionTag> {
 public:
  using Link = rpc::Link<Session>;

  Session(Link& link, Generator* generator, uint32_t address_index);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // What a header field means to it, for the connection's FieldClassifier: 1 + the status of a
  // grpc-status field, 0 for all others.
  static uint64_t Classify(void* context, http2::FieldName token, std::string_view name,
                           std::string_view value);

  // --- for Link
  bool Admit(wire::Bytes) { return true; }
  void OnEvent(const http2::Event& event);
  void OnBatchEnd();
  void OnFlush() {
    if (PENSTOCK_UNLIKELY(!sendable_.empty())) SendMessages();
  }
  // The output may have been full.
  void OnSent() {
    if (PENSTOCK_UNLIKELY(!sendable_.empty())) link_.MarkDirty();
  }
  void OnConnectionEnd(const http2::Error& error);
  void OnClosed();

  // --- for Generator
  // Gives the connection up unless it is established by `due_ns`.
  void AwaitPeer(TimeNs due_ns);
  // Once the load has begun: when it is to be replaced, by Options::reconnect_ns.
  void BeginAge();
  // Fills the free slots as far as the peer and the generator allow.
  void StartCalls(TimeNs now);
  // False: there is no slot, or the peer does not allow another.
  bool StartCall(const CallBegin& begin, TimeNs now);
  // The call's deadline has passed.
  void Expire(Call& call, std::string_view message);
  // The flow's next message is due.
  void OnMessageDue(MessageFlow& flow);
  // Says GOAWAY and closes. What is under way is not waited for.
  void Close();

  Link& link() { return link_; }
  bool established() const { return established_; }
  uint32_t active_count() const { return active_count_; }
  // How long the oldest call under way has waited at `now`; 0 without one. A stream waits since its
  // last message, while it is the server's turn; a bidi one since its first without a response.
  TimeNs LongestWait(TimeNs now);
  // How long each call under way has waited at `now`, of those due at `from_ns` or later.
  void RecordWaits(TimeNs now, TimeNs from_ns, Histogram* waits);
  uint32_t address_index() const { return address_index_; }

 private:
  bool may_start() const { return free_ != nullptr && !draining_ && !ended_; }
  void Send(http2::Stream& stream, const CallBegin& begin, TimeNs now);
  void MarkOutput();
  void Replace();
  void OnHead(const http2::Event& event);
  void OnData(const http2::Event& event);
  void OnResponseEnd(Call& call);
  // session_messages.cc
  void AllotFlows();
  // The oldest message without a response, or what happened last.
  static TimeNs WaitsSince(const MessageFlow& flow);
  void SendFirstMessages(Call& call, TimeNs now);
  void SendMessages();
  void SendMessages(MessageFlow& flow, TimeNs now);
  bool MaySend(const MessageFlow& flow, TimeNs now) const;
  void SendMessage(MessageFlow& flow, TimeNs now);
  void OnStreamData(Call& call, const http2::Event& event);
  void ReceiveMessages(MessageFlow& flow, uint64_t count);
  void OnStreamEnd(Call& call, uint64_t status_meaning);
  void EndCall(Call& call);
  void OnStreamReset(const http2::Event& event);
  void OnSettings();
  void OnGoAway(const http2::Event& event);
  void FailResponse(Call& call, uint64_t status_meaning);
  void Fail(Call& call, uint8_t status, std::string_view message);
  void FreeSlot(Call& call);
  // What the windows let pass is written at its place.
  void SendData(http2::Stream& stream, wire::Bytes data, http2::EndStream end) {
    http2::Connection& connection = link_.connection();
    if (uint8_t* room = connection.BeginData(stream, data.size());
        PENSTOCK_LIKELY(room != nullptr)) {
      std::memcpy(room, data.data(), data.size());
      connection.CommitData(stream, data.size(), end);
    } else {
      connection.SendData(stream, data, end);
    }
  }
  static void OnDue(void* context, TimeNs now);
  static void OnAge(void* context, TimeNs now);
  template <typename Function>
  void ForEachActive(Function&& fn);

  Link& link_;
  Generator& generator_;
  std::vector<http2::PreparedBlock> head_blocks_;  // of each method
  Call* free_ = nullptr;
  TimeNs batch_ns_ = 0;  // when what arrived last was looked at; 0: not since OnBatchEnd()
  uint32_t active_count_ = 0;
  bool established_ = false;
  bool draining_ = false;  // no further call starts here; closed when the last has ended
  bool ended_ = false;
  bool has_answered_ = false;  // a call, whatever with
  bool is_late_ = false;   // not established by the time it had for that
  bool replaced_ = false;  // another connection takes its place
  const uint32_t address_index_;
  const uint32_t last_stream_id_;  // of the last call that starts here
  reactor::Timer due_timer_;  // until it is established
  reactor::Timer age_timer_;  // until it is to be replaced
  std::unique_ptr<MessageFlow[]> flows_;  // of each slot; null: no method streams
  std::unique_ptr<TimeNs[]> sends_ns_;    // of them all
  reactor::List<MessageFlow, struct SendableTag> sendable_;
  const std::unique_ptr<Call[]> slots_;
  std::string goaway_;  // "GOAWAY(NAME)" if the peer said so
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_SESSION_H_
