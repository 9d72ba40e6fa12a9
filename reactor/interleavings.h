// Interleavings: runs code of two threads through every order in which their atomic operations can
// take turns, one order after the other, in one thread. For tests of what has no locks.
//
//     const InterleavingsResult result = ForEachInterleaving(
//         kSwitchesMax,
//         [&](Interleaving& run) -> std::array<Interleaving::Body, 2> {
//           queue = ...;  // afresh for each order
//           return {[&] { Produce(queue, run); }, [&] { Consume(queue, run); }};
//         },
//         [&] { EXPECT_EQ(received, want); });
//     EXPECT_FALSE(result.stuck);
//
// ModelAtomic stands for std::atomic: each operation on one is a step, and before each step the
// other thread may run. A relaxed load is none: it is for what nobody else writes. The order is
// sequentially consistent: what weaker orders allow beyond that is not seen, so it proves what is
// marked seq_cst.
#ifndef PENSTOCK_REACTOR_INTERLEAVINGS_H_
#define PENSTOCK_REACTOR_INTERLEAVINGS_H_

#include <ucontext.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace penstock::reactor {

// One order, as it runs.
class Interleaving {
 public:
  using Body = std::function<void()>;

  // Called by bodies. Sleep() returns once the other one calls Wake() with our number, or has done
  // so since our last Sleep().
  void Sleep(int thread);
  void Wake(int thread);
  // A point at which the other one may run.
  void Step();

 private:
  friend class Explorer;
  static constexpr int kThreads = 2;
  static constexpr size_t kStackBytes = 256 * 1024;

  struct Fiber {
    ucontext_t context;
    std::unique_ptr<uint8_t[]> stack;
    Body body;
    bool done = false;
    bool asleep = false;
    bool wake_pending = false;
  };

  static void Enter(unsigned low, unsigned high);
  bool can_run(int thread) const { return !fibers_[thread].done && !fibers_[thread].asleep; }
  void Resume(int thread);
  void Yield();

  ucontext_t main_;
  std::array<Fiber, kThreads> fibers_;
  int current_ = 0;
};

// What was found.
struct InterleavingsResult {
  uint64_t order_count = 0;  // how many ran
  bool stuck = false;        // one of them ended with a body that sleeps for ever
};

// Runs `bodies(run)`, which makes fresh state and two bodies over it, once for each order; `check`
// after each. `switches_max`: orders with more changes of thread than necessary are left out.
InterleavingsResult ForEachInterleaving(
    int switches_max,
    const std::function<std::array<Interleaving::Body, 2>(Interleaving& run)>& bodies,
    const std::function<void()>& check);

// The one that runs now; null outside.
Interleaving* CurrentInterleaving();

template <typename T>
class ModelAtomic {
 public:
  ModelAtomic(T value) : value_(value) {}  // NOLINT: as std::atomic's
  T load(std::memory_order order) const {
    if (order != std::memory_order_relaxed) CurrentInterleaving()->Step();
    return value_;
  }
  void store(T value, std::memory_order) {
    CurrentInterleaving()->Step();
    value_ = value;
  }
  T exchange(T value, std::memory_order) {
    CurrentInterleaving()->Step();
    const T old = value_;
    value_ = value;
    return old;
  }

 private:
  T value_;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_INTERLEAVINGS_H_
