// BlockingChannel: a channel for programs that have no shard: it has one of its own, on a thread of
// its own, and its calls block whoever makes them.
//
//     client::BlockingChannel channel("127.0.0.1:50051");
//     helloworld::GreeterBlockingClient greeter(&channel);
//     helloworld::HelloRequest request;
//     request.set_name("world");
//     StatusOr<helloworld::HelloReply> reply = greeter.SayHello(request);
//
// For few calls at a time: each costs its thread two switches. Streams want a shard: see Channel.
//
// Ownership: no call is under way when it goes.
// Threading: Call() from any number of threads at once, but not from a shard's, which it would
//            stop.
#ifndef PENSTOCK_CLIENT_BLOCKING_CHANNEL_H_
#define PENSTOCK_CLIENT_BLOCKING_CHANNEL_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/client/call_options.h"
#include "penstock/client/options.h"
#include "penstock/codec/message_format.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/method.h"
#include "penstock/rpc/notation.h"
#include "penstock/rpc/status_or.h"
#include "penstock/wire/bytes.h"

namespace penstock::client {

class Channel;

class BlockingChannel {
 public:
  explicit BlockingChannel(std::string_view target,
                           const ChannelOptions& options = ChannelOptions(),
                           const reactor::ShardOptions& shard_options = reactor::ShardOptions());
  ~BlockingChannel();
  BlockingChannel(const BlockingChannel&) = delete;
  BlockingChannel& operator=(const BlockingChannel&) = delete;

  // Returns when the call has ended. Without a timeout in `options` that may take for ever.
  template <typename Request, typename Response>
  StatusOr<Response> Call(const UnaryMethod<Request, Response>& method, const Request& request,
                          const CallOptions& options = CallOptions::Default()) {
    const rpc::MessageWriter writer(request);
    std::string octets(writer.byte_size(), '\0');
    writer.SerializeTo(reinterpret_cast<uint8_t*>(octets.data()));
    std::string reply;
    if (Status status = CallRaw(method.path, octets, options, &reply); !status.ok()) return status;
    Response response;
    const codec::ParseResult parsed = codec::MessageFormat<Response>::Parse(
        response, wire::AsBytes(reply), codec::StringRule::kCopy);
    if (!parsed.ok()) return rpc::StatusOfParseError(parsed);
    return StatusOr<Response>(std::move(response));
  }

  // The same with messages as octets.
  Status CallRaw(std::string_view path, std::string_view request, const CallOptions& options,
                 std::string* reply);

 private:
  std::string start_failure_;  // "": the shard runs
  reactor::Shard shard_;
  std::unique_ptr<Channel> channel_;  // the shard's
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_BLOCKING_CHANNEL_H_
