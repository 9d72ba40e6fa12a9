// Channel: the way to a server: one or several connections, made when the first call needs them and
// made again when they are lost. Generated clients are made from it.
//
//     client::Channel channel(&shard, "127.0.0.1:50051");
//     helloworld::GreeterClient greeter(&channel);
//     StatusOr<HelloReply> reply = co_await greeter.SayHello(call, request);
//
// Targets: "127.0.0.1:50051", "[::1]:50051", "localhost:50051", "dns:///host:50051",
// "unix:/run/app.sock", "inproc:app" (a server of this process),
// "static:10.0.0.1:50051,10.0.0.2:50051" (connections take turns). A host's address is asked for
// once, when the channel is made; the system's resolver blocks.
//
// Ownership: goes on its shard, or after the shard has ended. What is under way when it goes ends
//            with UNAVAILABLE.
// Threading: its shard's. ShardedChannel is for handlers, which run on every shard; BlockingChannel
//            for programs without shards.
#ifndef PENSTOCK_CLIENT_CHANNEL_H_
#define PENSTOCK_CLIENT_CHANNEL_H_

#include <string_view>

#include "penstock/client/channel_core.h"
#include "penstock/client/options.h"
#include "penstock/reactor/shard.h"

namespace penstock::client {

class Channel {
 public:
  Channel(reactor::Shard* shard, std::string_view target, const ChannelOptions& options)
      : core_(*new ChannelCore(shard, target, options)) {}
  Channel(reactor::Shard* shard, std::string_view target)
      : Channel(shard, target, ChannelOptions()) {}
  // For tests: `stand_in`, which outlives it, answers the calls.
  Channel(reactor::Shard* shard, CallTarget* stand_in)
      : core_(*new ChannelCore(shard, stand_in)) {}
  ~Channel() { core_.Shutdown(); }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  ChannelState state() const { return core_.state(); }
  // Does not wait for the first call.
  void Connect() { core_.Connect(); }
  const ChannelCounters& counters() const { return core_.counters(); }

  ChannelCore& core() const { return core_; }

 private:
  ChannelCore& core_;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_CHANNEL_H_
