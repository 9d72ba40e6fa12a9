#include "penstock/rpc/metadata.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock {
namespace {

using namespace std::string_literals;
using Entries = std::vector<std::pair<std::string, std::string>>;

class MetadataTest : public testing::Test {
 protected:
  Entries All() const {
    Entries all;
    for (const Metadata::Entry& entry : metadata_) all.emplace_back(entry.key, entry.value);
    return all;
  }

  wire::Arena arena_;
  Metadata metadata_{&arena_};
};

TEST_F(MetadataTest, IsEmptyAtFirst) {
  EXPECT_TRUE(metadata_.empty());
  EXPECT_EQ(metadata_.size(), 0u);
  EXPECT_EQ(metadata_.begin(), metadata_.end());
  EXPECT_EQ(metadata_.Get("x"), std::nullopt);
}

TEST_F(MetadataTest, KeepsTheOrderAndRepetitionOfEntries) {
  Entries want;
  for (int i = 0; i < 100; ++i) {
    const std::string key = "k" + std::to_string(i % 7);
    ASSERT_TRUE(metadata_.Add(key, std::to_string(i)));
    want.emplace_back(key, std::to_string(i));
  }
  EXPECT_EQ(All(), want);
  EXPECT_EQ(metadata_.Get("k3"), "3");
}

TEST_F(MetadataTest, CopiesWhatItIsGiven) {
  std::string key = "x-key", value = "value";
  ASSERT_TRUE(metadata_.Add(key, value));
  key = "y-yek", value = "eulav";
  EXPECT_EQ(All(), (Entries{{"x-key", "value"}}));
}

TEST_F(MetadataTest, TakesKeysThatMayBeSent) {
  for (const char* key :
       {"a", "0", "x-user", "a.b_c-d", "grpc-trace-bin", "grpc-tags-bin",
        "grpc-previous-rpc-attempts", "grpc-retry-pushback-ms", "host", "grpc", "-bin"}) {
    EXPECT_TRUE(metadata_.Add(key, "1")) << key;
  }
}

TEST_F(MetadataTest, RefusesKeysThatMustNotBeSent) {
  for (const char* key : {"",
                          "X-User",
                          "x user",
                          "x:user",
                          "x/user",
                          "\u00e4",
                          "x\n",
                          "x\x7f",
                          ":path",
                          ":status",
                          "content-type",
                          "te",
                          "user-agent",
                          "grpc-status",
                          "grpc-message",
                          "grpc-timeout",
                          "grpc-encoding",
                          "grpc-accept-encoding",
                          "grpc-message-type",
                          "grpc-status-details-bin",
                          "grpc-anything",
                          "grpc-"}) {
    EXPECT_FALSE(metadata_.Add(key, "1")) << key;
  }
  EXPECT_TRUE(metadata_.empty());
}

TEST_F(MetadataTest, RefusesKeysOfHttpItself) {
  for (const char* key : {"connection", "keep-alive", "proxy-connection", "transfer-encoding",
                          "upgrade", "content-length"}) {
    EXPECT_FALSE(metadata_.Add(key, "1")) << key;
  }
}

TEST_F(MetadataTest, ValuesArePrintable) {
  EXPECT_TRUE(metadata_.Add("x", ""));
  EXPECT_TRUE(metadata_.Add("x", " a~"));
  for (const std::string& value : {"\x1f"s, "\x7f"s, "a\nb"s, "\t"s, "\0"s, "\u00e4"s, "\xff"s}) {
    EXPECT_FALSE(metadata_.Add("x", value)) << value;
  }
}

TEST_F(MetadataTest, BinaryValuesAreAnyOctets) {
  const std::string value = "\0\n\xff,"s;
  EXPECT_TRUE(metadata_.Add("x-bin", value));
  EXPECT_EQ(metadata_.Get("x-bin"), value);
}

TEST_F(MetadataTest, WhateverWasReceivedMayBeEchoed) {
  wire::Arena arena;
  Metadata received(&arena);
  for (const auto& [key, value] : Entries{{"user-agent", "grpc-go/1.70"},
                                          {"x", "\xff\t"},
                                          {"x-bin", "\0\n"s},
                                          {"grpc-trace", "t"},
                                          {"x", "2"},
                                          {"x!y", "3"},
                                          {"y", "a\nb"}}) {
    received.AddReceived(key, value);
  }
  for (const Metadata::Entry& entry : received) metadata_.Echo(entry);
  EXPECT_EQ(All(), (Entries{{"x", "\xff\t"}, {"x-bin", "\0\n"s}, {"x", "2"}}));
}

TEST_F(MetadataTest, ARefusalSaysWhy) {
  const struct {
    const char* key;
    const char* value;
    const char* words;  // nullptr: it is taken
  } cases[] = {
      {"x-user", "ada", nullptr},       {"x-bin", "\xff", nullptr},
      {"grpc-status", "0", "own"},      {":path", "/", "own"},
      {"grpc-status-details-bin", "", "own"},
      {"X-User", "ada", "upper case"},  {"", "1", "is no key"},
      {"x user", "ada", "is no key"},   {"x", "\n", "printable ASCII"},
      {"x", "\xff", "\"-bin\""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.key);
    const char* why = Metadata::WhyRefused(c.key, c.value);
    EXPECT_EQ(metadata_.Add(c.key, c.value), why == nullptr);
    ASSERT_EQ(why == nullptr, c.words == nullptr);
    if (why != nullptr) EXPECT_NE(std::string(why).find(c.words), std::string::npos) << why;
  }
}

// gRPC PROTOCOL-HTTP2: what was received may be echoed, as long as it may be sent at all.
TEST_F(MetadataTest, LargeValuesAndManyEntriesAreTaken) {
  const std::string large(1 << 20, 'v');
  ASSERT_TRUE(metadata_.Add("x-large", large));
  EXPECT_TRUE(metadata_.Get("x-large") == large);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(metadata_.Add("x", "1"));
  EXPECT_EQ(metadata_.size(), 1001u);
}

TEST_F(MetadataTest, ReceivedEntriesAreNotJudged) {
  metadata_.AddReceived("user-agent", "grpc-go/1.0");
  metadata_.AddReceived("x", "\xff");
  EXPECT_EQ(All(), (Entries{{"user-agent", "grpc-go/1.0"}, {"x", "\xff"}}));
}

TEST_F(MetadataTest, ReceivedBinaryIsDecodedAndSplitAtCommas) {
  const struct {
    const char* name;
    std::string encoded;
    std::vector<std::string> want;
  } cases[] = {
      {"without padding", "AQ", {"\x01"}},
      {"with padding", "AQ==", {"\x01"}},
      {"nothing", "", {""}},
      {"two values", "AQ,Ag", {"\x01", "\x02"}},
      {"two values, one padded", "AQ,Ag==", {"\x01", "\x02"}},
      {"blanks about the comma", "AQ , Ag", {"\x01", "\x02"}},
      {"an empty value between two", "AQ,,Ag", {"\x01", "", "\x02"}},
      {"a comma at the end", "AQ,", {"\x01", ""}},
      {"a comma alone", ",", {"", ""}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    wire::Arena arena;
    Metadata metadata(&arena);
    EXPECT_TRUE(metadata.AddReceivedBinary("k-bin", c.encoded));
    std::vector<std::string> got;
    for (const Metadata::Entry& entry : metadata) {
      EXPECT_EQ(entry.key, "k-bin");
      got.emplace_back(entry.value);
    }
    EXPECT_EQ(got, c.want);
  }
}

TEST_F(MetadataTest, ReceivedBinaryThatIsNotBase64IsRefused) {
  for (const char* encoded : {"A", "AQ=", "A*", "AQ;Ag", "AQ,A", "A,AQ", "AQ AQ"}) {
    EXPECT_FALSE(metadata_.AddReceivedBinary("k-bin", encoded)) << encoded;
  }
}

TEST(MetadataKeys, BinaryOnesEndInBin) {
  EXPECT_TRUE(IsBinaryKey("a-bin"));
  EXPECT_TRUE(IsBinaryKey("-bin"));
  EXPECT_FALSE(IsBinaryKey("bin"));
  EXPECT_FALSE(IsBinaryKey("a-bin-"));
  EXPECT_FALSE(IsBinaryKey("a-BIN"));
}

TEST(Metadata, RemovesAllEntriesOfAKey) {
  wire::SlabPool slabs;
  wire::Arena arena(&slabs);
  Metadata metadata(&arena);
  EXPECT_EQ(metadata.Remove("a"), 0u);
  for (const char* key : {"a", "b", "a", "c", "a"}) EXPECT_TRUE(metadata.Add(key, "1"));
  EXPECT_EQ(metadata.Remove("a"), 3u);
  EXPECT_EQ(metadata.Remove("a"), 0u);
  EXPECT_EQ(metadata.size(), 2u);
  EXPECT_FALSE(metadata.Get("a").has_value());
  EXPECT_TRUE(metadata.Add("a", "2"));
  EXPECT_EQ(metadata.Get("a"), "2");
  EXPECT_EQ(metadata.Get("c"), "1");
}

// One letter is one entry.
std::string KeysOf(const Metadata& metadata) {
  std::string keys;
  for (const Metadata::Entry& entry : metadata) keys += entry.key;
  return keys;
}
void AddEach(std::string_view keys, Metadata* metadata) {
  for (const char key : keys) EXPECT_TRUE(metadata->Add({&key, 1}, "1"));
}
void RemoveEach(std::string_view keys, Metadata* metadata) {
  for (const char key : keys) EXPECT_EQ(metadata->Remove({&key, 1}), 1u);
}
void TakeBack(const Metadata& copy, Metadata* metadata) {
  metadata->TakeBack({copy.begin(), copy.size()});
}

TEST(Metadata, WhatIsLentIsReplacedByWhatComesBack) {
  const struct {
    const char* name;
    std::string_view removed_there, added_there, removed_here, added_here, want;
  } cases[] = {
      {"nothing has changed", "", "", "", "", "ab"},
      {"added", "", "c", "", "", "abc"},
      {"removed", "b", "", "", "", "a"},
      {"one for another", "a", "c", "", "", "bc"},
      {"none is left", "ab", "", "", "", ""},
      {"added here meanwhile", "", "", "", "xyz", "abxyz"},
      {"added on both sides", "", "cd", "", "xy", "abcdxy"},
      {"one for another, and added here", "a", "c", "", "xy", "bcxy"},
      {"none is left but what was added here", "ab", "", "", "x", "x"},
      {"removed here meanwhile", "", "c", "a", "x", "abcx"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    wire::Arena arena, other_arena;
    Metadata metadata(&arena), copy(&other_arena);
    AddEach("ab", &metadata);
    metadata.Lend(&copy);
    RemoveEach(c.removed_there, &copy);
    AddEach(c.added_there, &copy);
    RemoveEach(c.removed_here, &metadata);
    AddEach(c.added_here, &metadata);
    for (int times = 0; times < 2; ++times) {
      TakeBack(copy, &metadata);
      EXPECT_EQ(KeysOf(metadata), c.want);
    }
  }
}

TEST(Metadata, ComesBackMoreThanOnceAndOutlivesTheCopy) {
  wire::Arena arena;
  Metadata metadata(&arena);
  {
    wire::Arena other_arena;
    Metadata copy(&other_arena);
    metadata.Lend(&copy);
    AddEach("ab", &copy);
    TakeBack(copy, &metadata);
    AddEach("x", &metadata);
    RemoveEach("a", &copy);
    AddEach("c", &copy);
    TakeBack(copy, &metadata);
  }
  EXPECT_EQ(KeysOf(metadata), "bcx");
  EXPECT_EQ(metadata.Get("c"), "1");
}

TEST(Metadata, CommasAddOnlySoManyValues) {
  wire::Arena arena;
  Metadata metadata(&arena);
  const std::string commas(Metadata::kPartedValuesMax, ',');
  EXPECT_TRUE(metadata.AddReceivedBinary("a-bin", commas));
  EXPECT_EQ(metadata.size(), Metadata::kPartedValuesMax + 1);
  EXPECT_TRUE(metadata.AddReceivedBinary("b-bin", "AQ"));
  EXPECT_FALSE(metadata.AddReceivedBinary("c-bin", "AQ,AQ")) << "of all fields together";
}

}  // namespace
}  // namespace penstock
