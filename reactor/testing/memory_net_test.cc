#include "penstock/reactor/testing/memory_net.h"

#include <errno.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "penstock/reactor/shard.h"
#include "penstock/wire/output_chain.h"

namespace penstock::reactor {
namespace {

// Sends back what it receives, and closes when the peer does.
class Echo final : public SocketHandler {
 public:
  explicit Echo(Shard& shard) : out_(&shard.slabs()), socket_(shard.Adopt(-1, this)) {}
  void OnReceived(wire::Bytes bytes) override {
    out_.Append(bytes);
    socket_.MarkDirty();
  }
  void OnFlush() override { socket_.Send(out_); }
  void OnSent() override {}
  void OnReceiveEnd(int error) override {
    error_ = error;
    error == 0 ? socket_.CloseAfterSend() : socket_.Abort();
  }
  void OnClosed() override { closed_ = true; }

  int error() const { return error_; }
  bool closed() const { return closed_; }
  Socket& socket() { return socket_; }

 private:
  wire::OutputChain out_;
  Socket& socket_;
  int error_ = 0;
  bool closed_ = false;
};

class MemoryNetTest : public ::testing::TestWithParam<IoMode> {
 protected:
  void SetUp() override {
    std::string why;
    ASSERT_TRUE(shard_.Open(&why)) << why;
  }
  void TearDown() override {
    shard_.Stop();
    shard_.Run();
  }
  Echo& Accept() { return *(echo_ = std::make_unique<Echo>(shard_)); }
  std::string TurnAndRead() {
    shard_.Turn(0);
    shard_.Turn(0);
    return net_.newest().TakeRead();
  }

  MemoryNet net_{GetParam()};
  Shard shard_{{.simulation = &net_}};
  std::unique_ptr<Echo> echo_;
};

INSTANTIATE_TEST_SUITE_P(Modes, MemoryNetTest, ::testing::Values(IoMode::kEpoll, IoMode::kUring));

TEST_P(MemoryNetTest, WhatIsWrittenArrivesAndIsAnswered) {
  Accept();
  net_.newest().Write("hello");
  EXPECT_EQ(TurnAndRead(), "hello");
}

TEST_P(MemoryNetTest, WithoutRoomSendingWaits) {
  Accept();
  net_.newest().set_room_bytes(2);
  net_.newest().Write("hello");
  EXPECT_EQ(TurnAndRead(), "he");
  EXPECT_EQ(TurnAndRead(), "");
  net_.newest().set_room_bytes(100);
  EXPECT_EQ(TurnAndRead(), "llo");
}

TEST_P(MemoryNetTest, AnEndComesAfterWhatWasWritten) {
  Echo& echo = Accept();
  net_.newest().Write("bye");
  net_.newest().EndWrite();
  EXPECT_EQ(TurnAndRead(), "bye");
  shard_.Turn(0);
  EXPECT_TRUE(echo.closed());
  EXPECT_TRUE(net_.newest().closed());
}

TEST_P(MemoryNetTest, AClosingSocketLingersForAsLongAsTheNetsTimeSays) {
  Echo& echo = Accept();
  echo.socket().CloseAfterSend();
  for (int i = 0; i < 3; ++i) shard_.Turn(0);
  EXPECT_TRUE(net_.newest().read_ended());
  EXPECT_FALSE(echo.closed());
  net_.Advance(2 * Socket::kLingerNsMax);
  for (int i = 0; i < 3; ++i) shard_.Turn(0);
  EXPECT_TRUE(echo.closed());
}

// ---- The shard's alarm, which needs a clock that a test can set.

struct Bell {
  static void Ring(void* context) { ++static_cast<Bell*>(context)->rung_count; }
  int rung_count = 0;
  Runnable run{&Bell::Ring, this};
};

TEST_P(MemoryNetTest, AnAlarmRingsOnceAndToTheNanosecond) {
  Bell bell;
  net_.Advance(1);
  shard_.SetAlarm(1'234'567, &bell.run);
  net_.Advance(1'234'565);
  shard_.Turn(0);
  EXPECT_EQ(bell.rung_count, 0);
  net_.Advance(1);
  shard_.Turn(0);
  EXPECT_EQ(bell.rung_count, 1);
  net_.Advance(kNsPerSecond);
  shard_.Turn(0);
  EXPECT_EQ(bell.rung_count, 1);
}

TEST_P(MemoryNetTest, AnAlarmTakesThePlaceOfTheOneBefore) {
  Bell first, second;
  shard_.SetAlarm(100, &first.run);
  shard_.SetAlarm(200, &second.run);
  net_.Advance(150);
  shard_.Turn(0);
  EXPECT_EQ(first.rung_count + second.rung_count, 0);
  shard_.SetAlarm(kTimeNever, nullptr);
  net_.Advance(kNsPerSecond);
  shard_.Turn(0);
  EXPECT_EQ(first.rung_count + second.rung_count, 0);
}

TEST_P(MemoryNetTest, ABrokenConnectionSaysSo) {
  Echo& echo = Accept();
  net_.newest().Break(ECONNRESET);
  for (int i = 0; i < 3; ++i) shard_.Turn(0);
  EXPECT_EQ(echo.error(), ECONNRESET);
  EXPECT_TRUE(echo.closed());
}

}  // namespace
}  // namespace penstock::reactor
