// Handlers that do not end though their deadline has cancelled them, and peers that do not read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "penstock/rpc/reader.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"
#include "penstock/rpc/writer.h"
#include "penstock/server/testing/deaf_waits.h"
#include "penstock/server/testing/simulated_session.h"

namespace penstock::server {
namespace {

using http2::testing::Data;
using http2::testing::RstStream;
using ::testing::HasSubstr;

constexpr char kPath[] = "/penstock.test.Kinds/Say";

class LateHandlerTest : public SimulatedSession {
 protected:
  LateHandlerTest() {
    registry_.Handle(test::Kinds::Say,
                     [this](Call&, const test::Text&) -> Task<StatusOr<test::Text>> {
                       return Hold(this);
                     });
  }
  void TearDown() override {
    held_.WakeAll();
    Turn();
    SimulatedSession::TearDown();
  }

  static Task<StatusOr<test::Text>> Hold(LateHandlerTest* test) {
    co_await test->held_.Next();
    co_return test::Text();
  }
  void SayCall(uint32_t id) {
    Say(Head(id, kPath).Field("grpc-timeout", "10m"));
    Say(Data(id, Framed("")).End());
  }
  std::string LogOf(TimeNs ns) {
    ::testing::internal::CaptureStderr();
    Advance(ns);
    return ::testing::internal::GetCapturedStderr();
  }

  DeafWaits held_{&shard_};
};

TEST_F(LateHandlerTest, IsNamedASecondAfterItsDeadlineAndOnce) {
  SayCall(1);
  Turn();
  EXPECT_EQ(LogOf(20 * kNsPerMs), "");
  EXPECT_EQ(status(1), "4") << "the caller hears of it at once";
  EXPECT_EQ(LogOf(kLateHandlerNs / 2), "");
  EXPECT_THAT(LogOf(kLateHandlerNs),
              HasSubstr("the handler of /penstock.test.Kinds/Say has not ended 15"));
  EXPECT_EQ(LogOf(100 * kLateHandlerNs), "");
  EXPECT_EQ(state_->counters.handlers_late, 1u);
}

TEST_F(LateHandlerTest, AlsoWhereTheCallerHadGoneBefore) {
  SayCall(1);
  Turn();
  Say(RstStream(1, http2::ErrorCode::kCancel));
  EXPECT_EQ(LogOf(20 * kNsPerMs), "");
  EXPECT_THAT(LogOf(kLateHandlerNs), HasSubstr("/penstock.test.Kinds/Say"));
}

TEST_F(LateHandlerTest, ManyAreALineASecond) {
  for (uint32_t id = 1; id < 10; id += 2) SayCall(id);
  Turn();
  Advance(20 * kNsPerMs);
  const std::string log = LogOf(kLateHandlerNs);
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
  EXPECT_EQ(state_->counters.handlers_late, 5u);
  SayCall(11);
  Turn();
  Advance(20 * kNsPerMs);
  EXPECT_THAT(LogOf(kLateHandlerNs), HasSubstr("4 more since the line before"));
}

TEST_F(LateHandlerTest, OneThatEndsInTimeIsNotNamed) {
  SayCall(1);
  Turn();
  Advance(20 * kNsPerMs);
  held_.WakeOne();
  Turn();
  EXPECT_EQ(LogOf(kLateHandlerNs), "");
  EXPECT_EQ(state_->counters.handlers_late, 0u);
}

// --- A peer that does not read, where no time limit ends it

class StalledReaderTest : public SimulatedSession {
 protected:
  static constexpr size_t kMessageBytes = 1'000;

  StalledReaderTest() {
    options_.keepalive_time_ns = kTimeNever;
    options_.http2.stalled_stream_timeout_ns = kTimeNever;
    options_.http2.stalled_connection_timeout_ns = kTimeNever;
    registry_.Handle(test::Kinds::Spell, [this](Call&, const test::Text&, Writer<test::Text>& out)
                                             -> Task<Status> { return Flood(this, &out); });
  }
  // Without end.
  static Task<Status> Flood(StalledReaderTest* test, Writer<test::Text>* out) {
    test::Text text;
    text.set_text(std::string(kMessageBytes, 'x'));
    for (;;) {
      co_await Try(co_await out->Write(text));
      test->written_bytes_ += kMessageBytes;
    }
  }
  void SayCall(uint32_t id) {
    Say(Head(id, "/penstock.test.Kinds/Spell"));
    Say(Data(id, Framed("")).End());
  }

  size_t written_bytes_ = 0;
};

TEST_F(StalledReaderTest, CostsItsWindowAndStreamUnsentBytesMaxForEver) {
  constexpr size_t kWindow = http2::kWindowBytesDefault;
  SayCall(1);
  TakeTurns(10);
  const size_t written_bytes = written_bytes_;
  const uint64_t memory_bytes = state_->memory_bytes();
  EXPECT_GT(written_bytes, kWindow);
  EXPECT_LE(written_bytes, kWindow + options_.stream_unsent_bytes_max + 2 * kMessageBytes);
  for (int hour = 0; hour < 24; ++hour) Advance(3'600 * kNsPerSecond);
  EXPECT_EQ(written_bytes_, written_bytes);
  EXPECT_EQ(state_->memory_bytes(), memory_bytes);
  EXPECT_EQ(status(1), "");
  Say(http2::testing::WindowUpdate(0, 1'000'000));
  Say(http2::testing::WindowUpdate(1, 10'000));
  TakeTurns(3);
  EXPECT_GT(written_bytes_, written_bytes) << "it goes on when the peer reads";
}

// Nor does one that takes nothing from its socket.
TEST_F(StalledReaderTest, WithoutRoomInTheSocketManyCostOutputBytesMax) {
  net_.newest().set_room_bytes(0);
  Say(http2::testing::SettingsFrame({{http2::SettingId::kInitialWindowSize, 1 << 30}}));
  Say(http2::testing::WindowUpdate(0, 1 << 30));
  constexpr uint32_t kStreams = 50;
  for (uint32_t i = 0; i < kStreams; ++i) SayCall(2 * i + 1);
  TakeTurns(20);
  EXPECT_LE(written_bytes_,
            options_.http2.output_bytes_max + kStreams * (2 * kMessageBytes));
  const size_t written_bytes = written_bytes_;
  Advance(3'600 * kNsPerSecond);
  EXPECT_EQ(written_bytes_, written_bytes);
}

}  // namespace
}  // namespace penstock::server
