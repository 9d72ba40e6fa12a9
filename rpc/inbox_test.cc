#include "penstock/rpc/inbox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <coroutine>
#include <memory>
#include <string>
#include <vector>

#include "penstock/http2/testing/dialogue.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/testing/begun.h"
#include "penstock/reactor/testing/memory_net.h"
#include "penstock/wire/compress.h"

namespace penstock::rpc {
namespace {

using http2::testing::Data;
using http2::testing::Dialogue;
using http2::testing::Headers;
using http2::testing::WindowUpdate;
using Fault = Inbox::Fault;

constexpr uint32_t kWindowBytes = 100'000;
constexpr uint32_t kMessageBytesMax = 1'000'000;

class SilentHandler final : public reactor::SocketHandler {
 public:
  void OnReceived(wire::Bytes) override {}
  void OnFlush() override { ++flushed_count; }
  void OnSent() override {}
  void OnReceiveEnd(int) override {}
  void OnClosed() override {}
  int flushed_count = 0;
};

http2::Limits SmallWindows() {
  http2::Limits limits;
  limits.stream_window_bytes = kWindowBytes;
  limits.connection_window_bytes = 4 * kWindowBytes;
  limits.connection_unread_bytes_max = kWindowBytes;
  return limits;
}

// A message of `bytes` octets with its prefix.
std::string FramedOfSize(size_t bytes) {
  const auto length = static_cast<uint32_t>(bytes - 5);
  std::string framed(bytes, 'm');
  wire::StoreMessagePrefix(reinterpret_cast<uint8_t*>(framed.data()), {0, length});
  return framed;
}

class InboxTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    ASSERT_TRUE(shard_.Open(&why)) << why;
    socket_ = &shard_.Adopt(-1, &handler_);
    peer_.set_returns_credit(false);
    peer_.set_on_event([this](const http2::Event& event) {
      if (event.kind == http2::Event::Kind::kData) fault_ = inbox_.Receive(event.data);
    });
    Begin(1);
    inbox_.Attach(&peer_.connection(), &peer_.stream(1), socket_);
  }
  void TearDown() override {
    shard_.Stop();
    shard_.Run();
  }

  void Begin(uint32_t id) { peer_.Sends(Headers(id).Post("/x")); }
  // In frames that a connection takes.
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, 10'000);
      peer_.Sends(Data(1, std::string(piece)));
      bytes.remove_prefix(piece.size());
    }
  }
  size_t TakeOne() {
    wire::Bytes message;
    EXPECT_TRUE(inbox_.Take(&message));
    return message.size() + 5;
  }
  // What the peer may still send, and what we keep from it: both are the window.
  int64_t window_bytes() { return peer_.connection().receive_window_bytes(peer_.stream(1)); }
  size_t unread_bytes() { return peer_.stream(1).unread_bytes; }

  reactor::MemoryNet net_;
  reactor::Shard shard_{{.simulation = &net_}};
  SilentHandler handler_;
  reactor::Socket* socket_ = nullptr;
  MessageMemory memory_{&shard_.slabs()};
  Dialogue peer_{http2::Role::kServer, SmallWindows()};
  Inbox inbox_{&memory_, kMessageBytesMax};
  Fault fault_ = Fault::kNone;
};

TEST_F(InboxTest, KeepsTheCreditOfWhatIsNotTaken) {
  for (int i = 0; i < 10; ++i) Send(FramedOfSize(10'000));
  EXPECT_EQ(window_bytes(), 0);
  EXPECT_EQ(inbox_.queued_count(), 10u);
  EXPECT_EQ(inbox_.queued_bytes(), 100'000u);
  EXPECT_TRUE(peer_.TakeFrames().empty()) << "nothing is credited";
  for (int taken = 1; taken <= 10; ++taken) {
    EXPECT_EQ(TakeOne(), 10'000u);
    EXPECT_EQ(unread_bytes(), 100'000u - 10'000u * taken);
  }
  EXPECT_FALSE(inbox_.is_ready());
}

TEST_F(InboxTest, CreditIsFlushedAtHalfAWindow) {
  for (int i = 0; i < 10; ++i) Send(FramedOfSize(10'000));
  for (int i = 0; i < 4; ++i) (void)TakeOne();
  shard_.Turn(0);
  EXPECT_EQ(handler_.flushed_count, 0);
  (void)TakeOne();
  shard_.Turn(0);
  EXPECT_EQ(handler_.flushed_count, 1);
  peer_.Expects(WindowUpdate(1, 50'000));
  EXPECT_EQ(window_bytes(), 50'000);
}

TEST_F(InboxTest, AMessageMayBeTenTimesTheWindow) {
  const std::string framed = FramedOfSize(kMessageBytesMax + 5);
  size_t sent = 0;
  while (sent < framed.size()) {
    const auto room = static_cast<size_t>(window_bytes());
    ASSERT_GT(room, 0u) << "after " << sent;
    const std::string piece = framed.substr(sent, std::min<size_t>(room, 7'000));
    Send(piece);
    sent += piece.size();
    peer_.TakeFrames();
  }
  EXPECT_EQ(TakeOne(), framed.size());
  EXPECT_EQ(unread_bytes(), 0u);
}

TEST_F(InboxTest, NoMoreLiesHereThanTheWindowAndOneMessage) {
  const std::string framed = FramedOfSize(150'000);
  std::string bytes;
  for (int i = 0; i < 10; ++i) bytes += framed;
  size_t sent = 0;
  while (window_bytes() > 0) {
    const std::string piece = bytes.substr(sent, std::min<size_t>(window_bytes(), 10'000));
    Send(piece);
    sent += piece.size();
    peer_.TakeFrames();
  }
  EXPECT_LE(sent, 150'000u + kWindowBytes);
  EXPECT_EQ(inbox_.queued_count(), 1u);
  EXPECT_EQ(TakeOne(), 150'000u);
  EXPECT_EQ(unread_bytes(), 0u) << "the next is under way, and none waits before it";
  EXPECT_GT(window_bytes(), 0);
}

// Each on its way to half of a window.
TEST_F(InboxTest, ManyMessagesUnderWayDoNotUseUpTheConnectionsWindow) {
  constexpr int kStreams = 20;
  std::vector<std::unique_ptr<Inbox>> inboxes;
  for (int i = 1; i <= kStreams; ++i) {
    const uint32_t id = 1 + 2 * i;
    Begin(id);
    inboxes.push_back(std::make_unique<Inbox>(&memory_, kMessageBytesMax));
    inboxes.back()->Attach(&peer_.connection(), &peer_.stream(id), socket_);
    peer_.set_on_event([&](const http2::Event& event) {
      if (event.kind != http2::Event::Kind::kData) return;
      EXPECT_EQ(inboxes.back()->Receive(event.data), Fault::kNone);
    });
    const std::string half = FramedOfSize(90'000).substr(0, 50'000);
    for (size_t at = 0; at < half.size(); at += 10'000) {
      ASSERT_GT(peer_.connection().receive_window_bytes(), 10'000) << "stream " << i;
      peer_.Sends(Data(id, half.substr(at, 10'000)));
      peer_.TakeFrames();
    }
  }
}

TEST_F(InboxTest, SmallFramesMayPileUp) {
  std::string framed = FramedOfSize(6);
  for (int i = 0; i < 1'000; ++i) peer_.Sends(Data(1, framed));
  EXPECT_FALSE(peer_.connection().failed());
  EXPECT_EQ(inbox_.queued_count(), 1'000u);
  EXPECT_EQ(unread_bytes(), 6'000u);
}

TEST_F(InboxTest, SmallMessagesThatLieHereTogetherAreCreditedTogether) {
  for (const size_t bytes : {size_t{2'047}, size_t{2'048}}) {
    SCOPED_TRACE(bytes);
    for (int i = 0; i < 3; ++i) Send(FramedOfSize(bytes));
    TakeOne();
    EXPECT_EQ(unread_bytes(), 3 * bytes);
    TakeOne();
    const size_t want_bytes = 2 * bytes < Inbox::kCreditBatchBytes ? 3 * bytes : bytes;
    EXPECT_EQ(unread_bytes(), want_bytes);
    TakeOne();
    EXPECT_EQ(unread_bytes(), 0u) << "with the last one, whatever there is";
  }
}

TEST_F(InboxTest, WhatWasTakenAndNotCreditedIsSoWhenTheRestIsDropped) {
  for (int i = 0; i < 3; ++i) Send(FramedOfSize(100));
  TakeOne();
  inbox_.Drop();
  EXPECT_EQ(unread_bytes(), 0u);
  Send(FramedOfSize(100));
  TakeOne();
  EXPECT_EQ(unread_bytes(), 0u);
}

// --- Compressed messages

class CompressedInboxTest : public InboxTest {
 protected:
  static constexpr uint32_t kPerTurnMax = 1'000'000;

  CompressedInboxTest() {
    EXPECT_EQ(encodings_.Add(wire::Gzip()), nullptr);
    inbox_.Decompress(&compressor_, &budget_, encodings_.Find("gzip"), "gzip");
  }

  static std::string Framed(std::string_view message, uint8_t flag) {
    std::string framed(5, '\0');
    wire::StoreMessagePrefix(reinterpret_cast<uint8_t*>(framed.data()),
                             {flag, static_cast<uint32_t>(message.size())});
    return framed.append(message);
  }
  static std::string Compressed(std::string_view message) {
    wire::ScratchBuffer packed;
    packed.Begin(SIZE_MAX);
    const wire::Bytes piece = wire::AsBytes(message);
    EXPECT_TRUE(wire::Gzip().make()->Compress({&piece, 1}, packed));
    return Framed(wire::AsString(packed.bytes()), 1);
  }
  std::string TakeText() {
    wire::Bytes message;
    return inbox_.Take(&message) ? std::string(wire::AsString(message)) : "the end";
  }

  Encodings encodings_;
  MessageCompressor compressor_{&encodings_};
  DecompressionBudget budget_{&shard_, kPerTurnMax};
};

TEST_F(CompressedInboxTest, AreTakenAsTheyWereMixedWithPlainOnes) {
  const std::string large(500'000, 'z');
  Send(Compressed("first") + Framed("second", 0) + Compressed(large) + Compressed(""));
  EXPECT_EQ(inbox_.queued_count(), 4u);
  EXPECT_LT(inbox_.queued_bytes(), 10'000u) << "they wait as they came";
  EXPECT_EQ(TakeText(), "first");
  EXPECT_EQ(TakeText(), "second");
  EXPECT_TRUE(TakeText() == large);
  EXPECT_EQ(TakeText(), "");
  EXPECT_EQ(unread_bytes(), 0u);
}

TEST_F(CompressedInboxTest, OneThatIsWrongEndsTheStreamForItsReader) {
  const struct {
    const char* name;
    std::string framed;
    StatusCode code;
  } cases[] = {
      {"corrupt", Framed("not gzip", 1), StatusCode::kInternal},
      {"cut off", Framed(Compressed("cut").substr(5, 10), 1), StatusCode::kInternal},
      {"too large", Compressed(std::string(kMessageBytesMax + 1, 'z')),
       StatusCode::kResourceExhausted},
  };
  uint32_t id = 1;
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    id += 2;
    Begin(id);
    Inbox inbox(&memory_, kMessageBytesMax);
    inbox.Decompress(&compressor_, &budget_, encodings_.Find("gzip"), "gzip");
    inbox.Attach(&peer_.connection(), &peer_.stream(id), socket_);
    peer_.set_on_event([&inbox](const http2::Event& event) {
      if (event.kind != http2::Event::Kind::kData) return;
      EXPECT_EQ(inbox.Receive(event.data), Fault::kNone);
    });
    peer_.Sends(Data(id, Compressed("good") + c.framed + Compressed("behind it")));
    inbox.End(OkStatus());
    wire::Bytes message;
    EXPECT_TRUE(inbox.Take(&message));
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(inbox.is_ready());
      EXPECT_FALSE(inbox.Take(&message));
      EXPECT_EQ(inbox.end_status().code(), c.code);
    }
    EXPECT_EQ(peer_.stream(id).unread_bytes, 0u);
  }
}

// Nobody stands behind it.
class IdleWait final : public reactor::Wait {
 public:
  IdleWait(reactor::RunQueue* queue, reactor::Cancellation* cancellation)
      : Wait(queue, cancellation) {}
};

TEST_F(CompressedInboxTest, WhoWaitsHoldsNoMemory) {
  Send(Compressed(std::string(5'000, 'z')));
  EXPECT_EQ(TakeText().size(), 5'000u);
  EXPECT_GT(shard_.slabs().slabs_lent_count(), 0u);
  reactor::Cancellation cancellation;
  IdleWait wait(&shard_.run_queue(), &cancellation);
  inbox_.WakeWhenReady(wait);
  EXPECT_EQ(shard_.slabs().slabs_lent_count(), 0u);
}

// --- Compressed messages: how many in a turn

class ReadyOperation final : public reactor::Wait {
 public:
  ReadyOperation(reactor::Shard* shard, reactor::Cancellation* cancellation, Inbox* inbox)
      : Wait(&shard->run_queue(), cancellation), inbox_(*inbox) {}

  bool await_ready() const { return inbox_.is_ready(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    inbox_.WakeWhenReady(*this);
  }
  void await_resume() const {}

 private:
  Inbox& inbox_;
};

class BudgetedInboxTest : public CompressedInboxTest {
 protected:
  static constexpr size_t kPlainBytes = 400'000;
  // A message that is begun within the budget ends behind it, and one was decompressed ahead.
  static constexpr size_t kTakenInTurnMax = kPerTurnMax - 1 + 2 * kPlainBytes;

  // Takes each message as soon as it may, up to the end.
  reactor::Task<int> TakeAll() {
    wire::Bytes message;
    for (int count = 0;; ++count) {
      co_await ReadyOperation(&shard_, &cancellation_, &inbox_);
      if (!inbox_.Take(&message)) co_return count;
      taken_bytes_ += message.size();
    }
  }
  void SendMany(int count) {
    for (int i = 0; i < count; ++i) Send(Compressed(std::string(kPlainBytes, 'z')));
  }
  // One more turn. What it took on the average is no more than a turn's.
  void Turn() {
    const size_t before_bytes = taken_bytes_;
    shard_.Turn(0);
    ++turns_count_;
    EXPECT_LE(taken_bytes_ - before_bytes, kTakenInTurnMax);
    EXPECT_LE(taken_bytes_, (turns_count_ + 1) * size_t{kPerTurnMax} + kPlainBytes);
  }

  reactor::Cancellation cancellation_;
  size_t taken_bytes_ = 0;
  size_t turns_count_ = 0;
};

TEST_F(BudgetedInboxTest, AReaderThatFindsManyTakesATurnsWorthInATurn) {
  SendMany(50);
  inbox_.End(OkStatus());
  reactor::Begun<int> run(TakeAll());
  EXPECT_LE(taken_bytes_, kTakenInTurnMax);
  while (!run.done()) {
    Turn();
    ASSERT_LT(turns_count_, 100u) << "it is slowed down, not stopped";
  }
  EXPECT_EQ(run.result(), 50);
  EXPECT_GE(turns_count_, 50 * kPlainBytes / kPerTurnMax - 1);
}

TEST_F(BudgetedInboxTest, AReaderThatWaitedTakesNoMoreThanThat) {
  reactor::Begun<int> run(TakeAll());
  EXPECT_FALSE(run.done());
  SendMany(50);
  inbox_.End(OkStatus());
  EXPECT_EQ(taken_bytes_, 0u);
  while (!run.done()) {
    Turn();
    ASSERT_LT(turns_count_, 100u);
  }
  EXPECT_EQ(run.result(), 50);
}

TEST_F(BudgetedInboxTest, WhatWaitsForATurnStillCounts) {
  SendMany(1);
  budget_.Charge(kPerTurnMax);
  EXPECT_FALSE(inbox_.is_ready());
  const size_t queued_bytes = inbox_.queued_bytes();
  IdleWait wait(&shard_.run_queue(), &cancellation_);
  inbox_.WakeWhenReady(wait);
  shard_.Turn(0);
  EXPECT_TRUE(inbox_.is_ready()) << "decompressed ahead, for who waits";
  EXPECT_EQ(inbox_.queued_count(), 1u);
  EXPECT_EQ(inbox_.queued_bytes(), queued_bytes);
  EXPECT_EQ(TakeText().size(), kPlainBytes);
  EXPECT_EQ(inbox_.queued_count(), 0u);
}

TEST_F(BudgetedInboxTest, WhatWasDecompressedAheadIsDroppedWithTheRest) {
  SendMany(2);
  budget_.Charge(kPerTurnMax);
  IdleWait wait(&shard_.run_queue(), &cancellation_);
  inbox_.WakeWhenReady(wait);
  shard_.Turn(0);
  inbox_.Drop();
  EXPECT_EQ(inbox_.queued_count(), 0u);
  EXPECT_EQ(shard_.slabs().slabs_lent_count(), 0u);
  inbox_.End(OkStatus());
  EXPECT_EQ(TakeText(), "the end");
}

TEST_F(BudgetedInboxTest, ADropWhileSomebodyWaitsForATurnLeadsToTheEnd) {
  reactor::Begun<int> run(TakeAll());
  budget_.Charge(10 * kPerTurnMax);
  SendMany(2);
  inbox_.End(OkStatus());
  Turn();
  EXPECT_FALSE(run.done());
  inbox_.Drop();
  Turn();
  ASSERT_TRUE(run.done());
  EXPECT_EQ(run.result(), 0);
}

TEST_F(BudgetedInboxTest, OneThatIsWrongEndsTheStreamForWhoWaited) {
  reactor::Begun<int> run(TakeAll());
  Send(Framed("not gzip", 1) + Compressed("behind it"));
  Turn();
  ASSERT_TRUE(run.done());
  EXPECT_EQ(run.result(), 0);
  EXPECT_EQ(inbox_.end_status().code(), StatusCode::kInternal);
}

// Whoever waits has not run yet when more comes.
TEST_F(BudgetedInboxTest, NothingBehindOneThatIsWrongIsTakenForTheNext) {
  const std::string good = Compressed("good");
  uint32_t id = 1;
  for (const size_t cut : {size_t{0}, size_t{3}, good.size() - 1}) {
    SCOPED_TRACE(cut);
    id += 2;
    Begin(id);
    Inbox inbox(&memory_, kMessageBytesMax);
    inbox.Decompress(&compressor_, &budget_, encodings_.Find("gzip"), "gzip");
    inbox.Attach(&peer_.connection(), &peer_.stream(id), socket_);
    peer_.set_on_event([&inbox](const http2::Event& event) {
      if (event.kind != http2::Event::Kind::kData) return;
      EXPECT_EQ(inbox.Receive(event.data), Fault::kNone);
    });
    IdleWait wait(&shard_.run_queue(), &cancellation_);
    inbox.WakeWhenReady(wait);
    peer_.Sends(Data(id, Framed("not gzip", 1) + good.substr(0, cut)));
    peer_.Sends(Data(id, good.substr(cut)));
    EXPECT_TRUE(inbox.is_ready());
    wire::Bytes message;
    EXPECT_FALSE(inbox.Take(&message));
    EXPECT_EQ(inbox.end_status().code(), StatusCode::kInternal);
    EXPECT_EQ(peer_.stream(id).unread_bytes, 0u);
  }
}

TEST_F(InboxTest, WhatIsDroppedIsCredited) {
  Send(FramedOfSize(10'000) + FramedOfSize(20'000).substr(0, 15'000));
  EXPECT_EQ(unread_bytes(), 25'000u);
  inbox_.Drop();
  EXPECT_EQ(unread_bytes(), 0u);
  EXPECT_EQ(inbox_.queued_bytes(), 0u);
  EXPECT_EQ(shard_.slabs().slabs_lent_count(), 0u);
}

TEST_F(InboxTest, WhatFollowsAFaultIsCreditedWhenItIsDropped) {
  peer_.Sends(Data(1, FramedOfSize(100) + std::string("\x02\0\0\0\0 and more", 14)));
  EXPECT_EQ(fault_, Fault::kBadFlag);
  inbox_.Drop();
  EXPECT_EQ(unread_bytes(), 0u);
}

TEST_F(InboxTest, WhatLiesHereOutlivesTheStream) {
  Send(FramedOfSize(10) + FramedOfSize(20));
  inbox_.End(MakeStatus(StatusCode::kUnavailable, "gone"));
  inbox_.ForgetStream();
  EXPECT_EQ(TakeOne(), 10u);
  EXPECT_EQ(TakeOne(), 20u);
  wire::Bytes message;
  EXPECT_FALSE(inbox_.Take(&message));
  inbox_.End(OkStatus());
  EXPECT_EQ(inbox_.end_status().code(), StatusCode::kUnavailable) << "the first end counts";
}

}  // namespace
}  // namespace penstock::rpc
