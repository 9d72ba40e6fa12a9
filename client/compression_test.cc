// Messages that are compressed on their way, either way.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

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
  output.Begin(1'000'000);
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
