// An inbox whose messages are taken as they are laid out, beside one without: the same in what is
// taken, in what lies there, and, to kCreditBatchBytes and a message, in credit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "penstock/http2/testing/dialogue.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/testing/memory_net.h"
#include "penstock/rpc/inbox.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/histogram.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::rpc {
namespace {

using http2::testing::Data;
using http2::testing::Dialogue;
using http2::testing::Headers;

constexpr uint32_t kMessageBytesMax = 30'000;
constexpr size_t kFrameBytesMax = 16'000;

class SilentHandler final : public reactor::SocketHandler {
 public:
  void OnReceived(wire::Bytes) override {}
  void OnFlush() override {}
  void OnSent() override {}
  void OnReceiveEnd(int) override {}
  void OnClosed() override {}
};

std::string Framed(size_t length_bytes, char fill) {
  std::string framed(wire::kMessagePrefixBytes + length_bytes, fill);
  wire::StoreMessagePrefix(reinterpret_cast<uint8_t*>(framed.data()),
                           {0, static_cast<uint32_t>(length_bytes)});
  return framed;
}

class LaidOutTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    ASSERT_TRUE(shard_.Open(&why)) << why;
    reactor::Socket& socket = shard_.Adopt(-1, &handler_);
    peer_.set_returns_credit(false);
    peer_.set_on_event([this](const http2::Event& event) {
      if (event.kind != http2::Event::Kind::kData) return;
      Inbox& inbox = event.stream->id == 1 ? one_by_one_ : laid_out_;
      EXPECT_EQ(inbox.Receive(event.data), Inbox::Fault::kNone);
    });
    peer_.Sends(Headers(1).Post("/x"), Headers(3).Post("/x"));
    one_by_one_.Attach(&peer_.connection(), &peer_.stream(1), &socket);
    laid_out_.Attach(&peer_.connection(), &peer_.stream(3), &socket);
  }
  void TearDown() override {
    shard_.Stop();
    shard_.Run();
  }

  void Send(std::string_view octets) {
    for (; !octets.empty(); octets.remove_prefix(std::min(octets.size(), kFrameBytesMax))) {
      const std::string piece(octets.substr(0, kFrameBytesMax));
      peer_.Sends(Data(1, piece), Data(3, piece));
    }
  }
  // Both give the same; false when there is none.
  bool TakeBoth() {
    EXPECT_EQ(laid_out_.has_laid_out() || laid_out_.is_ready(), one_by_one_.is_ready());
    if (!one_by_one_.is_ready()) return false;
    wire::Bytes want;
    wire::Bytes got;
    const bool is_message = one_by_one_.Take(&want);
    const bool was_laid_out = laid_out_.TakeLaidOut(&got);
    laid_out_taken_count_ += was_laid_out ? 1 : 0;
    EXPECT_EQ(was_laid_out || laid_out_.Take(&got), is_message);
    EXPECT_EQ(wire::AsString(got), wire::AsString(want));
    return is_message;
  }
  size_t withheld_bytes() {
    return peer_.stream(3).unread_bytes - std::min<size_t>(peer_.stream(3).unread_bytes,
                                                           peer_.stream(1).unread_bytes);
  }
  void CheckBoth() {
    EXPECT_EQ(laid_out_.queued_count(), one_by_one_.queued_count());
    EXPECT_EQ(laid_out_.queued_bytes(), one_by_one_.queued_bytes());
    EXPECT_EQ(laid_out_.at_boundary(), one_by_one_.at_boundary());
    EXPECT_LT(withheld_bytes(), 2 * Inbox::kCreditBatchBytes + kMessageBytesMax);
    if (laid_out_.queued_count() != 0) return;
    EXPECT_EQ(peer_.stream(3).unread_bytes, peer_.stream(1).unread_bytes);
  }

  reactor::MemoryNet net_;
  reactor::Shard shard_{{.simulation = &net_}};
  SilentHandler handler_;
  MessageMemory memory_{&shard_.slabs()};
  Dialogue peer_{http2::Role::kServer};
  Inbox one_by_one_{&memory_, kMessageBytesMax};
  Inbox laid_out_{&memory_, kMessageBytesMax};
  size_t laid_out_taken_count_ = 0;
};

TEST_F(LaidOutTest, AllButTheFirstAndTheLastOfASmallBatchIsLaidOut) {
  for (char fill = 'a'; fill < 'k'; ++fill) Send(Framed(20, fill));
  while (TakeBoth()) CheckBoth();
  EXPECT_EQ(laid_out_taken_count_, 8u);
  EXPECT_EQ(peer_.stream(3).unread_bytes, 0u) << "the last one returns the credit of all";
}

TEST_F(LaidOutTest, NoMoreThanABatchOfCreditIsLaidOut) {
  for (int i = 0; i < 100; ++i) Send(Framed(95, 'm'));
  wire::Bytes message;
  ASSERT_TRUE(laid_out_.Take(&message));
  size_t bytes = 0;
  while (laid_out_.TakeLaidOut(&message)) bytes += wire::kMessagePrefixBytes + message.size();
  EXPECT_GE(bytes, Inbox::kCreditBatchBytes);
  EXPECT_LT(bytes, Inbox::kCreditBatchBytes + 100);
  EXPECT_EQ(peer_.stream(3).unread_bytes, 10'000u);
  ASSERT_TRUE(laid_out_.Take(&message));
  EXPECT_EQ(peer_.stream(3).unread_bytes, 10'000u - 100u - bytes - 100u);
}

TEST_F(LaidOutTest, WhatIsTakenIsCountedWithItsSize) {
  wire::SizeHistogram sizes[2];
  one_by_one_.CountIn(&sizes[0]);
  laid_out_.CountIn(&sizes[1]);
  for (size_t length_bytes = 0; length_bytes < 20; ++length_bytes) {
    Send(Framed(length_bytes * length_bytes, 'm'));
  }
  for (int i = 0; i < 15; ++i) EXPECT_TRUE(TakeBoth());
  EXPECT_TRUE(laid_out_.has_laid_out());
  one_by_one_.Drop();
  laid_out_.Drop();
  EXPECT_EQ(sizes[0].total(), 15u);
  EXPECT_EQ(sizes[1].sum_bytes(), sizes[0].sum_bytes());
  for (size_t bucket = 0; bucket < wire::SizeHistogram::kBucketsCount; ++bucket) {
    EXPECT_EQ(sizes[1].count(bucket), sizes[0].count(bucket)) << bucket;
  }
}

TEST_F(LaidOutTest, WhatIsDroppedIsNotLaidOut) {
  for (int i = 0; i < 10; ++i) Send(Framed(20, 'm'));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(TakeBoth());
  EXPECT_TRUE(laid_out_.has_laid_out());
  one_by_one_.Drop();
  laid_out_.Drop();
  EXPECT_FALSE(laid_out_.has_laid_out());
  CheckBoth();
  EXPECT_EQ(peer_.stream(3).unread_bytes, 0u);
}

TEST_F(LaidOutTest, IsTheSameAsOneByOneWhateverHappens) {
  std::mt19937 random(7);
  const auto below = [&random](uint32_t bound) { return random() % bound; };
  std::string rest;  // of a message that was cut
  for (int step = 0; step < 5'000; ++step) {
    // More than is taken, so that they pile up.
    for (uint32_t count = below(3) == 0 ? below(20) : 0;
         count > 0 && one_by_one_.queued_bytes() < 60'000; --count) {
      const size_t most = below(20) == 0 ? kMessageBytesMax : 300;
      const auto fill = static_cast<char>('a' + step % 26);
      const std::string framed = Framed(below(static_cast<uint32_t>(most)), fill);
      const size_t cut = below(4) == 0 ? below(static_cast<uint32_t>(framed.size())) : 0;
      Send(rest + framed.substr(0, framed.size() - cut));
      rest = framed.substr(framed.size() - cut);
    }
    for (uint32_t count = below(6); count > 0; --count) TakeBoth();
    if (below(300) == 0 && rest.empty()) {
      one_by_one_.Drop();
      laid_out_.Drop();
    }
    CheckBoth();
    if (HasFailure()) FAIL() << "at step " << step;
  }
  Send(rest);
  one_by_one_.End(OkStatus());
  laid_out_.End(OkStatus());
  while (TakeBoth()) CheckBoth();
  EXPECT_GT(laid_out_taken_count_, 1'000u);
  EXPECT_EQ(shard_.slabs().slabs_lent_count(), 0u);
}

}  // namespace
}  // namespace penstock::rpc
