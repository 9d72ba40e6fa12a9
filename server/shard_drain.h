// ShardDrain: what the end of a server asks of each of its shards: that every connection ends
// gracefully, how much is left, and what is still at work when patience ends.
//
//     BeginDrain(shard, state);
//     while (AskLeft(shard, state), !LeftOf(state).none()) ... sleep a little ...
//     NameStragglers(shard, state);
//
// Threading: one thread of the server's; the work is done on the shard, by letters. A shard whose
//            mailbox is full, or that has ended, does not hear of it.
// Limits:    kStragglersNamedMax lines of a shard.
#ifndef PENSTOCK_SERVER_SHARD_DRAIN_H_
#define PENSTOCK_SERVER_SHARD_DRAIN_H_

#include <cstdint>
#include <string_view>

#include "penstock/reactor/shard.h"
#include "penstock/server/shard_state.h"

namespace penstock::server {

// What GOAWAY says.
inline constexpr std::string_view kDrainText = "the server is shutting down";

inline constexpr int kStragglersNamedMax = 20;

struct Left {
  uint64_t connections = 0;
  uint64_t calls = 0;  // handlers at work among them whose caller has gone
  bool none() const { return connections == 0 && calls == 0; }
};

// GOAWAY in two steps on all connections of the shard, and on those that come. False: it has not
// heard of it, and is to be told again.
[[nodiscard]] bool BeginDrain(reactor::Shard& shard, ShardState& state);
// Has the shard count anew.
void AskLeft(reactor::Shard& shard, ShardState& state);
// Whether it has counted since it was asked last.
bool HasTold(const ShardState& state);
// As of the latest count.
Left LeftOf(const ShardState& state);
// On standard error: method, peer, age of each call, once the shard comes to it.
void NameStragglers(reactor::Shard& shard, ShardState& state);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_SHARD_DRAIN_H_
