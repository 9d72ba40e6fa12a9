// Header blocks in and out: padding, priority, CONTINUATION, limits, trailers, prepared blocks.
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/testing/dialogue.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/testing/any_split.h"

namespace penstock::http2::testing {
namespace {

const OutgoingField kOk[] = {{":status", "200"}, {"content-type", "application/grpc"}};
const OutgoingField kGrpcOk[] = {{"grpc-status", "0"}};

Frame OkOn(uint32_t id) {
  return Headers(id).Status("200").Field("content-type", "application/grpc");
}

// `head` as a POST whose encoded block has exactly so many octets.
Frame PostWithBlockOf(size_t block_bytes, const Frame& head) {
  const auto with_value = [&head](size_t bytes) {
    return Frame(head).Post("/x").Field("x", std::string(bytes, '~'));  // not worth Huffman
  };
  const auto encoded_bytes = [](Frame frame) {
    frame.pad_bytes = -1;
    frame.depends_on = -1;
    frame.fragments.clear();
    HpackEncoder encoder;
    return Encode(frame, encoder).size() - kFrameHeaderBytes;
  };
  // Neither length is near a boundary of HPACK's integers.
  const Frame frame = with_value(block_bytes - (encoded_bytes(with_value(500)) - 500));
  EXPECT_EQ(encoded_bytes(frame), block_bytes);
  return frame;
}

struct Case {
  const char* name;
  Frame frame;
  const char* want;
};

TEST(ConnectionHeads, AreHeardHoweverTheyAreWrapped) {
  const Case cases[] = {
      {"plain", Headers(1).Post("/x"), "HEAD 1 /x"},
      {"with END_STREAM", Headers(1).Post("/x").End(), "HEAD 1 /x END"},
      {"padded", Headers(1).Post("/x").Padded(200), "HEAD 1 /x"},
      {"padded with nothing", Headers(1).Post("/x").Padded(0), "HEAD 1 /x"},
      {"with priority", Headers(1).Post("/x").DependsOn(3), "HEAD 1 /x"},
      {"cut", Headers(1).Post("/x").End().CutAfter({1, 0, 2}), "HEAD 1 /x END"},
      {"all of it", Headers(1).Post("/x").Padded(3).DependsOn(0).CutAfter({0}).End(),
       "HEAD 1 /x END"},
      {"as many CONTINUATIONs as may be", Headers(1).Post("/x").CutAfter({0, 0, 0, 0, 0, 0, 0, 0}),
       "HEAD 1 /x"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    HpackEncoder encoder;
    wire::ForEachSplit(wire::AsBytes(Encode(c.frame, encoder)), [&](auto pieces) {
      Dialogue peer(Role::kServer);
      for (const wire::Bytes piece : pieces) peer.SendsBytes(wire::AsString(piece));
      EXPECT_EQ(peer.TakeEvents(), Events{c.want});
      peer.ExpectsNothing();
    });
  }
}

TEST(ConnectionHeads, TheStateOfHpackOutlivesTheSplits) {
  HpackEncoder encoder;
  std::string wire;
  Events want;
  for (uint32_t id = 1; id < 9; id += 2) {
    wire += Encode(Headers(id).Post("/a/long/path").Field("x", "value").End(), encoder);
    want.push_back("HEAD " + std::to_string(id) + " /a/long/path END");
  }
  wire::ForEachSplit(wire::AsBytes(wire), [&](auto pieces) {
    Dialogue peer(Role::kServer);
    for (const wire::Bytes piece : pieces) peer.SendsBytes(wire::AsString(piece));
    EXPECT_EQ(peer.TakeEvents(), want);
  });
}

TEST(ConnectionHeads, LargeBlocksComeOverManyFrames) {
  Limits limits;
  limits.header_list_bytes_max = 100'000;
  Dialogue peer(Role::kServer, limits);
  peer.Sends(Headers(1).Post("/x").Field("x", std::string(50'000, 'a')).CutAfter({10'000, 16'384}));
  EXPECT_EQ(peer.TakeEvents(), Events{"HEAD 1 /x"});
  EXPECT_EQ(peer.connection().fields()[3].value.size(), 50'000u);
}

TEST(ConnectionHeads, AConnectionDoesNotHoldTheBlockThatHasBeenRead) {
  Limits limits;
  limits.header_list_bytes_max = 100'000;
  limits.decoder_table_bytes = 0;
  Dialogue peer(Role::kServer, limits);
  const size_t before = peer.connection().heap_bytes();
  Frame head = Headers(1).Post("/x").Field("x", std::string(50'000, 'a'));
  std::string wire = Encode(head.CutAfter({10'000, 16'384}), peer.encoder());
  peer.SendsBytes(std::string_view(wire).substr(0, wire.size() - 1));
  EXPECT_GE(peer.connection().heap_bytes(), before + 26'384);
  peer.SendsBytes(std::string_view(wire).substr(wire.size() - 1));
  EXPECT_EQ(peer.TakeEvents(), Events{"HEAD 1 /x"});
  EXPECT_LT(peer.connection().heap_bytes(), before + 5000);
}

TEST(ConnectionHeads, AHeadPastTheLimitsIsToldAndTheStreamIsOpen) {
  Limits limits;
  limits.header_list_bytes_max = 500;
  limits.header_fields_max = 10;
  Frame thin = Headers(3).Post("/x");
  for (int i = 0; i < 8; ++i) thin.Field("a", "");
  Dialogue peer(Role::kServer, limits);
  peer.Sends(Headers(1).Post("/x").Field("x", std::string(400, 'a')), thin.End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD_TOO_LARGE 1", "HEAD_TOO_LARGE 3 END"}));
  EXPECT_TRUE(peer.connection().fields().empty());
  peer.connection().SendHead(peer.stream(1), kOk, EndStream::kYes);
  peer.Expects(OkOn(1).End());
  peer.Sends(Headers(5).Post("/x").Field("x", "small"));
  EXPECT_EQ(peer.TakeEvents(), Events{"HEAD 5 /x"});
}

TEST(ConnectionHeads, TrailersPastTheLimitsAreAFaultOfTheStream) {
  Limits limits;
  limits.header_list_bytes_max = 500;
  Dialogue peer(Role::kServer, limits);
  peer.Sends(Headers(1).Post("/x"), Headers(1).Field("x", std::string(500, 'a')).End());
  peer.Expects(RstStream(1, ErrorCode::kProtocolError));
}

// The bound is on the encoded block, however many frames it comes in; padding and priority are not
// of it.
TEST(ConnectionHeads, ABlockOfExactlyTheBoundIsTakenAndOneMoreOctetIsNot) {
  const struct {
    const char* name;
    Frame frame;
  } wrappings[] = {
      {"one frame", Headers(1)},
      {"one frame, padded and with priority", Headers(1).Padded(200).DependsOn(3)},
      {"the last octet in a CONTINUATION", Headers(1).CutAfter({999})},
      {"over CONTINUATIONs", Headers(1).CutAfter({1, 500, 0})},
  };
  for (const auto& wrapping : wrappings) {
    for (const size_t block_bytes : {1000u, 1001u}) {
      SCOPED_TRACE(wrapping.name);
      SCOPED_TRACE(block_bytes);
      Limits limits;
      limits.header_block_bytes_max = 1000;
      Dialogue peer(Role::kServer, limits);
      peer.Sends(PostWithBlockOf(block_bytes, wrapping.frame));
      if (block_bytes == 1000) {
        EXPECT_EQ(peer.TakeEvents(), Events{"HEAD 1 /x"});
        peer.ExpectsNothing();
        continue;
      }
      const std::vector<Frame> frames = peer.TakeFrames();
      ASSERT_EQ(frames.size(), 1u);
      EXPECT_EQ(frames[0], GoAway(0, ErrorCode::kEnhanceYourCalm));
      EXPECT_EQ(frames[0].debug, "header_block_bytes_max");
    }
  }
}

TEST(ConnectionHeads, TrailersEndTheRequest) {
  Dialogue peer(Role::kServer);
  peer.Sends(Headers(1).Post("/x"), Data(1, "hello"), Headers(1).Field("a", "b").End());
  EXPECT_EQ(peer.TakeEvents(), (Events{"HEAD 1 /x", "DATA 1 hello", "TRAILERS 1 a=b END"}));
}

TEST(ConnectionHeads, AContentLengthOfNothingMayEndAtOnce) {
  Dialogue peer(Role::kServer);
  peer.Sends(Headers(1).Post("/x").Field("content-length", "0").End());
  EXPECT_EQ(peer.TakeEvents(), Events{"HEAD 1 /x END"});
}

// --- Out

TEST(ConnectionHeads, ALongHeadGoesOverContinuations) {
  Dialogue peer(Role::kServer);
  peer.Sends(Headers(1).Post("/x").End());
  const std::string value(40'000, '~');  // longer with Huffman, so that it goes as it is
  const OutgoingField fields[] = {{":status", "200"}, {"x", value}};
  peer.connection().SendHead(peer.stream(1), fields, EndStream::kYes);
  const std::vector<Frame> frames = peer.TakeFrames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0], Headers(1).Status("200").Field("x", value).End());
  EXPECT_EQ(frames[0].continuations_count, 2u);
}

TEST(ConnectionHeads, NothingFollowsTheEndOfOurHalf) {
  Dialogue peer(Role::kServer);
  peer.Sends(Headers(1).Post("/x"));
  Stream& stream = peer.stream(1);
  peer.connection().SendHead(stream, kOk, EndStream::kYes);
  peer.Expects(OkOn(1).End());
  PreparedBlock block;
  peer.connection().SendHead(stream, kOk, EndStream::kNo);
  peer.connection().SendPreparedHead(stream, block, kOk, EndStream::kNo);
  peer.connection().SendTrailers(stream, kGrpcOk);
  peer.connection().SendPreparedTrailers(stream, block, kGrpcOk);
  peer.ExpectsNothing();
}

TEST(ConnectionHeads, PreparedBlocksSayTheSameWhateverTheTableDoes) {
  Dialogue peer(Role::kServer);
  PreparedBlock head;
  PreparedBlock trailers;
  for (uint32_t id = 1; id < 200; id += 2) {
    SCOPED_TRACE(id);
    peer.Sends(Headers(id).Post("/x").End());
    Stream& stream = peer.stream(id);
    peer.connection().SendPreparedHead(stream, head, kOk, EndStream::kNo);
    peer.Expects(OkOn(id));
    if (id % 6 == 1) {  // an insertion between head and trailers
      const std::string value = "value " + std::to_string(id);
      const OutgoingField other[] = {{"x-other", value}};
      peer.connection().SendTrailers(stream, other);
      peer.Expects(Headers(id).Field("x-other", value).End());
      continue;
    }
    peer.connection().SendPreparedTrailers(stream, trailers, kGrpcOk);
    peer.Expects(Headers(id).Field("grpc-status", "0").End());
    if (id % 10 == 1) {  // the peer's table changes: a size update leads the next block
      peer.Sends(SettingsFrame({{SettingId::kHeaderTableSize, id % 20 == 1 ? 0u : 4096u}}));
      peer.Expects(SettingsAck());
    }
  }
}

TEST(ConnectionHeads, APreparedBlockOfOneConnectionIsOneCopy) {
  Dialogue peer(Role::kServer);
  PreparedBlock head;
  for (uint32_t id = 1; id < 7; id += 2) {
    peer.Sends(Headers(id).Post("/x").End());
    peer.connection().SendPreparedHead(peer.stream(id), head, kOk, EndStream::kYes);
  }
  EXPECT_EQ(head.size, 2u);  // an octet for each field
  for (uint32_t id = 1; id < 7; id += 2) peer.Expects(OkOn(id).End());
}

// --- The peer's MAX_HEADER_LIST_SIZE

const OutgoingField kOkHead[] = {{":status", "200"}};

// A response's head counts 7 + 3 + 32 octets here.
constexpr uint32_t kOkListBytes = 42;

TEST(ConnectionHeads, AHeadAtThePeersLimitIsSent) {
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId::kMaxHeaderListSize, kOkListBytes}}),
             Headers(1).Post("/x").End());
  peer.Expects(SettingsAck());
  peer.connection().SendHead(peer.stream(1), kOkHead, EndStream::kYes);
  peer.Expects(Headers(1).Status("200").End());
}

TEST(ConnectionHeads, AHeadAboveThePeersLimitCostsTheStreamAlone) {
  Dialogue peer(Role::kServer);
  peer.Sends(SettingsFrame({{SettingId::kMaxHeaderListSize, kOkListBytes - 1}}),
             Headers(1).Post("/x").End(), Headers(3).Post("/x").End());
  peer.Expects(SettingsAck());
  peer.TakeEvents();
  peer.stream(3).user = nullptr;
  for (const uint32_t id : {1u, 3u}) {
    Stream& stream = peer.stream(id);
    peer.connection().SendHead(stream, kOkHead, EndStream::kNo);
    EXPECT_EQ(peer.connection().BeginData(stream, 1), nullptr);
    peer.connection().SendData(stream, wire::AsBytes("x"), EndStream::kNo);
    peer.connection().SendTrailers(stream, kOkHead);
    peer.Expects(RstStream(id, ErrorCode::kInternalError));
  }
  peer.ExpectsNothing();
  peer.Sends(Ping("12345678"));
  EXPECT_EQ(peer.TakeEvents(), Events{"RESET 1 INTERNAL_ERROR by us"});
  peer.Expects(PingAck("12345678"));
  EXPECT_EQ(peer.connection().streams_open_count(), 0u);
}

TEST(ConnectionHeads, TrailersAboveThePeersLimitCostTheStreamAloneEvenFromTheQueue) {
  const std::string value(200, 'v');
  const OutgoingField long_trailers[] = {{"grpc-message", value}};
  Dialogue peer(Role::kServer);
  peer.Sends(
      SettingsFrame({{SettingId::kMaxHeaderListSize, 200}, {SettingId::kInitialWindowSize, 1}}),
      Headers(1).Post("/x").End(), Headers(3).Post("/x").End());
  peer.Expects(SettingsAck());
  peer.TakeEvents();
  for (const uint32_t id : {1u, 3u}) {
    peer.connection().SendHead(peer.stream(id), kOkHead, EndStream::kNo);
    peer.Expects(Headers(id).Status("200"));
    if (id == 3) peer.connection().SendData(peer.stream(3), wire::AsBytes("xy"), EndStream::kNo);
    peer.connection().SendTrailers(peer.stream(id), long_trailers);
    if (id == 1) peer.Expects(RstStream(1, ErrorCode::kInternalError));
  }
  peer.Expects(Data(3, "x"));
  peer.Sends(WindowUpdate(3, 1));
  peer.Expects(Data(3, "y"));
  peer.Expects(RstStream(3, ErrorCode::kInternalError));
  peer.SendsBytes("");
  EXPECT_EQ(peer.TakeEvents(),
            (Events{"RESET 1 INTERNAL_ERROR by us", "RESET 3 INTERNAL_ERROR by us"}));
}

TEST(ConnectionHeads, APreparedHeadIsMeasuredAgainWhenTheLimitChanges) {
  Dialogue peer(Role::kServer);
  PreparedBlock block;
  for (uint32_t id = 1; id <= 5; id += 2) {
    peer.Sends(Headers(id).Post("/x").End());
    peer.connection().SendPreparedHead(peer.stream(id), block, kOkHead, EndStream::kYes);
    peer.Expects(Headers(id).Status("200").End());
  }
  peer.Sends(SettingsFrame({{SettingId::kMaxHeaderListSize, 10}}), Headers(7).Post("/x").End());
  peer.Expects(SettingsAck());
  peer.connection().SendPreparedHead(peer.stream(7), block, kOkHead, EndStream::kYes);
  peer.Expects(RstStream(7, ErrorCode::kInternalError));
}

// Spec: RFC 9113 §8.5
TEST(ConnectionHeads, ATunnelTakesDataAlone) {
  Dialogue peer(Role::kServer);
  const Frame connect = Headers(1).Field(":method", "CONNECT").Field(":authority", "a:1");
  peer.Sends(connect, Data(1, "tunnel"), Headers(1).Field("a", "b").End());
  EXPECT_EQ(peer.TakeEvents().back(), "RESET 1 PROTOCOL_ERROR by fault");
  peer.Expects(RstStream(1, ErrorCode::kProtocolError));
}

}  // namespace
}  // namespace penstock::http2::testing
