// Compressed requests that come all at once: what a turn decompresses of them, and what becomes of
// those that wait. On a shard whose turns the test takes one by one.
#include <errno.h>
#include <gtest/gtest.h>

#include <string>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/task.h"
#include "penstock/server/testing/simulated_session.h"
#include "penstock/wire/compress.h"
#include "penstock/wire/scratch_buffer.h"

namespace penstock::server {
namespace {

using http2::testing::Data;
using http2::testing::RstStream;

constexpr size_t kTextBytes = 1024 * 1024;
constexpr uint32_t kPerTurnMax = 256 * 1024;
// Each is paid for by as many turns.
constexpr int kTurnsPerCall = kTextBytes / kPerTurnMax;

class DecompressionTest : public SimulatedSession {
 protected:
  DecompressionTest() {
    options_.message_bytes_max = kTextBytes + 100;
    options_.receive_bytes_per_turn_max = kPerTurnMax;
    registry_.Handle(test::Echo::Say, [this](Call&, const test::Text&, test::Text&) {
      ++handled_count_;
      return OkStatus();
    });
  }

  static Frame Head(uint32_t id) {
    return SimulatedSession::Head(id, "/penstock.test.Echo/Say").Field("grpc-encoding", "zstd");
  }
  static std::string TextOf(size_t bytes) {
    test::Text text;
    text.set_text(std::string(bytes, 'z'));
    return Serialized(text);
  }
  // A thousand times smaller than what it becomes.
  static std::string Packed(size_t text_bytes) {
    const std::string octets = TextOf(text_bytes);
    wire::ScratchBuffer packed;
    packed.Begin(SIZE_MAX);
    const wire::Bytes piece = wire::AsBytes(octets);
    EXPECT_TRUE(wire::Zstd().make()->Compress({&piece, 1}, packed));
    return Framed(wire::AsString(packed.bytes()), 1);
  }
  void SayCall(uint32_t id, const std::string& framed) {
    Say(Head(id));
    Say(Data(id, framed).End());
  }
  // Streams 1, 3, 5 ...
  void SayPackedCalls(int count) {
    const std::string packed = Packed(kTextBytes);
    for (int i = 0; i < count; ++i) SayCall(static_cast<uint32_t>(2 * i + 1), packed);
  }

  int handled_count_ = 0;
};

TEST_F(DecompressionTest, ATurnBeginsOneMessageMoreWhileItHasRoom) {
  constexpr int kCalls = 20;
  SayPackedCalls(kCalls);
  for (int turn = 0; turn < kCalls * kTurnsPerCall; ++turn) {
    Turn();
    EXPECT_LE(handled_count_, 1 + turn / kTurnsPerCall) << turn;
  }
  EXPECT_EQ(handled_count_, kCalls);
  for (uint32_t i = 0; i < kCalls; ++i) EXPECT_EQ(status(2 * i + 1), "0");
  EXPECT_TRUE(shard_.run_queue().empty());
}

TEST_F(DecompressionTest, SmallMessagesAreNotHeldUp) {
  for (uint32_t i = 0; i < 50; ++i) SayCall(2 * i + 1, Packed(1'000));
  Turn();
  EXPECT_EQ(handled_count_, 50);
}

TEST_F(DecompressionTest, WhatIsNotCompressedDoesNotWait) {
  SayPackedCalls(10);
  SayCall(101, Framed(TextOf(10)));
  Turn();
  EXPECT_EQ(status(101), "0");
  EXPECT_EQ(handled_count_, 2);
}

TEST_F(DecompressionTest, WhatWaitsMayBeResetAndIsThenNotHandled) {
  SayPackedCalls(3);
  Say(RstStream(3, http2::ErrorCode::kCancel));
  TakeTurns(5 * kTurnsPerCall);
  EXPECT_EQ(handled_count_, 2);
  EXPECT_EQ(status(5), "0");
  EXPECT_EQ(state_->counters.calls_cancelled, 1u);
}

TEST_F(DecompressionTest, ADeadlineEndsWhatWaits) {
  SayPackedCalls(1);
  Say(Head(3).Field("grpc-timeout", "1m"));
  Say(Data(3, Packed(kTextBytes)).End());
  Turn();
  Advance(5 * kNsPerMs);
  EXPECT_EQ(status(3), "4");
  TakeTurns(5 * kTurnsPerCall);
  EXPECT_EQ(handled_count_, 1);
}

// Where an interceptor gives a call the time of its run, and no more.
class InterceptedDecompressionTest : public DecompressionTest {
 protected:
  InterceptedDecompressionTest() {
    registry_.Intercept([](Call& call, Next) -> Task<Status> {
      call.ShortenDeadline(call.now() + 10 * kNsPerMs);
      Status status = co_await Sleep(call, kNsPerSecond);
      co_return status;
    });
  }
};

TEST_F(InterceptedDecompressionTest, AShortenedDeadlineEndsWhatHasWaited) {
  SayPackedCalls(2);
  TakeTurns(2 * kTurnsPerCall);
  EXPECT_EQ(status(3), "");
  Advance(20 * kNsPerMs);
  EXPECT_EQ(status(3), "4");
}

TEST_F(DecompressionTest, TheEndOfTheRequestMayComeLaterOrMeanwhile) {
  SayPackedCalls(1);
  for (const uint32_t id : {3u, 5u}) {
    Say(Head(id));
    Say(Data(id, Packed(kTextBytes)));
  }
  Turn();
  Say(Data(3, "").End());
  TakeTurns(3 * kTurnsPerCall);
  EXPECT_EQ(status(3), "0");
  EXPECT_EQ(status(5), "");
  Say(Data(5, "").End());
  Turn();
  EXPECT_EQ(status(5), "0");
}

TEST_F(DecompressionTest, ASecondMessageBehindOneThatWaitsIsRefused) {
  SayPackedCalls(1);
  SayCall(3, Packed(kTextBytes) + Framed(""));
  SayCall(5, Packed(kTextBytes) + Packed(kTextBytes));
  Turn();
  EXPECT_EQ(status(3), "12");
  EXPECT_EQ(status(5), "12");
  TakeTurns(5 * kTurnsPerCall);
  EXPECT_EQ(handled_count_, 1);
}

TEST_F(DecompressionTest, OneThatIsWrongIsFoundWrongInItsTurn) {
  SayPackedCalls(1);
  SayCall(3, Packed(kTextBytes + 1'000));
  SayCall(5, Framed("not zstd", 1));
  SayCall(7, Packed(kTextBytes));
  TakeTurns(5 * kTurnsPerCall);
  EXPECT_EQ(status(3), "8");
  EXPECT_EQ(status(5), "13");
  EXPECT_EQ(status(7), "0");
  EXPECT_EQ(handled_count_, 2);
}

TEST_F(DecompressionTest, TheEndOfTheConnectionEndsWhatWaits) {
  SayPackedCalls(5);
  Turn();
  net_.newest().Break(ECONNRESET);
  TakeTurns(3);
  EXPECT_EQ(handled_count_, 1);
  EXPECT_EQ(state_->counters.calls_cancelled, 4u);
  EXPECT_EQ(state_->calls.lent_count(), 0u);
}

}  // namespace
}  // namespace penstock::server
