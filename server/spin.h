// Spin: watches for something a short while before the thread sleeps for it: what comes soon costs
// less than to be woken. Who watches burns a core, so no more do than there are cores to spare.
//
//     SpinPermits permits(cores - shards);
//     if (!Spin(permits, [&] { return queue.load() != 0; })) Sleep();
//
// Threading: any.
// Limits:    SpinPermits' `spinners_max` threads at once; others do not watch at all. Each for
//            kSpinNs at most, and it yields: who is idle burns nothing, and who is busy is not held
//            up by who watches.
#ifndef PENSTOCK_SERVER_SPIN_H_
#define PENSTOCK_SERVER_SPIN_H_

#include <atomic>
#include <thread>

#include "penstock/reactor/cpu.h"
#include "penstock/wire/time.h"

namespace penstock::server {

class SpinPermits {
 public:
  explicit SpinPermits(int spinners_max) : left_(spinners_max) {}
  SpinPermits(const SpinPermits&) = delete;
  SpinPermits& operator=(const SpinPermits&) = delete;

  bool TryTake() {
    int left = left_.load(std::memory_order_relaxed);
    while (left > 0) {
      if (left_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  void Give() { left_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<int> left_;
};

// About what it costs to be woken: worker_bench's Job/asleep less Job/awake, 17 us.
constexpr TimeNs kSpinNs = 20'000;

// Lets the other thread of the core go ahead.
inline void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// True: `is_there()` has come to hold.
template <typename Predicate>
bool Spin(SpinPermits& permits, Predicate is_there) {
  constexpr int kLooksPerYield = 32;
  if (is_there()) return true;
  if (!permits.TryTake()) return false;
  const TimeNs until = reactor::ReadClock() + kSpinNs;
  bool found = false;
  do {
    for (int i = 0; i < kLooksPerYield && !found; ++i) {
      Pause();
      found = is_there();
    }
    if (found) break;
    std::this_thread::yield();
  } while (reactor::ReadClock() < until);
  permits.Give();
  return found;
}

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_SPIN_H_
