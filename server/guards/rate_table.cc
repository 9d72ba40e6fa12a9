#include "penstock/server/guards/rate_table.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace penstock::guards {
namespace {

constexpr std::memory_order kRelaxed = std::memory_order_relaxed;
constexpr size_t kSlotsPerSet = 4;
constexpr TimeNs kFull = std::numeric_limits<TimeNs>::min();

}  // namespace

RateTable::RateTable(TimeNs interval_ns, int64_t burst_calls, size_t keys_max)
    : interval_ns_(interval_ns),
      burst_ns_(interval_ns * burst_calls),
      sets_count_(std::bit_ceil((keys_max + kSlotsPerSet - 1) / kSlotsPerSet)),
      sets_(std::make_unique<Set[]>(sets_count_)) {
  for (size_t i = 0; i < sets_count_; ++i) {
    for (Slot& slot : sets_[i].slots) {
      slot.key.store(0, kRelaxed);
      slot.paid_for_at.store(kFull, kRelaxed);
    }
  }
}

TimeNs RateTable::Take(uint64_t key, TimeNs now) {
  key = std::max<uint64_t>(key, 1);
  Set& set = sets_[key & (sets_count_ - 1)];
  for (Slot& slot : set.slots) {
    if (slot.key.load(kRelaxed) == key) return TakeFrom(slot, now);
  }
  return TakeFrom(Replace(set, key), now);
}

// Of calls that do not fit, none changes the bucket: else who asks too often would never be served
// again.
TimeNs RateTable::TakeFrom(Slot& slot, TimeNs now) {
  TimeNs paid_for_at = slot.paid_for_at.load(kRelaxed);
  for (;;) {
    const TimeNs next = std::max(paid_for_at, now) + interval_ns_;
    if (next - now > burst_ns_) return next - now - burst_ns_;
    if (slot.paid_for_at.compare_exchange_weak(paid_for_at, next, kRelaxed)) return 0;
  }
}

// Free ones are the fullest of all. Where another shard is faster, the call is billed to whoever
// has the slot now.
RateTable::Slot& RateTable::Replace(Set& set, uint64_t key) {
  Slot* const fullest = std::min_element(
      set.slots.begin(), set.slots.end(), [](const Slot& left, const Slot& right) {
        return left.paid_for_at.load(kRelaxed) < right.paid_for_at.load(kRelaxed);
      });
  TimeNs paid_for_at = fullest->paid_for_at.load(kRelaxed);
  uint64_t owner = fullest->key.load(kRelaxed);
  if (fullest->key.compare_exchange_strong(owner, key, kRelaxed)) {
    // Not where the new owner's calls count already.
    fullest->paid_for_at.compare_exchange_strong(paid_for_at, kFull, kRelaxed);
  }
  return *fullest;
}

}  // namespace penstock::guards
