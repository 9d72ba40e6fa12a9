// ShardedChannel: a channel for each shard that makes calls, so that handlers, which run on every
// shard of a server, can share one client.
//
//     class Guide final : public GuideHandlers<Guide> {
//       Task<StatusOr<Feature>> GetFeature(Call& call, const Point& at) {
//         const Name name = co_await Try(co_await names_.Find(call, at));
//         ...
//       }
//      private:
//       client::ShardedChannel channel_{"names:50051"};
//       NamesClient names_{&channel_};
//     };
//
// A shard's channel is made by the first call on it, and so each shard has connections of its own:
// nothing of a call leaves its shard.
//
// Ownership: may outlive the shards: a service's member goes after its server's shards. No call is
//            under way when it goes.
// Threading: On() from any shard, for itself.
// Limits:    kShardsMax shards.
#ifndef PENSTOCK_CLIENT_SHARDED_CHANNEL_H_
#define PENSTOCK_CLIENT_SHARDED_CHANNEL_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include "penstock/client/channel.h"
#include "penstock/client/options.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/wire/check.h"

namespace penstock::client {

class ShardedChannel {
 public:
  static constexpr size_t kShardsMax = 1024;

  explicit ShardedChannel(std::string_view target) : ShardedChannel(target, ChannelOptions()) {}
  ShardedChannel(std::string_view target, const ChannelOptions& options)
      : target_(target), options_(options) {}
  ~ShardedChannel();
  ShardedChannel(const ShardedChannel&) = delete;
  ShardedChannel& operator=(const ShardedChannel&) = delete;

  // The channel of `shard`, which is the caller's.
  Channel& On(reactor::Shard& shard) {
    for (std::atomic<Entry*>& slot : entries_) {
      const Entry* entry = slot.load(std::memory_order_acquire);
      if (entry == nullptr) break;
      if (entry->shard == &shard) return *const_cast<Channel*>(&entry->channel);
    }
    return Add(shard);
  }

 private:
  struct Entry {
    Entry(reactor::Shard* its_shard, std::string_view target, const ChannelOptions& options)
        : shard(its_shard), channel(its_shard, target, options) {}
    reactor::Shard* const shard;
    Channel channel;
  };

  PENSTOCK_COLD Channel& Add(reactor::Shard& shard);

  const std::string target_;
  const ChannelOptions options_;
  // Filled from the front. Each entry is written once, by its shard.
  std::array<std::atomic<Entry*>, kShardsMax> entries_{};
};

// What generated clients hold: a channel, or one for each shard.
// Ownership: the channel outlives it.
class ChannelRef {
 public:
  explicit ChannelRef(Channel* channel) : core_(&channel->core()) {}
  explicit ChannelRef(ShardedChannel* sharded) : sharded_(sharded) {}

  ChannelCore& For(const CallScope& call) const {
    return core_ != nullptr ? *core_ : sharded_->On(call.shard()).core();
  }

 private:
  ChannelCore* core_ = nullptr;
  ShardedChannel* sharded_ = nullptr;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_SHARDED_CHANNEL_H_
