#include "penstock/http2/hpack_encoder.h"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

#include "penstock/http2/hpack_decoder.h"
#include "penstock/http2/hpack_testing.h"

namespace penstock::http2 {
namespace {

using testing::CopyOf;
using testing::EncodeBlock;
using testing::Fields;
using testing::Octets;
using testing::ToHex;

constexpr IndexingPolicy kNoIndex = IndexingPolicy::kNoIndex;
constexpr IndexingPolicy kNever = IndexingPolicy::kNever;

const Fields kResponse = {{":status", "200"}, {"content-type", "application/grpc"}};
const Fields kTrailers = {{"grpc-status", "0"}};

TEST(HpackEncoder, ARepeatedFieldIsOneOctet) {
  HpackEncoder encoder;
  EXPECT_GT(EncodeBlock(encoder, kResponse).size(), 10u);
  EXPECT_GT(EncodeBlock(encoder, kTrailers).size(), 10u);
  EXPECT_EQ(ToHex(EncodeBlock(encoder, kResponse)), "88bf");
  EXPECT_EQ(ToHex(EncodeBlock(encoder, kTrailers)), "be");
}

TEST(HpackEncoder, TheGenerationTellsWhetherBytesMayBeSentAgain) {
  HpackEncoder encoder;
  const uint64_t empty = encoder.generation();
  EncodeBlock(encoder, kResponse);
  const uint64_t inserted = encoder.generation();
  EXPECT_NE(inserted, empty);
  EncodeBlock(encoder, kResponse);
  EncodeBlock(encoder, {{"content-length", "5", kNoIndex}, {"authorization", "x", kNever}});
  EXPECT_EQ(encoder.generation(), inserted) << "nothing was inserted";
  EncodeBlock(encoder, kTrailers);
  const uint64_t shifted = encoder.generation();
  EXPECT_NE(shifted, inserted) << "an insertion moves every index";
  encoder.SetPeerTableBytesMax(4096);
  EXPECT_EQ(encoder.generation(), shifted) << "no change";
  encoder.SetPeerTableBytesMax(100);
  const uint64_t shrunk = encoder.generation();
  EXPECT_NE(shrunk, shifted);
  EncodeBlock(encoder, {});
  EXPECT_NE(encoder.generation(), shrunk) << "a block with a size update is not for keeping";
}

TEST(HpackEncoder, PoliciesHaveTheirRepresentations) {
  HpackEncoder encoder;
  encoder.set_huffman(false);
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{"a", "b", kNoIndex}})), "0001610162");
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{"a", "b", kNever}})), "1001610162");
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{"a", "b"}})), "4001610162");
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{"a", "b"}})), "be");
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{"a", "b", kNoIndex}})), "be");
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{"a", "b", kNever}})), "1f2f0162");
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{"a", "c", kNoIndex}})), "0f2f0163");
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{":method", "GET", kNever}})), "1203474554");
}

TEST(HpackEncoder, HuffmanIsUsedWhereItIsShorter) {
  HpackEncoder encoder;
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{"a", "www.example.com", kNoIndex}})),
            "0001618cf1e3c2e5f23a6ba0ab90f4ff");
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{"a", "307", kNoIndex}})), "00016103333037");
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{"a", "\x01\x02", kNoIndex}})), "000161020102");
  encoder.set_huffman(false);
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{"a", "000", kNoIndex}})), "00016103303030");
}

TEST(HpackEncoder, AnEntryThatWouldPushMostOthersOutIsNotIndexed) {
  HpackEncoder encoder(100);
  EncodeBlock(encoder, {{"a", std::string(42, 'v')}});  // 75
  EXPECT_EQ(encoder.table_entries(), 1u);
  EncodeBlock(encoder, {{"b", std::string(43, 'v')}});  // 76
  EXPECT_EQ(encoder.table_entries(), 1u);
  HpackEncoder none(0);
  EncodeBlock(none, kResponse);
  EXPECT_EQ(none.table_entries(), 0u);
}

// --- Table size updates

TEST(HpackEncoder, ThePeersSettingBoundsTheTable) {
  HpackEncoder encoder;
  encoder.SetPeerTableBytesMax(1u << 30);
  EXPECT_EQ(encoder.table_bytes_max(), 4096u);
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {})), "");
  encoder.SetPeerTableBytesMax(100);
  EXPECT_EQ(encoder.table_bytes_max(), 100u);
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{":method", "GET"}})), "3f4582");
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{":method", "GET"}})), "82");
}

TEST(HpackEncoder, TheLowestSizeInBetweenIsTold) {
  HpackEncoder encoder;
  EncodeBlock(encoder, kResponse);
  encoder.SetPeerTableBytesMax(10);
  encoder.SetPeerTableBytesMax(0);
  encoder.SetPeerTableBytesMax(20);
  encoder.SetPeerTableBytesMax(4096);
  EXPECT_EQ(encoder.table_entries(), 0u);
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{":method", "GET"}})), "203fe11f82");
}

TEST(HpackEncoder, ASmallerBoundThanTheProtocolsIsToldAtOnce) {
  HpackEncoder encoder(0);
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {{":method", "GET"}})), "2082");
}

TEST(HpackEncoder, ALargerBoundWaitsForThePeersLeave) {
  HpackEncoder encoder(16384);
  EXPECT_EQ(encoder.table_bytes_max(), 4096u);
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {})), "");
  encoder.SetPeerTableBytesMax(65536);
  EXPECT_EQ(encoder.table_bytes_max(), 16384u);
  EXPECT_EQ(ToHex(EncodeBlock(encoder, {})), "3fe17f");
}

TEST(HpackEncoder, ABoundAboveWhatATableCanHoldIsCut) {
  HpackEncoder encoder(2 * kHpackTableBytesCeiling);
  encoder.SetPeerTableBytesMax(2 * kHpackTableBytesCeiling);
  EXPECT_EQ(encoder.table_bytes_max(), kHpackTableBytesCeiling);
}

TEST(HpackEncoder, SuggestionsKeepSecretsOutOfTheTable) {
  EXPECT_EQ(SuggestedIndexing("authorization", "Bearer x"), IndexingPolicy::kNever);
  EXPECT_EQ(SuggestedIndexing("cookie", "id=1"), IndexingPolicy::kNever);
  EXPECT_EQ(SuggestedIndexing("cookie", std::string(40, 'c')), IndexingPolicy::kIndex);
  EXPECT_EQ(SuggestedIndexing("content-length", "1"), IndexingPolicy::kNoIndex);
  EXPECT_EQ(SuggestedIndexing("content-type", "text/html"), IndexingPolicy::kIndex);
}

TEST(HpackEncoder, StaysWithinItsAnnouncedRoom) {
  HpackEncoder encoder;
  for (const size_t bytes : {0u, 1u, 126u, 127u, 128u, 300u, 70000u}) {
    for (const char filler : {'0', 'Z', '\xff'}) {
      const std::string text(bytes, filler);
      const Octets block = EncodeBlock(encoder, {{"x" + text, text, kNever}});
      EXPECT_LE(block.size(), HpackEncoder::EncodedBytesMax(text.size() + 1, text.size()));
    }
  }
}

// Random field lists through random changes of size, as a connection sees them.
TEST(HpackEncoder, ADecoderFollowsIt) {
  for (uint32_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    HpackEncoder encoder;
    HpackDecoder decoder(4096);
    FieldList list;
    encoder.set_huffman(seed % 3 != 0);
    const auto text = [&random](uint32_t alphabet, uint32_t bytes_max) {
      std::string letters(random() % (bytes_max + 1), '\0');
      for (char& c : letters) c = static_cast<char>('a' + random() % alphabet);
      return letters;
    };
    for (int round = 0; round < 400; ++round) {
      if (random() % 20 == 0) {
        const uint32_t bytes = random() % 3 == 0 ? 4096 : random() % 600;
        encoder.SetPeerTableBytesMax(bytes);
        decoder.SetTableBytesMax(bytes);
        if (random() % 3 == 0) {
          encoder.SetPeerTableBytesMax(4096);
          decoder.SetTableBytesMax(4096);
        }
      }
      Fields fields;
      for (uint32_t i = random() % 12; i != 0; --i) {
        const auto policy = static_cast<IndexingPolicy>(random() % 8 < 6 ? 0 : random() % 3);
        switch (random() % 4) {
          case 0:
            fields.push_back({":status", random() % 2 == 0 ? "200" : "418", policy});
            break;
          case 1:
            fields.push_back({"x" + text(3, 2), text(2, 3), policy});
            break;
          case 2:
            fields.push_back({"content-type", "application/" + text(4, 2), policy});
            break;
          default:
            fields.push_back({"y" + text(26, 30), text(26, 200), policy});
            break;
        }
      }
      const Octets block = EncodeBlock(encoder, fields);
      ASSERT_EQ(decoder.Decode(block, list, HeaderLimits{1u << 20, 1000}), HpackError::kOk);
      ASSERT_EQ(CopyOf(list), fields);
      ASSERT_EQ(decoder.table_bytes(), encoder.table_bytes());
      ASSERT_EQ(decoder.table_entries(), encoder.table_entries());
      decoder.CheckInvariants();
    }
  }
}

}  // namespace
}  // namespace penstock::http2
