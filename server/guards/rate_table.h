// RateTable: a token bucket for each of many keys, in memory that does not grow, for all shards at
// once and without a lock. A bucket is one number: when, at the rate, all of its calls will have
// been paid for (the "theoretical arrival time" of GCRA).
//
// Four keys share a line of cache. Where a fifth comes, the one whose bucket is fullest gives way:
// mostly it was full, and nothing is lost; else its owner is given what was missing. A flood of new
// keys therefore does not free those that are in debt.
//
// Limits:    the keys it was made for; a key that gives way starts full when it comes again.
// Threading: any. Shards that meet over one slot while it changes hands may bill a call to the
//            other key, or to none.
// Source:    ITU-T I.371, GCRA in the form of virtual scheduling
#ifndef PENSTOCK_SERVER_GUARDS_RATE_TABLE_H_
#define PENSTOCK_SERVER_GUARDS_RATE_TABLE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "penstock/wire/time.h"

namespace penstock::guards {

class RateTable {
 public:
  // A call each `interval_ns`, and `burst_calls` at once after a pause; all positive, and their
  // product at most 2^62. Room for `keys_max` keys, rounded up to a power of two, four at least.
  RateTable(TimeNs interval_ns, int64_t burst_calls, size_t keys_max);

  // 0: the call of `key`, a hash, is within the rate, and counts. Else how long to wait; it does
  // not count.
  TimeNs Take(uint64_t key, TimeNs now);

 private:
  struct Slot {
    std::atomic<uint64_t> key;        // 0: free
    std::atomic<TimeNs> paid_for_at;  // in the past: the bucket is full
  };
  struct alignas(64) Set {
    std::array<Slot, 4> slots;
  };

  TimeNs TakeFrom(Slot& slot, TimeNs now);
  Slot& Replace(Set& set, uint64_t key);

  const TimeNs interval_ns_;
  const TimeNs burst_ns_;
  const size_t sets_count_;  // a power of two
  std::unique_ptr<Set[]> sets_;
};

}  // namespace penstock::guards

#endif  // PENSTOCK_SERVER_GUARDS_RATE_TABLE_H_
