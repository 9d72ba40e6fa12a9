// Messages that are compressed on their way, either way.
#include <errno.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/client/testing/dialogue.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/compress.h"
#include "penstock/wire/scratch_buffer.h"

namespace penstock::client::testing {
namespace {

using http2::testing::Data;

std::string Compressed(const wire::Compression& compression, std::string_view text) {
  wire::ScratchBuffer output;
  const wire::Bytes pieces[] = {wire::AsBytes(text)};
  output.Begin(SIZE_MAX);
  EXPECT_TRUE(compression.make()->Compress(pieces, output));
  return std::string(wire::AsString(output.bytes()));
}

TEST(CompressedResponse, IsTakenInEveryEncodingThatWasOffered) {
  const std::string text(10'000, 'x');
  for (const wire::Compression& compression : {wire::Gzip(), wire::Deflate(), wire::Zstd()}) {
    SCOPED_TRACE(compression.name);
    Dialogue net;
    PendingCall call;
    net.Begin(&call);
    net.Accepts();
    net.Sends(ResponseHead(1).Field("grpc-encoding", compression.name),
              Data(1, Framed(Compressed(compression, text), 1)), Trailers(1, "0"));
    EXPECT_EQ(call.text(), text);
  }
}

TEST(CompressedResponse, MayHoldPlainMessages) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Accepts();
  net.Sends(ResponseHead(1).Field("grpc-encoding", "gzip"), Data(1, Framed("hi")),
            Trailers(1, "0"));
  EXPECT_EQ(call.text(), "hi");
}

TEST(CompressedResponse, ThatIsBrokenIsInternal) {
  Dialogue net;
  PendingCall call;
  net.Begin(&call);
  net.Accepts();
  net.Sends(ResponseHead(1).Field("grpc-encoding", "gzip"), Data(1, Framed("no gzip", 1)));
  EXPECT_EQ(call.code(), StatusCode::kInternal);
}

// The limit is of what comes out, and nothing more is inflated.
TEST(CompressedResponse, AboveTheLimitIsResourceExhausted) {
  for (const size_t bytes : {1'000u, 1'001u}) {
    ChannelOptions options;
    options.message_bytes_max = 1'000;
    Dialogue net(options);
    PendingCall call;
    net.Begin(&call);
    net.Accepts();
    net.Sends(ResponseHead(1).Field("grpc-encoding", "gzip"),
              Data(1, Framed(Compressed(wire::Gzip(), std::string(bytes, 'x')), 1)));
    if (bytes == 1'000) net.Sends(Trailers(1, "0"));
    EXPECT_EQ(call.code(), bytes == 1'000 ? StatusCode::kOk : StatusCode::kResourceExhausted);
  }
}

// --- Many at once: a turn decompresses as much as it may receive, and one message, and the turns
// behind it pay for that.

class ManyResponses : public ::testing::Test {
 protected:
  static constexpr size_t kTextBytes = 4 * reactor::kReceiveBytesPerTurnMaxDefault;
  static constexpr int kTurnsPerCall = 4;

  void Begin(int count) {
    for (int i = 0; i < count; ++i) net_.Begin(&calls_.emplace_back());
    net_.Accepts();
  }
  // To the calls from the first on, all in one piece.
  void Respond(int count, const std::string& framed) {
    for (int i = 0; i < count; ++i) {
      const uint32_t id = 2 * next_++ + 1;
      for (const Frame& frame : {ResponseHead(id).Field("grpc-encoding", "zstd"),
                                 Data(id, framed), Trailers(id, "0")}) {
        bytes_ += http2::testing::Encode(frame, encoder_);
      }
    }
  }
  void Turn() {
    if (!bytes_.empty()) net_.net().newest().Write(std::exchange(bytes_, {}));
    net_.shard().Turn(0);
  }
  int ended_count() const {
    return static_cast<int>(std::count_if(calls_.begin(), calls_.end(),
                                          [](const PendingCall& call) { return call.ended(); }));
  }
  static std::string Large() {
    return Framed(Compressed(wire::Zstd(), std::string(kTextBytes, 'x')), 1);
  }

  Dialogue net_;
  std::deque<PendingCall> calls_;
  http2::HpackEncoder encoder_;
  std::string bytes_;
  uint32_t next_ = 0;
};

TEST_F(ManyResponses, EndOneByOneAsTheTurnsHaveRoom) {
  constexpr int kCalls = 10;
  Begin(kCalls);
  Respond(kCalls, Large());
  for (int turn = 0; turn <= kCalls * kTurnsPerCall; ++turn) {
    Turn();
    EXPECT_LE(ended_count(), 1 + turn / kTurnsPerCall) << turn;
  }
  for (const PendingCall& call : calls_) EXPECT_EQ(call.text().size(), kTextBytes);
}

TEST_F(ManyResponses, OneThatWaitsMayBeGivenUp) {
  Begin(3);
  Respond(3, Large());
  Turn();
  EXPECT_EQ(ended_count(), 1);
  calls_[1].scope()->Cancel(MakeStatus(StatusCode::kCancelled, "enough"));
  for (int turn = 0; turn < 3 * kTurnsPerCall; ++turn) Turn();
  EXPECT_EQ(calls_[1].code(), StatusCode::kCancelled);
  EXPECT_EQ(calls_[2].text().size(), kTextBytes);
}

TEST_F(ManyResponses, OneThatIsWrongIsFoundWrongInItsTurn) {
  Begin(3);
  Respond(1, Large());
  Respond(1, Framed("no zstd", 1));
  Respond(1, Framed(Compressed(wire::Zstd(), std::string(5 * kTextBytes, 'x')), 1));
  for (int turn = 0; turn < 3 * kTurnsPerCall; ++turn) Turn();
  EXPECT_EQ(calls_[0].code(), StatusCode::kOk);
  EXPECT_EQ(calls_[1].code(), StatusCode::kInternal);
  EXPECT_EQ(calls_[2].code(), StatusCode::kResourceExhausted);
}

TEST_F(ManyResponses, TheEndOfTheChannelEndsThoseThatWait) {
  Begin(3);
  Respond(3, Large());
  Turn();
  net_.CloseChannel();
  EXPECT_EQ(calls_[1].code(), StatusCode::kUnavailable);
  EXPECT_EQ(calls_[2].code(), StatusCode::kUnavailable);
}

// The response is whole: what becomes of the connection is no matter.
TEST_F(ManyResponses, TheEndOfTheConnectionDoesNot) {
  Begin(2);
  Respond(2, Large());
  Turn();
  net_.net().newest().Break(ECONNRESET);
  for (int turn = 0; turn < 3 * kTurnsPerCall; ++turn) Turn();
  EXPECT_EQ(calls_[1].text().size(), kTextBytes);
}

TEST(CompressedRequest, NamesItsEncodingAndIsShorter) {
  Dialogue net;
  PendingCall call;
  const CallOptions options = CallOptions().SetCompression("gzip");
  const std::string text(10'000, 'x');
  net.Begin(&call, text, options);
  net.Accepts();
  const std::optional<Frame> head = net.TakeFrame();
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->fields[7], (std::pair<std::string, std::string>("grpc-encoding", "gzip")));
  net.Expects(Data(1, Framed(Compressed(wire::Gzip(), text), 1)).End());
}

TEST(CompressedRequest, ShortMessagesGoAsTheyAre) {
  ChannelOptions channel_options;
  channel_options.compression = "zstd";
  Dialogue net(channel_options);
  PendingCall call;
  net.Begin(&call, "hello");
  net.Accepts();
  net.TakeFrame();
  net.Expects(Data(1, Framed("hello")).End());
}

TEST(CompressedRequest, InWhatNobodyHasFailsAtOnce) {
  Dialogue net;
  PendingCall call;
  const CallOptions options = CallOptions().SetCompression("lzma");
  net.Begin(&call, "hello", options);
  EXPECT_EQ(call.code(), StatusCode::kInternal);
  EXPECT_EQ(call.message(), "there is no compression 'lzma'; there is identity,gzip,deflate,zstd");
  EXPECT_EQ(net.net().ends_count(), 0u);
}

}  // namespace
}  // namespace penstock::client::testing
