// ExtensionSet by itself: raw octets, the order of numbers, limits, several threads.
#include "penstock/codec/extension_set.h"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/codec/limits.h"
#include "penstock/codec/message.h"
#include "penstock/codec/testing/field_octets.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/extended.penstock.h"

namespace penstock::codec::testing {
namespace {

using namespace extended;

using Walked = std::vector<std::pair<uint32_t, std::string>>;

template <typename M>
Walked Walk(const M& message) {
  Walked walked;
  MessageAccess::Extensions(message).ForEach([&](uint32_t number, wire::Bytes fields) {
    walked.emplace_back(number, wire::AsString(fields));
  });
  return walked;
}

TEST(ExtensionSet, IsWalkedInAscendingNumbersWhateverTheOrder) {
  const std::string wire = NumberField(1003, 1) + NumberField(10, 2) + TextField(536870911, "x") +
                           NumberField(150, 3) + NumberField(10, 4) + TextField(1, "name") +
                           NumberField(151, 5);
  Item item;
  ASSERT_TRUE(item.ParseFrom(wire::AsBytes(wire)).ok());
  item.SetExtension(an_int32, 7);
  const Walked want = {{10, NumberField(10, 2) + NumberField(10, 4)},
                       {102, NumberField(102, 7)},
                       {150, NumberField(150, 3)},
                       {151, NumberField(151, 5)},
                       {1003, NumberField(1003, 1)},
                       {536870911, TextField(536870911, "x")}};
  EXPECT_EQ(Walk(item), want);
  std::string written = TextField(1, "name");
  for (const auto& [number, fields] : want) written += fields;
  EXPECT_EQ(item.SerializeAsString(), written);
  EXPECT_EQ(item.ByteSize(), written.size());
}

TEST(ExtensionSet, OctetsAreSetAndAppendedToAnyState) {
  Item item;
  ExtensionSet& set = MessageAccess::Extensions(item);
  MessageHead& head = MessageAccess::Head(item);
  set.SetOctets(head, 202, wire::AsBytes(NumberField(202, 1)));
  EXPECT_EQ(item.GetExtension(int32s, 0), 1);
  set.AppendOctets(head, 202, wire::AsBytes(NumberField(202, 2)));
  ASSERT_EQ(item.ExtensionSize(int32s), 2) << "after it was asked for";
  item.AddExtension(int32s, 3);
  set.AppendOctets(head, 202, wire::AsBytes(NumberField(202, 4)));
  ASSERT_EQ(item.ExtensionSize(int32s), 4) << "after it was set";
  EXPECT_EQ(item.GetExtension(int32s, 3), 4);
  EXPECT_EQ(set.Octets(202),
            NumberField(202, 1) + NumberField(202, 2) + NumberField(202, 3) + NumberField(202, 4));
  set.SetOctets(head, 202, {});
  EXPECT_EQ(item, Item());
  EXPECT_EQ(set.Octets(202), "");
  EXPECT_EQ(set.Octets(203), "");
}

// Beside a std::map.
TEST(ExtensionSet, FindsWhatWasAddedInAnyOrder) {
  std::minstd_rand random(3);
  for (int round = 0; round < 200; ++round) {
    Item item;
    ExtensionSet& set = MessageAccess::Extensions(item);
    std::map<uint32_t, std::string> model;
    for (int step = 0; step < 100; ++step) {
      const uint32_t number = 1000 + (random() >> random() % 24) % (kFieldNumberMax - 1000);
      const std::string field = NumberField(number, random());
      switch (random() % 4) {
        case 0:
          set.SetOctets(MessageAccess::Head(item), number, wire::AsBytes(field));
          model[number] = field;
          break;
        case 1:
          set.Clear(number);
          model.erase(number);
          break;
        default:
          set.AppendOctets(MessageAccess::Head(item), number, wire::AsBytes(field));
          model[number] += field;
      }
      ASSERT_EQ(set.Octets(number), model.contains(number) ? model[number] : "");
    }
    ASSERT_EQ(Walk(item), Walked(model.begin(), model.end()));
  }
}

// In a sorted array, or a tree without balance, this would take minutes.
TEST(ExtensionSet, NoOrderOfNumbersIsSlow) {
  constexpr uint32_t kCount = 200000;
  std::string wire;
  for (uint32_t i = kCount; i != 0; --i) wire += NumberField(1000 + i, i);
  Item item;
  ASSERT_TRUE(item.ParseFrom(wire::AsBytes(wire)).ok());
  EXPECT_EQ(Walk(item).size(), kCount);
  EXPECT_EQ(item.ByteSize(), wire.size());
  const Item copy = item;
  EXPECT_EQ(copy, item);
  item.Clear();
  EXPECT_EQ(Walk(item).size(), 0u);
}

TEST(ExtensionSet, NumbersOfManyContentsAreForgotten) {
  wire::Arena arena;
  Item* item = arena.New<Item>(&arena);
  uint32_t number = 1000;
  for (int round = 0; round < 100; ++round) {
    std::string wire;
    for (int i = 0; i < 10; ++i) wire += NumberField(++number, 1);
    ASSERT_TRUE(item->ParseFrom(wire::AsBytes(wire)).ok());
    ASSERT_EQ(Walk(*item).size(), 10u);
    ASSERT_EQ(item->SerializeAsString(), wire);
  }
}

TEST(ExtensionSet, TheArenasCapHoldsForOctets) {
  std::string wire;
  for (uint32_t i = 0; i < 1000; ++i) wire += NumberField(1000 + i, i);
  for (StringRule rule : {StringRule::kCopy, StringRule::kAlias}) {
    wire::Arena arena;
    arena.set_bytes_max(16 * 1024);
    Item* item = arena.New<Item>(&arena);
    EXPECT_EQ(item->ParseFrom(wire::AsBytes(wire), rule).error, ParseError::kMemoryLimit);
    EXPECT_LE(arena.block_bytes(), 16u * 1024);
  }
}

TEST(ExtensionSet, TheArenasCapHoldsForWhatIsDecoded) {
  std::string run(20000, '\x01');
  const std::string wire = TextField(221, run);  // packed_int32s: four octets for one
  wire::Arena arena;
  arena.set_bytes_max(32 * 1024);
  Item* item = arena.New<Item>(&arena);
  ASSERT_TRUE(item->ParseFrom(wire::AsBytes(wire)).ok());
  EXPECT_EQ(item->ParseExtensions(packed_int32s).error, ParseError::kMemoryLimit);
  EXPECT_EQ(item->ExtensionSize(packed_int32s), 0);
  EXPECT_LE(arena.block_bytes(), 32u * 1024);
  EXPECT_EQ(item->SerializeAsString(), wire) << "it is written back all the same";
}

// Parts in each other's extension, `depth` of them.
std::string NestedParts(int depth) {
  std::string wire;
  for (int i = 1; i < depth; ++i) wire = TextField(100, wire);
  return wire;
}

TEST(ExtensionSet, NestingIsCountedFromTheMessageThatWasParsed) {
  for (const auto& [depth, reached] : {std::pair(kParseDepthMax + 1, kParseDepthMax + 1),
                                       std::pair(10 * kParseDepthMax, kParseDepthMax + 1)}) {
    const std::string wire = NestedParts(depth);
    Part outermost;
    ASSERT_TRUE(outermost.ParseFrom(wire::AsBytes(wire)).ok());
    const Part* part = &outermost;
    int count = 1;
    for (; part->HasExtension(Part::inner); ++count) part = &part->GetExtension(Part::inner);
    EXPECT_EQ(count, reached);
    EXPECT_EQ(part->ParseExtensions(Part::inner).ok(), depth == reached);
    Part copy = outermost;
    count = 1;
    for (part = &copy; part->HasExtension(Part::inner); ++count) {
      part = &part->GetExtension(Part::inner);
    }
    EXPECT_EQ(count, reached) << "of a copy as well";
    EXPECT_TRUE(copy == outermost);
  }
}

TEST(ExtensionSet, SeveralThreadsMayAskAConstMessage) {
  Item source;
  for (int i = 0; i < 50; ++i) {
    source.AddExtension(parts)->set_text("text");
    source.AddExtension(int32s, i);
  }
  source.SetExtension(a_string, "text");
  source.MutableExtension(a_part)->MutableExtension(Part::inner)->set_number(3);
  const std::string wire = source.SerializeAsString();
  for (int round = 0; round < 20; ++round) {
    Item parsed;
    ASSERT_TRUE(parsed.ParseFrom(wire::AsBytes(wire)).ok());
    const Item& item = parsed;
    const auto read = [&] {
      EXPECT_EQ(item.SerializeAsString(), wire);
      EXPECT_EQ(item.ExtensionSize(parts), 50);
      EXPECT_EQ(item.ExtensionSize(int32s), 50);
      EXPECT_EQ(item.GetExtension(a_string), "text");
      EXPECT_EQ(item.GetExtension(a_part).GetExtension(Part::inner).number(), 3);
      EXPECT_TRUE(item.IsInitialized());
      EXPECT_EQ(item, source);
      EXPECT_EQ(Item(item).GetExtension(parts, 49).text(), "text");
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(read);
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace penstock::codec::testing
