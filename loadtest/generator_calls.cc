// When calls start: what is due, waits for a slot, is sent again, or has run out of time.
#include <algorithm>

#include "penstock/loadtest/generator.h"
#include "penstock/wire/check.h"

namespace penstock::loadtest {
namespace {

// A turn that waits takes a microsecond. Of a longer one others had the core for most of the time.
constexpr TimeNs kSpinTurnNsMax = 5 * kNsPerUs;

// When the caller gives up: to be sent again is no new call. Spec: gRFC A6
TimeNs DeadlineOf(const Call& call) { return call.start_ns + call.method->deadline_ns; }

}  // namespace

void Generator::MarkReady(Session& session) {
  reactor::ListHook<ReadyTag>& hook = session;
  if (hook.linked()) return;
  if (ready_.empty()) ready_since_ns_ = shard_.now();
  ready_.PushBack(session);
  shard_.run_queue().Push(fill_);
}

void Generator::OnFill(void* context) { static_cast<Generator*>(context)->Fill(); }

void Generator::Fill() {
  const TimeNs now = shard_.ReadClock();
  if (PENSTOCK_UNLIKELY(!repeats_.empty()) && loading_) SendRepeats(now);
  if (open_loop_) {
    if (loading_) FillOpenLoop(now);
  } else {
    while (Session* session = ready_.PopFront()) {
      if (loading_) session->StartCalls(now);
    }
  }
}

// A session without room leaves ready_ until a call of it has ended.
void Generator::FillOpenLoop(TimeNs now) {
  TakeDue(now);
  if (!loading_) return;  // the last calls there were to make have been dropped
  while (open_loop_->any_waiting()) {
    Session* session = ready_.PopFront();
    if (session == nullptr) break;
    if (!session->StartCall({open_loop_->front_ns(), now, false}, now)) continue;
    // So that what this one took is in the lateness of the next, and not in its service.
    if (PENSTOCK_UNLIKELY(makes_messages_)) now = shard_.ReadClock();
    open_loop_->TakeWaiting(now, ready_since_ns_);
    ready_.PushBack(*session);
  }
  AwaitStart(now);
}

void Generator::AwaitStart(TimeNs now) {
  const TimeNs next_ns = open_loop_->next_ns();
  if (next_ns == kTimeNever) return shard_.SetAlarm(kTimeNever, nullptr);
  if (next_ns - now <= spin_ns_) return shard_.run_queue().Push(spin_);
  spin_at_ = 0;
  shard_.SetAlarm(next_ns - spin_ns_, &spin_);
}

void Generator::OnSpin(void* context) { static_cast<Generator*>(context)->Spin(); }

void Generator::Spin() {
  if (!loading_) return;
  const TimeNs now = shard_.ReadClock();
  const uint64_t completions_count = shard_.stats().completions;
  if (spin_at_ != 0 && completions_count == spin_completions_count_) {
    measured_.spun_ns += std::min(now - spin_at_, kSpinTurnNsMax);
  }
  spin_completions_count_ = completions_count;
  spin_at_ = now;
  if (now < open_loop_->next_ns()) return AwaitStart(now);
  spin_at_ = 0;
  Fill();
}

void Generator::TakeDue(TimeNs now) {
  const uint64_t dropped_count =
      open_loop_->TakeDue(now, under_way_count_ + repeats_.count(), &calls_to_start_);
  if (PENSTOCK_LIKELY(dropped_count == 0) || !measuring_) return;
  calls_to_end_ -= static_cast<int64_t>(dropped_count);
  if (calls_to_end_ == 0) OnCallsDone();
}

PENSTOCK_COLD bool Generator::Repeat(const Call& call) {
  if (call.is_repeat || repeats_.full() || !loading_) return false;
  if (IsCounted(call)) ++measured_.repeated_count;
  // Those with nothing more to start of their own are not ready by themselves.
  if (repeats_.empty()) sessions_.ForEach([this](Session& session) { MarkReady(session); });
  repeats_.Push({call.intended_ns, call.start_ns, true, call.method});
  // In an open loop they may be ready already, and then wake nobody until the next start.
  shard_.run_queue().Push(fill_);
  return true;
}

PENSTOCK_COLD void Generator::SendRepeats(TimeNs now) {
  while (!repeats_.empty()) {
    Session* session = ready_.front();
    if (session == nullptr) return;
    if (session->StartCall(repeats_.front(), now)) {
      repeats_.Pop();
    } else {
      ready_.PopFront();
    }
  }
}

void Generator::RecordError(const Call& call, uint8_t status, std::string_view message) {
  if (!IsCounted(call)) {
    if (measuring_) ++measured_.carried_error_count;
    return;
  }
  measured_.tally.RecordError(status, message);
  if (choice_) call.method->measured.tally.RecordError(status, message);
  if (--calls_to_end_ == 0) OnCallsDone();
}

PENSTOCK_COLD void Generator::WatchDeadlineOfRepeat(Call& call) {
  repeat_deadlines_.PushBack(call);
  const TimeNs due_ns = DeadlineOf(call);
  if (!deadline_timer_.scheduled() || due_ns < deadline_timer_.when()) {
    shard_.timers().Schedule(deadline_timer_, due_ns);
  }
}

// A timer that is set too late is one tick late: the next call sets it when there is none.
void Generator::ScheduleDeadline() {
  TimeNs next_ns = kTimeNever;
  for (MethodLoad& method : methods_) {
    if (const Call* oldest = method.deadlines.front()) {
      next_ns = std::min(next_ns, DeadlineOf(*oldest));
    }
  }
  repeat_deadlines_.ForEach(
      [&next_ns](const Call& call) { next_ns = std::min(next_ns, DeadlineOf(call)); });
  shard_.timers().Schedule(deadline_timer_, next_ns);
}

void Generator::OnDeadline(void* context, TimeNs now) {
  auto* generator = static_cast<Generator*>(context);
  for (MethodLoad& method : generator->methods_) {
    while (Call* oldest = method.deadlines.front()) {
      if (DeadlineOf(*oldest) > now) break;
      oldest->session->Expire(*oldest, method.deadline_message);
    }
  }
  reactor::List<Call, struct DeadlineTag> over;
  generator->repeat_deadlines_.ForEach([&over, now](Call& call) {
    if (DeadlineOf(call) > now) return;
    call.Unlink();
    over.PushBack(call);
  });
  while (Call* call = over.front()) call->session->Expire(*call, call->method->deadline_message);
  generator->ScheduleDeadline();
}

void Generator::RecordOkOfMethod(const Call& call, TimeNs end_ns) {
  Tally& tally = call.method->measured.tally;
  tally.RecordOk(end_ns - call.start_ns);
  if (open_loop_) tally.RecordResponse(end_ns - call.intended_ns);
}

void Generator::RecordStreamEnd(const Call& call) {
  MessageTally* const tally = MessagesOf(call);
  if (tally == nullptr) return;
  const MessageFlow& flow = *call.flow;
  const bool is_bidi = call.method->options.kind == CallKind::kBidi;
  if (flow.unsent_count > 0) ++tally->early_count;
  if (is_bidi && flow.sent_count != flow.received_count) ++tally->uneven_count;
}

}  // namespace penstock::loadtest
