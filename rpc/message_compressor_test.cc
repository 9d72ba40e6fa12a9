#include "penstock/rpc/message_compressor.h"

#include <gtest/gtest.h>

#include <string>

#include "penstock/reactor/testing/memory_net.h"
#include "penstock/wire/compress.h"

namespace penstock::rpc {
namespace {

using wire::DecompressResult;

class MessageCompressorTest : public testing::Test {
 protected:
  MessageCompressorTest() {
    std::string why;
    EXPECT_TRUE(shard_.Open(&why)) << why;
    for (auto compression : {wire::Gzip(), wire::Deflate(), wire::Zstd()}) {
      EXPECT_EQ(encodings_.Add(std::move(compression)), nullptr);
    }
  }

  struct Sent {
    std::string octets;
    bool compressed = false;
  };
  Sent Compress(std::string_view encoding, const std::string& text, size_t bytes_min = 0) {
    const wire::Bytes octets = wire::AsBytes(text);
    Sent sent;
    const auto send = [&sent](const MessageWriter& writer) {
      sent.octets.resize(writer.byte_size());
      writer.SerializeTo(reinterpret_cast<uint8_t*>(sent.octets.data()));
      sent.compressed = writer.compressed();
    };
    compressor_.Compress(encodings_.Find(encoding), MessageWriter::OfOctets(&octets, false),
                         bytes_min, send);
    return sent;
  }

  reactor::MemoryNet net_;
  reactor::Shard shard_{{.simulation = &net_}};
  DecompressionBudget budget_{&shard_, 1'000};
  Encodings encodings_;
  MessageCompressor compressor_{&encodings_};
  wire::Arena arena_;
};

TEST_F(MessageCompressorTest, CompressesAndDecompresses) {
  for (const size_t bytes : {size_t{100}, size_t{10'000}, size_t{1'000'000}}) {
    for (const char* name : {"gzip", "deflate", "zstd"}) {
      SCOPED_TRACE(std::to_string(bytes) + " octets, " + name);
      const std::string text(bytes, 'x');
      const Sent sent = Compress(name, text);
      EXPECT_TRUE(sent.compressed);
      EXPECT_LT(sent.octets.size(), bytes);
      wire::Bytes plain;
      EXPECT_EQ(compressor_.Decompress(encodings_.Find(name), wire::AsBytes(sent.octets),
                                       static_cast<uint32_t>(bytes), &budget_, &arena_, &plain),
                DecompressResult::kOk);
      EXPECT_TRUE(wire::AsString(plain) == text);
    }
  }
}

TEST_F(MessageCompressorTest, ChargesWhatHasComeOutAlsoOfWhatIsRefused) {
  const Sent sent = Compress("gzip", std::string(1'000, 'x'));
  for (const uint32_t bytes_max : {1'000u, 999u}) {
    EXPECT_TRUE(budget_.has_room());
    wire::Bytes plain;
    EXPECT_EQ(compressor_.Decompress(encodings_.Find("gzip"), wire::AsBytes(sent.octets),
                                     bytes_max, &budget_, &arena_, &plain),
              bytes_max == 1'000 ? DecompressResult::kOk : DecompressResult::kTooLarge);
    EXPECT_FALSE(budget_.has_room());
    shard_.Turn(0);
  }
}

TEST_F(MessageCompressorTest, ChargesWhatBecomesNothing) {
  // Stored blocks of no octets, one behind the other; the last one says so.
  std::string empty_blocks("\x78\x01", 2);
  for (int i = 0; i < 200; ++i) empty_blocks.append("\0\0\0\xff\xff", 5);
  empty_blocks.append("\x01\0\0\xff\xff", 5).append("\0\0\0\x01", 4);
  wire::Bytes plain;
  EXPECT_EQ(compressor_.Decompress(encodings_.Find("deflate"), wire::AsBytes(empty_blocks), 100,
                                   &budget_, &arena_, &plain),
            DecompressResult::kOk);
  EXPECT_TRUE(plain.empty());
  EXPECT_FALSE(budget_.has_room());
}

TEST_F(MessageCompressorTest, SendsPlainWhatIsNotWorthIt) {
  const std::string text(1000, 'x');
  EXPECT_TRUE(Compress("gzip", text, 1000).compressed);
  EXPECT_FALSE(Compress("gzip", text, 1001).compressed);
  EXPECT_EQ(Compress("gzip", text, 1001).octets, text);
  EXPECT_FALSE(Compress("identity", text).compressed);
  for (const char* longer : {"", "a", "short", "0123456789abcdef"}) {
    const Sent sent = Compress("gzip", longer);
    EXPECT_FALSE(sent.compressed) << longer;
    EXPECT_EQ(sent.octets, longer);
  }
}

TEST_F(MessageCompressorTest, SaysWhatIsWrongAndWithWhat) {
  const auto status = [](DecompressResult result) {
    return MessageCompressor::StatusOf(result, "gzip", 100);
  };
  EXPECT_TRUE(status(DecompressResult::kOk).ok());
  EXPECT_EQ(status(DecompressResult::kTooLarge).code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(MessageOf(status(DecompressResult::kTooLarge)),
            "a message compressed with gzip exceeds message_bytes_max, 100 octets");
  for (const auto result : {DecompressResult::kCorrupt, DecompressResult::kTruncated,
                            DecompressResult::kTrailing, DecompressResult::kTooManyMembers,
                            DecompressResult::kWindowTooLarge, DecompressResult::kOutOfMemory}) {
    EXPECT_EQ(status(result).code(), StatusCode::kInternal);
  }
  EXPECT_EQ(MessageOf(status(DecompressResult::kCorrupt)),
            "a message compressed with gzip is corrupt");
}

}  // namespace
}  // namespace penstock::rpc
