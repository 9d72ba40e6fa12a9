#include "penstock/client/sharded_channel.h"

namespace penstock::client {

ShardedChannel::~ShardedChannel() {
  for (std::atomic<Entry*>& slot : entries_) delete slot.load(std::memory_order_acquire);
}

// The shard's own entry cannot appear meanwhile; others' may, and take the next free slot.
Channel& ShardedChannel::Add(reactor::Shard& shard) {
  auto* entry = new Entry(&shard, target_, options_);
  for (std::atomic<Entry*>& slot : entries_) {
    Entry* expected = nullptr;
    if (slot.compare_exchange_strong(expected, entry, std::memory_order_acq_rel)) {
      return entry->channel;
    }
  }
  PENSTOCK_CHECK(false, "kShardsMax shards share a ShardedChannel at most");
  return entry->channel;
}

}  // namespace penstock::client
