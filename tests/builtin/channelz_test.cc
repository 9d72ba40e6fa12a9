// grpc.channelz.v1.Channelz of a server, as its clients see it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "penstock/tests/builtin/builtin_fixture.h"

#include "examples/helloworld/helloworld.client.h"
#include "grpc/channelz/v1/channelz.client.h"
#include "grpc/health/v1/health.client.h"

namespace penstock::test {
namespace {

namespace channelz = grpc::channelz::v1;
namespace health = grpc::health::v1;

using penstock::client::BlockingChannel;
using penstock::client::Scope;

class ChannelzTest : public BuiltinTest {
 protected:
  ChannelzTest() { options_.channelz = true; }

  // A connection of its own.
  std::unique_ptr<BlockingChannel> Connect() {
    return std::make_unique<BlockingChannel>(server().addresses().front());
  }
  void StartObserved() {
    StartServer();
    observer_ = Connect();
  }

  channelz::ChannelzBlockingClient Ask() {
    return channelz::ChannelzBlockingClient(observer_.get());
  }
  static Status Greet(BlockingChannel* channel, std::string_view name) {
    helloworld::HelloRequest request;
    request.set_name(name);
    return helloworld::GreeterBlockingClient(channel).SayHello(request).status();
  }

  channelz::Server TheServer() {
    channelz::GetServerRequest request;
    request.set_server_id(1);
    const auto reply = Ask().GetServer(request);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.ok() ? reply->server() : channelz::Server();
  }
  // Of every page of at most `results_max`.
  std::vector<int64_t> SocketIds(int64_t results_max) {
    std::vector<int64_t> ids;
    channelz::GetServerSocketsRequest request;
    request.set_server_id(1);
    request.set_max_results(results_max);
    for (;;) {
      const auto reply = Ask().GetServerSockets(request);
      EXPECT_TRUE(reply.ok()) << reply.status();
      if (!reply.ok()) return ids;
      if (results_max != 0) {
        EXPECT_LE(reply->socket_ref().size(), static_cast<size_t>(results_max));
      }
      for (const channelz::SocketRef& ref : reply->socket_ref()) ids.push_back(ref.socket_id());
      if (reply->end() || ids.empty()) return ids;
      request.set_start_socket_id(ids.back() + 1);
    }
  }
  StatusOr<channelz::GetSocketResponse> Socket(int64_t id) {
    channelz::GetSocketRequest request;
    request.set_socket_id(id);
    return Ask().GetSocket(request);
  }
  // The one that has been made since `before` was asked for.
  channelz::Socket NewSocket(const std::vector<int64_t>& before) {
    for (const int64_t id : SocketIds(0)) {
      if (std::find(before.begin(), before.end(), id) == before.end()) {
        const auto reply = Socket(id);
        EXPECT_TRUE(reply.ok()) << reply.status();
        return reply->socket();
      }
    }
    ADD_FAILURE() << "there is no new connection";
    return {};
  }

  std::unique_ptr<BlockingChannel> observer_;
};

TEST_F(ChannelzTest, AServerTellsWhatItListensOnAndWhatItHasCounted) {
  StartObserved();
  EXPECT_TRUE(Greet(observer_.get(), "Ada").ok());
  EXPECT_EQ(Greet(observer_.get(), "fail").code(), StatusCode::kAborted);
  const channelz::Server server_told = TheServer();
  EXPECT_EQ(server_told.ref().server_id(), 1);
  ASSERT_EQ(server_told.listen_socket().size(), 1u);
  EXPECT_EQ(server_told.listen_socket(0).name(), server().addresses().front());
  EXPECT_EQ(server_told.data().calls_started(), 3);  // the one that asks among them
  EXPECT_EQ(server_told.data().calls_succeeded(), 1);
  EXPECT_EQ(server_told.data().calls_failed(), 1);
  EXPECT_GT(server_told.data().last_call_started_timestamp().seconds(), 0);
  const auto servers = Ask().GetServers(channelz::GetServersRequest());
  ASSERT_TRUE(servers.ok()) << servers.status();
  EXPECT_TRUE(servers->end());
  ASSERT_EQ(servers->server().size(), 1u);
  EXPECT_EQ(servers->server(0).data().calls_started(), 4);
  const auto listener = Socket(server_told.listen_socket(0).socket_id());
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_EQ(listener->socket().ref().name(), server().addresses().front());
}

TEST_F(ChannelzTest, AConnectionTellsWhatItHasCarried) {
  StartObserved();
  const std::vector<int64_t> before = SocketIds(0);
  const std::unique_ptr<BlockingChannel> observed = Connect();
  EXPECT_TRUE(Greet(observed.get(), "Ada").ok());
  EXPECT_TRUE(Greet(observed.get(), "Grace").ok());
  EXPECT_EQ(Greet(observed.get(), "fail").code(), StatusCode::kAborted);
  const channelz::Socket told = NewSocket(before);
  EXPECT_EQ(told.data().streams_started(), 3);
  EXPECT_EQ(told.data().streams_succeeded(), 2);
  EXPECT_EQ(told.data().streams_failed(), 1);
  EXPECT_EQ(told.data().messages_received(), 3);
  EXPECT_EQ(told.data().messages_sent(), 2);
  EXPECT_GT(told.data().last_remote_stream_created_timestamp().seconds(), 0);
  EXPECT_GT(told.data().last_message_received_timestamp().seconds(), 0);
  EXPECT_GT(told.data().last_message_sent_timestamp().seconds(), 0);
  EXPECT_GT(told.data().local_flow_control_window().value(), 0);
  EXPECT_GT(told.data().remote_flow_control_window().value(), 0);
  EXPECT_EQ(told.local().tcpip_address().ip_address(), std::string_view("\x7f\0\0\1", 4));
  EXPECT_EQ(told.ref().name(),
            "127.0.0.1:" + std::to_string(told.remote().tcpip_address().port()));
}

// Reads the first message of a Watch, looks at its connection, and lets it go.
Task<void> Watch(health::HealthClient client, Scope* scope, std::function<void()> look) {
  auto watch = client.Watch(*scope, health::HealthCheckRequest());
  const auto first = co_await watch.Next();
  EXPECT_TRUE(first.ok()) << first.status();
  look();
}

TEST_F(ChannelzTest, AStreamThatIsOpenCountsWithItsMessages) {
  StartObserved();
  const std::vector<int64_t> before = SocketIds(0);
  Scope scope(shard());
  std::function<void()> look = [&] {
    const channelz::SocketData data = NewSocket(before).data();
    EXPECT_EQ(data.streams_started(), 1);
    EXPECT_EQ(data.streams_succeeded() + data.streams_failed(), 0);
    EXPECT_EQ(data.messages_received(), 1);
    EXPECT_EQ(data.messages_sent(), 1);
    EXPECT_GT(data.last_message_sent_timestamp().seconds(), 0);
  };
  Run(Watch(health::HealthClient(channel()), &scope, look));
}

TEST_F(ChannelzTest, ConnectionsOfAllShardsAreListedByThePage) {
  StartObserved();
  std::vector<std::unique_ptr<BlockingChannel>> more;
  for (int i = 0; i < 4; ++i) {
    more.push_back(Connect());
    EXPECT_TRUE(Greet(more.back().get(), "Ada").ok());
  }
  const std::vector<int64_t> ids = SocketIds(0);
  EXPECT_EQ(ids.size(), 5u);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  for (const int64_t results_max : {1, 2, 5, 100}) {
    SCOPED_TRACE(results_max);
    EXPECT_EQ(SocketIds(results_max), ids);
  }
}

TEST_F(ChannelzTest, TheFirstConnectionHasTheIdBehindTheListeners) {
  options_.shards = 1;
  StartObserved();
  EXPECT_EQ(SocketIds(0), (std::vector<int64_t>{65'537}));  // of which docs/channelz.md tells
}

// Its client has no name.
TEST_F(ChannelzTest, AUnixSocketHasThePathOfItsFile) {
  const std::string path = "/tmp/penstock-channelz-" + std::to_string(::getpid());
  options_.listen = {"unix:" + path};
  StartObserved();
  const auto told = Socket(SocketIds(0).front());
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->socket().local().uds_address().filename(), path);
  EXPECT_TRUE(told->socket().remote().has_uds_address());
  EXPECT_EQ(told->socket().remote().uds_address().filename(), "");
}

TEST_F(ChannelzTest, AUnixSocketWithoutAFileHasItsName) {
  const std::string name = "unix-abstract:penstock-channelz-" + std::to_string(::getpid());
  options_.listen = {name};
  StartObserved();
  const auto told = Socket(SocketIds(0).front());
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->socket().local().other_address().name(), name);
}

TEST_F(ChannelzTest, WhatIsNotThereIsNotFound) {
  StartObserved();
  const int64_t connection = SocketIds(0).front();
  for (const int64_t id : {int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{3}, connection + 1'000,
                           connection + (int64_t{9} << 48), INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(Socket(id).status().code(), StatusCode::kNotFound) << id;
  }
  channelz::GetServerRequest server_request;
  server_request.set_server_id(2);
  EXPECT_EQ(Ask().GetServer(server_request).status().code(), StatusCode::kNotFound);
  channelz::GetServersRequest servers_request;
  servers_request.set_start_server_id(2);
  EXPECT_TRUE(Ask().GetServers(servers_request)->server().empty());
  channelz::GetServerSocketsRequest sockets_request;
  EXPECT_EQ(Ask().GetServerSockets(sockets_request).status().code(), StatusCode::kNotFound);
  sockets_request.set_server_id(1);
  sockets_request.set_start_socket_id(INT64_MAX);
  EXPECT_TRUE(Ask().GetServerSockets(sockets_request)->end());
  sockets_request.set_start_socket_id(-1);
  EXPECT_EQ(Ask().GetServerSockets(sockets_request).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(Ask().GetChannel(channelz::GetChannelRequest()).status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(Ask().GetSubchannel(channelz::GetSubchannelRequest()).status().code(),
            StatusCode::kNotFound);
  const auto channels = Ask().GetTopChannels(channelz::GetTopChannelsRequest());
  EXPECT_TRUE(channels.ok() && channels->end() && channels->channel().empty());
}

constexpr UnaryMethod<helloworld::HelloRequest, helloworld::HelloReply> kBlock{
    "/test.Blocking/Block"};

TEST_F(ChannelzTest, AShardThatDoesNotAnswerIsNotWaitedForLong) {
  std::atomic<bool> is_blocked = false;
  std::atomic<bool> may_go_on = false;
  MakeServer().registry().Handle(
      kBlock, [&](Call&, const helloworld::HelloRequest&, helloworld::HelloReply&) {
        is_blocked = true;
        is_blocked.notify_all();
        may_go_on.wait(false);
        return OkStatus();
      });
  StartObserved();
  EXPECT_EQ(TheServer().ref().server_id(), 1);  // and the observer is connected
  const std::unique_ptr<BlockingChannel> other = Connect();  // to the other shard
  std::thread blocking([&other] {
    EXPECT_TRUE(other->Call(kBlock, helloworld::HelloRequest()).ok());
  });
  is_blocked.wait(false);
  const auto reply = Ask().GetServers(channelz::GetServersRequest());
  EXPECT_EQ(reply.status().code(), StatusCode::kUnavailable) << reply.status();
  may_go_on = true;
  may_go_on.notify_all();
  blocking.join();
  EXPECT_EQ(TheServer().ref().server_id(), 1);
}

TEST_F(ChannelzTest, IsNotThereUnlessItIsAskedFor) {
  options_.channelz = ServerOptions().channelz;
  StartObserved();
  EXPECT_EQ(Ask().GetServers(channelz::GetServersRequest()).status().code(),
            StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace penstock::test
