// Doorbell: one thread waits until another rings.
//
//     worker   while (!there_is_something()) bell.Wait(permits);
//     shard    put_something_there(); bell.Ring();
//
// No ring is lost: one that comes before Wait() makes that return at once. Several may be heard as
// one, and one may be heard when what it was rung for has been found already; so who waits looks
// again, each time.
//
// Threading: Wait() is one thread's; Ring() is any thread's that knows the bell to live.
#ifndef PENSTOCK_SERVER_DOORBELL_H_
#define PENSTOCK_SERVER_DOORBELL_H_

#include <atomic>
#include <cstdint>

#include "penstock/server/spin.h"

namespace penstock::server {

class Doorbell {
 public:
  Doorbell() = default;
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  void Ring() {
    rung_count_.fetch_add(1, std::memory_order_release);
    rung_count_.notify_one();
  }
  // Until it was rung since the last one returned: watches first, and then sleeps.
  void Wait(SpinPermits& permits) {
    const auto is_rung = [this] {
      return rung_count_.load(std::memory_order_relaxed) != heard_count_;
    };
    if (!Spin(permits, is_rung)) rung_count_.wait(heard_count_, std::memory_order_relaxed);
    heard_count_ = rung_count_.load(std::memory_order_acquire);
  }

 private:
  std::atomic<uint32_t> rung_count_{0};
  uint32_t heard_count_ = 0;  // who waits alone
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_DOORBELL_H_
