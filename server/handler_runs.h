// HandlerRuns: the handlers of one connection that are coroutines: those at work, and the calls
// that wait for one of them to end.
//
//     Start() -> at work (suspends, goes on, ...) -> the answer -> End
//            \-> waits -^                        \-> Lose(), Fail(), Expire(): cancelled -> End
//
// A call whose stream is gone, answered or lost, lives until its handler has ended: what the
// handler awaits answers why, and it is to return. Every call is answered, or lost, exactly once;
// whatever comes behind that is dropped here.
//
// Limits: ServerOptions::running_handlers_max are at work, those whose stream is gone among them: a
//         peer that opens streams and resets them shall not have more at work than one that waits
//         (rapid reset, MadeYouReset). waiting_handlers_factor times as many wait their turn, whole
//         requests in their arenas; who was reset meanwhile counts until the next handler ends.
//         One more: GOAWAY(ENHANCE_YOUR_CALM), "too_many_early_resets".
//         What lies unsent of a stream: ServerOptions::stream_unsent_bytes_max; unread of a stream
//         of requests: see rpc/inbox.h.
#ifndef PENSTOCK_SERVER_HANDLER_RUNS_H_
#define PENSTOCK_SERVER_HANDLER_RUNS_H_

#include <cstdint>

#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/run_queue.h"
#include "penstock/reactor/wait.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/status.h"
#include "penstock/server/method_entry.h"
#include "penstock/server/server_call.h"

namespace penstock::server {

class HandlerRuns;
class Session;
struct ShardState;

// One handler's run: what its outermost coroutine answers through.
class HandlerRun final : public CoroutineExchange,
                         public reactor::ListHook<struct TurnTag>,
                         public reactor::ListHook<struct BlockedTag> {
 public:
  HandlerRun(HandlerRuns* runs, ServerCall* server_call);

  void Reply(const rpc::MessageWriter& reply) override;
  void Finish(const Status& status) override;
  void End() override;
  // The answer is on its way, or nobody wants it.
  void ForgetStream();

  bool Send(const rpc::MessageWriter& message) override;
  void SendHead() override;
  bool is_full() const override;
  void WakeWhenNotFull(reactor::Wait& wait) override;
  void WakeWriters();

  ServerCall& server_call() const { return server_call_; }
  bool is_waiting() const { return frame == nullptr; }
  rpc::CallCancellation& cancellation() { return cancellation_; }

 private:
  void ReleaseInbox();
  void LeaveStream();

  HandlerRuns& runs_;
  ServerCall& server_call_;
  bool head_sent_ = false;
  rpc::CallCancellation cancellation_;
  reactor::WaitList writers_;  // that wait for room
};

class HandlerRuns {
 public:
  HandlerRuns(Session* session, ShardState* state);
  // Destroys the frames of handlers that wait for what never comes.
  ~HandlerRuns();
  HandlerRuns(const HandlerRuns&) = delete;
  HandlerRuns& operator=(const HandlerRuns&) = delete;

  // No handler is at work, and no call waits.
  bool empty() const { return running_count_ == 0 && waiting_.empty(); }

  // The request is whole. The call may have ended when it returns. False: there are too many, and
  // the connection is to be closed.
  [[nodiscard]] bool Start(ServerCall& call);
  // The handler reads a stream of requests, of which only the head has come; `has_ended`: nothing
  // follows. Else as Start().
  [[nodiscard]] bool StartReading(ServerCall& call, bool has_ended);
  // The peer or the connection went away. A call that waits ends; of the others their run() does.
  void Lose(ServerCall& call, const Status& why);
  // The call cannot go on: `why` is its answer.
  void Fail(ServerCall& call, const Status& why);
  // The deadline has passed.
  void Expire(ServerCall& call);
  // The socket is gone, and the session outlives it.
  void ForgetSocket();

  // The calls of handlers that are at work though their stream is answered or gone.
  template <typename Function>
  void ForEachLost(Function&& fn) {
    running_.ForEach([&fn](HandlerRun& run) {
      if (!run.server_call().has_stream()) fn(run.server_call());
    });
  }

  // Handlers wait for the peer to read. Wakes those whose output has drained.
  bool has_blocked() const { return !blocked_.empty(); }
  void WakeBlocked();

 private:
  friend class HandlerRun;

  void Run(HandlerRun& run);
  void StartWaiting();
  void OnEnd(HandlerRun& run);
  void Remove(HandlerRun& run);
  void WatchLate(ServerCall& call);
  bool has_room() const { return running_count_ < running_max_; }

  Session& session_;
  ShardState& state_;
  const uint64_t running_max_;
  const uint64_t waiting_max_;
  uint64_t running_count_ = 0;
  uint64_t waiting_count_ = 0;
  uint64_t lost_count_ = 0;  // while they waited, since a handler ended last
  reactor::List<HandlerRun, struct TurnTag> running_;
  reactor::List<HandlerRun, struct TurnTag> waiting_;
  reactor::List<HandlerRun, struct BlockedTag> blocked_;
  reactor::Runnable start_waiting_;  // a handler has ended, and others wait
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_HANDLER_RUNS_H_
