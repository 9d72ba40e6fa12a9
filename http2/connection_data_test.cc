// DATA in and out: pieces, padding, ends, and the room that BeginData and WriteData give.
#include <cstring>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/testing/dialogue.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/testing/any_split.h"

namespace penstock::http2::testing {
namespace {

const OutgoingField kOk[] = {{":status", "200"}};

TEST(ConnectionData, IsHeardTheSameAtAnySplit) {
  HpackEncoder encoder;
  std::string wire;
  const Frame script[] = {Headers(1).Post("/x"),
                          Headers(3).Post("/y").Field("content-length", "10"),
                          Data(1, "hello "),
                          Data(3, "01234").Padded(20),
                          Data(1, ""),
                          Data(1, "world").Padded(0),
                          Data(3, "").Padded(255),
                          Data(3, "56789").End(),
                          Data(1, "").Padded(1).End()};
  for (const Frame& frame : script) wire += Encode(frame, encoder);
  wire::ForEachSplit(wire::AsBytes(wire), [](auto pieces) {
    Dialogue peer(Role::kServer);
    for (const wire::Bytes piece : pieces) peer.SendsBytes(wire::AsString(piece));
    Events events;
    // Empty frames are heard only when they end a stream.
    for (const std::string& event : peer.TakeEvents()) {
      if (event.ends_with("END") && !events.empty() && events.back() == event.substr(0, 7)) {
        events.pop_back();
      }
      events.push_back(event);
    }
    EXPECT_EQ(events, (Events{"HEAD 1 /x", "HEAD 3 /y", "DATA 1 hello ", "DATA 3 01234",
                              "DATA 1 world", "DATA 3 56789 END", "DATA 1 END"}));
    peer.ExpectsNothing();
  });
}

TEST(ConnectionData, TheEndIsHeardWhenThePaddingHasCome) {
  Dialogue peer(Role::kServer);
  HpackEncoder encoder;
  const std::string wire = Encode(Data(1, "hello").Padded(2).End(), encoder);
  peer.Sends(Headers(1).Post("/x"));
  peer.SendsBytes(wire.substr(0, wire.size() - 1));
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 1 /x", "DATA 1 hello"}));
  peer.SendsBytes(wire.substr(wire.size() - 1));
  EXPECT_EQ(peer.TakeEvents(), Events{"DATA 1 END"});
}

TEST(ConnectionData, LargeDataIsCutIntoFramesThatAnyPeerTakes) {
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId::kMaxFrameSize, 1 << 20}}), Headers(1).Post("/x").End());
  peer.TakeFrames();
  const std::string data(40'000, 'x');
  peer.connection().SendData(peer.stream(1), wire::AsBytes(data), EndStream::kYes);
  peer.Expects(Data(1, data.substr(0, 16'384)));
  peer.Expects(Data(1, data.substr(0, 16'384)));
  peer.Expects(Data(1, data.substr(0, 40'000 - 2 * 16'384)).End());
}

TEST(ConnectionData, ThatIsSharedIsCutTheSameAndNotCopied) {
  Limits limits;
  limits.output_bytes_max = 20'000;
  Dialogue peer(Role::kServer, limits);
  peer.Sends(Headers(1).Post("/x").End());
  peer.TakeFrames();
  Connection& connection = peer.connection();
  const std::string data(40'000, 'x');
  wire::LargeBlock* const block = connection.large_blocks().Take(data.size());
  std::memcpy(block->data(), data.data(), data.size());
  // More than the output takes at once.
  connection.SendShared(peer.stream(1), {block->data(), data.size()}, block, EndStream::kYes);
  connection.large_blocks().Give(block);
  EXPECT_EQ(connection.buffered_bytes(peer.stream(1)), 40'000 - 2 * 16'384);
  std::vector<wire::Bytes> pieces(4);
  ASSERT_EQ(connection.NextOutput().Gather(pieces), 4u);
  EXPECT_EQ(pieces[1].data(), block->data());
  EXPECT_EQ(pieces[3].data(), block->data() + 16'384);
  peer.Expects(Data(1, data.substr(0, 16'384)));
  peer.Expects(Data(1, data.substr(0, 16'384)));
  peer.Expects(Data(1, data.substr(0, 40'000 - 2 * 16'384)).End());
  EXPECT_EQ(connection.large_blocks().lent_bytes(), 0u);
}

TEST(ConnectionData, ThatIsSharedAndWaitsIsGivenBackWithAStreamThatIsReset) {
  Dialogue peer(Role::kServer);
  peer.Sends(Headers(1).Post("/x").End());
  Connection& connection = peer.connection();
  wire::LargeBlock* const block = connection.large_blocks().Take(100'000);
  std::memset(block->data(), 'x', 100'000);
  connection.SendShared(peer.stream(1), {block->data(), 100'000}, block, EndStream::kYes);
  connection.large_blocks().Give(block);
  peer.TakeFrames();
  EXPECT_GT(connection.large_blocks().lent_bytes(), 0u);
  peer.Sends(RstStream(1, ErrorCode::kCancel));
  EXPECT_EQ(connection.large_blocks().lent_bytes(), 0u);
}

// Of each there are a few octets in the output, which hold the whole message.
TEST(ConnectionData, WhatStreamsThatAreGoneLeftInTheOutputIsBounded) {
  constexpr size_t kMessageBytes = 512 * 1024;
  constexpr auto kWindowBytes = static_cast<uint32_t>(2 * wire::OutputChain::kShareBytesMin);
  Dialogue peer(Role::kServer);
  Connection& connection = peer.connection();
  wire::LargeBlocks& blocks = connection.large_blocks();
  peer.Sends(SettingsFrame({{SettingId::kInitialWindowSize, kWindowBytes}}),
             WindowUpdate(0, 1 << 30));
  peer.TakeFrames();
  for (uint32_t id = 1; id < 80; id += 2) {
    peer.Sends(Headers(id).Post("/x").End());
    wire::LargeBlock* const block = blocks.Take(kMessageBytes);
    std::memset(block->data(), 'x', kMessageBytes);
    connection.SendShared(peer.stream(id), {block->data(), kMessageBytes}, block, EndStream::kYes);
    blocks.Give(block);
    connection.SendReset(peer.stream(id), ErrorCode::kCancel);
    EXPECT_LE(blocks.lent_bytes(), Limits{}.output_bytes_max + kMessageBytes);
  }
  EXPECT_TRUE(connection.should_pause());
  EXPECT_LT(connection.NextOutput().size(), Limits{}.output_bytes_max / 4);
  peer.TakeFrames();
  EXPECT_EQ(blocks.lent_bytes(), 0u);
  EXPECT_FALSE(connection.should_pause());
}

// What waits for its turn goes on when that has been written.
TEST(ConnectionData, AStreamThatIsResetHoldsTheOthersUpNoLongerThanItsOctetsAreUnsent) {
  constexpr size_t kMessageBytes = 60'000;
  Limits limits;
  limits.output_bytes_max = 20'000;
  Dialogue peer(Role::kServer, limits);
  Connection& connection = peer.connection();
  wire::LargeBlocks& blocks = connection.large_blocks();
  peer.Sends(WindowUpdate(0, 1 << 30), Headers(1).Post("/x").End(), Headers(3).Post("/x").End());
  peer.TakeFrames();
  wire::LargeBlock* const block = blocks.Take(kMessageBytes);
  std::memset(block->data(), 'x', kMessageBytes);
  for (const uint32_t id : {1, 3}) {
    connection.SendShared(peer.stream(id), {block->data(), kMessageBytes}, block, EndStream::kYes);
  }
  blocks.Give(block);
  peer.Sends(RstStream(1, ErrorCode::kCancel));
  peer.Expects(Data(1, std::string(16'384, 'x')));
  peer.Expects(Data(1, std::string(16'384, 'x')));
  for (int i = 0; i < 3; ++i) peer.Expects(Data(3, std::string(16'384, 'x')));
  peer.Expects(Data(3, std::string(kMessageBytes - 3 * 16'384, 'x')).End());
  EXPECT_EQ(blocks.lent_bytes(), 0u);
}

TEST(ConnectionData, RoomInTheOutputBecomesAFrame) {
  Dialogue peer(Role::kServer);
  peer.Sends(Headers(1).Post("/x").End());
  Stream& stream = peer.stream(1);
  peer.connection().SendHead(stream, kOk, EndStream::kNo);
  uint8_t* room = peer.connection().BeginData(stream, 16'384);
  ASSERT_NE(room, nullptr);
  std::memset(room, 'a', 16'384);
  peer.connection().CommitData(stream, 16'384, EndStream::kNo);
  room = peer.connection().BeginData(stream, 10);
  ASSERT_NE(room, nullptr);
  std::memcpy(room, "short", 5);
  peer.connection().CommitData(stream, 5, EndStream::kYes);
  peer.Expects(Headers(1).Status("200"));
  peer.Expects(Data(1, std::string(16'384, 'a')));
  peer.Expects(Data(1, "short").End());
  EXPECT_EQ(peer.connection().send_window_bytes(), 65'535 - 16'389);
}

TEST(ConnectionData, AFrameMayBeFilledAfterItIsWritten) {
  Dialogue peer(Role::kServer);
  peer.Sends(Headers(1).Post("/x").End());
  Stream& stream = peer.stream(1);
  peer.connection().SendHead(stream, kOk, EndStream::kNo);
  uint8_t* room = peer.connection().WriteData(stream, 16'384);
  ASSERT_NE(room, nullptr);
  std::memset(room, 'a', 16'384);
  room = peer.connection().WriteData(stream, 5);
  ASSERT_NE(room, nullptr);
  std::memcpy(room, "short", 5);
  EXPECT_EQ(peer.connection().WriteData(stream, 65'535 - 16'389 + 1), nullptr);
  peer.Expects(Headers(1).Status("200"));
  peer.Expects(Data(1, std::string(16'384, 'a')));
  peer.Expects(Data(1, "short"));
  EXPECT_EQ(peer.connection().send_window_bytes(), 65'535 - 16'389);
  EXPECT_EQ(peer.connection().send_window_bytes(stream), 65'535 - 16'389);
}

TEST(ConnectionData, ThereIsNoRoomWhereDataWouldHaveToWait) {
  Limits limits;
  limits.output_bytes_max = 60'000;
  Dialogue peer(Role::kServer, limits);
  peer.Sends(Headers(1).Post("/x").End());
  Stream& stream = peer.stream(1);
  EXPECT_EQ(peer.connection().BeginData(stream, 16'385), nullptr) << "above a frame";
  stream.send_window = FlowWindow(10);
  EXPECT_EQ(peer.connection().BeginData(stream, 11), nullptr) << "above the stream's window";
  EXPECT_EQ(peer.connection().WriteData(stream, 11), nullptr);
  EXPECT_NE(peer.connection().BeginData(stream, 10), nullptr);
  peer.connection().SendData(stream, wire::AsBytes("more than ten"), EndStream::kNo);
  peer.TakeFrames();
  EXPECT_EQ(peer.connection().BeginData(stream, 0), nullptr) << "behind what waits";
  EXPECT_EQ(peer.connection().WriteData(stream, 0), nullptr);
}

class WholeResponse : public ::testing::Test {
 protected:
  // Both blocks are known after the first response.
  void SetUp() override {
    peer_.Sends(Headers(1).Post("/x").End());
    peer_.connection().SendPreparedHead(peer_.stream(1), head_, kOk, EndStream::kNo);
    peer_.connection().SendPreparedTrailers(peer_.stream(1), trailers_, kOk);
    peer_.TakeFrames();
    peer_.Sends(Headers(3).Post("/x").End());
    // A first block with new entries is not kept: the second is.
    peer_.connection().SendPreparedHead(peer_.stream(3), head_, kOk, EndStream::kNo);
    peer_.connection().SendPreparedTrailers(peer_.stream(3), trailers_, kOk);
    peer_.TakeFrames();
    peer_.Sends(Headers(5).Post("/x").End());
  }
  uint8_t* SendWhole(size_t bytes) {
    return peer_.connection().SendWhole(peer_.stream(5), head_, bytes, trailers_);
  }

  Dialogue peer_{Role::kServer};
  PreparedBlock head_;
  PreparedBlock trailers_;
};

TEST_F(WholeResponse, IsHeadDataAndTrailersInOnePiece) {
  uint8_t* room = SendWhole(5);
  ASSERT_NE(room, nullptr);
  std::memcpy(room, "hello", 5);
  peer_.Expects(Headers(5).Status("200"));
  peer_.Expects(Data(5, "hello"));
  peer_.Expects(Headers(5).Status("200").End());
  peer_.ExpectsNothing();
  EXPECT_EQ(peer_.connection().send_window_bytes(), 65'535 - 5);
  EXPECT_EQ(peer_.connection().streams_open_count(), 0u);
}

TEST_F(WholeResponse, MayBeEmpty) {
  ASSERT_NE(SendWhole(0), nullptr);
  peer_.Expects(Headers(5).Status("200"));
  peer_.Expects(Data(5, ""));
  peer_.Expects(Headers(5).Status("200").End());
}

TEST_F(WholeResponse, IsNotSentWhereItWouldHaveToWait) {
  Stream& stream = peer_.stream(5);
  stream.send_window = FlowWindow(10);
  EXPECT_EQ(SendWhole(11), nullptr) << "above the stream's window";
  stream.send_window = FlowWindow(65'535);
  EXPECT_EQ(SendWhole(8 * 1024 + 1), nullptr) << "above a slab's share";
  head_.generation += 1;
  EXPECT_EQ(SendWhole(5), nullptr) << "the table has changed since";
  peer_.ExpectsNothing();
  EXPECT_EQ(peer_.connection().send_window_bytes(), 65'535);
  peer_.connection().SendReset(stream, ErrorCode::kCancel);
  peer_.TakeFrames();
}

TEST(ConnectionData, ThatBreaksARuleIsDiscardedInPiecesWithItsPadding) {
  Dialogue peer(Role::kServer);
  peer.Sends(Headers(1).Post("/x").End());
  HpackEncoder encoder;
  const std::string wire = Encode(Data(1, "hello\xff\xff").Padded(2), encoder);
  peer.SendsBytes(wire.substr(0, wire.size() - 4));
  peer.Expects(RstStream(1, ErrorCode::kStreamClosed));
  peer.SendsBytes(wire.substr(wire.size() - 4));
  peer.ExpectsNothing();
  EXPECT_FALSE(peer.connection().failed());
}

}  // namespace
}  // namespace penstock::http2::testing
