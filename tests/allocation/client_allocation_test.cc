// A client's unary call in steady state costs its shard's thread no heap allocation, under
// interceptors neither: counted over thousands of calls to a real server on loopback, with strings
// of 64 octets both ways, two entries of metadata, and a deadline.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/tests/allocation/counting_allocator.h"
#include "penstock/tests/client/client_fixture.h"

namespace penstock::test::client {
namespace {

constexpr int kWarmUpCalls = 2'000;
constexpr int kCountedCalls = 10'000;

// Each in a scope of its own, as a handler that makes one call has it.
Task<void> SayOneByOne(const EchoClient& echo, reactor::Shard* shard, const CallOptions& options,
                       int calls, AllocationCount* count) {
  const std::string text(64, 'g');
  StartCountingHere(count);
  for (int call = 0; call < calls; ++call) {
    Scope scope(shard);
    Text request(&scope.arena());
    request.set_text(text);
    const StatusOr<Text> reply = co_await echo.Say(scope, request, options);
    EXPECT_EQ(reply->text(), text);
  }
  StopCountingHere();
}

Task<void> SayFourAtATime(const EchoClient& echo, reactor::Shard* shard,
                          const CallOptions& options, int calls, AllocationCount* count) {
  const std::string text(64, 'g');
  Scope outer(shard);
  // From there on within a turn, where frames are the pool's.
  EXPECT_TRUE((co_await Sleep(outer, kNsPerMs)).ok());
  StartCountingHere(count);
  for (int call = 0; call < calls; call += 4) {
    Scope scope(shard);
    Text request(&scope.arena());
    request.set_text(text);
    auto first = echo.Say(scope, request, options);
    auto second = echo.Say(scope, request, options);
    auto third = echo.Say(scope, request, options);
    auto fourth = echo.Say(scope, request, options);
    const StatusOr<Text> first_reply = co_await first;
    const StatusOr<Text> second_reply = co_await second;
    const StatusOr<Text> third_reply = co_await third;
    const StatusOr<Text> fourth_reply = co_await fourth;
    EXPECT_TRUE(first_reply.ok() && second_reply.ok() && third_reply.ok());
    EXPECT_EQ(fourth_reply->text(), text);
  }
  StopCountingHere();
}

class ClientAllocationTest : public ClientTest {
 protected:
  using Calls = Task<void> (*)(const EchoClient&, reactor::Shard*, const CallOptions&, int,
                               AllocationCount*);

  // Makes the calls and expects that they allocated nothing.
  void Count(Calls make_calls, const ChannelOptions& channel_options = ChannelOptions()) {
    StartServer();
    Channel channel(shard(), address(), channel_options);
    const EchoClient echo(&channel);
    CallOptions options;
    options.SetTimeout(10 * kNsPerSecond);
    EXPECT_TRUE(options.AddMetadata("x-request-id", "0123456789abcdef"));
    EXPECT_TRUE(options.AddMetadata("x-tenant", "one"));
    AllocationCount warm_up;
    Run(make_calls(echo, shard(), options, kWarmUpCalls, &warm_up));
    EXPECT_GT(warm_up.allocations, 0u);
    AllocationCount count;
    Run(make_calls(echo, shard(), options, kCountedCalls, &count));
    EXPECT_EQ(channel.counters().calls_started, uint64_t{kWarmUpCalls + kCountedCalls});
    EXPECT_EQ(count.allocations, 0u);
    EXPECT_EQ(count.frees, 0u);
  }
};
INSTANTIATE_CLIENT_TEST(ClientAllocationTest);

TEST_P(ClientAllocationTest, OneCallAtATimeAllocatesNothing) { Count(&SayOneByOne); }

TEST_P(ClientAllocationTest, SeveralCallsAtATimeAllocateNothing) { Count(&SayFourAtATime); }

struct NotingPair {
  Status Before(Call& call) const {
    call.Set(Seen{call.metadata().size()});
    return OkStatus();
  }
  void After(Call& call, const Status& status) const {
    EXPECT_EQ(call.Get<Seen>()->entries_count, 2u);
    EXPECT_TRUE(status.ok());
  }
  struct Seen {
    size_t entries_count;
  };
};

TEST_P(ClientAllocationTest, InterceptorsThatArePairsAllocateNothing) {
  Count(&SayFourAtATime, ChannelOptions().Intercept(NotingPair()).Intercept(NotingPair()));
}

Task<Status> PassOn(Call&, Next next) {
  Status status = co_await next();
  co_return status;
}

TEST_P(ClientAllocationTest, InterceptorsThatAreCoroutinesAllocateNothing) {
  Count(&SayFourAtATime, ChannelOptions().Intercept(&PassOn).Intercept(NotingPair()));
}

}  // namespace
}  // namespace penstock::test::client
