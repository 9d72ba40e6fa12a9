// Each limit of a connection exactly at its bound, where nothing trips, and one above.
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/limit.h"
#include "penstock/http2/testing/dialogue.h"
#include "penstock/wire/bytes.h"

namespace penstock::http2::testing {
namespace {

constexpr TimeNs kSecond = kNsPerSecond;
const OutgoingField kOk[] = {{":status", "200"}};

std::string Text(size_t bytes) { return std::string(bytes, 'x'); }

uint64_t TripsOf(Dialogue& peer, Limit limit) { return peer.workspace().limit_trips[limit]; }

void ExpectClosedBy(Dialogue& peer, Limit limit) {
  EXPECT_TRUE(peer.connection().failed());
  const std::vector<Frame> frames = peer.TakeFrames();
  ASSERT_FALSE(frames.empty());
  EXPECT_EQ(frames.back().type, FrameType::kGoAway);
  EXPECT_EQ(frames.back().debug, NameOf(limit));
  EXPECT_EQ(TripsOf(peer, limit), 1u);
  EXPECT_EQ(peer.workspace().limit_trips.total(), 1u + TripsOf(peer, Limit::kConcurrentStreams));
}

// What the peer does again and again, and how often it may.
struct Flood {
  const char* name;
  Limit limit;
  int passes_count;
  std::function<void(Dialogue&)> prepare;
  std::function<void(Dialogue&, int)> act;
};

uint32_t IdOf(int i) { return static_cast<uint32_t>(2 * i + 3); }

const std::vector<Flood>& Floods() {
  static const std::vector<Flood> floods = {
      {"resets of calls that had not ended", Limit::kResetsReceived, 1000, [](Dialogue&) {},
       [](Dialogue& peer, int i) {
         // Each in a second of its own share, and yet no time to regain a token.
         peer.Sends(Headers(IdOf(i)).Post("/x"), RstStream(IdOf(i), ErrorCode::kCancel));
       }},
      {"more than half of the streams of a second", Limit::kResetsShare, 250, [](Dialogue&) {},
       [](Dialogue& peer, int i) {
         peer.Sends(Headers(IdOf(i)).Post("/x"), RstStream(IdOf(i), ErrorCode::kCancel));
       }},
      {"faults that reset streams", Limit::kFaultResets, 200, [](Dialogue&) {},
       [](Dialogue& peer, int i) {
         peer.Sends(Headers(IdOf(i)).Post("/x"), WindowUpdate(IdOf(i), 0));
       }},
      {"streams past concurrent_streams_max", Limit::kGlitches, 1000,
       [](Dialogue& peer) {
         for (int i = 1000; i < 1100; ++i) peer.Sends(Headers(IdOf(i)).Post("/x"));
       },
       [](Dialogue& peer, int i) { peer.Sends(Headers(IdOf(i + 1100)).Post("/x")); }},
      {"acknowledgements of nothing", Limit::kGlitches, 1000, [](Dialogue&) {},
       [](Dialogue& peer, int) { peer.Sends(SettingsAck()); }},
      {"SETTINGS", Limit::kSettingsRate, 49,  // one came with the handshake
       [](Dialogue&) {}, [](Dialogue& peer, int) { peer.Sends(SettingsFrame({})); }},
      {"empty DATA", Limit::kEmptyFrames, 100,
       [](Dialogue& peer) { peer.Sends(Headers(1).Post("/x")); },
       [](Dialogue& peer, int) { peer.Sends(Data(1, "")); }},
      {"DATA of padding alone", Limit::kEmptyFrames, 100,
       [](Dialogue& peer) { peer.Sends(Headers(1).Post("/x")); },
       [](Dialogue& peer, int) { peer.Sends(Data(1, "").Padded(9)); }},
      {"small DATA that is not read", Limit::kSmallData, 256,  // 100 octets each
       [](Dialogue& peer) {
         peer.set_returns_credit(false);
         peer.Sends(Headers(1).Post("/x"));
       },
       [](Dialogue& peer, int) { peer.Sends(Data(1, Text(156))); }},
      {"WINDOW_UPDATE", Limit::kWindowUpdates, 5 + 2,
       [](Dialogue& peer) { peer.Sends(Headers(1).Post("/x")); },
       [](Dialogue& peer, int) { peer.Sends(WindowUpdate(0, 1)); }},
      {"PRIORITY", Limit::kPriorities, 100, [](Dialogue&) {},
       [](Dialogue& peer, int) { peer.Sends(Priority(1, 3)); }},
      {"PRIORITY_UPDATE", Limit::kPriorities, 100, [](Dialogue&) {},
       [](Dialogue& peer, int) { peer.Sends(PriorityUpdate(1, "u=1")); }},
      {"CONTINUATION", Limit::kContinuations, 8,
       [](Dialogue& peer) { peer.Sends(RawFrame(FrameType::kHeaders, 0, 1, "\x82")); },
       [](Dialogue& peer, int) { peer.Sends(RawFrame(FrameType::kContinuation, 0, 1, "\x84")); }},
  };
  return floods;
}

TEST(ConnectionLimits, FloodsPassAtTheirBoundAndEndTheConnectionOneAbove) {
  for (const Flood& flood : Floods()) {
    SCOPED_TRACE(flood.name);
    Limits limits;
    if (flood.limit == Limit::kResetsReceived) limits.resets_share_percent_max = 1000;
    Dialogue peer(Role::kServer, limits);
    flood.prepare(peer);
    for (int i = 0; i < flood.passes_count; ++i) flood.act(peer, i);
    EXPECT_FALSE(peer.connection().failed());
    EXPECT_EQ(TripsOf(peer, flood.limit), 0u);
    peer.TakeFrames();
    flood.act(peer, flood.passes_count);
    ExpectClosedBy(peer, flood.limit);
  }
}

TEST(ConnectionLimits, StreamsAreRefusedOneAboveTheirBound) {
  Dialogue peer(Role::kServer);
  for (int i = 0; i < 100; ++i) peer.Sends(Headers(IdOf(i)).Post("/x"));
  EXPECT_EQ(peer.workspace().limit_trips.total(), 0u);
  peer.ExpectsNothing();
  peer.Sends(Headers(IdOf(100)).Post("/x"));
  peer.Expects(RstStream(IdOf(100), ErrorCode::kRefusedStream));
  EXPECT_EQ(TripsOf(peer, Limit::kConcurrentStreams), 1u);
  EXPECT_TRUE(peer.connection().has_tripped());
}

TEST(ConnectionLimits, ShortMemoryRefusesEveryStream) {
  Dialogue peer(Role::kServer);
  peer.workspace().refuses_streams = true;
  peer.Sends(Headers(1).Post("/x"));
  peer.Expects(RstStream(1, ErrorCode::kRefusedStream));
  EXPECT_EQ(TripsOf(peer, Limit::kMemoryStreams), 1u);
}

// A head of `fields` fields of 100 octets each, as its list counts them.
Frame HeadOf(int fields) {
  Frame head = RawFrame(FrameType::kHeaders, flags::kEndHeaders, 1, "");
  for (int i = 0; i < fields; ++i) {
    head.payload += std::string("\x00\x01", 2) + "a" + '\x43' + Text(67);
  }
  return head;
}

TEST(ConnectionLimits, AListFourTimesTooLargeEndsTheConnection) {
  Limits limits;
  limits.header_list_bytes_max = 1000;
  Dialogue peer(Role::kServer, limits);
  peer.Sends(HeadOf(40));
  EXPECT_EQ(peer.TakeEvents(), Events{"HEAD_TOO_LARGE 1"});
  EXPECT_EQ(TripsOf(peer, Limit::kHeaderList), 1u);

  Dialogue other(Role::kServer, limits);
  other.Sends(HeadOf(41));
  EXPECT_TRUE(other.connection().failed());
  EXPECT_EQ(other.TakeFrames().back().debug, NameOf(Limit::kHeaderListClose));
  EXPECT_EQ(TripsOf(other, Limit::kHeaderListClose), 1u);
}

Limits PingsAtWill() {
  Limits limits;
  limits.ping_strikes_max = 1'000'000;
  return limits;
}

TEST(ConnectionLimits, QueuedAcknowledgementsStopTheReadingOneAboveTheirBound) {
  Dialogue peer(Role::kServer, PingsAtWill());
  for (int i = 0; i < 1000; ++i) peer.Sends(Ping("12345678"));
  EXPECT_FALSE(peer.connection().should_pause());
  peer.Sends(Ping("12345678"));
  EXPECT_TRUE(peer.connection().should_pause());
  peer.TakeFrames();
  EXPECT_FALSE(peer.connection().should_pause());
}

TEST(ConnectionLimits, ThePingThatIsOneStrikeTooManyIsAnsweredAndEndsTheConnection) {
  Dialogue peer(Role::kServer);
  for (int i = 0; i < 3; ++i) peer.Sends(Ping("12345678"));
  EXPECT_FALSE(peer.connection().failed());
  peer.TakeFrames();
  peer.Sends(Ping("87654321"));
  peer.Expects(PingAck("87654321"));
  ExpectClosedBy(peer, Limit::kPings);
}

TEST(ConnectionLimits, WhatIsSentSetsPingsBack) {
  const OutgoingField ok[] = {{":status", "200"}};
  Dialogue peer(Role::kServer);
  for (uint32_t id = 1; id < 20; id += 2) {
    for (int i = 0; i < 3; ++i) peer.Sends(Ping("12345678"));
    peer.Sends(Headers(id).Post("/x").End());
    peer.connection().SendHead(peer.stream(id), ok, EndStream::kYes);
  }
  EXPECT_FALSE(peer.connection().failed());
}

TEST(ConnectionLimits, AClientIsPingedAtWill) {
  Dialogue peer(Role::kClient);
  for (int i = 0; i < 100; ++i) peer.Sends(Ping("12345678"));
  EXPECT_FALSE(peer.connection().failed());
}

// --- Time

TEST(ConnectionLimits, AHeaderBlockMustEndInTime) {
  Dialogue peer(Role::kServer);
  peer.Sends(RawFrame(FrameType::kHeaders, 0, 1, "\x82"));
  peer.Expire(10 * kSecond);
  EXPECT_FALSE(peer.connection().failed());
  peer.Expire(10 * kSecond + 1);
  ExpectClosedBy(peer, Limit::kHeaderBlockTime);
}

// All that the handshake left behind is seen to be done.
constexpr TimeNs kStart = 100 * kSecond;
void Rest(Dialogue& peer) {
  peer.Expire(peer.connection().next_expiry());
  EXPECT_EQ(peer.connection().next_expiry(), kTimeNever);
  peer.set_now(kStart);
}

std::string Octets(FrameType type, uint8_t flags, uint32_t id, std::string_view payload) {
  HpackEncoder unused;
  return Encode(RawFrame(type, flags, id, std::string(payload)), unused);
}

TEST(ConnectionLimits, AFrameMustArriveInTimeThoughItsOctetsComeOneByOne) {
  struct {
    const char* name;
    std::string frame;
    size_t octets_count;  // that come
    Limit want;
  } const cases[] = {
      {"HEADERS", Octets(FrameType::kHeaders, 4, 1, "\x82\x86\x84"), 11, Limit::kHeaderBlockTime},
      {"SETTINGS", Octets(FrameType::kSettings, 0, 0, std::string(6, 0)), 14, Limit::kFrameTime},
      {"a frame header", Octets(FrameType::kHeaders, 4, 1, "\x82"), 8, Limit::kFrameTime},
      {"DATA's frame header", Octets(FrameType::kData, 0, 1, "x"), 8, Limit::kFrameTime},
  };
  for (const auto& [name, frame, octets_count, want] : cases) {
    SCOPED_TRACE(name);
    Dialogue peer(Role::kServer);
    Rest(peer);
    for (size_t i = 0; i < octets_count; ++i) {
      peer.set_now(kStart + static_cast<TimeNs>(i) * kNsPerMs);
      peer.SendsBytes(frame.substr(i, 1));
    }
    peer.Expire(kStart + 10 * kSecond);
    EXPECT_FALSE(peer.connection().failed());
    peer.Expire(kStart + 10 * kSecond + 1);
    ExpectClosedBy(peer, want);
  }
}

TEST(ConnectionLimits, EachCutFrameHasItsOwnTime) {
  Dialogue peer(Role::kServer);
  Rest(peer);
  const std::string ping = Octets(FrameType::kPing, 1, 0, "12345678");
  peer.SendsBytes(ping.substr(0, 5));
  for (int i = 1; i <= 5; ++i) {
    peer.set_now(kStart + i * 9 * kSecond);
    peer.SendsBytes(ping.substr(5) + ping.substr(0, 5));
    peer.Expire(kStart + i * 9 * kSecond);
  }
  EXPECT_FALSE(peer.connection().failed());
  peer.Expire(kStart + 55 * kSecond + 1);
  ExpectClosedBy(peer, Limit::kFrameTime);
}

TEST(ConnectionLimits, ACutFrameThatBecameWholeLeavesNothingToWatch) {
  Dialogue peer(Role::kServer);
  Rest(peer);
  const std::string ping = Octets(FrameType::kPing, 1, 0, "12345678");
  peer.SendsBytes(ping.substr(0, 12));
  EXPECT_EQ(peer.connection().next_expiry(), kStart + 10 * kSecond);
  peer.SendsBytes(ping.substr(12));
  peer.Expire(kStart + 10 * kSecond);
  EXPECT_EQ(peer.connection().next_expiry(), kTimeNever);
}

TEST(ConnectionLimits, OutputThatNobodyTakesEndsTheConnection) {
  Dialogue peer(Role::kServer);
  Rest(peer);
  peer.Sends(Ping("12345678"));
  for (const int s : {10, 20, 60}) peer.Expire(kStart + s * kSecond);
  EXPECT_FALSE(peer.connection().failed());
  peer.Expire(kStart + 60 * kSecond + 1);
  ExpectClosedBy(peer, Limit::kStalledConnection);
}

TEST(ConnectionLimits, OutputThatIsTakenNowAndThenIsAllRight) {
  Dialogue peer(Role::kServer, PingsAtWill());
  for (int i = 0; i < 20; ++i) {
    peer.set_now(i * 50 * kSecond);
    peer.Sends(Ping("12345678"));
    peer.TakeOutput(1);
    for (int s = 10; s <= 50; s += 10) peer.Expire((i * 50 + s) * kSecond);
  }
  EXPECT_FALSE(peer.connection().failed());
}

TEST(ConnectionLimits, AcknowledgementsThatStickEndTheConnection) {
  Dialogue peer(Role::kServer, PingsAtWill());
  Rest(peer);
  for (int i = 0; i < 1001; ++i) peer.Sends(Ping("12345678"));
  peer.Expire(kStart + 20 * kSecond);
  EXPECT_FALSE(peer.connection().failed());
  peer.Expire(kStart + 20 * kSecond + 1);
  ExpectClosedBy(peer, Limit::kControlFramesStuck);
}

// A response that waits for the peer's window, which is 0.
void Stall(Dialogue& peer) {
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, 0}}), Headers(1).Post("/x").End());
  peer.connection().SendHead(peer.stream(1), kOk, EndStream::kNo);
  peer.connection().SendData(peer.stream(1), wire::AsBytes(Text(5000)), EndStream::kYes);
  peer.TakeFrames();
  peer.TakeEvents();
}

TEST(ConnectionLimits, AResponseThatStallsIsCancelledAndItsUserIsTold) {
  Dialogue peer(Role::kServer);
  Stall(peer);
  peer.Expire(30 * kSecond);
  peer.ExpectsNothing();
  peer.Expire(30 * kSecond + 1);
  peer.Expects(RstStream(1, ErrorCode::kCancel));
  EXPECT_TRUE(peer.connection().has_events());
  peer.SendsBytes("");
  EXPECT_EQ(peer.TakeEvents(), Events{"RESET 1 CANCEL by us"});
  EXPECT_EQ(TripsOf(peer, Limit::kStalledStream), 1u);
  EXPECT_EQ(peer.workspace().streams.lent_count(), 0u);
}

TEST(ConnectionLimits, CreditInDribblesDoesNotExtendIt) {
  for (const uint32_t credit : {1023u, 1024u}) {
    SCOPED_TRACE(credit);
    Dialogue peer(Role::kServer);
    Stall(peer);
    peer.Sends(WindowUpdate(1, credit - 1), WindowUpdate(1, 1));
    peer.TakeFrames();
    peer.Expire(30 * kSecond + 1);
    EXPECT_EQ(TripsOf(peer, Limit::kStalledStream), credit < 1024 ? 1u : 0u);
    peer.SendsBytes("");
  }
}

TEST(ConnectionLimits, TheRestOfAMessageMustComeInTime) {
  Dialogue peer(Role::kServer);
  peer.Sends(Headers(1).Post("/x"), Data(1, "begin"));
  peer.TakeEvents();
  peer.connection().AwaitMore(peer.stream(1));
  peer.Expire(30 * kSecond);
  peer.ExpectsNothing();
  peer.Expire(30 * kSecond + 1);
  peer.Expects(RstStream(1, ErrorCode::kCancel));
  peer.SendsBytes("");
  EXPECT_EQ(peer.TakeEvents(), Events{"RESET 1 CANCEL by us"});
  EXPECT_EQ(TripsOf(peer, Limit::kSlowRequest), 1u);
}

TEST(ConnectionLimits, BetweenMessagesAStreamMayRest) {
  Dialogue peer(Role::kServer);
  peer.Sends(Headers(1).Post("/x"), Data(1, "whole"));
  peer.connection().AwaitMore(peer.stream(1));
  Connection::AwaitNothing(peer.stream(1));
  for (int s = 10; s <= 1000; s += 10) peer.Expire(s * kSecond);
  peer.ExpectsNothing();
}

TEST(ConnectionLimits, WhoWaitsForOurWindowIsNotSlow) {
  Limits limits;
  limits.stream_window_bytes = 10;
  Dialogue peer(Role::kServer, limits);
  peer.set_returns_credit(false);
  peer.Sends(Headers(1).Post("/x"), Data(1, Text(10)));
  peer.connection().AwaitMore(peer.stream(1));
  peer.Expire(30 * kSecond + 1);
  peer.ExpectsNothing();
  peer.connection().ReturnCredit(peer.stream(1), 10);
  peer.Expects(WindowUpdate(1, 10));
  peer.Expire(60 * kSecond + 2);
  peer.Expects(RstStream(1, ErrorCode::kCancel));
}

// --- What an honest peer does

TEST(ConnectionLimits, AMillionSmallMessagesInOneStreamTripNothing) {
  Dialogue peer(Role::kServer);
  peer.Sends(Headers(1).Post("/x"));
  HpackEncoder encoder;
  std::string many;
  for (int i = 0; i < 1000; ++i) many += Encode(Data(1, std::string("\0\0\0\0\1x", 6)), encoder);
  for (int i = 0; i < 1000; ++i) {
    peer.SendsBytes(many);
    peer.TakeFrames();
  }
  EXPECT_FALSE(peer.connection().failed());
  EXPECT_EQ(peer.workspace().limit_trips.total(), 0u);
}

TEST(ConnectionLimits, EightyCancelledCallsASecondTripNothing) {
  Dialogue peer(Role::kServer);
  for (int i = 0; i < 80 * 60; ++i) {
    peer.set_now(i * (kSecond / 80));
    peer.Sends(Headers(IdOf(i)).Post("/x"), RstStream(IdOf(i), ErrorCode::kCancel));
    if (i % 100 == 0) peer.TakeEvents();
  }
  EXPECT_FALSE(peer.connection().failed());
  EXPECT_EQ(peer.workspace().limit_trips.total(), 0u);
}

TEST(ConnectionLimits, DataInFlightAfterOurResetIsNoGlitch) {
  Dialogue peer(Role::kServer);
  peer.Sends(Headers(1).Post("/x"));
  peer.connection().SendReset(peer.stream(1), ErrorCode::kCancel);
  for (int i = 0; i < 2000; ++i) peer.Sends(Data(1, "x"));
  EXPECT_FALSE(peer.connection().failed());
  EXPECT_EQ(peer.workspace().limit_trips.total(), 0u);
}

}  // namespace
}  // namespace penstock::http2::testing
