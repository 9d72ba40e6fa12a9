#include "penstock/loadtest/streams/stream_load.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "penstock/client/main_shard.h"
#include "penstock/client/stub.h"
#include "penstock/loadtest/streams/benchmark_service.h"
#include "penstock/server/server.h"

#include "loadtest/streams/benchmark_service.client.h"

namespace penstock::loadtest {
namespace {

using grpc::testing::BenchmarkServiceClient;
using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;

class StreamLoadTest : public ::testing::Test {
 protected:
  static ServerOptions OnLoopback() {
    ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    options.shards = 1;
    return options;
  }

  // A server with the service, or without any.
  void Start(bool with_service) {
    if (with_service) server_.Add<BenchmarkService>();
    const Status status = server_.Start();
    ASSERT_TRUE(status.ok()) << status;
    channel_.emplace(&main_shard_.shard(), server_.addresses().front());
  }

  static StreamLoad ShortLoad() {
    StreamLoad load;
    load.warmup_ns = kNsPerMs;
    load.duration_ns = 20 * kNsPerMs;
    return load;
  }

  Status Load(const StreamLoad& load) {
    return main_shard_.Run(LoadStream(main_shard_.scope(), &*channel_, load, &result_));
  }

  Server server_{OnLoopback()};
  client::MainShard main_shard_;
  std::optional<client::Channel> channel_;
  StreamLoadResult result_;
};

// The last row fills the windows of both directions: each end waits for the other to read.
TEST_F(StreamLoadTest, AnswersEveryRequestOnce) {
  Start(true);
  struct Row {
    const char* name;
    uint32_t in_flight;
    uint32_t payload_bytes;
  };
  constexpr Row kRows[] = {
      {"one at a time", 1, 16},
      {"no payload", 10, 0},
      {"many small ones", 100, 16},
      {"more than the windows hold", 8, 1024 * 1024},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    StreamLoad load = ShortLoad();
    load.in_flight = row.in_flight;
    load.payload_bytes = row.payload_bytes;
    result_ = {};
    ASSERT_EQ(Load(load), OkStatus());
    EXPECT_GE(result_.messages, 1u);
    EXPECT_GE(result_.elapsed_ns, load.duration_ns);
  }
}

TEST_F(StreamLoadTest, TellsTheServersProcessorTime) {
  Start(true);
  StreamLoad load = ShortLoad();
  load.server_pid = ::getpid();
  ASSERT_EQ(Load(load), OkStatus());
  EXPECT_GT(result_.server_cpu_ns, 0);
  EXPECT_GT(result_.client_cpu_ns, 0);
}

TEST_F(StreamLoadTest, SaysThatThereIsNoSuchProcess) {
  Start(true);
  StreamLoad load = ShortLoad();
  load.server_pid = 0x7fff'ffff;
  EXPECT_EQ(Load(load).code(), StatusCode::kNotFound);
}

TEST_F(StreamLoadTest, FailsWithTheCall) {
  Start(false);
  EXPECT_EQ(Load(ShortLoad()).code(), StatusCode::kUnimplemented);
}

// Asks once for `response_size` octets.
Task<Status> Ask(CallScope& scope, client::Channel* channel, int32_t response_size) {
  const BenchmarkServiceClient service(channel);
  client::Duplex<SimpleRequest, SimpleResponse> stream = service.StreamingCall(scope);
  SimpleRequest request;
  request.set_response_size(response_size);
  co_await Try(co_await stream.Write(request));
  co_await Try(co_await stream.Next());
  co_return OkStatus();
}

TEST_F(StreamLoadTest, TheServiceRefusesSizesThatNoMessageMayHave) {
  Start(true);
  for (const int32_t size : {-1, 4 * 1024 * 1024 + 1}) {
    SCOPED_TRACE(size);
    EXPECT_EQ(main_shard_.Run(Ask(main_shard_.scope(), &*channel_, size)).code(),
              StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace penstock::loadtest
