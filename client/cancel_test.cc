// The ends of a call that its caller decides: deadlines, cancellation, and what is dropped.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "penstock/client/testing/dialogue.h"

namespace penstock::client::testing {
namespace {

using http2::ErrorCode;
using http2::testing::Data;
using http2::testing::RstStream;

constexpr TimeNs kMs = kNsPerMs;

// The call is open on stream 1.
void Open(Dialogue& net, PendingCall* call,
          const CallOptions& options = CallOptions::Default()) {
  net.Begin(call, "hello", options);
  net.Accepts();
  ASSERT_TRUE(net.TakeFrame().has_value());
  net.Expects(Data(1, Framed("hello")).End());
}

TEST(Deadline, ResetsTheStream) {
  Dialogue net;
  PendingCall call;
  const CallOptions options = CallOptions().SetTimeout(50 * kMs);
  Open(net, &call, options);
  net.Advance(49 * kMs);
  EXPECT_FALSE(call.ended());
  net.Advance(2 * kMs);
  EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(call.message(), "no answer from 127.0.0.1:50051 before the deadline");
  net.Expects(RstStream(1, ErrorCode::kCancel));
  net.Sends(ResponseHead(1), Trailers(1, "0"));  // too late
  EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
}

// A watch that has told much, and was ended by its deadline, was not left without an answer.
TEST(Deadline, InTheMiddleOfAResponseSaysSo) {
  Dialogue net;
  PendingCall call;
  const CallOptions options = CallOptions().SetTimeout(50 * kMs);
  Open(net, &call, options);
  net.Sends(ResponseHead(1), http2::testing::Data(1, Framed("hi")));
  net.Advance(51 * kMs);
  EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(call.message(), "the response from 127.0.0.1:50051 had not ended at the deadline");
}

TEST(Deadline, ThatHasPassedSendsNothing) {
  Dialogue net;
  PendingCall call;
  const CallOptions options = CallOptions().SetTimeout(0);
  net.Begin(&call, "hello", options);
  EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(net.net().ends_count(), 0u);
}

TEST(Deadline, TheSoonerOfParentAndCallCounts) {
  const struct {
    const char* name;
    TimeNs parent_ns;
    TimeNs own_ns;
    TimeNs ends_after_ns;
  } cases[] = {{"parent", 10 * kMs, 50 * kMs, 10 * kMs}, {"own", 50 * kMs, 10 * kMs, 10 * kMs}};
  for (const auto& [name, parent_ns, own_ns, ends_after_ns] : cases) {
    SCOPED_TRACE(name);
    Dialogue net;
    PendingCall call;
    call.scope() = std::make_unique<Scope>(&net.shard());
    call.scope()->SetTimeout(parent_ns);
    const CallOptions options = CallOptions().SetTimeout(own_ns);
    Open(net, &call, options);
    net.Advance(ends_after_ns - kMs);
    EXPECT_FALSE(call.ended());
    net.Advance(2 * kMs);
    EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
  }
}

TEST(Deadline, OfTheParentNeedNotBeInherited) {
  Dialogue net;
  PendingCall call;
  call.scope() = std::make_unique<Scope>(&net.shard());
  call.scope()->SetTimeout(10 * kMs);
  const CallOptions options = CallOptions().SetInheritDeadline(false);
  Open(net, &call, options);
  net.Advance(kNsPerSecond);
  EXPECT_FALSE(call.ended());
}

// Spec: gRPC PROTOCOL-HTTP2: the server's timer may be the faster one.
TEST(Deadline, AServerThatCancelsBehindItMeansIt) {
  Dialogue net;
  PendingCall call;
  const CallOptions options = CallOptions().SetTimeout(50 * kMs);
  Open(net, &call, options);
  net.net().Advance(50 * kMs);
  net.Sends(RstStream(1, ErrorCode::kCancel));  // is heard before the timer
  EXPECT_EQ(call.code(), StatusCode::kDeadlineExceeded);
}

TEST(Cancellation, OfTheParentResetsTheStream) {
  Dialogue net;
  PendingCall call;
  Open(net, &call);
  call.scope()->Cancel(MakeStatus(StatusCode::kAborted, "not needed any more"));
  net.Turn();
  EXPECT_EQ(call.code(), StatusCode::kAborted);
  EXPECT_EQ(call.message(), "not needed any more");
  net.Expects(RstStream(1, ErrorCode::kCancel));
}

TEST(Cancellation, OfTheParentNeedNotBeInherited) {
  Dialogue net;
  PendingCall call;
  const CallOptions options = CallOptions().SetInheritCancellation(false);
  Open(net, &call, options);
  call.scope()->Cancel();
  net.Turn();
  EXPECT_FALSE(call.ended());
  net.Sends(ResponseHead(1), Data(1, Framed("hi")), Trailers(1, "0"));
  EXPECT_EQ(call.text(), "hi");
}

TEST(Cancellation, BeforeTheCallSendsNothing) {
  Dialogue net;
  PendingCall call;
  call.scope() = std::make_unique<Scope>(&net.shard());
  call.scope()->Cancel();
  net.Begin(&call);
  EXPECT_EQ(call.code(), StatusCode::kCancelled);
  EXPECT_EQ(net.net().ends_count(), 0u);
}

TEST(Cancellation, WhileTheCallWaitsSendsNothing) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  call.scope()->Cancel();
  net.Turn();
  EXPECT_EQ(call.code(), StatusCode::kCancelled);
  net.Accepts();
  net.ExpectsNothing();
}

TEST(Scope, InAnotherHasItsDeadlineAndItsCancellation) {
  Dialogue net;
  Scope outer(&net.shard());
  outer.SetTimeout(kNsPerSecond);
  Scope within(&outer);
  EXPECT_EQ(within.deadline(), outer.deadline());
  within.SetTimeout(2 * kNsPerSecond);
  EXPECT_EQ(within.deadline(), outer.deadline());
  outer.Cancel();
  EXPECT_TRUE(within.cancelled());
}

}  // namespace
}  // namespace penstock::client::testing
