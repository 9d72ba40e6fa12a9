// Extensions and message sets on the wire: what is read, what is refused, what is written back.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/codec/message.h"
#include "penstock/codec/testing/extended_walk.h"
#include "penstock/codec/testing/field_octets.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/extended.penstock.h"

namespace penstock::codec::testing {
namespace {

using namespace extended;
using std::string_literals::operator""s;

// What of `wire` an extension makes, in one line. It is written back as it came whatever it is.
struct Case {
  std::string_view name;
  std::string wire;
  std::string want;
};

template <typename Show>
void Try(const std::vector<Case>& cases, Show show) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    Item item;
    const ParseResult result = item.ParseFrom(wire::AsBytes(one.wire));
    ASSERT_TRUE(result.ok()) << Describe(result);
    EXPECT_EQ(show(item), one.want);
    EXPECT_EQ(item.SerializeAsString(), one.wire);
    EXPECT_TRUE(item.unknown_fields().empty());
  }
}

TEST(ExtensionWire, SingularNumbersTakeTheLastValueOfTheirWireType) {
  const std::vector<Case> cases = {
      {"one", NumberField(102, 5), "5"},
      {"two", NumberField(102, 5) + NumberField(102, 6), "6"},
      {"negative, in 32 bits", NumberField(102, 0xffffffff), "-1"},
      {"text", TextField(102, "x"), "absent"},
      {"text behind it", NumberField(102, 5) + TextField(102, "x"), "5"},
      {"a group", GroupField(102, NumberField(102, 5)), "absent"},
  };
  Try(cases, [](const Item& item) {
    return item.HasExtension(an_int32) ? std::to_string(item.GetExtension(an_int32)) : "absent";
  });
}

TEST(ExtensionWire, NumbersAClosedEnumLacksAreNoValues) {
  const std::vector<Case> cases = {
      {"one it has", NumberField(115, 2), "2"},
      {"one it lacks", NumberField(115, 7), "absent"},
      {"one it lacks behind one it has", NumberField(115, 2) + NumberField(115, 7), "2"},
  };
  Try(cases, [](const Item& item) {
    return item.HasExtension(a_mood) ? std::to_string(item.GetExtension(a_mood)) : "absent";
  });
  const std::vector<Case> repeated = {
      {"single", NumberField(215, 1) + NumberField(215, 7) + NumberField(215, 3), "13"},
      {"packed", TextField(215, "\1\7\3"), "13"},
  };
  Try(repeated, [](const Item& item) {
    std::string numbers;
    for (int32_t mood : item.GetRepeatedExtension(moods)) numbers += std::to_string(mood);
    return numbers;
  });
}

TEST(ExtensionWire, WhatIsNoValueStaysWhenAValueIsSet) {
  Item item;
  ASSERT_TRUE(item.ParseFrom(wire::AsBytes(NumberField(115, 7) + TextField(102, "x"))).ok());
  item.SetExtension(a_mood, MOOD_BAD);
  item.SetExtension(an_int32, 3);
  EXPECT_EQ(item.SerializeAsString(),
            NumberField(102, 3) + TextField(102, "x") + NumberField(115, 2) + NumberField(115, 7));
  item.ClearExtension(a_mood);
  item.ClearExtension(an_int32);
  EXPECT_EQ(item, Item()) << "clearing takes everything of the number";
}

TEST(ExtensionWire, RepeatedNumbersComePackedOrOneByOne) {
  const std::vector<Case> cases = {
      {"one by one", NumberField(202, 1) + NumberField(202, 2), "1 2 "},
      {"packed", TextField(202, "\1\2"), "1 2 "},
      {"both", NumberField(202, 1) + TextField(202, "\2\3") + NumberField(202, 4), "1 2 3 4 "},
      {"empty run", TextField(202, ""), ""},
  };
  Try(cases, [](const Item& item) {
    std::string numbers;
    for (int32_t number : item.GetRepeatedExtension(int32s)) {
      numbers += std::to_string(number) + " ";
    }
    return numbers;
  });
}

TEST(ExtensionWire, MessagesThatComeTwiceAreMerged) {
  const std::vector<Case> cases = {
      {"messages", TextField(116, NumberField(1, 5)) + TextField(116, TextField(2, "x")), "5 x"},
      {"with a group between",
       TextField(116, NumberField(1, 5)) + GroupField(116, "") + TextField(116, TextField(2, "y")),
       "5 y"},
  };
  Try(cases, [](const Item& item) {
    const Part& part = item.GetExtension(a_part);
    return std::to_string(part.number()) + " " + std::string(part.text());
  });
}

TEST(ExtensionWire, MalformedOnesAreAbsentAndSayWhy) {
  const struct {
    std::string_view name;
    std::string wire;
    ParseResult want;
  } cases[] = {
      {"a message cut off", TextField(116, "\x08"), {ParseError::kTruncated, 4}},
      {"the second of two",
       TextField(116, NumberField(1, 5)) + TextField(116, "\x12\x05x"),
       {ParseError::kTruncated, 9}},
      {"field number 0", TextField(116, "\x00\x00"s), {ParseError::kBadTag, 3}},
      {"a group's end", TextField(116, "\x0c"), {ParseError::kUnmatchedGroup, 3}},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    Item item;
    ASSERT_TRUE(item.ParseFrom(wire::AsBytes(one.wire)).ok());
    EXPECT_EQ(item.ParseExtensions(an_int32, a_part), one.want);
    EXPECT_FALSE(item.HasExtension(a_part));
    EXPECT_EQ(item.GetExtension(a_part).number(), 0);
    EXPECT_EQ(item.SerializeAsString(), one.wire);
    Item merged = Item(item);
    merged.MergeFrom(item);
    EXPECT_EQ(merged.SerializeAsString(), one.wire + one.wire);
    Item set;
    set.MutableExtension(a_part)->set_number(3);
    set.MergeFrom(item);
    EXPECT_EQ(set.SerializeAsString(), TextField(116, NumberField(1, 3)));
    EXPECT_FALSE(set == item);
    item.MutableExtension(a_part)->set_number(4);
    EXPECT_EQ(item.SerializeAsString(), TextField(116, NumberField(1, 4)));
    EXPECT_TRUE(item.ParseExtensions(a_part).ok());
    EXPECT_FALSE(item.MergeFromBytes(wire::AsBytes(one.wire)).ok()) << "there it counts at once";
  }
}

TEST(ExtensionWire, OnlyNumbersOfTheRangesAreExtensions) {
  const std::string out = NumberField(9, 1) + NumberField(21, 2) + NumberField(251, 3);
  const std::string in = NumberField(19, 4) + NumberField(199, 5) + NumberField(1000, 6);
  Item item;
  ASSERT_TRUE(item.ParseFrom(wire::AsBytes(in + out)).ok());
  EXPECT_EQ(wire::AsString(item.unknown_fields()), out);
  EXPECT_EQ(item.SerializeAsString(), in + out);
}

Holder FullHolder() {
  Holder holder;
  Item& item = *holder.mutable_item();
  item.SetExtension(a_double, 1.5);
  item.SetExtension(a_float, 2.5f);
  item.SetExtension(an_int64, -1);
  item.SetExtension(a_string, "text");
  item.MutableExtension(a_part)->MutableExtension(Part::inner)->set_text("inner");
  item.MutableExtension(agroup)->set_number(300);
  item.AddExtension(agroups)->set_text("grouped");
  item.AddExtension(packed_int32s, 1000);
  item.AddExtension(packed_doubles, 0.5);
  item.MutableExtension(a_set)->MutableExtension(part_of_set)->set_number(7);
  item.MutableExtension(needy)->set_id(300);
  holder.mutable_set()->MutableExtension(needy_of_set)->set_id(1);
  return holder;
}

TEST(ExtensionWire, EveryTruncationIsAnErrorOrWrittenBack) {
  const std::string wire = FullHolder().SerializeAsString();
  for (size_t size = 0; size <= wire.size(); ++size) {
    SCOPED_TRACE(size);
    const std::string cut = wire.substr(0, size);
    Holder holder;
    const ParseResult result = holder.ParseFrom(wire::AsBytes(cut));
    if (!result.ok()) {
      EXPECT_LE(result.offset, size);
      continue;
    }
    EXPECT_TRUE(IsWhole(holder)) << "cut between fields";
    Touch(holder);
    EXPECT_EQ(holder.SerializeAsString(), cut);
  }
  // The same within the extensions, whose lengths hold.
  const Item full = FullHolder().item();
  const std::string part = full.GetExtension(a_part).SerializeAsString();
  for (size_t size = 0; size < part.size(); ++size) {
    SCOPED_TRACE(size);
    Item item;
    ASSERT_TRUE(item.ParseFrom(wire::AsBytes(TextField(116, part.substr(0, size)))).ok());
    EXPECT_EQ(item.ParseExtensions(a_part).ok(), size == 0);
    EXPECT_EQ(item.HasExtension(a_part), size == 0);
  }
}

TEST(MessageSet, ItemsAreReadHoweverTheyCome) {
  const std::string seven = NumberField(1, 7);
  const std::string eight = TextField(2, "eight");
  const std::string type = NumberField(2, 1000);
  const std::string item = ItemField(1000, seven);
  const struct {
    std::string_view name;
    std::string wire;
    std::string want;  // what is written
  } cases[] = {
      {"as we write it", item, item},
      {"message first", GroupField(1, TextField(3, seven) + type), item},
      {"a second message", GroupField(1, type + TextField(3, seven) + TextField(3, eight)), item},
      {"two messages first", GroupField(1, TextField(3, seven) + TextField(3, eight) + type), item},
      {"two type ids", GroupField(1, type + NumberField(2, 5) + TextField(3, seven)), item},
      {"a field between", GroupField(1, type + NumberField(9, 1) + TextField(3, seven)), item},
      {"no type id", GroupField(1, TextField(3, seven)), ""},
      {"no message", GroupField(1, type), ""},
      {"an empty item", GroupField(1, ""), ""},
      {"a field of the number", TextField(1000, seven), item},
      {"twice", item + ItemField(1000, eight), item + ItemField(1000, eight)},
      {"in falling order", ItemField(2000000000, "x") + item, item + ItemField(2000000000, "x")},
      {"an unknown type id", ItemField(77, "\xff"), ItemField(77, "\xff")},
      {"the highest type id", ItemField(0xffffffff, ""), ItemField(0xffffffff, "")},
      {"another field", NumberField(1000, 1) + GroupField(7, ""), ""},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    Set set;
    const ParseResult result = set.ParseFrom(wire::AsBytes(one.wire));
    ASSERT_TRUE(result.ok()) << Describe(result);
    EXPECT_EQ(set.SerializeAsString(), one.want);
    EXPECT_EQ(set.ByteSize(), one.want.size());
    EXPECT_TRUE(set.ParseExtensions(part_of_set, needy_of_set).ok());
    EXPECT_EQ(set.HasExtension(part_of_set), one.want.find(seven) != std::string::npos);
    if (!set.HasExtension(part_of_set)) continue;
    EXPECT_EQ(set.GetExtension(part_of_set).number(), 7);
    set.MutableExtension(part_of_set)->set_text("more");
    Set again;
    ASSERT_TRUE(again.ParseFrom(wire::AsBytes(set.SerializeAsString())).ok());
    EXPECT_EQ(again, set);
    EXPECT_EQ(again.GetExtension(part_of_set).text(), "more");
  }
}

TEST(MessageSet, MalformedItemsAreRefused) {
  const struct {
    std::string_view name;
    std::string wire;
    ParseError want;
  } cases[] = {
      {"no end", "\x0b\x10\x05", ParseError::kTruncated},
      {"another end", "\x0b\x10\x05\x14", ParseError::kUnmatchedGroup},
      {"an end", "\x0c", ParseError::kUnmatchedGroup},
      {"a message cut off", "\x0b\x10\x05\x1a\x05x", ParseError::kTruncated},
      {"type id 0", ItemField(0, ""), ParseError::kBadTag},
      {"type id 0 behind", GroupField(1, TextField(3, "") + NumberField(2, 0)),
       ParseError::kBadTag},
      {"field number 0", "\x02\x00"s, ParseError::kBadTag},
      {"field number 0 within", "\x0b\x00\x00\x0c"s, ParseError::kBadTag},
      {"wire type 7", "\x0f", ParseError::kBadTag},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    Set set;
    EXPECT_EQ(set.ParseFrom(wire::AsBytes(one.wire)).error, one.want);
  }
  Set set;
  ASSERT_TRUE(set.ParseFrom(wire::AsBytes(ItemField(1000, "\x08"))).ok());
  EXPECT_EQ(set.ParseExtensions(part_of_set).error, ParseError::kTruncated);
  EXPECT_FALSE(set.HasExtension(part_of_set));
}

TEST(MessageSet, EveryTruncationOfAnItemIsAnError) {
  const std::string item = ItemField(1000, NumberField(1, 300));
  for (size_t size = 1; size < item.size(); ++size) {
    Set set;
    EXPECT_EQ(set.ParseFrom(wire::AsBytes(item.substr(0, size))).error, ParseError::kTruncated)
        << size;
  }
}

TEST(MessageSet, ItemsMergeIntoWhatWasSet) {
  Set set;
  set.MutableExtension(part_of_set)->set_number(1);
  const std::string more = ItemField(1000, TextField(2, "x"));
  ASSERT_TRUE(set.MergeFromBytes(wire::AsBytes(more)).ok());
  EXPECT_EQ(set.GetExtension(part_of_set).number(), 1);
  EXPECT_EQ(set.GetExtension(part_of_set).text(), "x");
  Set other;
  ASSERT_TRUE(other.ParseFrom(wire::AsBytes(more)).ok());
  other.MergeFrom(set);
  EXPECT_EQ(other.GetExtension(part_of_set).text(), "x");
  EXPECT_EQ(other.GetExtension(part_of_set).number(), 1);
}

}  // namespace
}  // namespace penstock::codec::testing
