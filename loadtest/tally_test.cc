#include "penstock/loadtest/tally.h"

#include <gtest/gtest.h>

namespace penstock::loadtest {
namespace {

TEST(ParseStatus, TakesTheCodesOfGrpcAndNothingElse) {
  EXPECT_EQ(ParseStatus("0"), kOk);
  EXPECT_EQ(ParseStatus("14"), kUnavailable);
  EXPECT_EQ(ParseStatus("16"), kUnauthenticated);
  for (const char* text : {"", "17", "-1", "1x", "OK", "4294967296"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(ParseStatus(text), kUnknown);
  }
}

TEST(StatusOfHttp, FollowsTheMapping) {
  const struct {
    int http;
    uint8_t want;
  } cases[] = {{400, kInternal},      {401, kUnauthenticated}, {403, kPermissionDenied},
               {404, kUnimplemented}, {429, kUnavailable},     {502, kUnavailable},
               {503, kUnavailable},   {504, kUnavailable},     {200, kUnknown},
               {500, kUnknown}};
  for (const auto& [http, want] : cases) {
    SCOPED_TRACE(http);
    EXPECT_EQ(StatusOfHttp(http), want);
  }
}

TEST(StatusOfReset, FollowsTheMapping) {
  EXPECT_EQ(StatusOfReset(http2::ErrorCode::kRefusedStream), kUnavailable);
  EXPECT_EQ(StatusOfReset(http2::ErrorCode::kCancel), kCancelled);
  EXPECT_EQ(StatusOfReset(http2::ErrorCode::kEnhanceYourCalm), kResourceExhausted);
  EXPECT_EQ(StatusOfReset(http2::ErrorCode::kInadequateSecurity), kPermissionDenied);
  EXPECT_EQ(StatusOfReset(http2::ErrorCode::kNoError), kInternal);
}

TEST(Tally, KeepsTheFirstMessageOfEachStatus) {
  Tally tally;
  tally.RecordError(kUnavailable, "first");
  tally.RecordError(kUnavailable, "second");
  tally.RecordError(kInternal, "");
  EXPECT_EQ(tally.errors()[kUnavailable].count, 2u);
  EXPECT_EQ(tally.errors()[kUnavailable].first_message, "first");
  EXPECT_EQ(tally.errors()[kInternal].count, 1u);
  EXPECT_EQ(tally.error_count(), 3u);
}

TEST(Tally, LatencyIsThatOfTheCallsThatWereOk) {
  Tally tally;
  tally.RecordOk(100);
  tally.RecordError(kInternal, "x");
  EXPECT_EQ(tally.latency().count(), 1u);
  EXPECT_EQ(tally.count(), 2u);
}

TEST(Tally, MergingAddsUp) {
  Tally first;
  first.RecordOk(100);
  first.RecordError(kInternal, "of the first");
  Tally second;
  second.RecordOk(200);
  second.RecordError(kInternal, "of the second");
  second.RecordError(kUnavailable, "of the second alone");
  first.Merge(second);
  EXPECT_EQ(first.ok_count(), 2u);
  EXPECT_EQ(first.error_count(), 3u);
  EXPECT_EQ(first.latency().max(), 200);
  EXPECT_EQ(first.errors()[kInternal].count, 2u);
  EXPECT_EQ(first.errors()[kInternal].first_message, "of the first");
  EXPECT_EQ(first.errors()[kUnavailable].first_message, "of the second alone");
}

TEST(Tally, ClearForgetsTheWarmUp) {
  Tally tally;
  tally.RecordOk(100);
  tally.RecordError(kInternal, "cold");
  tally.Clear();
  EXPECT_EQ(tally.count(), 0u);
  EXPECT_TRUE(tally.errors()[kInternal].first_message.empty());
}

}  // namespace
}  // namespace penstock::loadtest
