// ChannelzService: grpc.channelz.v1.Channelz: what the server and each of its connections has
// counted. Every answer is put together of what the shards say of themselves (shard_survey.h).
//
// There is one server, kServerId; its listeners have the ids behind that, in their order, and its
// connections those of their sockets, from kConnectionIdsFrom on. Clients of this process are not
// told of: there are no channels.
//
// Spec:      gRPC's channelz.md (A14).
// Ownership: what ChannelzSource points to outlives it, and does not change while shards run.
// Limits:    kResultsMax of a list in an answer; a shard looks at each of its connections for one.
#ifndef PENSTOCK_SERVER_BUILTIN_CHANNELZ_SERVICE_H_
#define PENSTOCK_SERVER_BUILTIN_CHANNELZ_SERVICE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "penstock/server/shard_state.h"

#include "grpc/channelz/v1/channelz.server.h"

namespace penstock::server {

struct ChannelzSource {
  const std::vector<std::unique_ptr<ShardState>>* states;
  const std::vector<std::string>* addresses;  // of the listeners
};

class ChannelzService final : public grpc::channelz::v1::ChannelzHandlers<ChannelzService> {
 public:
  static constexpr int64_t kServerId = 1;
  static constexpr int64_t kConnectionIdsFrom = 1 << 16;
  static constexpr int64_t kResultsMax = 100;

  explicit ChannelzService(ChannelzSource source) : source_(source) {}

  Status GetTopChannels(Call& call, const grpc::channelz::v1::GetTopChannelsRequest& request,
                        grpc::channelz::v1::GetTopChannelsResponse& reply);
  Task<StatusOr<grpc::channelz::v1::GetServersResponse>> GetServers(
      Call& call, const grpc::channelz::v1::GetServersRequest& request);
  Task<StatusOr<grpc::channelz::v1::GetServerResponse>> GetServer(
      Call& call, const grpc::channelz::v1::GetServerRequest& request);
  Task<StatusOr<grpc::channelz::v1::GetServerSocketsResponse>> GetServerSockets(
      Call& call, const grpc::channelz::v1::GetServerSocketsRequest& request);
  Status GetChannel(Call& call, const grpc::channelz::v1::GetChannelRequest& request,
                    grpc::channelz::v1::GetChannelResponse& reply);
  Status GetSubchannel(Call& call, const grpc::channelz::v1::GetSubchannelRequest& request,
                       grpc::channelz::v1::GetSubchannelResponse& reply);
  Task<StatusOr<grpc::channelz::v1::GetSocketResponse>> GetSocket(
      Call& call, const grpc::channelz::v1::GetSocketRequest& request);

 private:
  std::vector<ShardState*> states() const;
  Task<Status> Describe(Call& call, grpc::channelz::v1::Server* server) const;

  const ChannelzSource source_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_BUILTIN_CHANNELZ_SERVICE_H_
