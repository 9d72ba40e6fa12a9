// CallScope: under what a coroutine waits: on which shard, until which deadline, and for how long
// there is a use in it. Every Call is one, and so is a TaskGroup: what suspends, and whatever else
// is done on behalf of a call, takes a CallScope, and ends with it.
//
//     Task<Status> Refresh(CallScope& scope) { co_await Try(co_await Sleep(scope, kNsPerMs)); ... }
//     co_await Refresh(call);
//
// Ownership: outlives what waits under it.
// Threading: its shard.
#ifndef PENSTOCK_RPC_CALL_SCOPE_H_
#define PENSTOCK_RPC_CALL_SCOPE_H_

#include <atomic>
#include <utility>

#include "penstock/reactor/cpu.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/wait.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/check.h"
#include "penstock/wire/time.h"

namespace penstock {
namespace rpc {

class CallValues;

// Why a call is over before its handler has ended: the caller or the connection went away, the
// deadline passed, the server stops.
class CallCancellation final : public reactor::Cancellation {
 public:
  CallCancellation() = default;
  // Within `outer`, which outlives it.
  explicit CallCancellation(CallCancellation* outer) : Cancellation(outer), outer_(outer) {}

  // What the handler awaits answers `why`. The first one counts.
  void Cancel(Status why) {
    if (requested()) return;
    status_ = std::move(why);
    Request();
  }
  const Status& status() const {
    return status_.ok() && outer_ != nullptr ? outer_->status() : status_;
  }

 private:
  const CallCancellation* outer_ = nullptr;
  Status status_;
};

// The same of a call that a worker runs: its shard says so, and the worker asks.
class GivenUp final {
 public:
  // Its shard's. The first one counts.
  void Set(const Status& why) {
    if (flag_.load(std::memory_order_relaxed)) return;
    why_ = why;
    flag_.store(true, std::memory_order_release);
  }
  // The worker's; why() once it is set, as a status that shares nothing with the shard's.
  bool is_set() const { return flag_.load(std::memory_order_acquire); }
  Status why() const { return MakeStatus(why_.code(), MessageOf(why_)); }

 private:
  std::atomic<bool> flag_{false};
  Status why_;
};

}  // namespace rpc

class CallScope {
 public:
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

  // The time of this turn of the shard, of a worker's call that of this moment; and the caller's
  // deadline on the same clock (kTimeNever where it set none).
  TimeNs now() const {
    return PENSTOCK_LIKELY(shard_ != nullptr) ? shard_->now() : reactor::ReadClock();
  }
  TimeNs deadline() const { return deadline_; }
  // At most this long is there a use in going on; kTimeNever without a deadline.
  TimeNs time_left_ns() const { return deadline_ == kTimeNever ? kTimeNever : deadline_ - now(); }

  // It is over: nobody hears of what is still done. On a shard it can become so only while a
  // coroutine is suspended; what that awaits answers cancel_status(), and it is to return. A worker
  // that takes long asks now and then.
  bool cancelled() const {
    if (PENSTOCK_UNLIKELY(given_up_ != nullptr)) return given_up_->is_set();
    return cancellation_ != nullptr && cancellation_->requested();
  }
  // CANCELLED, DEADLINE_EXCEEDED or UNAVAILABLE, of a TaskGroup also what one of its tasks failed
  // with; OK while it goes on.
  Status cancel_status() const {
    if (PENSTOCK_LIKELY(!cancelled())) return OkStatus();
    return given_up_ != nullptr ? given_up_->why() : cancellation_->status();
  }

  // Memory that lives as long as the call that it is, or is in. Null where there is no call.
  wire::Arena* call_arena() const { return call_arena_; }

  // What was set for the call that it is, or is in: the calls made in it see them, too. Null where
  // there is no call.
  const rpc::CallValues* call_values() const { return call_values_; }

  // Of a call on a shard, not of a worker's: where it is served.
  reactor::Shard& shard() const { return *shard_; }
  // Of a call that a coroutine handles: for what suspends it.
  rpc::CallCancellation& cancellation() const {
    PENSTOCK_DCHECK(cancellation_ != nullptr, "only a coroutine's call can be waited in");
    return *cancellation_;
  }

 protected:
  CallScope() = default;
  ~CallScope() = default;

  reactor::Shard* shard_ = nullptr;
  rpc::CallCancellation* cancellation_ = nullptr;
  const rpc::GivenUp* given_up_ = nullptr;  // of a worker's call
  TimeNs deadline_ = kTimeNever;
  wire::Arena* call_arena_ = nullptr;
  const rpc::CallValues* call_values_ = nullptr;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_CALL_SCOPE_H_
