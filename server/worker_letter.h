// What a worker tells a shard, by letter: posted by the one, awaited by a coroutine of the other.
//
//     worker   PostFromWorker(shard, &WorkerRun::OnEnded, run);
//     shard    co_await LetterWait(&shard, &cancellation, &waiter_);
//     letter   if (run.waiter_ != nullptr) run.waiter_->Wake();
#ifndef PENSTOCK_SERVER_WORKER_LETTER_H_
#define PENSTOCK_SERVER_WORKER_LETTER_H_

#include <coroutine>
#include <cstdint>
#include <thread>

#include "penstock/reactor/shard.h"
#include "penstock/reactor/wait.h"

namespace penstock::server {

// From a worker: a mailbox that is full empties; one that is closed belongs to a shard that nobody
// waits on, and then nothing is posted.
inline void PostFromWorker(reactor::Shard& shard, void (*run)(void* context, uint64_t),
                           void* context) {
  while (!shard.Post(run, context)) {
    if (shard.ending()) return;
    std::this_thread::yield();
  }
}

// Awaits a letter of a worker, which wakes what `*place` names meanwhile. It may wake early.
class [[nodiscard]] LetterWait final : public reactor::Wait {
 public:
  LetterWait(reactor::Shard* shard, reactor::Cancellation* cancellation, reactor::Wait** place)
      : Wait(&shard->run_queue(), cancellation), place_(*place) {}

  bool await_ready() const { return cancelled(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    place_ = this;
  }
  void await_resume() { place_ = nullptr; }

 private:
  reactor::Wait*& place_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_WORKER_LETTER_H_
