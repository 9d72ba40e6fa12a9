// Our decoder against libnghttp2's encoder and the other way round, on random field lists with
// changes of table size; and both decoders on mutated blocks.
#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/hpack_decoder.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/hpack_testing.h"
#include "penstock/http2/testing/nghttp2_hpack.h"

namespace penstock::http2 {
namespace {

using testing::CopyOf;
using testing::Deflater;
using testing::EncodeBlock;
using testing::Fields;
using testing::Inflater;
using testing::Octets;
using testing::ToHex;

constexpr HeaderLimits kWide{1u << 20, 10000};

// Field lists as clients and servers send them, with some repetition, some surprise.
class RandomFields {
 public:
  explicit RandomFields(uint32_t seed) : random_(seed) {}

  uint32_t Below(uint32_t bound) { return random_() % bound; }

  Fields Next() {
    static constexpr std::string_view kNames[] = {
        ":authority",  ":method",    ":path",          ":scheme",      ":status",  "content-type",
        "te",          "user-agent", "content-length", "grpc-timeout", "cookie",   "authorization",
        "grpc-status", "x-request",  "accept",         "set-cookie",   "trace-bin"};
    static constexpr std::string_view kValues[] = {"GET",
                                                   "POST",
                                                   "/",
                                                   "/a.B/C",
                                                   "http",
                                                   "https",
                                                   "200",
                                                   "404",
                                                   "application/grpc",
                                                   "trailers",
                                                   "grpc-go/1.65.0",
                                                   "",
                                                   "0",
                                                   "19999871u",
                                                   "gzip, deflate",
                                                   "www.example.com"};
    Fields fields;
    for (uint32_t i = Below(14); i != 0; --i) {
      std::string name(kNames[Below(std::size(kNames))]);
      std::string value(kValues[Below(std::size(kValues))]);
      if (Below(6) == 0) name = "x-" + Text(Below(20), false);
      if (Below(4) == 0) value = Text(Below(Below(10) == 0 ? 500 : 30), Below(4) == 0);
      const bool never = Below(12) == 0;
      fields.push_back({name, value, never ? IndexingPolicy::kNever : IndexingPolicy::kIndex});
    }
    return fields;
  }

 private:
  std::string Text(uint32_t bytes, bool binary) {
    std::string text(bytes, '\0');
    for (char& c : text) c = static_cast<char>(binary ? Below(256) : 'a' + Below(26));
    return text;
  }

  std::mt19937 random_;
};

TEST(HpackAgainstNghttp2, ItsBlocksAreDecodedHere) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    RandomFields random(seed);
    Deflater deflater;
    HpackDecoder decoder(4096);
    FieldList list;
    for (int round = 0; round < 300; ++round) {
      if (random.Below(25) == 0) {
        const uint32_t bytes = random.Below(2) == 0 ? 4096 : random.Below(4096);
        ASSERT_EQ(nghttp2_hd_deflate_change_table_size(deflater.hd, bytes), 0);
        decoder.SetTableBytesMax(bytes);
      }
      const Fields fields = random.Next();
      const Octets block = deflater.Encode(fields);
      ASSERT_EQ(decoder.Decode(block, list, kWide), HpackError::kOk) << ToHex(block);
      ASSERT_EQ(CopyOf(list), fields);
      ASSERT_EQ(decoder.table_bytes(), nghttp2_hd_deflate_get_dynamic_table_size(deflater.hd));
    }
  }
}

TEST(HpackAgainstNghttp2, OurBlocksAreDecodedThere) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    RandomFields random(seed);
    HpackEncoder encoder;
    Inflater inflater;
    Fields decoded;
    encoder.set_huffman(seed % 4 != 0);
    for (int round = 0; round < 300; ++round) {
      if (random.Below(25) == 0) {
        const uint32_t bytes = random.Below(2) == 0 ? 4096 : random.Below(4096);
        ASSERT_EQ(nghttp2_hd_inflate_change_table_size(inflater.hd, bytes), 0);
        encoder.SetPeerTableBytesMax(bytes);
      }
      const Fields fields = random.Next();
      const Octets block = EncodeBlock(encoder, fields);
      ASSERT_TRUE(inflater.Decode(block, decoded)) << ToHex(block);
      ASSERT_EQ(decoded, fields);
      ASSERT_EQ(encoder.table_bytes(), nghttp2_hd_inflate_get_dynamic_table_size(inflater.hd));
    }
  }
}

// With the same choice of what to index, sizes are the same to within 1 %.
TEST(HpackAgainstNghttp2, OurBlocksAreNoLarger) {
  RandomFields random(99);
  HpackEncoder encoder;
  Deflater deflater;
  size_t ours = 0;
  size_t theirs = 0;
  for (int round = 0; round < 3000; ++round) {
    Fields fields = random.Next();
    for (auto& field : fields) {
      if (field.policy == IndexingPolicy::kIndex) {
        field.policy = SuggestedIndexing(field.name, field.value);
      }
    }
    ours += EncodeBlock(encoder, fields).size();
    theirs += deflater.Encode(fields).size();
  }
  EXPECT_LE(static_cast<double>(ours), 1.01 * static_cast<double>(theirs));
}

// Blocks with flipped, cut and doubled octets: both accept the same and read the same out of them.
TEST(HpackAgainstNghttp2, MutatedBlocksAreJudgedAlike) {
  int accepted = 0;
  int refused = 0;
  for (uint32_t seed = 1; seed <= 400; ++seed) {
    RandomFields random(seed);
    Deflater deflater;
    Inflater inflater;
    HpackDecoder decoder(4096);
    FieldList list;
    for (int round = 0; round < 20; ++round) {
      Octets block = deflater.Encode(random.Next());
      if (block.empty()) continue;
      const bool mutate = random.Below(3) == 0;
      for (uint32_t i = mutate ? 1 + random.Below(3) : 0; i != 0 && !block.empty(); --i) {
        const size_t at = random.Below(static_cast<uint32_t>(block.size()));
        switch (random.Below(4)) {
          case 0:
            block[at] ^= static_cast<uint8_t>(1u << random.Below(8));
            break;
          case 1:
            block[at] = static_cast<uint8_t>(random.Below(256));
            break;
          case 2:
            block.resize(at);
            break;
          default:
            block.insert(block.begin() + static_cast<long>(at), block[at]);
            break;
        }
      }
      Fields theirs;
      const bool ok = inflater.Decode(block, theirs);
      const HpackError error = decoder.Decode(block, list, kWide);
      // libnghttp2 knows no bound on the count of size updates.
      if (error == HpackError::kSizeUpdateTooMany) break;
      ASSERT_EQ(error == HpackError::kOk, ok)
          << "seed " << seed << " round " << round << ": " << TextOf(error) << ' ' << ToHex(block);
      if (!ok) {
        ++refused;
        break;
      }
      ASSERT_EQ(CopyOf(list), theirs)
          << "seed " << seed << " round " << round << ' ' << ToHex(block);
      ASSERT_EQ(decoder.table_bytes(), nghttp2_hd_inflate_get_dynamic_table_size(inflater.hd));
      ++accepted;
    }
  }
  EXPECT_GT(accepted, 500);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace penstock::http2
