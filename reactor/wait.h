// Wait: a coroutine that is suspended until something happens, or until it is cancelled. The base
// of everything that suspends: an operation derives from it, and is awaited where it is made.
//
//     class Sleep final : public Wait {
//       bool await_ready() { return cancelled(); }
//       void await_suspend(std::coroutine_handle<> handle) { Suspend(handle); ... }
//       bool await_resume() { return !cancelled(); }
//     };
//
// Who wakes only queues: the coroutine goes on from the shard's run queue, never inside the code
// that woke it.
//
// Ownership: part of the coroutine's frame. A frame that dies while it waits leaves every list.
#ifndef PENSTOCK_REACTOR_WAIT_H_
#define PENSTOCK_REACTOR_WAIT_H_

#include <coroutine>
#include <utility>

#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/run_queue.h"
#include "penstock/wire/check.h"

namespace penstock::reactor {

class Wait;

// Whether what is done under it still has a use. Once: it is never taken back.
class Cancellation {
 public:
  Cancellation() = default;
  // Within `outer`, which outlives it: requested with that, or alone.
  explicit Cancellation(Cancellation* outer);
  ~Cancellation() {
    if (PENSTOCK_UNLIKELY(link_ != nullptr)) LeaveOuter();
  }
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  bool requested() const { return requested_; }
  // Wakes all that waits under it. What begins to wait afterwards is to see requested() first.
  inline void Request();

 private:
  friend class Wait;
  void LeaveOuter() {
    *link_ = next_;
    if (next_ != nullptr) next_->link_ = link_;
    link_ = nullptr;
  }

  bool requested_ = false;
  List<Wait, struct CancelTag> waits_;
  // A list without its end, since most have none within: a call makes one of these each time.
  Cancellation* within_ = nullptr;
  Cancellation* next_ = nullptr;
  Cancellation** link_ = nullptr;  // what points here
};

inline Cancellation::Cancellation(Cancellation* outer) : requested_(outer->requested_) {
  if (requested_) return;
  next_ = outer->within_;
  link_ = &outer->within_;
  if (next_ != nullptr) next_->link_ = &next_;
  outer->within_ = this;
}

class Wait : public ListHook<struct CancelTag>, public ListHook<struct WaitTag> {
 public:
  // It goes on in the shard's next pass over its run queue. Idempotent; nothing where it does not
  // wait.
  void Wake() {
    if (handle_ != nullptr) queue_.Push(runnable_);
  }

  // Nobody has made it go on yet.
  bool is_suspended() const { return handle_ != nullptr; }

  // It waits no longer, whoever woke it or will, and may wait anew. Only while its coroutine runs.
  void Withdraw() {
    handle_ = nullptr;
    runnable_.Unlink();
    ListHook<CancelTag>::Unlink();
    ListHook<WaitTag>::Unlink();
  }

 protected:
  // Both outlive the frame.
  Wait(RunQueue* queue, Cancellation* cancellation)
      : queue_(*queue), cancellation_(*cancellation), runnable_(&Wait::Resume, this) {}
  ~Wait() = default;

  bool cancelled() const { return cancellation_.requested(); }

  void Suspend(std::coroutine_handle<> handle) {
    SuspendUncancelled(handle);
    cancellation_.waits_.PushBack(*this);
  }
  // For what is awaited all the same.
  void SuspendUncancelled(std::coroutine_handle<> handle) { handle_ = handle; }

 private:
  static void Resume(void* context) {
    std::exchange(static_cast<Wait*>(context)->handle_, nullptr).resume();
  }

  RunQueue& queue_;
  Cancellation& cancellation_;
  Runnable runnable_;
  std::coroutine_handle<> handle_;
};

// Of those who wait for the same thing.
using WaitList = List<Wait, WaitTag>;

inline void Cancellation::Request() {
  requested_ = true;
  while (Wait* wait = waits_.PopFront()) wait->Wake();
  // As deep as the program has nested them: no peer does.
  while (Cancellation* within = within_) {
    within->LeaveOuter();
    within->Request();
  }
}

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_WAIT_H_
