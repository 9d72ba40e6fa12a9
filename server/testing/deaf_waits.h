// DeafWaits: what handlers await that do not end though their call was cancelled.
//
//     DeafWaits held(&shard_);
//     ... co_await held.Next(); ...           // in a handler: until the test says so
//     held.WakeAll();
//
// Ownership: outlives what waits. Whatever does is woken before the shard goes.
#ifndef PENSTOCK_SERVER_TESTING_DEAF_WAITS_H_
#define PENSTOCK_SERVER_TESTING_DEAF_WAITS_H_

#include <coroutine>

#include "penstock/reactor/shard.h"
#include "penstock/reactor/wait.h"

namespace penstock::server {

class DeafWaits {
 public:
  explicit DeafWaits(reactor::Shard* shard) : shard_(*shard) {}

  class DeafWait final : public reactor::Wait {
   public:
    explicit DeafWait(DeafWaits* all) : Wait(&all->shard_.run_queue(), &all->never_), all_(*all) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      Suspend(handle);
      all_.waiting_.PushBack(*this);
    }
    void await_resume() const {}

   private:
    DeafWaits& all_;
  };

  [[nodiscard]] DeafWait Next() { return DeafWait(this); }
  // The one that waits longest, of which there is one.
  void WakeOne() { waiting_.PopFront()->Wake(); }
  void WakeAll() {
    while (reactor::Wait* wait = waiting_.PopFront()) wait->Wake();
  }

 private:
  reactor::Shard& shard_;
  reactor::Cancellation never_;
  reactor::WaitList waiting_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_TESTING_DEAF_WAITS_H_
