#include "penstock/server/handler_runs.h"

#include "penstock/http2/connection.h"
#include "penstock/server/session.h"
#include "penstock/server/shard_state.h"
#include "penstock/wire/check.h"

namespace penstock::server {
namespace {

uint64_t RunningMax(const ServerOptions& options) {
  return options.running_handlers_max != 0 ? options.running_handlers_max
                                           : options.http2.concurrent_streams_max;
}

Status DeadlinePassed(const char* before_what) {
  return MakeStatus(StatusCode::kDeadlineExceeded, before_what);
}

}  // namespace

// --- HandlerRun

HandlerRun::HandlerRun(HandlerRuns* runs, ServerCall* server_call)
    : CoroutineExchange(*server_call, server_call->request(), server_call->inbox()),
      runs_(*runs),
      server_call_(*server_call) {}

void HandlerRun::Reply(const rpc::MessageWriter& reply) {
  if (!server_call_.has_stream()) return;
  ReleaseInbox();
  server_call_.stream().user = nullptr;
  runs_.session_.dispatcher().Reply(server_call_, reply);
  LeaveStream();
  runs_.session_.dispatcher().activity().NoteTime(runs_.state_.shard.now());
  runs_.session_.link().MarkDirty();
}

void HandlerRun::Finish(const Status& status) {
  if (!server_call_.has_stream()) return;
  Dispatcher& dispatcher = runs_.session_.dispatcher();
  ReleaseInbox();
  server_call_.stream().user = nullptr;
  if (!head_sent_ && !status.ok()) {
    dispatcher.Fail(server_call_, status);
  } else {
    if (!head_sent_) dispatcher.SendHead(server_call_);
    dispatcher.Finish(server_call_, status);
  }
  LeaveStream();
  runs_.session_.link().MarkDirty();
}

// Before the answer, which may take the stream away: what was not read is credited.
void HandlerRun::ReleaseInbox() {
  rpc::Inbox* const inbox = server_call_.inbox();
  if (inbox == nullptr) return;
  inbox->Drop();
  inbox->ForgetStream();
}

// It is no open call any more: what it has received counts with those that have ended, however long
// its handler stays.
void HandlerRun::LeaveStream() {
  runs_.session_.dispatcher().activity().CountReceived(server_call_.messages_received_count());
  server_call_.ForgetStream();
}

void HandlerRun::ForgetStream() {
  LeaveStream();
  rpc::Inbox* const inbox = server_call_.inbox();
  if (inbox == nullptr) return;
  inbox->ForgetStream();
  inbox->Drop();
}

bool HandlerRun::Send(const rpc::MessageWriter& message) {
  server_call_.CountSent();
  if (PENSTOCK_UNLIKELY(!server_call_.has_stream())) return false;
  if (PENSTOCK_UNLIKELY(!head_sent_)) SendHead();
  runs_.session_.dispatcher().SendMessage(server_call_, message);
  runs_.session_.link().MarkDirty();
  return is_full();
}

void HandlerRun::SendHead() {
  if (head_sent_ || !server_call_.has_stream()) return;
  head_sent_ = true;
  runs_.session_.dispatcher().SendHead(server_call_);
  runs_.session_.link().MarkDirty();
}

bool HandlerRun::is_full() const {
  if (!server_call_.has_stream()) return false;
  const http2::Connection& connection = runs_.session_.link().connection();
  return connection.output_is_full() || connection.buffered_bytes(server_call_.stream()) >
                                            runs_.state_.options.stream_unsent_bytes_max;
}

void HandlerRun::WakeWhenNotFull(reactor::Wait& wait) {
  writers_.PushBack(wait);
  if (!ListHook<BlockedTag>::linked()) runs_.blocked_.PushBack(*this);
}

void HandlerRun::WakeWriters() {
  ListHook<BlockedTag>::Unlink();
  while (reactor::Wait* wait = writers_.PopFront()) wait->Wake();
}

// --- HandlerRuns

HandlerRuns::HandlerRuns(Session* session, ShardState* state)
    : session_(*session),
      state_(*state),
      running_max_(RunningMax(state->options)),
      waiting_max_(running_max_ * state->options.waiting_handlers_factor),
      start_waiting_([](void* context) { static_cast<HandlerRuns*>(context)->StartWaiting(); },
                     this) {}

void HandlerRuns::Remove(HandlerRun& run) {
  ServerCall& call = run.server_call();
  state_.runs.Delete(&run);  // leaves its lists
  if (rpc::Inbox* inbox = call.inbox()) state_.inboxes.Delete(inbox);
  session_.EndCall(call);
}

PENSTOCK_ALWAYS_INLINE void HandlerRuns::OnEnd(HandlerRun& run) {
  --running_count_;
  lost_count_ = 0;
  Remove(run);
  if (PENSTOCK_UNLIKELY(!waiting_.empty())) state_.shard.run_queue().Push(start_waiting_);
  session_.OnHandlerEnded();
}

void HandlerRun::End() { runs_.OnEnd(*this); }

HandlerRuns::~HandlerRuns() {
  while (HandlerRun* run = running_.PopFront()) {
    run->frame.destroy();
    Remove(*run);
  }
}

PENSTOCK_ALWAYS_INLINE void HandlerRuns::Run(HandlerRun& run) {
  ++running_count_;
  running_.PushBack(run);
  ServerCall& call = run.server_call();
  if (PENSTOCK_UNLIKELY(call.time_left_ns() <= 0)) {
    run.Finish(DeadlinePassed("the deadline passed before the handler could begin"));
    return run.End();
  }
  if (!call.entry().interceptors.empty()) session_.OnInterceptorsBegin(call);
  call.entry().start(call.entry(), run);
}

bool HandlerRuns::Start(ServerCall& call) {
  const bool runs_now = has_room() && waiting_.empty();
  if (PENSTOCK_UNLIKELY(!runs_now && waiting_count_ + lost_count_ >= waiting_max_)) return false;
  HandlerRun& run = *state_.runs.New(this, &call);
  call.set_run(&run);
  call.set_cancellation(&run.cancellation());
  if (PENSTOCK_LIKELY(runs_now)) {
    Run(run);
  } else {
    ++waiting_count_;
    waiting_.PushBack(run);
  }
  return true;
}

bool HandlerRuns::StartReading(ServerCall& call, bool has_ended) {
  rpc::Inbox& inbox =
      *state_.inboxes.New(&state_.message_memory, state_.options.message_bytes_max);
  inbox.Attach(&session_.link().connection(), &call.stream(), &session_.link().socket());
  inbox.CountIn(&call.metrics().received_sizes);
  const rpc::CallCompression& compression = call.compression();
  if (PENSTOCK_UNLIKELY(compression.received() != rpc::Encoding::kIdentity)) {
    inbox.Decompress(&state_.compressor, &session_.decompression(), compression.received(),
                     compression.received_name());
  }
  if (has_ended) inbox.End(OkStatus());
  call.set_inbox(&inbox);
  if (PENSTOCK_LIKELY(Start(call))) return true;
  call.set_inbox(nullptr);
  state_.inboxes.Delete(&inbox);
  return false;
}

// From the run queue, so that a handler that ends does not begin the next one inside of itself.
void HandlerRuns::StartWaiting() {
  while (has_room()) {
    HandlerRun* run = waiting_.PopFront();
    if (run == nullptr) break;
    --waiting_count_;
    Run(*run);
  }
  session_.ArmDeadlines();
}

void HandlerRuns::Lose(ServerCall& call, const Status& why) {
  HandlerRun& run = *call.run();
  run.ForgetStream();
  if (!run.is_waiting()) return run.cancellation().Cancel(why);
  --waiting_count_;
  ++lost_count_;
  Remove(run);
}

void HandlerRuns::Expire(ServerCall& call) {
  if (!call.has_stream()) return WatchLate(call);  // its handler has been cancelled already
  const bool was_waiting = call.run()->is_waiting();
  Fail(call, DeadlinePassed(was_waiting ? "the deadline passed before the handler could begin"
                                        : "the deadline passed while the handler ran"));
  if (!was_waiting) WatchLate(call);
}

// A handler can be told to end, but not be made to: the next best thing is to say which one it is.
void HandlerRuns::WatchLate(ServerCall& call) {
  const TimeNs late_at = SaturatingAdd(call.deadline(), kLateHandlerNs);
  if (state_.shard.now() >= late_at) return state_.LogLate(call);
  state_.shard.timers().Schedule(call.deadline_timer(), late_at);
}

void HandlerRuns::Fail(ServerCall& call, const Status& why) {
  HandlerRun& run = *call.run();
  const bool was_waiting = run.is_waiting();
  http2::Connection& connection = session_.link().connection();
  if (connection.buffered_bytes(call.stream()) == 0) {
    run.Finish(why);
  } else {  // the peer does not read: it will not read a status either
    ++state_.counters.calls_failed;
    session_.dispatcher().activity().CountFailed();
    state_.CountEnd(call, why.code(), MessageOf(why));
    http2::Stream& stream = call.stream();
    stream.user = nullptr;
    run.ForgetStream();
    connection.SendReset(stream, http2::ErrorCode::kCancel);
    session_.link().MarkDirty();
  }
  if (!was_waiting) return run.cancellation().Cancel(why);
  --waiting_count_;
  Remove(run);
}

void HandlerRuns::ForgetSocket() {
  running_.ForEach([](HandlerRun& run) { run.server_call().ForgetSocket(); });
}

void HandlerRuns::WakeBlocked() {
  blocked_.ForEach([](HandlerRun& run) {
    if (!run.is_full()) run.WakeWriters();
  });
}

}  // namespace penstock::server
