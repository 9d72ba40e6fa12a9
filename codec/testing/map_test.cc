// Maps: what mutable_x() and x() offer, and entries on the wire.
#include <map>
#include <random>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

#include "penstock/codec/message.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/rich_proto2.penstock.h"
#include "codec/testing/rich_proto3.penstock.h"

namespace penstock::codec::testing {
namespace {

using std::string_literals::operator""s;
using rich3::Rich;

TEST(Map, FindsInsertsAndErases) {
  Rich message;
  auto map = message.mutable_int32_map();
  (*map)[5] = 50;
  EXPECT_TRUE(map->insert({6, 60}).second);
  EXPECT_FALSE(map->insert({6, 61}).second) << "insert() keeps what is there";
  EXPECT_EQ(message.int32_map_size(), 2);
  EXPECT_EQ(message.int32_map().at(6), 60);
  EXPECT_TRUE(message.int32_map().contains(5));
  EXPECT_EQ(message.int32_map().count(7), 0u);
  EXPECT_EQ(message.int32_map().find(7), message.int32_map().end());
  EXPECT_EQ(message.int32_map().find(5)->second, 50);
  EXPECT_EQ(map->erase(5), 1u);
  EXPECT_EQ(map->erase(5), 0u);
  EXPECT_EQ((*map)[5], 0) << "an erased entry does not come back";
  message.clear_int32_map();
  EXPECT_TRUE(message.int32_map().empty());
}

TEST(Map, TextsAreCopiedAndLookedUpByView) {
  Rich message;
  auto map = message.mutable_string_map();
  {
    std::string key = "key";
    std::string value = "value";
    (*map)[key] = value;
    key = value = "gone";
  }
  (*map)[""] = "of the empty key";
  EXPECT_EQ(message.string_map().at("key"), "value");
  EXPECT_EQ(message.string_map().at(std::string_view()), "of the empty key");
  (*map)["key"] = "a value that is longer than the one before";
  EXPECT_EQ(message.string_map().at("key"), "a value that is longer than the one before");
  EXPECT_EQ(message.string_map_size(), 2);
}

TEST(Map, ValuesMayBeMessages) {
  Rich message;
  (*message.mutable_inner_map())["a"].set_text("text of a");
  message.mutable_inner_map()->at("a").set_number(4);
  for (const auto& [key, inner] : message.inner_map()) {
    EXPECT_EQ(key, "a");
    EXPECT_EQ(inner.text(), "text of a");
    EXPECT_EQ(inner.number(), 4);
  }
  for (auto& [key, inner] : *message.mutable_inner_map()) inner.clear_text();
  EXPECT_EQ(message.inner_map().at("a").text(), "");
}

TEST(Map, BehavesAsAStdMapUnderRandomSteps) {
  std::minstd_rand random(7);
  std::map<std::string, std::string, std::less<>> model;
  Rich message;
  for (int step = 0; step < 20'000; ++step) {
    const std::string key = "key " + std::to_string(random() % 500);
    auto map = message.mutable_string_map();
    switch (random() % 4) {
      case 0:
        ASSERT_EQ(map->erase(key), model.erase(key));
        break;
      case 1:
        ASSERT_EQ(map->contains(key), model.contains(key));
        break;
      default:
        model[key] = std::string(random() % 40, 'v');
        (*map)[key] = model[key];
        break;
    }
    ASSERT_EQ(map->size(), model.size());
    if (random() % 4000 == 0) {
      map->clear();
      model.clear();
    }
  }
  size_t seen_count = 0;
  for (const auto& [key, value] : message.string_map()) {
    ++seen_count;
    ASSERT_EQ(model.at(std::string(key)), value);
  }
  EXPECT_EQ(seen_count, model.size());
}

TEST(Map, CopiesCompareAndOutliveTheirOriginal) {
  Rich copy;
  {
    wire::Arena arena;
    Rich original(&arena);
    for (int i = 0; i < 100; ++i) {
      (*original.mutable_string_map())["key " + std::to_string(i)] = std::to_string(i);
      (*original.mutable_inner_map())[std::to_string(i)].set_number(i);
    }
    copy = original;
    EXPECT_EQ(copy, original);
    (*original.mutable_inner_map())["7"].set_number(8);
    EXPECT_FALSE(copy == original);
  }
  EXPECT_EQ(copy.string_map().at("key 42"), "42");
  Rich more;
  (*more.mutable_string_map())["key 42"] = "replaced";
  (*more.mutable_string_map())["new"] = "added";
  copy.MergeFrom(more);
  EXPECT_EQ(copy.string_map().at("key 42"), "replaced");
  EXPECT_EQ(copy.string_map_size(), 101);
}

TEST(Map, SortedOrderMakesEqualMessagesEqualOctets) {
  Rich forwards;
  Rich backwards;
  for (int i = -50; i < 50; ++i) {
    (*forwards.mutable_sint32_map())[i] = i;
    (*backwards.mutable_sint32_map())[-1 - i] = -1 - i;
    (*forwards.mutable_string_map())[std::to_string(i + 50)] = "x";
    (*backwards.mutable_string_map())[std::to_string(49 - i)] = "x";
  }
  EXPECT_EQ(forwards, backwards);
  EXPECT_EQ(forwards.SerializeAsString(MapOrder::kSorted),
            backwards.SerializeAsString(MapOrder::kSorted));
  EXPECT_EQ(forwards.SerializeAsString().size(), forwards.ByteSize());
}

// Field 61 is map<int32, int32>: tag ea 03.
TEST(Map, EntriesOnTheWire) {
  const struct {
    const char* name;
    std::string wire;
    int32_t key;
    int32_t value;
  } cases[] = {
      {"both", "\xea\x03\x04\x08\x05\x10\x06"s, 5, 6},
      {"value before key", "\xea\x03\x04\x10\x06\x08\x05"s, 5, 6},
      {"no value", "\xea\x03\x02\x08\x05"s, 5, 0},
      {"no key", "\xea\x03\x02\x10\x06"s, 0, 6},
      {"neither", "\xea\x03\x00"s, 0, 0},
      {"the last of two keys and values", "\xea\x03\x08\x08\x01\x10\x02\x08\x05\x10\x06"s, 5, 6},
      {"a later entry replaces", "\xea\x03\x04\x08\x05\x10\x01\xea\x03\x04\x08\x05\x10\x06"s, 5, 6},
      {"unknown fields in it go away", "\xea\x03\x07\x1a\x01x\x08\x05\x10\x06"s, 5, 6},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Rich message;
    const ParseResult result = message.ParseFrom(wire::AsBytes(c.wire));
    ASSERT_TRUE(result.ok()) << Describe(result);
    ASSERT_EQ(message.int32_map_size(), 1);
    EXPECT_EQ(message.int32_map().begin()->first, c.key);
    EXPECT_EQ(message.int32_map().begin()->second, c.value);
    EXPECT_TRUE(message.unknown_fields().empty());
  }
}

TEST(Map, MalformedEntriesNameErrorAndPlace) {
  const struct {
    const char* name;
    std::string wire;
    ParseError error;
    uint32_t offset;
  } cases[] = {
      {"longer than the rest", "\xea\x03\x05\x08\x05"s, ParseError::kTruncated, 2},
      {"value cut off", "\xea\x03\x04\x08\x05\x10\x80"s, ParseError::kTruncated, 6},
      {"field number 0", "\xea\x03\x02\x00\x05"s, ParseError::kBadTag, 3},
      {"end of no group", "\xea\x03\x01\x0c"s, ParseError::kUnmatchedGroup, 3},
      {"key not UTF-8", "\xc2\x04\x03\x0a\x01\xff"s, ParseError::kInvalidUtf8, 4},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Rich message;
    const ParseResult result = message.ParseFrom(wire::AsBytes(c.wire));
    EXPECT_EQ(Name(result.error), Name(c.error));
    EXPECT_EQ(result.offset, c.offset);
  }
}

// Field 61 of rich2 is map<string, Sparse>, and Sparse has no 7.
TEST(Map, AnUnknownNumberOfAClosedEnumKeepsTheEntryUnknown) {
  const std::string wire = "\xea\x03\x05\x0a\x01k\x10\x07"s;
  rich2::Rich message;
  ASSERT_TRUE(message.ParseFrom(wire::AsBytes(wire)).ok());
  EXPECT_TRUE(message.sparse_map().empty());
  EXPECT_EQ(message.SerializeAsString(), wire);
}

TEST(Map, ParsingAgainIntoTheSameMessageNeedsNoMoreMemory) {
  Rich source;
  for (int i = 0; i < 40; ++i) {
    (*source.mutable_string_map())["key " + std::to_string(i)] = "a value of some length";
    (*source.mutable_inner_map())[std::to_string(i)].set_text("text");
  }
  const std::string wire = source.SerializeAsString();
  wire::Arena arena;
  Rich* message = arena.New<Rich>(&arena);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(message->ParseFrom(wire::AsBytes(wire)).ok());
  const size_t used_bytes = arena.block_bytes();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(message->ParseFrom(wire::AsBytes(wire)).ok());
  EXPECT_EQ(arena.block_bytes(), used_bytes);
  EXPECT_EQ(*message, source);
}

}  // namespace
}  // namespace penstock::codec::testing
