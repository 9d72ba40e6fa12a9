// Request ids and traces, taken from callers and passed on.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/testing/fake_call.h"
#include "penstock/rpc/tracing/request_id.h"
#include "penstock/rpc/tracing/trace.h"

namespace penstock {
namespace {

using testing::FakeCall;

static_assert(PlainInterceptor<TakeTrace> && PlainInterceptor<PassTrace>);
static_assert(PlainInterceptor<TakeRequestId> && PlainInterceptor<PassRequestId>);

constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kOther[] = "00-11111111111111111111111111111111-2222222222222222-00";

std::string IdOf(const TraceContext& trace) {
  const auto id = trace.TraceIdText();
  return {id.data(), id.size()};
}

TEST(TakeTrace, GoesOnWithTheCallersTrace) {
  TakeTrace take;
  FakeCall call;
  call.AddMetadata("traceparent", kParent);
  call.AddMetadata("tracestate", "rojo=1");
  call.AddMetadata("tracestate", "congo=2");
  ASSERT_TRUE(take.Before(call).ok());
  const TraceContext* trace = call.Get<TraceContext>();
  ASSERT_NE(trace, nullptr);
  EXPECT_EQ(IdOf(*trace), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(trace->parent_span_id, 0xb7ad6b7169203331u);
  EXPECT_NE(trace->span_id, 0u);
  EXPECT_NE(trace->span_id, trace->parent_span_id);
  EXPECT_TRUE(trace->is_sampled());
  EXPECT_EQ(trace->state, "rojo=1,congo=2");
}

TEST(TakeTrace, DropsAMalformedStateAndKeepsTheTrace) {
  TakeTrace take;
  FakeCall call;
  call.AddMetadata("traceparent", kParent);
  call.AddMetadata("tracestate", "rojo=1");
  call.AddMetadata("tracestate", "nonsense");
  ASSERT_TRUE(take.Before(call).ok());
  EXPECT_EQ(IdOf(*call.Get<TraceContext>()), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(call.Get<TraceContext>()->state, "");
}

TEST(TakeTrace, BeginsOneWhereNoneCanBeTaken) {
  const struct {
    const char* name;
    std::vector<const char*> sent;
    bool trusts_caller;
  } cases[] = {{"none", {}, true},
               {"two", {kParent, kOther}, true},
               {"malformed", {"00-nonsense"}, true},
               {"of a stranger", {kParent}, false}};
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    TraceOptions options;
    options.trusts_caller = each.trusts_caller;
    options.samples_new = true;
    TakeTrace take(options);
    FakeCall call;
    for (const char* parent : each.sent) call.AddMetadata("traceparent", parent);
    call.AddMetadata("tracestate", "rojo=1");
    ASSERT_TRUE(take.Before(call).ok());
    const TraceContext& trace = *call.Get<TraceContext>();
    EXPECT_NE(IdOf(trace), "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(trace.parent_span_id, 0u);
    EXPECT_NE(trace.span_id, 0u);
    EXPECT_EQ(trace.flags, TraceContext::kSampled | TraceContext::kRandom);
    EXPECT_EQ(trace.state, "");
  }
}

TEST(PassTrace, SendsTheSpanOfTheCallBeingServed) {
  PassTrace pass;
  FakeCall call;
  call.Set(TraceContext{.trace_id_high = 1,
                        .trace_id_low = 2,
                        .span_id = 3,
                        .parent_span_id = 4,
                        .flags = 1,
                        .state = "rojo=1"});
  ASSERT_TRUE(pass.Before(call).ok());
  EXPECT_EQ(call.metadata().Get("traceparent"),
            "00-00000000000000010000000000000002-0000000000000003-01");
  EXPECT_EQ(call.metadata().Get("tracestate"), "rojo=1");
}

TEST(PassTrace, BeginsATraceOutsideOfOne) {
  PassTrace pass;
  FakeCall call;
  ASSERT_TRUE(pass.Before(call).ok());
  const auto sent = call.metadata().Get("traceparent");
  ASSERT_TRUE(sent.has_value());
  const auto read = ParseTraceparent(*sent);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->parent_span_id, call.Get<TraceContext>()->span_id);
  EXPECT_FALSE(read->is_sampled());
}

TEST(PassTrace, LeavesWhatTheCallerSaysItself) {
  PassTrace pass;
  FakeCall call;
  call.AddMetadata("traceparent", kOther);
  call.Set(TraceContext{.trace_id_low = 2, .span_id = 3});
  ASSERT_TRUE(pass.Before(call).ok());
  EXPECT_EQ(call.metadata().Get("traceparent"), kOther);
  EXPECT_EQ(call.metadata().size(), 1u);
}

TEST(TakeRequestId, TakesWhatIsOneAndAnswersIt) {
  TakeRequestId take;
  FakeCall call;
  call.AddMetadata("x-request-id", "abc-123");
  ASSERT_TRUE(take.Before(call).ok());
  EXPECT_EQ(call.Get<RequestId>()->text, "abc-123");
  EXPECT_EQ(call.initial_metadata().Get("x-request-id"), "abc-123");
}

TEST(TakeRequestId, MakesOneWhereNoneCanBeTaken) {
  RequestIdOptions stranger;
  stranger.trusts_caller = false;
  const struct {
    const char* name;
    std::string sent;
    RequestIdOptions options;
  } cases[] = {{"empty", "", {}},
               {"a blank", "a b", {}},
               {"a quote", "a\"b", {}},
               {"above ASCII", "\xc3\xbc", {}},
               {"too long", std::string(129, 'a'), {}},
               {"of a stranger", "abc", stranger}};
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    TakeRequestId take(each.options);
    FakeCall call;
    call.AddMetadata("x-request-id", each.sent);
    ASSERT_TRUE(take.Before(call).ok());
    const std::string_view id = call.Get<RequestId>()->text;
    EXPECT_EQ(id.size(), 32u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string_view::npos);
    EXPECT_EQ(call.initial_metadata().Get("x-request-id"), id);
  }
}

TEST(TakeRequestId, TakesTheLongestThatItMay) {
  EXPECT_TRUE(IsRequestId(std::string(128, 'a'), 128));
  EXPECT_FALSE(IsRequestId(std::string(129, 'a'), 128));
}

TEST(TakeRequestId, MakesAnotherOneEachTime) {
  TakeRequestId take;
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    FakeCall call;
    ASSERT_TRUE(take.Before(call).ok());
    ids.insert(std::string(call.Get<RequestId>()->text));
  }
  EXPECT_EQ(ids.size(), 1000u);
}

TEST(PassRequestId, SendsThatOfTheCallBeingServed) {
  PassRequestId pass;
  FakeCall call;
  call.Set(RequestId{"abc"});
  ASSERT_TRUE(pass.Before(call).ok());
  EXPECT_EQ(call.metadata().Get("x-request-id"), "abc");
  // And not twice.
  ASSERT_TRUE(pass.Before(call).ok());
  EXPECT_EQ(call.metadata().size(), 1u);
}

TEST(PassRequestId, MakesOneOutsideOfACall) {
  PassRequestId pass;
  FakeCall call;
  ASSERT_TRUE(pass.Before(call).ok());
  EXPECT_EQ(call.metadata().Get("x-request-id"), call.Get<RequestId>()->text);
}

TEST(RequestIdOptions, AreRefusedWithASentence) {
  RequestIdOptions options;
  options.key = "X-Request-Id";
  EXPECT_EQ(MessageOf(CheckRequestIds(options)).substr(0, 38),
            "RequestIdOptions::key: 'X-Request-Id' ");
  options.key = "x-id-bin";
  EXPECT_FALSE(CheckRequestIds(options).ok());
  options.key = "grpc-id";
  EXPECT_FALSE(CheckRequestIds(options).ok());
  options.key = "x-id";
  EXPECT_TRUE(CheckRequestIds(options).ok());
  options.bytes_max = 0;
  EXPECT_FALSE(CheckRequestIds(options).ok());
}

}  // namespace
}  // namespace penstock
