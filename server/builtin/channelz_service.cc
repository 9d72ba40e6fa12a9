#include "penstock/server/builtin/channelz_service.h"

#include <netinet/in.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "penstock/server/builtin/shard_report.h"
#include "penstock/server/builtin/shard_survey.h"

namespace penstock::server {
namespace {

namespace channelz = grpc::channelz::v1;

constexpr int64_t kListenerIdsFrom = ChannelzService::kServerId + 1;
// Of reactor::Socket::id().
constexpr unsigned kShardOfSocketShift = 48;

void WriteTime(TimeNs at, google::protobuf::Timestamp* timestamp) {
  timestamp->set_seconds(at / kNsPerSecond);
  timestamp->set_nanos(static_cast<int32_t>(at % kNsPerSecond));
}

void WriteAddress(const std::optional<reactor::Address>& address, channelz::Address* written) {
  if (!address) return;
  if (address->family() == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address->get());
    written->mutable_tcpip_address()->set_ip_address(
        {reinterpret_cast<const char*>(&v4->sin_addr), sizeof v4->sin_addr});
  } else if (address->family() == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address->get());
    written->mutable_tcpip_address()->set_ip_address(
        {reinterpret_cast<const char*>(&v6->sin6_addr), sizeof v6->sin6_addr});
  } else if (address->is_unix() && !address->has_name()) {
    return written->mutable_uds_address()->set_filename(address->unix_path());
  } else {
    return written->mutable_other_address()->set_name(address->ToString());
  }
  written->mutable_tcpip_address()->set_port(address->port());
}

void WriteConnection(const ConnectionReport& report, channelz::Socket* socket) {
  socket->mutable_ref()->set_name(report.peer);
  WriteAddress(report.local, socket->mutable_local());
  WriteAddress(report.remote, socket->mutable_remote());
  channelz::SocketData& data = *socket->mutable_data();
  data.set_streams_started(static_cast<int64_t>(report.calls.started_count));
  data.set_streams_succeeded(static_cast<int64_t>(report.calls.ok_count));
  data.set_streams_failed(static_cast<int64_t>(report.calls.failed_count));
  data.set_messages_sent(static_cast<int64_t>(report.messages_sent_count));
  data.set_messages_received(static_cast<int64_t>(report.messages_received_count));
  if (report.calls.started_at != 0) {
    WriteTime(report.calls.started_at, data.mutable_last_remote_stream_created_timestamp());
  }
  if (report.sent_at != 0) WriteTime(report.sent_at, data.mutable_last_message_sent_timestamp());
  if (report.received_at != 0) {
    WriteTime(report.received_at, data.mutable_last_message_received_timestamp());
  }
  data.mutable_local_flow_control_window()->set_value(report.receive_window_bytes);
  data.mutable_remote_flow_control_window()->set_value(report.send_window_bytes);
}

// What is asked for at most, of `max_results`; nothing where that, or `start`, makes no sense.
std::optional<size_t> ResultsMax(int64_t start, int64_t max_results) {
  if (start < 0 || max_results < 0) return std::nullopt;
  if (max_results == 0) return ChannelzService::kResultsMax;
  return static_cast<size_t>(std::min(max_results, ChannelzService::kResultsMax));
}

Status BadRange() {
  return MakeStatus(StatusCode::kInvalidArgument,
                    "neither the first id of a list nor max_results is below 0");
}

Status NoSuch(std::string_view what, int64_t id) {
  return MakeStatus(StatusCode::kNotFound,
                    "there is no " + std::string(what) + " " + std::to_string(id));
}

}  // namespace

std::vector<ShardState*> ChannelzService::states() const {
  std::vector<ShardState*> states;
  for (const auto& state : *source_.states) states.push_back(state.get());
  return states;
}

Status ChannelzService::GetTopChannels(Call&, const channelz::GetTopChannelsRequest&,
                                       channelz::GetTopChannelsResponse& reply) {
  reply.set_end(true);
  return OkStatus();
}

Status ChannelzService::GetChannel(Call&, const channelz::GetChannelRequest& request,
                                   channelz::GetChannelResponse&) {
  return NoSuch("channel", request.channel_id());
}

Status ChannelzService::GetSubchannel(Call&, const channelz::GetSubchannelRequest& request,
                                      channelz::GetSubchannelResponse&) {
  return NoSuch("subchannel", request.subchannel_id());
}

// Ownership: `server` is of the caller's frame, which awaits this.
Task<Status> ChannelzService::Describe(Call& call, channelz::Server* server) const {
  std::vector<CallTotals> shards;
  std::function<CallTotals(ShardState&)> ask = &CallTotalsOf;
  Task<Status> asked = AskShards<CallTotals>(call, states(), ask, &shards);
  co_await Try(co_await std::move(asked));
  CallTotals sum;
  for (const CallTotals& shard : shards) {
    sum.started_count += shard.started_count;
    sum.ok_count += shard.ok_count;
    sum.failed_count += shard.failed_count;
    sum.started_at = std::max(sum.started_at, shard.started_at);
  }
  server->mutable_ref()->set_server_id(kServerId);
  channelz::ServerData& data = *server->mutable_data();
  data.set_calls_started(static_cast<int64_t>(sum.started_count));
  data.set_calls_succeeded(static_cast<int64_t>(sum.ok_count));
  data.set_calls_failed(static_cast<int64_t>(sum.failed_count));
  if (sum.started_at != 0) WriteTime(sum.started_at, data.mutable_last_call_started_timestamp());
  int64_t id = kListenerIdsFrom;
  for (const std::string& address : *source_.addresses) {
    channelz::SocketRef& listener = *server->add_listen_socket();
    listener.set_socket_id(id++);
    listener.set_name(address);
  }
  co_return OkStatus();
}

Task<StatusOr<channelz::GetServersResponse>> ChannelzService::GetServers(
    Call& call, const channelz::GetServersRequest& request) {
  if (!ResultsMax(request.start_server_id(), request.max_results())) co_return BadRange();
  channelz::GetServersResponse reply(&call.arena());
  reply.set_end(true);
  if (request.start_server_id() <= kServerId) {
    co_await Try(co_await Describe(call, reply.add_server()));
  }
  co_return reply;
}

Task<StatusOr<channelz::GetServerResponse>> ChannelzService::GetServer(
    Call& call, const channelz::GetServerRequest& request) {
  if (request.server_id() != kServerId) co_return NoSuch("server", request.server_id());
  channelz::GetServerResponse reply(&call.arena());
  co_await Try(co_await Describe(call, reply.mutable_server()));
  co_return reply;
}

Task<StatusOr<channelz::GetServerSocketsResponse>> ChannelzService::GetServerSockets(
    Call& call, const channelz::GetServerSocketsRequest& request) {
  if (request.server_id() != kServerId) co_return NoSuch("server", request.server_id());
  const auto count_max = ResultsMax(request.start_socket_id(), request.max_results());
  if (!count_max) co_return BadRange();
  const uint64_t from =
      static_cast<uint64_t>(std::max(request.start_socket_id(), kConnectionIdsFrom) -
                            kConnectionIdsFrom);
  const size_t asked_count = *count_max + 1;  // so that the end is known
  std::vector<std::vector<ConnectionName>> shards;
  std::function<std::vector<ConnectionName>(ShardState&)> ask =
      [from, asked_count](ShardState& state) { return ConnectionsOf(state, from, asked_count); };
  Task<Status> asked = AskShards<std::vector<ConnectionName>>(call, states(), ask, &shards);
  co_await Try(co_await std::move(asked));
  // Ids ascend within a shard, and from shard to shard.
  channelz::GetServerSocketsResponse reply(&call.arena());
  size_t count = 0;
  for (const std::vector<ConnectionName>& shard : shards) {
    for (const ConnectionName& connection : shard) {
      if (++count > *count_max) co_return reply;
      channelz::SocketRef& ref = *reply.add_socket_ref();
      ref.set_socket_id(static_cast<int64_t>(connection.id) + kConnectionIdsFrom);
      ref.set_name(connection.peer);
    }
  }
  reply.set_end(true);
  co_return reply;
}

Task<StatusOr<channelz::GetSocketResponse>> ChannelzService::GetSocket(
    Call& call, const channelz::GetSocketRequest& request) {
  const int64_t id = request.socket_id();
  channelz::GetSocketResponse reply(&call.arena());
  reply.mutable_socket()->mutable_ref()->set_socket_id(id);
  if (id < kConnectionIdsFrom) {
    // Unsigned, so that ids below all listeners are far above them.
    const uint64_t index = static_cast<uint64_t>(id) - static_cast<uint64_t>(kListenerIdsFrom);
    if (index >= source_.addresses->size()) co_return NoSuch("socket", id);
    reply.mutable_socket()->mutable_ref()->set_name((*source_.addresses)[index]);
    co_return reply;
  }
  const auto socket_id = static_cast<uint64_t>(id - kConnectionIdsFrom);
  const size_t shard = socket_id >> kShardOfSocketShift;
  if (shard >= source_.states->size()) co_return NoSuch("socket", id);
  std::vector<ShardState*> its_shard = {(*source_.states)[shard].get()};
  std::vector<std::optional<ConnectionReport>> reports;
  std::function<std::optional<ConnectionReport>(ShardState&)> ask =
      [socket_id](ShardState& state) { return ReportOf(state, socket_id); };
  Task<Status> asked =
      AskShards<std::optional<ConnectionReport>>(call, std::move(its_shard), ask, &reports);
  co_await Try(co_await std::move(asked));
  if (!reports.front()) co_return NoSuch("socket", id);
  WriteConnection(*reports.front(), reply.mutable_socket());
  co_return reply;
}

}  // namespace penstock::server
