#include "penstock/http2/hpack_decoder.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/hpack_testing.h"

namespace penstock::http2 {
namespace {

using testing::BlockOf;
using testing::CopyOf;
using testing::Fields;
using testing::Octets;

constexpr HeaderLimits kWide{1u << 30, 1u << 20};

struct Peer {
  explicit Peer(uint32_t table_bytes_max = 4096, FieldClassifier classifier = {})
      : decoder(table_bytes_max, classifier) {}

  HpackError Decode(const BlockOf& block, const HeaderLimits& limits = kWide) {
    // A copy of the exact size, which is gone with the next block: AddressSanitizer sees both.
    octets = std::make_unique<Octets>(block.octets);
    const HpackError error = decoder.Decode(*octets, fields, limits);
    decoder.CheckInvariants();
    return error;
  }
  Fields Decoded(const BlockOf& block) {
    EXPECT_EQ(Decode(block), HpackError::kOk);
    return CopyOf(fields);
  }

  HpackDecoder decoder;
  FieldList fields;
  std::unique_ptr<Octets> octets;
};

TEST(HpackDecoder, AnEmptyBlockHasNoFields) {
  Peer peer;
  EXPECT_EQ(peer.Decoded({}), Fields{});
  EXPECT_EQ(peer.decoder.heap_bytes(), 0u);
}

TEST(HpackDecoder, BrokenBlocksAreConnectionErrors) {
  const struct {
    const char* name;
    const char* block;
    HpackError error;
  } kBroken[] = {
      {"index 0", "80", HpackError::kIndexZero},
      {"index 62 of an empty table", "be", HpackError::kIndexBeyondTable},
      {"index 126", "fe", HpackError::kIndexBeyondTable},
      {"index 127", "ff00", HpackError::kIndexBeyondTable},
      {"index cut", "ff", HpackError::kTruncated},
      {"index cut in a septet", "ff80", HpackError::kTruncated},
      {"index of more than 32 bits", "ffffffffffff01", HpackError::kIntegerTooLarge},
      {"index of endless zeros", "ff80808080808080", HpackError::kIntegerTooLarge},
      {"name index beyond the table", "7e0161", HpackError::kIndexBeyondTable},
      {"name index beyond the table, not indexed", "0f2f0161", HpackError::kIndexBeyondTable},
      {"literal without name", "40", HpackError::kTruncated},
      {"literal without value", "400161", HpackError::kTruncated},
      {"literal with a cut name", "400361", HpackError::kTruncated},
      {"literal with a cut value", "4001610362", HpackError::kTruncated},
      {"literal with a value of 4 GiB", "4001617f80ffffff0f", HpackError::kTruncated},
      {"literal with a cut length", "4001617f", HpackError::kTruncated},
      {"never indexed without value", "100161", HpackError::kTruncated},
      {"Huffman padding of 8 bits",
       "40016182"
       "1fff",
       HpackError::kHuffmanPadding},
      {"Huffman padding of zeros",
       "40016181"
       "18",
       HpackError::kHuffmanPadding},
      {"Huffman end of string",
       "40016184"
       "ffffffff",
       HpackError::kHuffmanEndOfString},
      {"Huffman error in a name",
       "408118"
       "0161",
       HpackError::kHuffmanPadding},
      {"Huffman error in a never-indexed value", "1001618118", HpackError::kHuffmanPadding},
      {"size update behind a field", "8220", HpackError::kSizeUpdateNotAtStart},
      {"three size updates", "202020", HpackError::kSizeUpdateTooMany},
      {"size update of 4097", "3fe21f", HpackError::kSizeUpdateTooLarge},
      {"size update cut", "3f", HpackError::kTruncated},
  };
  for (const auto& broken : kBroken) {
    SCOPED_TRACE(broken.name);
    Peer peer;
    const HpackError error = peer.Decode(BlockOf().Hex(broken.block));
    EXPECT_EQ(error, broken.error);
    EXPECT_TRUE(IsConnectionError(error));
    EXPECT_TRUE(peer.fields.empty());
    // The same behind good fields.
    Peer other;
    const bool updates = broken.error == HpackError::kSizeUpdateTooMany ||
                         broken.error == HpackError::kSizeUpdateTooLarge ||
                         broken.block == std::string_view("3f");
    EXPECT_EQ(other.Decode(BlockOf().Hex("8286").Hex(broken.block)),
              updates ? HpackError::kSizeUpdateNotAtStart : broken.error);
  }
}

TEST(HpackDecoder, EveryPrefixOfABlockIsWholeOrTruncated) {
  const BlockOf whole = BlockOf()
                            .Hex("8286")
                            .Insert("x-long-name", std::string(200, 'v'))
                            .Plain(4, "/pack.Service/Method")
                            .Indexed(62);
  size_t good = 0;
  for (size_t bytes = 0; bytes <= whole.octets.size(); ++bytes) {
    BlockOf part;
    part.octets.assign(whole.octets.begin(), whole.octets.begin() + static_cast<long>(bytes));
    Peer peer;
    const HpackError error = peer.Decode(part);
    EXPECT_TRUE(error == HpackError::kOk || error == HpackError::kTruncated) << bytes;
    good += error == HpackError::kOk;
  }
  EXPECT_EQ(good, 6u);  // empty and behind each field
}

TEST(HpackDecoder, LongIndicesReachOldEntries) {
  Peer peer;
  BlockOf inserts;
  for (int i = 0; i < 80; ++i) inserts.Insert("n", std::to_string(i));
  ASSERT_EQ(peer.Decode(inserts), HpackError::kOk);
  EXPECT_EQ(peer.Decoded(BlockOf().Indexed(62)), (Fields{{"n", "79"}}));
  EXPECT_EQ(peer.Decoded(BlockOf().Indexed(126)), (Fields{{"n", "15"}}));
  EXPECT_EQ(peer.Decoded(BlockOf().Indexed(127)), (Fields{{"n", "14"}}));
  EXPECT_EQ(peer.Decoded(BlockOf().Indexed(141)), (Fields{{"n", "0"}}));
  EXPECT_EQ(peer.Decode(BlockOf().Indexed(142)), HpackError::kIndexBeyondTable);
}

TEST(HpackDecoder, MoreFieldsThanItsFirstRoom) {
  Peer peer;
  BlockOf block;
  for (int i = 0; i < 100; ++i) block.Hex("82").Plain(4, "/" + std::to_string(i));
  const Fields fields = peer.Decoded(block);
  ASSERT_EQ(fields.size(), 200u);
  for (size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(fields[2 * i].value, "GET");
    EXPECT_EQ(fields[2 * i + 1].value, "/" + std::to_string(i));
  }
}

TEST(HpackDecoder, MarksNeverIndexedFieldsAndForgetsThem) {
  Peer peer;
  ASSERT_EQ(peer.Decode(BlockOf().Hex("1f08").Text("secret").Plain(4, "/")), HpackError::kOk);
  ASSERT_EQ(peer.fields.size(), 2u);
  EXPECT_EQ(peer.fields[0].name, "authorization");
  EXPECT_TRUE(peer.fields[0].never_indexed);
  EXPECT_FALSE(peer.fields[1].never_indexed);
  EXPECT_EQ(peer.decoder.table_entries(), 0u);
}

TEST(HpackDecoder, TokensComeWithLiteralsAndIndices) {
  Peer peer;
  const BlockOf block = BlockOf()
                            .Hex("83")
                            .InsertNamed(4, "/a.B/C")
                            .InsertNamed(31, "application/grpc")
                            .Insert("te", "trailers")
                            .Insert("grpc-timeout", "1S")
                            .Insert("X-Upper", "v")
                            .Insert("x-value", "a\nb")
                            .InsertNamed(62, "good");
  const FieldName want[] = {FieldName::kMethod,  FieldName::kPath,        FieldName::kContentType,
                            FieldName::kTe,      FieldName::kGrpcTimeout, FieldName::kInvalid,
                            FieldName::kInvalid, FieldName::kOther};
  ASSERT_EQ(peer.Decode(block), HpackError::kOk);
  ASSERT_EQ(peer.fields.size(), 8u);
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(peer.fields[i].token, want[i]) << i;
  // Again, all by index.
  BlockOf again = BlockOf().Hex("83");
  for (uint32_t index = 68; index >= 62; --index) again.Indexed(index);
  ASSERT_EQ(peer.Decode(again), HpackError::kOk);
  ASSERT_EQ(peer.fields.size(), 8u);
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(peer.fields[i].token, want[i]) << i;
}

// Classifier: numbers the fields it is asked about.
struct Asked {
  static uint64_t Classify(void* context, FieldName token, std::string_view name,
                           std::string_view value) {
    auto* asked = static_cast<Asked*>(context);
    EXPECT_NE(token, FieldName::kInvalid);
    asked->fields.push_back({std::string(name), std::string(value)});
    return 1000 + asked->fields.size();
  }
  Fields fields;
};

TEST(HpackDecoder, TheMeaningOfAnEntryIsAskedForOnce) {
  Asked asked;
  Peer peer(4096, {&Asked::Classify, &asked});
  for (int round = 0; round < 3; ++round) {
    BlockOf block = BlockOf().Hex("8386");  // POST, http
    if (round == 0) block.InsertNamed(4, "/a.B/C");
    if (round != 0) block.Indexed(62);
    ASSERT_EQ(peer.Decode(block), HpackError::kOk);
    ASSERT_EQ(peer.fields.size(), 3u);
    EXPECT_EQ(peer.fields[0].meaning, 1001u);
    EXPECT_EQ(peer.fields[1].meaning, 1002u);
    EXPECT_EQ(peer.fields[2].meaning, 1003u);
  }
  EXPECT_EQ(asked.fields, (Fields{{":method", "POST"}, {":scheme", "http"}, {":path", "/a.B/C"}}));
}

TEST(HpackDecoder, MalformedFieldsHaveNoMeaning) {
  Asked asked;
  Peer peer(4096, {&Asked::Classify, &asked});
  ASSERT_EQ(peer.Decode(BlockOf().Insert("Bad", "v").InsertNamed(4, std::string_view("/\0", 2))),
            HpackError::kOk);
  EXPECT_EQ(peer.fields[0].meaning, 0u);
  EXPECT_EQ(peer.fields[1].meaning, 0u);
  EXPECT_TRUE(asked.fields.empty());
}

TEST(HpackDecoder, RepeatedLiteralsAreRemembered) {
  Asked asked;
  Peer peer(4096, {&Asked::Classify, &asked});
  const BlockOf block = BlockOf().Plain(4, "/pack.Service/Method").Plain(28, "17");
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(peer.Decoded(block),
              (Fields{{":path", "/pack.Service/Method"}, {"content-length", "17"}}));
    EXPECT_EQ(peer.fields[0].meaning, 1001u);
    EXPECT_EQ(peer.fields[1].meaning, 1002u);
    EXPECT_EQ(peer.fields[0].token, FieldName::kPath);
  }
  EXPECT_EQ(asked.fields.size(), 2u);
  EXPECT_EQ(peer.decoder.table_entries(), 0u);
}

TEST(HpackDecoder, AnotherLiteralReplacesTheRememberedOne) {
  Peer peer;
  for (const char* path : {"/a.B/C", "/a.B/D", "/a.B/C", "/a.B/longer-than-the-others-by-far"}) {
    const Fields want{{":path", path}};
    EXPECT_EQ(peer.Decoded(BlockOf().Plain(4, path)), want);
    EXPECT_EQ(peer.Decoded(BlockOf().Plain(4, path)), want);
  }
}

TEST(HpackDecoder, ARememberedLiteralInUseIsNotReplacedInTheSameBlock) {
  Peer peer;
  ASSERT_EQ(peer.Decode(BlockOf().Plain(32, "a=1")), HpackError::kOk);
  // The first is a hit; 4, 5 and 32 share nothing but what the cache decides.
  EXPECT_EQ(peer.Decoded(BlockOf().Plain(32, "a=1").Plain(32, "b=2").Plain(32, "a=1")),
            (Fields{{"cookie", "a=1"}, {"cookie", "b=2"}, {"cookie", "a=1"}}));
  EXPECT_EQ(peer.Decoded(BlockOf().Plain(32, "b=2").Plain(32, "b=2").Plain(32, "c=3")),
            (Fields{{"cookie", "b=2"}, {"cookie", "b=2"}, {"cookie", "c=3"}}));
}

TEST(HpackDecoder, SecretsAreNotRemembered) {
  Peer peer;
  const BlockOf block = BlockOf().Hex("1f08").HuffmanText("Bearer abcdef");
  ASSERT_EQ(peer.Decode(block), HpackError::kOk);
  ASSERT_EQ(peer.Decode(block), HpackError::kOk);
  EXPECT_EQ(peer.decoder.heap_bytes(), 0u);
}

TEST(HpackDecoder, RawAndHuffmanOctetsAreNotTakenForEachOther) {
  Peer peer;
  // The octets of Huffman "302" are 64 02, as raw text "d\x02".
  EXPECT_EQ(peer.Decoded(BlockOf().Integer(0x00, 4, 28).Hex("826402")),
            (Fields{{"content-length", "302"}}));
  EXPECT_EQ(peer.Decoded(BlockOf().Integer(0x00, 4, 28).Hex("026402")),
            (Fields{{"content-length", "d\x02"}}));
}

// --- Table size updates (RFC 7541 §4.2)

TEST(HpackDecoder, ASizeUpdateEvicts) {
  Peer peer;
  ASSERT_EQ(peer.Decode(BlockOf().Insert("a", "1").Insert("b", "2")), HpackError::kOk);
  EXPECT_EQ(peer.Decoded(BlockOf().Integer(0x20, 5, 34).Indexed(62)), (Fields{{"b", "2"}}));
  EXPECT_EQ(peer.decoder.table_entries(), 1u);
  EXPECT_EQ(peer.Decoded(BlockOf().Integer(0x20, 5, 0).Integer(0x20, 5, 4096)), Fields{});
  EXPECT_EQ(peer.decoder.table_entries(), 0u);
  EXPECT_EQ(peer.decoder.table_bytes_max(), 4096u);
}

TEST(HpackDecoder, AShrunkSettingDemandsAnUpdate) {
  Peer peer;
  peer.decoder.SetTableBytesMax(100);
  EXPECT_EQ(peer.Decode({}), HpackError::kOk);
  EXPECT_EQ(peer.Decode(BlockOf().Hex("82")), HpackError::kSizeUpdateMissing);
  Peer other;
  other.decoder.SetTableBytesMax(100);
  EXPECT_EQ(other.Decode(BlockOf().Integer(0x20, 5, 101)), HpackError::kSizeUpdateTooLarge);
  Peer third;
  third.decoder.SetTableBytesMax(100);
  EXPECT_EQ(third.Decode(BlockOf().Integer(0x20, 5, 90).Hex("82")), HpackError::kOk);
  EXPECT_EQ(third.Decode(BlockOf().Hex("82")), HpackError::kOk);
}

// Spec: RFC 7541 §4.2: the smallest size in between is told, too.
TEST(HpackDecoder, ASettingThatShrankAndGrewDemandsTheLowestSizeFirst) {
  Peer peer;
  peer.decoder.SetTableBytesMax(500);
  peer.decoder.SetTableBytesMax(5000);
  EXPECT_EQ(peer.Decode(BlockOf().Integer(0x20, 5, 501).Hex("82")), HpackError::kSizeUpdateMissing);
  Peer other;
  other.decoder.SetTableBytesMax(500);
  other.decoder.SetTableBytesMax(100);
  other.decoder.SetTableBytesMax(5000);
  EXPECT_EQ(other.Decode(BlockOf().Integer(0x20, 5, 100).Integer(0x20, 5, 5000).Hex("82")),
            HpackError::kOk);
}

TEST(HpackDecoder, AGrownSettingDemandsNothing) {
  Peer peer;
  peer.decoder.SetTableBytesMax(8192);
  EXPECT_EQ(peer.Decode(BlockOf().Hex("82")), HpackError::kOk);
  EXPECT_EQ(peer.decoder.table_bytes_max(), 4096u);
  EXPECT_EQ(peer.Decode(BlockOf().Integer(0x20, 5, 8192).Hex("82")), HpackError::kOk);
  EXPECT_EQ(peer.decoder.table_bytes_max(), 8192u);
}

TEST(HpackDecoder, AnEntryLargerThanTheTableEmptiesIt) {
  Peer peer(100);
  ASSERT_EQ(peer.Decode(BlockOf().Insert("a", "1")), HpackError::kOk);
  EXPECT_EQ(peer.Decoded(BlockOf().Indexed(62).InsertNamed(62, std::string(100, 'v'))),
            (Fields{{"a", "1"}, {"a", std::string(100, 'v')}}));
  EXPECT_EQ(peer.decoder.table_entries(), 0u);
}

// --- Limits

TEST(HpackDecoder, TheListMayHaveItsBytesExactly) {
  const BlockOf block = BlockOf().Hex("82").Insert("name", "value").Plain(4, "/x");  // 42, 41, 39
  Peer peer;
  EXPECT_EQ(peer.Decode(block, {122, 10}), HpackError::kOk);
  EXPECT_EQ(peer.fields.list_bytes(), 122u);
  for (const uint32_t list_bytes_max : {121u, 84u, 82u, 42u, 41u, 0u}) {
    Peer other;
    EXPECT_EQ(other.Decode(block, {list_bytes_max, 10}), HpackError::kHeaderListTooLarge);
    EXPECT_TRUE(other.fields.empty());
    EXPECT_EQ(other.decoder.table_entries(), 1u) << "the table is served nevertheless";
    EXPECT_EQ(other.Decoded(BlockOf().Indexed(62)), (Fields{{"name", "value"}}));
  }
  EXPECT_FALSE(IsConnectionError(HpackError::kHeaderListTooLarge));
}

TEST(HpackDecoder, TheListMayHaveItsFieldsExactly) {
  const BlockOf crumbs = BlockOf().Hex("82").Plain(32, "a=1").Plain(32, "b=2").Indexed(2);
  Peer peer;
  EXPECT_EQ(peer.Decode(crumbs, {1u << 20, 4}), HpackError::kOk);
  for (uint32_t fields_max = 0; fields_max < 4; ++fields_max) {
    EXPECT_EQ(peer.Decode(crumbs, {1u << 20, fields_max}), HpackError::kHeaderListTooLarge);
    EXPECT_TRUE(peer.fields.empty());
  }
}

TEST(HpackDecoder, ABombOfOneLargeEntryHoldsNoMemory) {
  Peer peer;
  ASSERT_EQ(peer.Decode(BlockOf().Insert("x", std::string(4000, 'b'))), HpackError::kOk);
  BlockOf bomb;
  for (int i = 0; i < 100000; ++i) bomb.Indexed(62);
  EXPECT_EQ(peer.Decode(bomb, HeaderLimits{}), HpackError::kHeaderListTooLarge);
  EXPECT_TRUE(peer.fields.empty());
}

TEST(HpackDecoder, ABombIsLeftWhereItsBoundIs) {
  // Three fields of 42 octets in the list, and behind them what is no HPACK.
  const BlockOf bomb = BlockOf().Hex("828282").Indexed(0);
  for (const auto& [dropped_list_bytes_max, want] :
       {std::pair{125u, HpackError::kHeaderListTooLarge}, {126u, HpackError::kIndexZero}}) {
    Peer peer;
    EXPECT_EQ(peer.Decode(bomb, {50, 10, dropped_list_bytes_max}), want);
  }
  Peer peer;
  EXPECT_EQ(peer.Decode(bomb, {50, 10, 125}), HpackError::kHeaderListTooLarge);
  EXPECT_EQ(peer.decoder.dropped_list_bytes(), 126u);
}

TEST(HpackDecoder, DroppedBlocksKeepTheTableInStep) {
  // Inserts of all kinds behind the limit, then every entry is asked for.
  Peer dropped(512);
  Peer whole(512);
  BlockOf block = BlockOf().Hex("82");
  for (int i = 0; i < 40; ++i) {
    block.Insert("name-" + std::to_string(i), std::string(static_cast<size_t>(i), 'v'));
    block.Hex("40").HuffmanText("huffman").HuffmanText(std::string(static_cast<size_t>(i), 'h'));
    block.InsertNamed(62, "from the table").Plain(4, "/not/kept");
    if (i == 5 || i == 38) block.Insert("too-large", std::string(600, 'x'));
    if (i == 20) block.Hex("40").HuffmanText("too-large").HuffmanText(std::string(600, 'x'));
  }
  ASSERT_EQ(whole.Decode(block), HpackError::kOk);
  ASSERT_EQ(dropped.Decode(block, {100, 10}), HpackError::kHeaderListTooLarge);
  ASSERT_EQ(dropped.decoder.table_entries(), whole.decoder.table_entries());
  ASSERT_GT(dropped.decoder.table_entries(), 2u);
  for (uint32_t i = 0; i < whole.decoder.table_entries(); ++i) {
    EXPECT_EQ(dropped.Decoded(BlockOf().Indexed(62 + i)), whole.Decoded(BlockOf().Indexed(62 + i)));
  }
}

TEST(HpackDecoder, BrokenStringsAreErrorsEvenWhenDropped) {
  Peer peer;
  EXPECT_EQ(peer.Decode(BlockOf().Hex("82").Hex("0001618118"), {10, 10}),
            HpackError::kHuffmanPadding);
  Peer other;
  EXPECT_EQ(other.Decode(BlockOf().Hex("82").Hex("80"), {10, 10}), HpackError::kIndexZero);
}

// --- What a block does to the table must not reach the fields it has given before

TEST(HpackDecoder, GrowthDoesNotMoveFieldsOfTheSameBlock) {
  Peer peer;
  ASSERT_EQ(peer.Decode(BlockOf().Insert("first", "value of the first")), HpackError::kOk);
  BlockOf block = BlockOf().Indexed(62).InsertNamed(62, "second");
  Fields want{{"first", "value of the first"}, {"first", "second"}};
  for (int i = 0; i < 60; ++i) {
    block.Insert("more", std::to_string(i)).Indexed(62);
    want.push_back({"more", std::to_string(i)});
    want.push_back({"more", std::to_string(i)});
  }
  EXPECT_EQ(peer.Decoded(block), want);
}

TEST(HpackDecoder, EvictionDoesNotOverwriteFieldsOfTheSameBlock) {
  for (const uint32_t table_bytes_max : {64u, 100u, 200u, 512u, 4096u}) {
    SCOPED_TRACE(table_bytes_max);
    Peer peer(table_bytes_max);
    for (int warm = 0; warm < 3; ++warm) {
      BlockOf block;
      Fields want;
      // Each round names the newest entry, takes it by index, and pushes older ones out.
      block.Insert("origin", "0");
      want.push_back({"origin", "0"});
      for (int i = 1; i < 400; ++i) {
        const std::string value =
            "v" + std::to_string(i) + std::string(static_cast<size_t>(i % 11), '-');
        block.InsertNamed(62, value).Indexed(62);
        want.push_back({"origin", value});
        want.push_back({"origin", value});
      }
      EXPECT_EQ(peer.Decoded(block), want);
    }
  }
}

TEST(HpackDecoder, ANameMayBeTakenFromTheEntryItEvicts) {
  Peer peer(80);
  ASSERT_EQ(peer.Decode(BlockOf().Insert("name-of-twenty-chars", "v1")), HpackError::kOk);
  Fields want;
  BlockOf block;
  for (int i = 0; i < 50; ++i) {
    const std::string value(static_cast<size_t>(i % 25), static_cast<char>('a' + i % 26));
    block.InsertNamed(62, value);
    want.push_back({"name-of-twenty-chars", value});
  }
  EXPECT_EQ(peer.Decoded(block), want);
}

TEST(HpackDecoder, OneBlockCannotMakeTheStorageGrowBeyondItsTable) {
  Peer peer;
  BlockOf block = BlockOf().Insert(std::string(3000, 'n'), "");
  for (int i = 0; i < 5000; ++i) block.InsertNamed(62, "");  // two octets insert 3000 bytes
  ASSERT_EQ(peer.Decode(block, HeaderLimits{}), HpackError::kHeaderListTooLarge);
  EXPECT_LE(peer.decoder.heap_bytes(), 8192u + 8 * 24);
}

TEST(HpackDecoder, AGoClientsFirstCallsCostLittleMemory) {
  Peer peer;
  BlockOf first = BlockOf()
                      .Hex("8386")
                      .InsertNamed(4, "/helloworld.Greeter/SayHello")
                      .InsertNamed(1, "127.0.0.1:50051")
                      .InsertNamed(31, "application/grpc")
                      .InsertNamed(58, "grpc-go/1.65.0")
                      .Insert("te", "trailers")
                      .Insert("grpc-timeout", "19999871u");
  ASSERT_EQ(peer.Decode(first), HpackError::kOk);
  for (int call = 1; call < 10; ++call) {
    BlockOf next = BlockOf().Hex("8386");
    for (uint32_t i = 0; i < 5; ++i) next.Indexed(66 + static_cast<uint32_t>(call) - i);
    next.InsertNamed(62, "1999987" + std::to_string(call) + "u");
    ASSERT_EQ(peer.Decode(next), HpackError::kOk);
    ASSERT_EQ(peer.fields.size(), 8u);
  }
  EXPECT_LE(sizeof(HpackDecoder) + peer.decoder.heap_bytes(), 1200u);
}

}  // namespace
}  // namespace penstock::http2
