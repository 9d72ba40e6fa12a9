// RunQueue: what the shard shall run before it sleeps again, first in, first out.
//
// Work queued while the queue runs waits for the next turn, so that work which queues itself anew
// cannot keep the shard from the kernel.
//
// Ownership: none; a Runnable is its owner's, who keeps it until it ran. Dying unlinks it.
#ifndef PENSTOCK_REACTOR_RUN_QUEUE_H_
#define PENSTOCK_REACTOR_RUN_QUEUE_H_

#include <cstddef>

#include "penstock/reactor/intrusive_list.h"

namespace penstock::reactor {

class Runnable : public ListHook<struct RunTag> {
 public:
  using Run = void (*)(void* context);

  Runnable(Run run, void* context) : run_(run), context_(context) {}
  bool queued() const { return linked(); }

 private:
  friend class RunQueue;
  const Run run_;
  void* const context_;
};

class RunQueue {
 public:
  bool empty() const { return queued_.empty(); }

  // Idempotent until it ran.
  void Push(Runnable& runnable) {
    if (!runnable.queued()) queued_.PushBack(runnable);
  }

  // Runs what was queued first. Not empty.
  void RunNext() {
    Runnable* const runnable = queued_.PopFront();
    runnable->run_(runnable->context_);
  }

  // Runs what is queued now; returns how many. A Runnable may destroy itself.
  size_t RunQueued() {
    running_.Splice(queued_);
    size_t count = 0;
    while (Runnable* runnable = running_.PopFront()) {
      runnable->run_(runnable->context_);
      ++count;
    }
    return count;
  }

 private:
  List<Runnable, RunTag> queued_;
  List<Runnable, RunTag> running_;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_RUN_QUEUE_H_
