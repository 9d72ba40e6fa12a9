// Interceptors around calls that end meanwhile: at their deadline, or because nobody wants them.
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "penstock/client/testing/dialogue.h"
#include "penstock/client/streams.h"
#include "penstock/client/testing/interceptors.h"
#include "penstock/client/unary.h"
#include "penstock/rpc/interceptor.h"

namespace penstock::client::testing {
namespace {

using http2::ErrorCode;
using http2::testing::Data;
using http2::testing::RstStream;

constexpr TimeNs kMs = kNsPerMs;
constexpr UnaryMethod<RawMessage, RawMessage> kMethod{"/a.B/C"};

// --- Deadlines

TEST(Interceptor, MayShortenTheDeadline) {
  for (const bool plain : {true, false}) {
    SCOPED_TRACE(plain);
    struct Shorten {
      Status Before(Call& call) const {
        call.ShortenDeadline(call.now() + 20 * kMs);
        call.ShortenDeadline(call.now() + 30 * kMs);  // is no longer one
        return OkStatus();
      }
    };
    Notes notes;
    ChannelOptions options;
    options.Intercept(Shorten());
    if (!plain) options.Intercept(NotingTask(&notes, "a"));
    Dialogue net(options);
    PendingCall call;
    net.Begin(&call);
    net.Accepts();
    const std::optional<http2::testing::Frame> head = net.TakeFrame();
    ASSERT_TRUE(head.has_value());
    EXPECT_NE(::testing::PrintToString(*head).find("grpc-timeout"), std::string::npos);
    net.Advance(19 * kMs);
    EXPECT_FALSE(call.ended());
    net.Advance(2 * kMs);
    EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
  }
}

TEST(Interceptor, IsBoundByTheDeadline) {
  const struct {
    const char* name;
    TimeNs before_ns;
    TimeNs behind_ns;
  } cases[] = {{"before", kNsPerSecond, 0}, {"behind", 0, kNsPerSecond}, {"in next()", 0, 0}};
  for (const auto& [name, before_ns, behind_ns] : cases) {
    SCOPED_TRACE(name);
    int waiting_count = 0;
    Notes notes;
    ChannelOptions channel_options;
    channel_options.Intercept(NotingTask(&notes, "a"));
    channel_options.Intercept(Sleeping(before_ns, behind_ns, &waiting_count));
    Dialogue net(channel_options);
    PendingCall call;
    const CallOptions options = CallOptions().SetTimeout(50 * kMs);
    if (before_ns != 0) {
      net.Begin(&call, "hello", options);
    } else {
      Open(net, &call, options);
      if (behind_ns != 0) Answer(net);
    }
    net.Advance(49 * kMs);
    EXPECT_FALSE(call.ended());
    net.Advance(2 * kMs);
    EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
    ASSERT_TRUE(notes.status.has_value());
    EXPECT_EQ(notes.status->code(), StatusCode::kDeadlineExceeded);
    EXPECT_EQ(waiting_count, 0);
    EXPECT_EQ(net.net().ends_count(), before_ns != 0 ? 0u : 1u);
  }
}

TEST(Interceptor, MayChangeTheStatusOfADeadline) {
  ChannelOptions channel_options;
  channel_options.Intercept([](Call&, Next next) -> Task<Status> {
    EXPECT_EQ((co_await next()).code(), StatusCode::kDeadlineExceeded);
    co_return MakeStatus(StatusCode::kAborted, "too slow");
  });
  Dialogue net(channel_options);
  PendingCall call;
  const CallOptions options = CallOptions().SetTimeout(50 * kMs);
  Open(net, &call, options);
  net.Advance(51 * kMs);
  EXPECT_EQ(call.message(), "too slow");
}

TEST(Interceptor, ThatHangsDoesNotHoldTheCallerBehindTheDeadline) {
  for (const bool behind : {true, false}) {
    SCOPED_TRACE(behind);
    ChannelOptions channel_options;
    if (behind) {
      channel_options.Intercept([](Call&, Next next) -> Task<Status> {
        Status status = co_await next();
        co_await Never();
        co_return status;
      });
    } else {
      channel_options.Intercept([](Call&, Next) -> Task<Status> {
        co_await Never();
        co_return OkStatus();
      });
    }
    Dialogue net(channel_options);
    PendingCall call;
    const CallOptions options = CallOptions().SetTimeout(50 * kMs);
    net.Begin(&call, "hello", options);
    net.Advance(51 * kMs);
    EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
  }
}

// --- Whoever gives the call up

TEST(Interceptor, HearsThatTheParentWasCancelled) {
  for (const bool plain : {true, false}) {
    SCOPED_TRACE(plain);
    Notes notes;
    ChannelOptions options;
    options.Intercept(NotingPair(&notes, "a"));
    if (!plain) options.Intercept(NotingTask(&notes, "b"));
    Dialogue net(options);
    PendingCall call;
    Open(net, &call);
    call.scope()->Cancel(MakeStatus(StatusCode::kAborted, "not needed any more"));
    net.Turn();
    EXPECT_EQ(call.code(), StatusCode::kAborted);
    EXPECT_EQ(call.message(), "not needed any more");
    EXPECT_EQ(notes.text, plain ? "a<>a" : "a<b()b>a");
    EXPECT_EQ(notes.status->code(), StatusCode::kAborted);
    net.Expects(RstStream(1, ErrorCode::kCancel));
  }
}

TEST(Interceptor, ThatWaitsIsCancelledWithTheParent) {
  int waiting_count = 0;
  Dialogue net(ChannelOptions().Intercept(Sleeping(kNsPerSecond, 0, &waiting_count)));
  PendingCall call;
  net.Begin(&call);
  EXPECT_EQ(waiting_count, 1);
  call.scope()->Cancel(MakeStatus(StatusCode::kAborted, "not needed any more"));
  net.Turn();
  EXPECT_EQ(call.message(), "not needed any more");
  EXPECT_EQ(waiting_count, 0);
  EXPECT_EQ(net.net().ends_count(), 0u);
}

TEST(Interceptor, HearsThatTheCallWasDropped) {
  for (const bool plain : {true, false}) {
    SCOPED_TRACE(plain);
    Notes notes;
    ChannelOptions options;
    options.Intercept(NotingPair(&notes, "a"));
    if (!plain) options.Intercept(NotingTask(&notes, "b"));
    Dialogue net(options);
    Scope scope(&net.shard());
    {
      RawMessage request(&scope.arena());
      const auto dropped = StartUnary(net.channel().core(), kMethod, scope, request,
                                      CallOptions::Default());
      net.Turn();
      net.Accepts();
      EXPECT_TRUE(net.TakeFrame().has_value());
      EXPECT_TRUE(net.TakeFrame().has_value());
      EXPECT_FALSE(notes.status.has_value());
    }
    EXPECT_EQ(notes.text, plain ? "a<>a" : "a<b()b>a");
    EXPECT_EQ(notes.status->code(), StatusCode::kCancelled);
    net.Turn();
    net.Expects(RstStream(1, ErrorCode::kCancel));
  }
}

// Its frame goes with the call.
TEST(Interceptor, ThatWaitsGoesWithTheCallThatIsDropped) {
  for (const bool behind : {true, false}) {
    SCOPED_TRACE(behind);
    int waiting_count = 0;
    Notes notes;
    ChannelOptions options;
    options.Intercept(NotingTask(&notes, "a"));
    options.Intercept(Sleeping(behind ? 0 : kMs, behind ? kMs : 0, &waiting_count));
    Dialogue net(options);
    Scope scope(&net.shard());
    {
      RawMessage request(&scope.arena());
      const auto dropped = StartUnary(net.channel().core(), kMethod, scope, request,
                                      CallOptions::Default());
      if (behind) {
        net.Turn();
        net.Accepts();
        net.Sends(ResponseHead(1), Data(1, Framed("hi")), Trailers(1, "0"));
      }
      EXPECT_EQ(waiting_count, 1);
    }
    EXPECT_EQ(waiting_count, 0);
    net.Advance(2 * kMs);
    EXPECT_EQ(notes.text, "a(");
    EXPECT_EQ(net.net().ends_count(), behind ? 1u : 0u);
  }
}

// --- Interceptors that end calls

// Does something of the test's behind the first call that ends.
class Once {
 public:
  explicit Once(std::function<void()>* action) : action_(*action) {}
  Status Before(Call&) const { return OkStatus(); }
  void After(Call&, const Status&) const {
    if (const std::function<void()> action = std::exchange(action_, nullptr)) action();
  }

 private:
  std::function<void()>& action_;
};

using Downloading = std::unique_ptr<Download<RawMessage>>;

Downloading BeginDownload(Channel& channel, Scope& scope, const CallOptions& options) {
  const RawMessage request(&scope.arena());
  return std::make_unique<Download<RawMessage>>(&channel.core(), &scope, "/a.B/C", request,
                                                options);
}

TEST(Interceptor, MayDropCallsThatWait) {
  for (const bool waits_for_ready : {false, true}) {
    SCOPED_TRACE(waits_for_ready);
    std::function<void()> behind_first;
    ChannelOptions options;
    options.waiting_calls_max = 2;
    Dialogue net(options.Intercept(Once(&behind_first)));
    Scope scope(&net.shard());
    PendingCall first;
    net.Begin(&first);
    const CallOptions patient = CallOptions().SetWaitForReady(true);
    Downloading dropped = BeginDownload(net.channel(), scope,
                                        waits_for_ready ? patient : CallOptions::Default());
    behind_first = [&dropped] { dropped.reset(); };
    net.net().newest().Break(ECONNRESET);
    net.Turn();
    EXPECT_EQ(first.code(), StatusCode::kUnavailable);
    EXPECT_EQ(dropped, nullptr);
    // As many may wait as before.
    PendingCall later[3];
    for (PendingCall& call : later) net.Begin(&call, "hello", patient);
    EXPECT_FALSE(later[0].ended() || later[1].ended());
    EXPECT_EQ(later[2].code(), StatusCode::kResourceExhausted);
  }
}

TEST(Interceptor, MayDropCallsOfAChannelThatGoes) {
  std::function<void()> behind_first;
  Dialogue net(ChannelOptions().Intercept(Once(&behind_first)));
  Scope scope(&net.shard());
  PendingCall first;
  net.Begin(&first);
  Downloading dropped = BeginDownload(net.channel(), scope, CallOptions::Default());
  PendingCall last;
  net.Begin(&last);
  behind_first = [&dropped] { dropped.reset(); };
  net.CloseChannel();
  EXPECT_EQ(first.code(), StatusCode::kUnavailable);
  EXPECT_EQ(dropped, nullptr);
  EXPECT_EQ(last.code(), StatusCode::kUnavailable);
}

TEST(Interceptor, MayEndTheChannel) {
  std::function<void()> behind_first;
  Dialogue net;
  auto channel = std::make_unique<Channel>(&net.shard(), Dialogue::kTarget,
                                           ChannelOptions().Intercept(Once(&behind_first)));
  Scope scope(&net.shard());
  Downloading first = BeginDownload(*channel, scope, CallOptions::Default());
  Downloading patient = BeginDownload(*channel, scope, CallOptions().SetWaitForReady(true));
  behind_first = [&channel] { channel.reset(); };
  net.Turn();
  net.net().newest().Break(ECONNRESET);
  net.Turn();
  EXPECT_EQ(channel, nullptr);
  EXPECT_TRUE(patient->Next().await_ready());
}

// Such as one that cancels all it knows of when one has failed.
TEST(Interceptor, ItsCallThatEndsIsNotCancelledAnyMore) {
  std::function<void()> behind_first;
  Dialogue net(ChannelOptions().Intercept(Once(&behind_first)));
  Scope scope(&net.shard());
  Downloading first = BeginDownload(net.channel(), scope, CallOptions::Default());
  Downloading second = BeginDownload(net.channel(), scope, CallOptions::Default());
  behind_first = [&first, &second] {
    first->Cancel();
    second->Cancel();
  };
  net.Turn();
  net.net().newest().Break(ECONNRESET);
  net.Turn();
  EXPECT_EQ(first->Next().await_resume().status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(second->Next().await_resume().status().code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace penstock::client::testing
