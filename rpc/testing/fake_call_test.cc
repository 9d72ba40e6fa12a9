#include "penstock/rpc/testing/fake_call.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "penstock/reactor/run_queue.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/rpc/testing/fake_next.h"
#include "penstock/rpc/try.h"

namespace penstock::testing {
namespace {

struct User {
  std::string name;
};

// A plain function, as a service has it.
Status Greet(Call& call, const RawMessage& request, RawMessage& reply) {
  const auto cost = call.metadata().Get("x-cost");
  if (!cost) return MakeStatus(StatusCode::kInvalidArgument, "what does it cost?");
  EXPECT_TRUE(call.initial_metadata().Add("x-served-by", "a"));
  EXPECT_TRUE(call.trailing_metadata().Add("x-cost", *cost));
  call.Set(User{std::string(request.text())});
  call.SetCompression("gzip");
  reply.Copy("Hello " + std::string(request.text()));
  return OkStatus();
}

TEST(FakeCall, RunsAPlainFunction) {
  FakeCall call;
  call.AddMetadata("x-cost", "3");
  call.SetAcceptedEncodings("deflate, gzip");
  RawMessage request(&call.arena());
  request.View("anna");
  RawMessage reply(&call.arena());
  EXPECT_TRUE(Greet(call, request, reply).ok());
  EXPECT_EQ(reply.text(), "Hello anna");
  EXPECT_EQ(call.initial_metadata().Get("x-served-by"), "a");
  EXPECT_EQ(call.trailing_metadata().Get("x-cost"), "3");
  EXPECT_EQ(call.Get<User>()->name, "anna");
  EXPECT_EQ(call.compression(), "gzip");
}

TEST(FakeCall, CompressesOnlyWithWhatTheCallerAccepts) {
  struct {
    const char* accepted;
    const char* wished;
    const char* want;
  } const cases[] = {
      {"gzip", "zstd", "identity"},
      {"gzip, zstd", "zstd", "zstd"},
      {"", "gzip", "identity"},
      {"br", "br", "identity"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.accepted);
    FakeCall call;
    call.SetAcceptedEncodings(each.accepted);
    const bool is_chosen = call.SetCompression(each.wished);
    EXPECT_EQ(call.compression(), each.want);
    EXPECT_EQ(is_chosen, call.compression() == each.wished);
  }
}

TEST(FakeCall, AcceptsNoCompressionUnlessItIsTold) {
  FakeCall call;
  EXPECT_FALSE(call.SetCompression("gzip"));
  EXPECT_EQ(call.compression(), "identity");
}

TEST(FakeCall, SaysWhoCallsWhat) {
  FakeCall call;
  EXPECT_EQ(call.method(), "/test.Fake/Call");
  EXPECT_EQ(call.peer(), "127.0.0.1:50000");
  EXPECT_EQ(call.peer_view(), "127.0.0.1:50000");
  call.SetMethod(std::string("/helloworld.Greeter/SayHello"));
  call.SetPeer(std::string("unix:"));
  EXPECT_EQ(call.method(), "/helloworld.Greeter/SayHello");
  EXPECT_EQ(call.peer(), "unix:");
}

TEST(FakeCall, HasADeadlineOnlyWhenItIsSet) {
  FakeCall call;
  EXPECT_EQ(call.time_left_ns(), kTimeNever);
  call.SetTimeout(5 * kNsPerMs);
  EXPECT_EQ(call.time_left_ns(), 5 * kNsPerMs);
  call.Pass(2 * kNsPerMs);
  EXPECT_EQ(call.time_left_ns(), 3 * kNsPerMs);
}

TEST(FakeCall, IsOverAtItsDeadline) {
  FakeCall call;
  call.SetTimeout(5 * kNsPerMs);
  call.Pass(4 * kNsPerMs);
  EXPECT_FALSE(call.cancelled());
  call.Pass(kNsPerMs);
  EXPECT_TRUE(call.cancelled());
  EXPECT_EQ(call.cancel_status().code(), StatusCode::kDeadlineExceeded);
}

TEST(FakeCall, IsCancelledOnce) {
  FakeCall call;
  call.Cancel(StatusCode::kUnavailable, "the connection was lost");
  call.Cancel();
  EXPECT_EQ(call.cancel_status(),
            MakeStatus(StatusCode::kUnavailable, "the connection was lost"));
}

// Naps, and says how long that was.
Task<StatusOr<TimeNs>> Nap(Call& call, TimeNs duration_ns) {
  const TimeNs began_at = call.now();
  co_await Try(co_await Sleep(call, duration_ns));
  co_return call.now() - began_at;
}

TEST(FakeCall, RunsACoroutineToItsEndInNoTime) {
  FakeCall call;
  const StatusOr<TimeNs> napped = call.Run(Nap(call, 5 * kNsPerSecond));
  ASSERT_TRUE(napped.ok()) << napped.status();
  EXPECT_EQ(*napped, 5 * kNsPerSecond);
  EXPECT_EQ(call.now(), 5 * kNsPerSecond);
}

TEST(FakeCall, RunEndsAtTheDeadline) {
  FakeCall call;
  call.SetTimeout(kNsPerSecond);
  const StatusOr<TimeNs> napped = call.Run(Nap(call, 5 * kNsPerSecond));
  EXPECT_EQ(napped.status().code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(call.now(), kNsPerSecond);
}

TEST(FakeCall, StartsACoroutineThatGoesOnAsTimePasses) {
  FakeCall call;
  auto napping = call.Start(Nap(call, 5 * kNsPerMs));
  EXPECT_FALSE(napping.done());
  call.Pass(4 * kNsPerMs);
  EXPECT_FALSE(napping.done());
  call.Pass(kNsPerMs);
  ASSERT_TRUE(napping.done());
  EXPECT_EQ(*napping.result(), 5 * kNsPerMs);
}

TEST(FakeCall, WakesWhatItCancels) {
  FakeCall call;
  auto napping = call.Start(Nap(call, 5 * kNsPerMs));
  call.Cancel();
  ASSERT_TRUE(napping.done());
  EXPECT_EQ(napping.result().status().code(), StatusCode::kCancelled);
}

// Whether it has died.
class Guard {
 public:
  explicit Guard(bool* died) : died_(*died) {}
  ~Guard() { died_ = true; }

 private:
  bool& died_;
};

Task<Status> NapGuarded(Call& call, bool* died) {
  const Guard guard(died);
  co_return co_await Sleep(call, kNsPerSecond);
}

TEST(FakeCall, DestroysWhatHasNotEndedWhereItStands) {
  FakeCall call;
  bool died = false;
  {
    const auto napping = call.Start(NapGuarded(call, &died));
    EXPECT_FALSE(died);
  }
  EXPECT_TRUE(died);
}

// Suspends, and nobody wakes it.
class Never final : public rpc::CallWait {
 public:
  explicit Never(Call* call) : CallWait(call) {}
  bool await_ready() const { return cancelled(); }
  void await_suspend(std::coroutine_handle<> handle) { Suspend(handle); }
};

Task<Status> WaitForEver(Call& call) { co_return co_await Never(&call); }

TEST(FakeCall, SaysThatAHandlerIsStuck) {
  FakeCall call;
  const Status status = call.Run(WaitForEver(call));
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_NE(MessageOf(status).find("waits for what never comes"), std::string_view::npos);
}

Task<Status> PollForEver(Call& call) {
  for (;;) co_await Try(co_await Sleep(call, kNsPerSecond));
}

TEST(FakeCall, SaysThatAHandlerPollsForEver) {
  FakeCall call;
  EXPECT_EQ(call.Run(PollForEver(call)).code(), StatusCode::kInternal);
  EXPECT_GT(call.now(), 1000 * kNsPerSecond);
}

Task<Status> Throw(Call&) {
  throw std::runtime_error("a secret");
  co_return OkStatus();
}

TEST(FakeCall, WhatIsThrownIsUnknown) {
  FakeCall call;
  EXPECT_EQ(call.Run(Throw(call)),
            MakeStatus(StatusCode::kUnknown, "the handler threw an exception"));
}

TEST(FakeCall, SharesTheTimeOfAShard) {
  FakeShard shard;
  FakeCall anna(&shard);
  FakeCall ben(&shard);
  auto long_nap = anna.Start(Nap(anna, 2 * kNsPerMs));
  auto short_nap = ben.Start(Nap(ben, kNsPerMs));
  shard.Pass(kNsPerMs);
  EXPECT_FALSE(long_nap.done());
  EXPECT_TRUE(short_nap.done());
  anna.Pass(kNsPerMs);
  EXPECT_TRUE(long_nap.done());
  EXPECT_EQ(ben.now(), 2 * kNsPerMs);
}

// An interceptor.
Task<Status> LetAnnaIn(Call& call, Next next) {
  if (call.metadata().Get("x-user") != "anna") {
    co_return MakeStatus(StatusCode::kUnauthenticated, "who?");
  }
  co_return co_await next();
}

TEST(FakeNext, RunsBehindAnInterceptor) {
  FakeCall call;
  call.AddMetadata("x-user", "anna");
  FakeNext next(&call, MakeStatus(StatusCode::kNotFound, "no such room"));
  EXPECT_EQ(call.Run(LetAnnaIn(call, next.next())).code(), StatusCode::kNotFound);
  EXPECT_TRUE(next.has_run());
}

TEST(FakeNext, HasNotRunWhereTheInterceptorAnswers) {
  FakeCall call;
  FakeNext next(&call);
  EXPECT_EQ(call.Run(LetAnnaIn(call, next.next())).code(), StatusCode::kUnauthenticated);
  EXPECT_FALSE(next.has_run());
}

// What wakes is only queued where a handler runs.
Task<Status> CancelItself(FakeCall& call, bool* was_over) {
  call.Cancel();
  *was_over = call.cancelled();
  co_return co_await Sleep(call, kNsPerSecond);
}

TEST(FakeCall, MayBeCancelledByItsHandler) {
  FakeCall call;
  bool was_over = false;
  EXPECT_EQ(call.Run(CancelItself(call, &was_over)).code(), StatusCode::kCancelled);
  EXPECT_TRUE(was_over);
  EXPECT_EQ(call.now(), 0);
}

// Is ready again whenever it has run.
void QueueAgain(void* context);
struct Restless {
  FakeShard shard;
  reactor::Runnable again{&QueueAgain, this};
};
void QueueAgain(void* context) {
  auto& restless = *static_cast<Restless*>(context);
  restless.shard.shard().run_queue().Push(restless.again);
}

TEST(FakeShardDeathTest, SaysThatSomethingWakesItselfForEver) {
  EXPECT_DEATH(
      {
        Restless restless;
        QueueAgain(&restless);
        restless.shard.RunReady();
      },
      "something on the FakeShard wakes itself for ever");
}

TEST(FakeCallDeathTest, OutlivesWhatItHasStarted) {
  EXPECT_DEATH(
      {
        auto call = std::make_unique<FakeCall>();
        auto napping = call->Start(Nap(*call, kNsPerMs));
        call.reset();
      },
      "what Start.. gave is destroyed before its FakeCall");
}

}  // namespace
}  // namespace penstock::testing
