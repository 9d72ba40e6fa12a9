// A unary call in steady state costs the server's thread no heap allocation: counted over thousands
// of calls through a real server on loopback, with strings of 64 octets both ways, two entries of
// metadata, and a deadline that is another one every time, as Go's clients send it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <memory>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/channel.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/select.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/task_group.h"
#include "penstock/rpc/tracing/request_id.h"
#include "penstock/rpc/tracing/trace.h"
#include "penstock/rpc/try.h"
#include "penstock/server/guards/access_log.h"
#include "penstock/server/guards/limit_concurrency.h"
#include "penstock/server/guards/limit_rate.h"
#include "penstock/server/testing/server_fixture.h"
#include "penstock/tests/allocation/counting_allocator.h"
#include "penstock/wire/compress.h"

namespace penstock::test {
namespace {

using http2::EndStream;

constexpr int kWarmUpCalls = 2'000;
constexpr int kCountedCalls = 10'000;
constexpr UnaryMethod<Text, Text> kReady{"/penstock.test.Coroutines/Ready"};
constexpr UnaryMethod<Text, Text> kWaits{"/penstock.test.Coroutines/Waits"};
constexpr UnaryMethod<Text, Text> kInline{"/penstock.test.Intercepted/Inline"};
constexpr UnaryMethod<Text, Text> kBusy{"/penstock.test.Intercepted/Busy"};

// Another coroutine, for a handler to await.
Task<StatusOr<Text>> Copy(Text text) { co_return text; }

Task<StatusOr<Text>> Echo(Call& call, const Text& request) {
  Text copy(&call.arena());
  copy.set_text(request.text());
  co_return co_await Try(co_await Copy(std::move(copy)));
}

Task<StatusOr<Text>> EchoLater(Call& call, const Text& request) {
  co_await Try(co_await Sleep(call, 1));  // to the next tick
  Text reply(&call.arena());
  reply.set_text(request.text());
  co_return reply;
}

// Several things at once.
Task<Status> Tell(CallScope& scope, Channel<int>* channel) {
  co_await Try(co_await Sleep(scope, 1));
  co_return co_await channel->Send(scope, 1);
}

Task<StatusOr<int>> Hear(CallScope& scope, Channel<int>* channel) {
  auto heard = channel->Receive(scope);
  Sleep pause(scope, 3600 * kNsPerSecond);
  const size_t which = co_await Select(pause, heard);
  if (which == 0) co_return 0;
  const std::optional<int> value = co_await Try(co_await heard);
  co_return value.value_or(0);
}

Task<StatusOr<Text>> Work(Call& call, const Text& request, Channel<int>* channel) {
  TaskGroup group(call, WhenOneFails::kOthersEnd, 2);
  for (int i = 0; i < 4; ++i) co_await Try(co_await group.Start(Tell(group, channel)));
  const auto heard = co_await WhenAll(Hear(call, channel), Hear(call, channel));
  const auto more = co_await WhenAll(Hear(call, channel), Hear(call, channel));
  if (!std::get<0>(heard).ok() || !std::get<1>(more).ok()) co_return std::get<0>(heard).status();
  co_await Try(co_await group.Join());
  Text reply(&call.arena());
  reply.set_text(request.text());
  co_return reply;
}

struct User {
  int number;
};

struct Observe {
  Status Before(Call& call) const {
    call.Set(User{7});
    return OkStatus();
  }
  void After(Call& call, const Status&) const {
    EXPECT_EQ(call.Get<User>()->number, 7);
  }
};

Task<Status> PassOn(Call&, Next next) {
  const Status status = co_await next();
  co_return status;
}

uint64_t CountOf(void (*allocate)()) {
  AllocationCount count;
  StartCountingHere(&count);
  allocate();
  StopCountingHere();
  EXPECT_EQ(count.allocations, count.frees);
  return count.allocations;
}

// The compiler must not optimise an allocation away.
template <typename T>
T* Kept(T* pointer) {
  asm volatile("" : "+r"(pointer));
  return pointer;
}

TEST(CountingAllocator, SeesEveryKindOfAllocation) {
  EXPECT_EQ(CountOf([] {}), 0u);
  EXPECT_EQ(CountOf([] { delete Kept(new int(1)); }), 1u);
  EXPECT_EQ(CountOf([] { delete[] Kept(new int[100]); }), 1u);
  EXPECT_EQ(CountOf([] {
              struct alignas(64) Wide {
                char octets[64];
              };
              delete Kept(new Wide);
            }),
            1u);
  EXPECT_EQ(CountOf([] { ::free(Kept(::malloc(10))); }), 1u);
  EXPECT_EQ(CountOf([] { ::free(Kept(::calloc(10, 10))); }), 1u);
  EXPECT_EQ(CountOf([] { ::free(Kept(::aligned_alloc(64, 64))); }), 1u);
  EXPECT_EQ(CountOf([] { std::string(100, 'x').swap(*std::make_unique<std::string>()); }), 2u);
}

TEST(CountingAllocator, LeavesOtherThreadsAlone) {
  AllocationCount count;
  StartCountingHere(&count);
  const uint64_t before = count.allocations;
  std::thread other([] { delete Kept(new int(1)); });
  const uint64_t made = count.allocations;  // by std::thread itself, here
  other.join();
  StopCountingHere();
  EXPECT_EQ(before, 0u);
  EXPECT_EQ(count.allocations, made);
}

class UnaryAllocationTest : public ServerTest {
 protected:
  // The text "start" begins to count on the shard's thread, "stop" ends it; others are echoed.
  UnaryAllocationTest() {
    act_ = [this](Call& call, const Text& request, Text& reply) {
      if (request.text() == "start") StartCountingHere(&count_);
      if (request.text() == "stop") StopCountingHere();
      metadata_count_ = call.metadata().size();
      call.SetCompression(response_encoding_);
      reply.set_text(request.text());
      return OkStatus();
    };
    register_more_ = [this](Registry& registry) {
      registry.Handle(kReady, &Echo);
      registry.Handle(kWaits, &EchoLater);
      registry.Handle(kInline, [](Call&, const Text& request, Text& reply) {
        reply.set_text(request.text());
        return OkStatus();
      });
      // The test outlives the server, and so the lambda.
      registry.Handle(kBusy, [this](Call& call, const Text& request) {
        return Work(call, request, &channel_);
      });
      registry.Intercept("penstock.test.Intercepted", LogAccess(&access_log_));
      ConcurrencyOptions many;
      many.delay_target_ns = 60 * kNsPerSecond;
      many.calls_per_shard_min = many.calls_per_shard_max = 1000;
      registry.Intercept("penstock.test.Intercepted", LimitConcurrency(many));
      registry.Intercept("penstock.test.Intercepted", TakeRequestId());
      registry.Intercept("penstock.test.Intercepted", TakeTrace());
      RateLimitOptions wide;
      wide.calls_per_second = 1e9;
      wide.burst_calls = 1'000'000;
      registry.Intercept("penstock.test.Intercepted", LimitRate(wide));
      registry.Intercept("penstock.test.Intercepted", Observe());
      registry.Intercept("penstock.test.Intercepted", &PassOn);
    };
  }

  // `calls` calls on one connection, `at_once` of them under way at a time.
  void Run(TestClient& client, int calls, int at_once, std::string_view path = kAct) {
    const std::string framed = FramedText(std::string(64, 'g'));
    std::vector<uint32_t> ids(static_cast<size_t>(at_once));
    for (int call = 0; call < calls; call += at_once) {
      for (uint32_t& id : ids) {
        id = client.Open(TestClient::Head(
            path,
            {{"grpc-timeout", std::to_string(9'999'999 - ++timeouts_count_ % 1'000'000) + "u"},
             {"user-agent", "grpc-go/1.70.0"},
             {"x-request-id", "0123456789abcdef"},
             {"x-tenant", "one"}}));
        client.Send(id, framed, EndStream::kYes);
      }
      for (const uint32_t id : ids) ASSERT_EQ(client.Wait(id).status(), 0);
    }
  }

  void Control(TestClient& client, std::string_view word) {
    ASSERT_EQ(TextOf(client.Call(kAct, FramedText(word))), word);
  }

  static AccessLogOptions LogToNowhere() {
    AccessLogOptions options;
    options.fd = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    return options;
  }

  AllocationCount count_;
  AccessLog access_log_{LogToNowhere()};
  Channel<int> channel_{2};
  size_t metadata_count_ = 0;
  const char* response_encoding_ = "identity";

 private:
  int timeouts_count_ = 0;
};
INSTANTIATE_SERVER_TEST(UnaryAllocationTest);

TEST_P(UnaryAllocationTest, OneCallAtATimeAllocatesNothing) {
  START_SERVER();
  TestClient client(address());
  Run(client, kWarmUpCalls, 1);
  Control(client, "start");
  Run(client, kCountedCalls, 1);
  EXPECT_EQ(metadata_count_, 3u);
  Control(client, "stop");
  EXPECT_EQ(count_.allocations, 0u);
  EXPECT_EQ(count_.frees, 0u);
}

TEST_P(UnaryAllocationTest, ManyCallsAtATimeAllocateNothing) {
  START_SERVER();
  TestClient client(address());
  Run(client, kWarmUpCalls, 100);
  Control(client, "start");
  Run(client, kCountedCalls, 100);
  Control(client, "stop");
  EXPECT_EQ(count_.allocations, 0u);
  EXPECT_EQ(count_.frees, 0u);
}

TEST_P(UnaryAllocationTest, ManyConnectionsAllocateNothing) {
  START_SERVER();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(std::make_unique<TestClient>(address()));
  for (auto& client : clients) Run(*client, kWarmUpCalls / 4, 10);
  Control(*clients[0], "start");
  for (auto& client : clients) Run(*client, kCountedCalls / 10, 10);
  Control(*clients[0], "stop");
  EXPECT_EQ(count_.allocations, 0u);
  EXPECT_EQ(count_.frees, 0u);
}

// Received in pieces, copied by the handler, and sent in many frames. (What is longer than the
// output may become, or than a window, has to queue its trailers.)
TEST_P(UnaryAllocationTest, MessagesThatFitNoSlabAllocateNothing) {
  START_SERVER();
  TestClient client(address());
  const std::string framed = FramedText(std::string(512 * 1024, 'g'));
  const auto call_often = [&](int times) {
    for (int call = 0; call < times; ++call) {
      ASSERT_EQ(client.Call(kAct, framed).data.size(), framed.size());
    }
  };
  call_often(20);
  Control(client, "start");
  call_often(20);
  Control(client, "stop");
  EXPECT_EQ(count_.allocations, 0u);
  EXPECT_EQ(count_.frees, 0u);
}

// A Text of 4 KiB, compressed.
std::string CompressedText(const wire::Compression& compression) {
  Text message;
  message.set_text(std::string(4096, 'c'));
  const std::string octets = message.SerializeAsString();
  const wire::Bytes piece = wire::AsBytes(octets);
  wire::ScratchBuffer packed;
  packed.Begin(SIZE_MAX);
  EXPECT_TRUE(compression.make()->Compress({&piece, 1}, packed));
  return Framed(wire::AsString(packed.bytes()), 1);
}

TEST_P(UnaryAllocationTest, CompressionAllocatesNothing) {
  START_SERVER();
  for (const wire::Compression& compression : {wire::Gzip(), wire::Deflate(), wire::Zstd()}) {
    SCOPED_TRACE(compression.name);
    TestClient client(address());
    const std::string framed = CompressedText(compression);
    response_encoding_ = compression.name.c_str();
    const Fields more = {{"grpc-encoding", compression.name},
                         {"grpc-accept-encoding", "identity,gzip,deflate,zstd"}};
    const auto call_often = [&](int times) {
      for (int call = 0; call < times; ++call) {
        const TestResponse& response = client.Call(kAct, framed, more);
        ASSERT_EQ(response.Field("grpc-encoding"), compression.name);
        ASSERT_EQ(response.data[0], 1);
      }
    };
    call_often(kWarmUpCalls / 10);
    Control(client, "start");
    call_often(kCountedCalls / 10);
    Control(client, "stop");
    EXPECT_EQ(count_.allocations, 0u);
    EXPECT_EQ(count_.frees, 0u);
    response_encoding_ = "identity";
  }
}

TEST_P(UnaryAllocationTest, CoroutinesAllocateNothing) {
  START_SERVER();
  TestClient client(address());
  for (const auto& [path, at_once] : {std::pair{kReady.path, 1}, std::pair{kWaits.path, 100}}) {
    SCOPED_TRACE(path);
    Run(client, kWarmUpCalls, at_once, path);
    Control(client, "start");
    Run(client, kCountedCalls, at_once, path);
    Control(client, "stop");
    EXPECT_EQ(count_.allocations, 0u);
    EXPECT_EQ(count_.frees, 0u);
  }
}

TEST_P(UnaryAllocationTest, InterceptorsTasksAndChannelsAllocateNothing) {
  options_.shards = 1;  // the channel's
  START_SERVER();
  TestClient client(address());
  for (const auto& [path, at_once] : {std::pair{kInline.path, 1}, std::pair{kBusy.path, 20}}) {
    SCOPED_TRACE(path);
    Run(client, kWarmUpCalls, at_once, path);
    Control(client, "start");
    Run(client, kCountedCalls / 4, at_once, path);
    Control(client, "stop");
    EXPECT_EQ(count_.allocations, 0u);
    EXPECT_EQ(count_.frees, 0u);
  }
}

}  // namespace
}  // namespace penstock::test
