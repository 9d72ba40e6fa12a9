#include "penstock/http2/token_bucket.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace penstock::http2 {
namespace {

int TakeAll(TokenBucket* bucket, TokenRate rate, TimeNs now) {
  int count = 0;
  while (count < 10'000 && bucket->Take(rate, now)) ++count;
  return count;
}

TEST(TokenBucket, GivesItsBurstAtOnceAndNoMore) {
  TokenBucket bucket;
  EXPECT_EQ(TakeAll(&bucket, {1000, 100}, 0), 1000);
}

TEST(TokenBucket, RegainsByTheSecondAndByItsParts) {
  TokenBucket bucket;
  const TokenRate rate{1000, 100};
  TakeAll(&bucket, rate, 0);
  EXPECT_EQ(TakeAll(&bucket, rate, 10 * kNsPerMs - 1), 0);
  EXPECT_EQ(TakeAll(&bucket, rate, 10 * kNsPerMs), 1);
  EXPECT_EQ(TakeAll(&bucket, rate, 10 * kNsPerMs + kNsPerSecond), 100);
}

TEST(TokenBucket, NeverHoldsMoreThanItsBurst) {
  TokenBucket bucket;
  const TokenRate rate{7, 100};
  EXPECT_EQ(TakeAll(&bucket, rate, 0), 7);
  EXPECT_EQ(TakeAll(&bucket, rate, std::numeric_limits<TimeNs>::max()), 7);
}

TEST(TokenBucket, WithoutARateNothingComesBack) {
  TokenBucket bucket;
  const TokenRate rate{3, 0};
  EXPECT_EQ(TakeAll(&bucket, rate, 0), 3);
  EXPECT_EQ(TakeAll(&bucket, rate, 1000 * kNsPerSecond), 0);
}

TEST(TokenBucket, TakesTheLargestNumbersThereAre) {
  TokenBucket bucket;
  constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();
  EXPECT_TRUE(bucket.Take({kMost, kMost}, 0));
  EXPECT_TRUE(bucket.Take({kMost, kMost}, std::numeric_limits<TimeNs>::max()));
}

TEST(TokenBucket, AnEmptyBurstGivesNothing) {
  TokenBucket bucket;
  EXPECT_FALSE(bucket.Take({0, 100}, 0));
  EXPECT_FALSE(bucket.Take({0, 100}, kNsPerSecond));
}

TEST(TokenBucket, WhatIsAskedForAtItsRateIsAlwaysThere) {
  TokenBucket bucket;
  const TokenRate rate{1, 80};
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(bucket.Take(rate, i * (kNsPerSecond / 80))) << i;
  }
}

}  // namespace
}  // namespace penstock::http2
