// Session: the server's side of one connection. It follows the events of its Link, keeps a
// ServerCall for each stream, and hands whole requests to the Dispatcher.
//
//     Link::OnBytes -> http2::Connection -> Session::OnEvent -> MessageAssembler -> Dispatcher::Run
//     -> handler
//
// A call whose handler is a coroutine goes to HandlerRuns, and what is no RPC to the
// PlainDispatcher. A stream of requests goes message by message to the Inbox of its call, whose
// handler begins at the head:
//
//     http2::Connection -> Session::OnEvent -> Inbox::Receive -> Reader::Next -> handler
//
// Ownership: part of its Link, which it destroys in OnClosed(), or once the last handler has ended.
#ifndef PENSTOCK_SERVER_SESSION_H_
#define PENSTOCK_SERVER_SESSION_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/http2/event.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/run_queue.h"
#include "penstock/rpc/decompression_budget.h"
#include "penstock/rpc/drain.h"
#include "penstock/rpc/keepalive.h"
#include "penstock/rpc/link.h"
#include "penstock/rpc/status.h"
#include "penstock/server/dispatcher.h"
#include "penstock/server/first_bytes.h"
#include "penstock/server/handler_runs.h"
#include "penstock/server/lifespan.h"
#include "penstock/server/plain_dispatcher.h"
#include "penstock/server/server_call.h"
#include "penstock/server/shard_state.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/message_assembler.h"

namespace penstock::server {

class Session : public reactor::ListHook<struct SessionTag>,
                public reactor::ListHook<struct HandshakeTag> {
 public:
  using Link = rpc::Link<Session>;

  Session(Link& link, ShardState* state);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // --- for Link
  bool Admit(wire::Bytes bytes);
  void OnEvent(const http2::Event& event);
  void OnBatchEnd();
  void OnConnectionEnd(const http2::Error& error);
  void OnClosed();
  void OnFlush();
  void OnSent();
  TimeNs next_expiry() const {
    return std::min({drain_.next_expiry(), keepalive_.next_expiry(), lifespan_.next_expiry(),
                     notice_due_at_});
  }
  void OnExpiry(TimeNs now);

  // The connection ends gracefully: see rpc/drain.h. It closes when its last stream has ended, and
  // after `grace_ns` in any case: the calls that are open then see the connection end. A peer that
  // has not spoken yet is told when it has, and has opened a stream, or could have for a second.
  // `debug` tells the peer why, and outlives this; said again, the first holds, and the shorter
  // grace.
  void Drain(std::string_view debug, TimeNs grace_ns = kTimeNever);

  // --- for ShardDrain
  // The calls that are open, and those whose handlers are at work still.
  template <typename Function>
  void ForEachCall(Function&& fn) {
    if (!closed_) {
      link_.connection().ForEachUsed(
          [&fn](http2::Stream& stream) { fn(*static_cast<ServerCall*>(stream.user)); });
    }
    runs_.ForEachLost(fn);
  }

  // --- for HandlerRuns
  Dispatcher& dispatcher() { return dispatcher_; }
  rpc::DecompressionBudget& decompression() { return decompression_; }
  void EndCall(ServerCall& call);
  // The call's interceptors begin, which may bring its deadline nearer, or end it: its timer is
  // armed for what they leave, when the batch ends or by ArmDeadlines().
  void OnInterceptorsBegin(ServerCall& call) {
    if (!call.awaits_timer()) begun_.PushBack(call);
  }
  void ArmDeadlines();
  // This may be gone when it returns.
  void OnHandlerEnded();

  Link& link() { return link_; }
  TimeNs opened_at() const { return opened_at_; }
  // Without an open stream: the peer is told which limit, and that it did no wrong.
  void CloseIdle(http2::Limit limit);

 private:
  using Assembled = wire::MessageAssembler::Result;

  static constexpr std::string_view kNoEncodingText =
      "a compressed message without a grpc-encoding";

  void OnHead(const http2::Event& event);
  void OnUnusualHead(const http2::Event& event, ServerCall& call);
  const rpc::RequestHead& LatestHead();
  void OnPlainHead(const http2::Event& event);
  void OnData(const http2::Event& event);
  void OnPartialData(const http2::Event& event, ServerCall& call, Assembled result);
  void OnRequestEnd(ServerCall& call);
  void OnReset(const http2::Event& event);
  void StartHandler(ServerCall& call);
  void CloseForTooManyHandlers();
  void ReturnCredit(const http2::Event& event);

  // session_tls.cc
  // Answer Admit().
  bool AdmitOnTlsPort(Spoken spoken);
  bool RefuseSpoken(Spoken spoken);
  void BeginTls();
  // False: there is none.
  bool EndOldestHandshake();
  bool scheme_is_of_tls() const;
  PENSTOCK_COLD void RefuseScheme(http2::Stream& stream);

  // session_compressed.cc
  // False: the call has failed. True: `*message` is what it was, or waits_packed() with the call.
  PENSTOCK_COLD bool Decompress(const http2::Event& event, ServerCall& call,
                                wire::AssembledMessage* message);
  // The first of those that wait.
  void DecompressWaiting();
  // OK: `*message` is what it was, in the call's arena.
  Status DecompressNow(ServerCall& call, wire::Bytes* message);

  // Of handlers that read.
  void BeginReading(ServerCall& call, bool has_ended);
  void Deliver(const http2::Event& event, ServerCall& call);
  void EndReading(ServerCall& call);
  void BeginMetrics(ServerCall& call);

  // Says how it exceeds the limit.
  std::string CountTooLarge(uint32_t length_bytes);
  // The request can no longer become one: answers and ends the call. FailData(): at this DATA.
  void FailData(const http2::Event& event, const Status& status);
  void FailCall(ServerCall& call, StatusCode code, std::string_view message);
  void FailCall(ServerCall& call, const Status& status);
  // The peer or the connection went away.
  void CancelCall(ServerCall& call, StatusCode code, std::string_view why);
  void LoseHandled(ServerCall& call, StatusCode code, std::string_view why);
  static void OnDeadline(void* context, TimeNs now);
  void Destroy();

  // session_lifetime.cc
  void BeginLifetime();
  void LimitSilence();
  void NoteStreams();
  void LogEnd();
  void ExpireLifespan(TimeNs now);
  void ExpireKeepalive(TimeNs now);
  void ExpireDrain(TimeNs now);
  void SendNotice();
  bool HoldsNotice();
  void RefuseStreams();
  void FinishIfDrained();
  void OnPingAck();

  Link& link_;
  ShardState& state_;
  Dispatcher dispatcher_;
  PlainDispatcher plain_;
  const TimeNs opened_at_;
  reactor::List<ServerCall, BegunTag> begun_;  // and not ended: their timers are to be armed
  rpc::DecompressionBudget decompression_;
  reactor::List<ServerCall, PackedTag> packed_;
  reactor::Runnable decompress_waiting_;
  Lifespan lifespan_;
  rpc::Keepalive keepalive_;
  rpc::Drain drain_;
  std::string_view drain_debug_;
  TimeNs notice_due_at_ = kTimeNever;  // it is held until then
  bool drained_unheard_ = false;       // the drain began before the peer spoke
  bool noticed_ = false;               // GOAWAY(2^31-1) is out, or not wanted any more
  bool closed_ = false;                // the socket is gone, and handlers are at work
  HandlerRuns runs_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_SESSION_H_
