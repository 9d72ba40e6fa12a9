#include "penstock/server/guards/limit_rate.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cmath>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/status_details.h"
#include "penstock/rpc/testing/fake_call.h"
#include "penstock/server/guards/identity.h"

#include "google/rpc/error_details.penstock.h"

namespace penstock {
namespace {

using guards::RateTable;
using testing::FakeCall;
using testing::FakeShard;

static_assert(PlainInterceptor<LimitRate>);

// Source: the paper's appendix A
TEST(SipHash, IsThatOfThePaper) {
  const guards::SipKey key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
  std::string text;
  for (char octet = 0; octet < 15; ++octet) text += octet;
  EXPECT_EQ(guards::SipHash(key, text), 0xa129ca6149be45e5u);
}

// --- The buckets

TEST(RateTable, TakesABurstAndThenTheRate) {
  RateTable table(10, 3, 4);
  const struct {
    TimeNs now;
    TimeNs wait_ns;
  } cases[] = {
      {0, 0}, {0, 0}, {0, 0},       // the burst
      {0, 10}, {4, 6},              // refused, which costs nothing
      {10, 0}, {10, 10}, {20, 0},   // the rate
      {29, 1}, {30, 0},
      {1000, 0}, {1000, 0}, {1000, 0}, {1000, 10},  // after a pause no more than the burst
  };
  for (const auto& each : cases) {
    EXPECT_EQ(table.Take(7, each.now), each.wait_ns) << "at " << each.now;
  }
}

TEST(RateTable, KeysHaveBucketsOfTheirOwn) {
  RateTable table(10, 1, 1024);
  for (uint64_t key = 0; key < 100; ++key) EXPECT_EQ(table.Take(key * 0x9e3779b9u + 2, 0), 0);
  for (uint64_t key = 0; key < 100; ++key) EXPECT_EQ(table.Take(key * 0x9e3779b9u + 2, 0), 10);
}

// 1 to 4 fill the one set there is.
TEST(RateTable, TheFullestBucketGivesWay) {
  RateTable table(10, 2, 4);
  for (const uint64_t key : {1, 2, 3, 4}) EXPECT_EQ(table.Take(key, 0), 0);
  for (const uint64_t key : {1, 2, 4}) EXPECT_EQ(table.Take(key, 0), 0);
  EXPECT_EQ(table.Take(5, 0), 0) << "in the place of 3";
  for (const uint64_t key : {1, 2, 4}) EXPECT_EQ(table.Take(key, 0), 10) << "still in debt";
  EXPECT_EQ(table.Take(3, 0), 0) << "in the place of 5; it starts full";
}

TEST(RateTable, AFloodOfKeysDoesNotFreeWhoIsInDebt) {
  RateTable table(10, 8, 4);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(table.Take(1, 0), 0);
  for (uint64_t key = 2; key < 10'000; ++key) EXPECT_EQ(table.Take(key, 0), 0);
  EXPECT_EQ(table.Take(1, 0), 10);
}

TEST(RateTable, ShardsShareTheRateExactly) {
  RateTable table(kNsPerSecond, 1000, 4);
  std::atomic<int> taken_count = table.Take(7, 0) == 0;
  std::vector<std::thread> shards;
  for (int i = 0; i < 4; ++i) {
    shards.emplace_back([&table, &taken_count] {
      for (int call = 0; call < 1000; ++call) taken_count += table.Take(7, 0) == 0;
    });
  }
  for (std::thread& shard : shards) shard.join();
  EXPECT_EQ(taken_count, 1000);
}

// --- Hosts

TEST(HostOf, ItsPortDoesNotCount) {
  const struct {
    const char* peer;
    std::string_view want;
  } cases[] = {
      {"10.0.0.1:5000", {"\x0a\0\0\x01", 4}},
      {"10.0.0.1:6000", {"\x0a\0\0\x01", 4}},
      {"[::ffff:10.0.0.1]:5000", {"\x0a\0\0\x01", 4}},
      {"[2001:db8::1]:5000", {"\x20\x01\x0d\xb8\0\0\0\0", 8}},
      {"[2001:db8::2]:5000", {"\x20\x01\x0d\xb8\0\0\0\0", 8}},
      {"[2001:db8:0:1::1]:5000", {"\x20\x01\x0d\xb8\0\0\0\x01", 8}},
      {"[fe80::1%eth0]:5000", {"\xfe\x80\0\0\0\0\0\0", 8}},
      {"unix:", "unix:"},
      {"unix:/run/a:1", "unix:/run/a:1"},
      {"inproc:test", "inproc:test"},
      {"unknown", "unknown"},
      {"[nonsense]:1", "[nonsense]:1"},
      {"", ""},
      {"300.0.0.1:1", "300.0.0.1:1"},
      {"a-name-that-is-longer-than-any-address:1", "a-name-that-is-longer-than-any-address:1"},
  };
  for (const auto& each : cases) {
    std::array<char, 16> octets;
    EXPECT_EQ(guards::HostOf(each.peer, &octets), each.want) << each.peer;
  }
}

// --- The interceptor

RateLimitOptions OneASecond(RateKey key) {
  RateLimitOptions options;
  options.key = key;
  options.calls_per_second = 1;
  options.burst_calls = 1;
  if (key == RateKey::kMetadata) options.metadata_key = "x-tenant";
  return options;
}

struct Caller {
  const char* peer = "10.0.0.1:5000";
  const char* tenant = nullptr;
  const char* name = nullptr;
};

// Whether a second call, at the same time, finds the bucket empty.
bool ShareABucket(RateKey key, const Caller& one, const Caller& other) {
  LimitRate limit(OneASecond(key));
  int passed_count = 0;
  FakeShard shard;
  for (const Caller& caller : {one, other}) {
    FakeCall call(&shard);
    call.SetPeer(caller.peer);
    if (caller.tenant != nullptr) call.AddMetadata("x-tenant", caller.tenant);
    if (caller.name != nullptr) call.Set(Identity{IdentityKind::kToken, caller.name});
    passed_count += limit.Before(call).ok();
  }
  EXPECT_GE(passed_count, 1);
  EXPECT_EQ(limit.refused_count(), passed_count == 1 ? 1u : 0u);
  return passed_count == 1;
}

TEST(LimitRate, TellsCallersApartAsItIsTold) {
  const Caller host_a = {"10.0.0.1:5000"};
  const Caller host_a_again = {"10.0.0.1:6000"};
  const Caller host_b = {"10.0.0.2:5000"};
  const Caller anna_at_a = {"10.0.0.1:5000", "t", "anna"};
  const Caller anna_at_b = {"10.0.0.2:5000", "t", "anna"};
  const Caller bert_at_a = {"10.0.0.1:5000", "u", "bert"};
  EXPECT_TRUE(ShareABucket(RateKey::kHost, host_a, host_a_again));
  EXPECT_FALSE(ShareABucket(RateKey::kHost, host_a, host_b));
  EXPECT_TRUE(ShareABucket(RateKey::kHost, anna_at_a, bert_at_a));
  for (const RateKey key : {RateKey::kIdentity, RateKey::kMetadata}) {
    EXPECT_TRUE(ShareABucket(key, anna_at_a, anna_at_b));
    EXPECT_FALSE(ShareABucket(key, anna_at_a, bert_at_a));
    EXPECT_FALSE(ShareABucket(key, anna_at_a, host_a)) << "who says nothing is known by its host";
    EXPECT_TRUE(ShareABucket(key, host_a, host_a_again));
    EXPECT_FALSE(ShareABucket(key, host_a, host_b));
  }
  EXPECT_TRUE(ShareABucket(RateKey::kNone, anna_at_a, host_b));
}

// Nobody empties the bucket of an address by sending it as a value.
TEST(LimitRate, AValueIsNoAddress) {
  const Caller host = {"unix:a"};
  const Caller liar = {"10.0.0.1:5000", "unix:a"};
  EXPECT_FALSE(ShareABucket(RateKey::kMetadata, host, liar));
}

TEST(LimitRate, SaysWhenToTryAgain) {
  LimitRate limit(OneASecond(RateKey::kHost));
  FakeShard shard;
  FakeCall first(&shard);
  EXPECT_TRUE(limit.Before(first).ok());
  shard.Pass(kNsPerSecond / 4);
  FakeCall second(&shard);
  const Status status = limit.Before(second);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(MessageOf(status),
            "more than 1 calls a second from one host: try again in 750 ms");
  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  ASSERT_TRUE(retry.has_value());
  EXPECT_EQ(retry->retry_delay().seconds(), 0);
  EXPECT_EQ(retry->retry_delay().nanos(), 750'000'000);
  EXPECT_EQ(second.trailing_metadata().Get("grpc-retry-pushback-ms"), "750");
  shard.Pass(750 * kNsPerMs);
  FakeCall third(&shard);
  EXPECT_TRUE(limit.Before(third).ok());
  EXPECT_TRUE(third.trailing_metadata().empty());
}

TEST(LimitRate, CopiesShareTheirBuckets) {
  LimitRate limit(OneASecond(RateKey::kNone));
  LimitRate copy = limit;
  FakeCall call;
  EXPECT_TRUE(limit.Before(call).ok());
  EXPECT_FALSE(copy.Before(call).ok());
  EXPECT_EQ(limit.refused_count(), 1u);
}

TEST(RateLimitOptions, AreRefusedWithASentence) {
  const auto with = [](void (*change)(RateLimitOptions&)) {
    RateLimitOptions options;
    change(options);
    return CheckRateLimit(options);
  };
  EXPECT_TRUE(with([](RateLimitOptions&) {}).ok());
  EXPECT_TRUE(with([](RateLimitOptions& o) { o.calls_per_second = 0.001; }).ok());
  EXPECT_TRUE(with([](RateLimitOptions& o) { o.calls_per_second = 1e9; }).ok());
  EXPECT_EQ(MessageOf(with([](RateLimitOptions& o) { o.calls_per_second = 0; })),
            "RateLimitOptions::calls_per_second is 0: it is from 0.001 to 1e9");
  EXPECT_FALSE(with([](RateLimitOptions& o) { o.calls_per_second = 2e9; }).ok());
  EXPECT_FALSE(with([](RateLimitOptions& o) { o.calls_per_second = std::nan(""); }).ok());
  EXPECT_FALSE(with([](RateLimitOptions& o) { o.burst_calls = 0; }).ok());
  EXPECT_FALSE(with([](RateLimitOptions& o) { o.burst_calls = 1'000'001; }).ok());
  EXPECT_FALSE(with([](RateLimitOptions& o) { o.keys_max = 0; }).ok());
  EXPECT_FALSE(with([](RateLimitOptions& o) { o.key = RateKey::kMetadata; }).ok());
  EXPECT_FALSE(with([](RateLimitOptions& o) { o.metadata_key = "x-tenant"; }).ok());
}

}  // namespace
}  // namespace penstock
