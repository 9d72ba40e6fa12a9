#include "penstock/server/metrics.h"

#include <gtest/gtest.h>

#include <string>

namespace penstock::server {
namespace {

TEST(ShardMetrics, TimesTheFirstCallOfATurnAndEverySeventeenthBehindIt) {
  using Sample = ShardMetrics::Sample;
  ShardMetrics metrics(0);
  std::string timed;
  for (int i = 0; i < 40; ++i) {
    const Sample sample = metrics.TakeSample(7);
    timed += sample == Sample::kNone ? '.' : sample == Sample::kFirst ? 'f' : 'l';
  }
  EXPECT_EQ(timed, "f................l................l.....");
  EXPECT_EQ(metrics.TakeSample(8), Sample::kFirst);
  EXPECT_EQ(metrics.TakeSample(8), Sample::kNone);
}

TEST(ShardMetrics, TimesACallThatComesSecondInEachTurn) {
  using Sample = ShardMetrics::Sample;
  ShardMetrics metrics(0);
  int second_count = 0;
  for (uint64_t turn = 0; turn < 100; ++turn) {
    EXPECT_EQ(metrics.TakeSample(turn), Sample::kFirst);
    second_count += metrics.TakeSample(turn) == Sample::kLater ? 1 : 0;
  }
  EXPECT_EQ(second_count, 5);  // 100 of them, one in 17
}

TEST(ShardMetrics, GrowsForAMethodThatCameLater) {
  ShardMetrics metrics(1);
  metrics.Of(0).started_count = 1;
  metrics.Of(5).started_count = 2;
  ASSERT_EQ(metrics.methods().size(), 6u);
  EXPECT_EQ(metrics.methods()[0].started_count, 1u);
}

TEST(ShardMetrics, RemembersTheLatestCallsAndCutsWhatTheySay) {
  ShardMetrics metrics(0);
  EXPECT_TRUE(metrics.NotableCalls().empty());
  const std::string text(NotableCall::kTextBytesMax + 1, 'x');
  for (uint64_t i = 0; i < ShardMetrics::kNotableCallsMax + 3; ++i) {
    metrics.Remember({.connection_id = i}, text);
  }
  const std::vector<NotableCall> calls = metrics.NotableCalls();
  ASSERT_EQ(calls.size(), ShardMetrics::kNotableCallsMax);
  EXPECT_EQ(calls.front().connection_id, ShardMetrics::kNotableCallsMax + 2);
  EXPECT_EQ(calls.back().connection_id, 3u);
  EXPECT_EQ(calls.front().message(), text.substr(1));
}

TEST(MethodMetrics, CountsAStatusThatGrpcDoesNotHaveAsUnknown) {
  MethodMetrics method;
  method.CountEnd(static_cast<StatusCode>(17));
  method.CountEnd(StatusCode::kUnauthenticated);
  method.CountEnd(StatusCode::kOk);
  EXPECT_EQ(method.handled_counts[2], 1u);
  EXPECT_EQ(method.handled_counts[16], 1u);
  EXPECT_EQ(method.failed_count(), 2u);
  MethodMetrics sum;
  sum.Add(method);
  sum.Add(method);
  EXPECT_EQ(sum.handled_count(), 6u);
}

}  // namespace
}  // namespace penstock::server
