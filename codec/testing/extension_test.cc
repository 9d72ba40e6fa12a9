// Extensions: what accessors offer, and how the set of a message behaves.
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"

#include "penstock/codec/message.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/extended.penstock.h"
#include "codec/testing/extending.penstock.h"

namespace penstock::codec::testing {
namespace {

using namespace extended;
using std::string_literals::operator""s;

TEST(Extensions, ANumberStringOrEnumIsAbsentUntilItIsSet) {
  Item item;
  const auto try_one = [&](const auto& id, auto value, auto default_value) {
    SCOPED_TRACE(id.full_name());
    EXPECT_FALSE(item.HasExtension(id));
    EXPECT_EQ(item.GetExtension(id), default_value);
    item.SetExtension(id, value);
    EXPECT_TRUE(item.HasExtension(id));
    EXPECT_EQ(item.GetExtension(id), value);
    Item parsed;
    EXPECT_TRUE(parsed.ParseFrom(wire::AsBytes(item.SerializeAsString())).ok());
    EXPECT_EQ(parsed.GetExtension(id), value);
    EXPECT_EQ(parsed, item);
    item.ClearExtension(id);
    EXPECT_FALSE(item.HasExtension(id));
    EXPECT_EQ(item.GetExtension(id), default_value);
    EXPECT_EQ(item.ByteSize(), 0u);
    EXPECT_EQ(item, Item());
  };
  try_one(a_double, 1.5, 0.0);
  try_one(a_float, -0.0f, 0.0f);
  try_one(an_int32, -1, 0);
  try_one(an_int64, int64_t{-2}, int64_t{0});
  try_one(a_uint32, 4294967295u, 0u);
  try_one(a_uint64, ~uint64_t{0}, uint64_t{0});
  try_one(a_sint32, -3, 0);
  try_one(a_sint64, int64_t{-4}, int64_t{0});
  try_one(a_fixed32, 5u, 0u);
  try_one(a_fixed64, uint64_t{6}, uint64_t{0});
  try_one(an_sfixed32, -7, 0);
  try_one(an_sfixed64, int64_t{-8}, int64_t{0});
  try_one(a_bool, true, false);
  try_one(a_string, std::string_view("text"), std::string_view());
  try_one(some_bytes, std::string_view("\0\xff", 2), std::string_view());
  try_one(a_mood, MOOD_BAD, MOOD_GOOD);
  try_one(default_int32, 0, std::numeric_limits<int32_t>::min());
  try_one(default_uint64, uint64_t{0}, std::numeric_limits<uint64_t>::max());
  try_one(default_double, 0.0, -std::numeric_limits<double>::infinity());
  try_one(default_bool, false, true);
  try_one(default_string, std::string_view(), std::string_view("say \"hi\""));
  try_one(default_bytes, std::string_view("x"), std::string_view("\0\xff\x31", 3));
  try_one(default_mood, MOOD_GOOD, MOOD_AWFUL);
  try_one(far, std::string_view("far"), std::string_view());
  try_one(Item_Review::star_count, 3, 0);
  try_one(extending::class_, 7, 0);
  try_one(extending::other_mood, MOOD_BAD, MOOD_GOOD);
}

TEST(Extensions, MessagesAndGroupsAreMadeWhenTheyAreChanged) {
  Item item;
  EXPECT_FALSE(item.HasExtension(a_part));
  EXPECT_EQ(&item.GetExtension(a_part), &Part::default_instance());
  item.MutableExtension(a_part)->set_number(5);
  item.MutableExtension(agroup)->mutable_part()->set_text("in a group");
  item.MutableExtension(Item_Review::best_review);
  EXPECT_TRUE(item.HasExtension(Item_Review::best_review)) << "empty, and there";
  EXPECT_EQ(item.MutableExtension(a_part)->number(), 5);
  Item parsed;
  ASSERT_TRUE(parsed.ParseFrom(wire::AsBytes(item.SerializeAsString())).ok());
  EXPECT_EQ(parsed.GetExtension(a_part).number(), 5);
  EXPECT_EQ(parsed.GetExtension(agroup).part().text(), "in a group");
  EXPECT_TRUE(parsed.HasExtension(Item_Review::best_review));
  parsed.MutableExtension(a_part)->set_text("more");
  EXPECT_EQ(parsed.GetExtension(a_part).number(), 5) << "what was parsed stays";
  parsed.ClearExtension(a_part);
  EXPECT_FALSE(parsed.HasExtension(a_part));
  EXPECT_EQ(parsed.MutableExtension(a_part)->text(), "") << "the memory is used again, empty";
}

TEST(Extensions, RepeatedOnesOfEveryTypeSurviveARoundTrip) {
  Item item;
  const auto try_one = [&](const auto& id, auto first, auto second) {
    SCOPED_TRACE(id.full_name());
    EXPECT_EQ(item.ExtensionSize(id), 0);
    EXPECT_TRUE(item.GetRepeatedExtension(id).empty());
    item.AddExtension(id, first);
    item.AddExtension(id, first);
    item.SetExtension(id, 1, second);
    Item parsed;
    ASSERT_TRUE(parsed.ParseFrom(wire::AsBytes(item.SerializeAsString())).ok());
    ASSERT_EQ(parsed.ExtensionSize(id), 2);
    EXPECT_EQ(parsed.GetExtension(id, 0), first);
    EXPECT_EQ(parsed.GetExtension(id, 1), second);
    EXPECT_EQ(parsed, item);
    parsed.MutableRepeatedExtension(id)->RemoveLast();
    EXPECT_EQ(parsed.ExtensionSize(id), 1);
    parsed.ClearExtension(id);
    EXPECT_EQ(parsed.ByteSize(), 0u);
    item.ClearExtension(id);
  };
  try_one(doubles, 1.5, -0.0);
  try_one(floats, 2.5f, 0.0f);
  try_one(int32s, -1, 0);
  try_one(int64s, int64_t{-2}, int64_t{1} << 40);
  try_one(uint32s, 3u, 0u);
  try_one(uint64s, uint64_t{4}, ~uint64_t{0});
  try_one(sint32s, -5, 5);
  try_one(sint64s, int64_t{-6}, int64_t{6});
  try_one(fixed32s, 7u, 0u);
  try_one(fixed64s, uint64_t{8}, uint64_t{0});
  try_one(sfixed32s, -9, 9);
  try_one(sfixed64s, int64_t{-10}, int64_t{10});
  try_one(bools, true, false);
  try_one(strings, std::string_view("one"), std::string_view());
  try_one(blobs, std::string_view("\0", 1), std::string_view("two"));
  try_one(moods, MOOD_BAD, MOOD_GOOD);
  try_one(packed_doubles, 1.5, -0.0);
  try_one(packed_int32s, -1, 0);
  try_one(packed_int64s, int64_t{-2}, int64_t{1} << 40);
  try_one(packed_sint32s, -5, 5);
  try_one(packed_sint64s, int64_t{-6}, int64_t{6});
  try_one(packed_bools, true, false);
  try_one(packed_moods, MOOD_BAD, MOOD_GOOD);
  try_one(packed_fixed32s, 7u, 0u);
}

TEST(Extensions, RepeatedMessagesAndGroupsAreAdded) {
  Item item;
  item.AddExtension(parts)->set_number(1);
  item.AddExtension(parts)->set_number(2);
  item.AddExtension(agroups)->set_text("grouped");
  item.AddExtension(Item_Review::reviews)->set_text("good");
  item.AddExtension(extending::more_parts)->set_text("elsewhere");
  item.MutableExtension(parts, 1)->set_number(3);
  Item parsed;
  ASSERT_TRUE(parsed.ParseFrom(wire::AsBytes(item.SerializeAsString())).ok());
  int sum = 0;
  for (const Part& part : parsed.GetRepeatedExtension(parts)) sum += part.number();
  EXPECT_EQ(sum, 4);
  EXPECT_EQ(parsed.GetExtension(agroups, 0).text(), "grouped");
  EXPECT_EQ(parsed.GetExtension(Item_Review::reviews, 0).text(), "good");
  EXPECT_EQ(parsed.GetExtension(extending::more_parts, 0).text(), "elsewhere");
  EXPECT_EQ(parsed, item);
}

TEST(Extensions, TheirNumbersAndNamesAreConstants) {
  static_assert(kADoubleFieldNumber == 100);
  static_assert(Item::Review::kBestReviewFieldNumber == 10);
  static_assert(extending::kClassFieldNumber == 2000);
  EXPECT_EQ(Item::Review::best_review.number(), 10u);
  EXPECT_EQ(Item::Review::best_review.full_name(),
            "penstock.codec.testing.extended.Item.Review.best_review");
  EXPECT_EQ(extending::class_.full_name(), "penstock.codec.testing.extending.class");
}

TEST(Extensions, MessagesThatTakeNoneAreNotLarger) {
  static_assert(sizeof(AGroups) == sizeof(MessageHead) + 8 + sizeof(StringField));
}

// An int32 in two varints, of which the first is longer than it must be.
constexpr std::string_view kOddInt32("\xb0\x06\x85\x80\x00\xb0\x06\x07", 8);

TEST(Extensions, ReadingDoesNotChangeWhatIsWritten) {
  const std::string wire(kOddInt32);
  Item item;
  ASSERT_TRUE(item.ParseFrom(wire::AsBytes(wire)).ok());
  const size_t bytes = item.ByteSize();
  EXPECT_EQ(item.GetExtension(an_int32), 7);
  EXPECT_EQ(bytes, wire.size());
  EXPECT_EQ(item.SerializeAsString(), wire);
  item.SetExtension(an_int32, 7);
  EXPECT_EQ(item.SerializeAsString(), "\xb0\x06\x07");
}

TEST(Extensions, EqualOctetsAreEqualAndOtherwiseValuesAreCompared) {
  Item odd;
  ASSERT_TRUE(odd.ParseFrom(wire::AsBytes(kOddInt32)).ok());
  Item same;
  ASSERT_TRUE(same.ParseFrom(wire::AsBytes(kOddInt32)).ok());
  EXPECT_EQ(odd, same);
  Item plain;
  ASSERT_TRUE(plain.ParseFrom(wire::AsBytes("\xb0\x06\x07")).ok());
  EXPECT_FALSE(odd == plain) << "nobody said what they are";
  Item set;
  set.SetExtension(an_int32, 7);
  EXPECT_EQ(set, odd);
  EXPECT_EQ(odd, set);
  set.SetExtension(an_int32, 8);
  EXPECT_FALSE(set == odd);
  set.ClearExtension(an_int32);
  EXPECT_FALSE(set == odd);
  EXPECT_FALSE(odd == set);
  set.MutableRepeatedExtension(int32s);
  EXPECT_EQ(set, Item()) << "a repeated extension without elements is none";
}

// One with an extension that was not asked for, one that was, and one that was set.
Item MixedItem() {
  Item source;
  source.set_name("mixed");
  source.SetExtension(a_string, "untouched");
  source.MutableExtension(a_part)->set_text("asked for");
  source.MutableExtension(a_part)->SetExtension(Part::note, "within");
  Item item;
  EXPECT_TRUE(item.ParseFrom(wire::AsBytes(source.SerializeAsString())).ok());
  EXPECT_EQ(item.GetExtension(a_part).text(), "asked for");
  item.AddExtension(int32s, 5);
  item.MutableExtension(a_set)->MutableExtension(part_of_set)->set_number(9);
  return item;
}

void ExpectMixed(const Item& item) {
  EXPECT_EQ(item, MixedItem());
  EXPECT_EQ(item.SerializeAsString(), MixedItem().SerializeAsString());
  EXPECT_EQ(item.GetExtension(a_string), "untouched");
  EXPECT_EQ(item.GetExtension(a_part).GetExtension(Part::note), "within");
  EXPECT_EQ(item.GetExtension(int32s, 0), 5);
  EXPECT_EQ(item.GetExtension(a_set).GetExtension(part_of_set).number(), 9);
}

TEST(Extensions, AreCopiedMovedAndSwappedWithTheirMessage) {
  const Item item = MixedItem();
  ExpectMixed(item);
  Item moved = MixedItem();
  Item target(std::move(moved));
  ExpectMixed(target);
  Item assigned;
  assigned.SetExtension(a_bool, true);
  assigned = std::move(target);
  ExpectMixed(assigned);
  Item other;
  other.SetExtension(a_bool, true);
  other.Swap(&assigned);
  ExpectMixed(other);
  EXPECT_TRUE(assigned.GetExtension(a_bool));

  wire::Arena arena;
  Item* in_arena = arena.New<Item>(&arena);
  in_arena->Swap(&other);
  ExpectMixed(*in_arena);
  EXPECT_EQ(other, Item());
  Holder holder;
  *holder.mutable_item() = *in_arena;
  ExpectMixed(holder.item());
  (*holder.mutable_by_name())["x"] = *in_arena;
  ExpectMixed(holder.by_name().at("x"));
  Item from_nested = std::move(*holder.mutable_item());
  ExpectMixed(from_nested);
}

TEST(Extensions, AreClearedWithTheirMessageAndTheMemoryIsKept) {
  const std::string wire = MixedItem().SerializeAsString();
  wire::Arena arena;
  Item* item = arena.New<Item>(&arena);
  size_t bytes_after_two = 0;
  for (int round = 0; round < 100; ++round) {
    ASSERT_TRUE(item->ParseFrom(wire::AsBytes(wire)).ok());
    ExpectMixed(*item);
    item->SetExtension(an_int32, round);
    item->SetExtension(far, "text");
    if (round == 1) bytes_after_two = arena.block_bytes();
  }
  EXPECT_EQ(arena.block_bytes(), bytes_after_two);
  item->Clear();
  EXPECT_EQ(*item, Item());
  EXPECT_EQ(item->ByteSize(), 0u);
  EXPECT_FALSE(item->HasExtension(a_string));
}

TEST(Extensions, MergeAsTheirFieldsWouldInOneInput) {
  Item first;
  first.SetExtension(an_int32, 1);
  first.AddExtension(int32s, 1);
  first.MutableExtension(a_part)->set_number(1);
  Item second;
  second.SetExtension(an_int32, 2);
  second.AddExtension(int32s, 2);
  second.MutableExtension(a_part)->set_text("two");
  const std::string first_wire = first.SerializeAsString();
  const std::string second_wire = second.SerializeAsString();
  Item want;
  ASSERT_TRUE(want.ParseFrom(wire::AsBytes(first_wire + second_wire)).ok());

  // Either side as it was parsed, asked for, or set.
  enum State { kParsed, kAsked, kSet };
  const auto make = [](const Item& source, const std::string& wire, State state) {
    Item item;
    if (state == kSet) return source;
    EXPECT_TRUE(item.ParseFrom(wire::AsBytes(wire)).ok());
    if (state == kAsked) {
      EXPECT_TRUE(item.ParseExtensions(an_int32, int32s, a_part).ok());
    }
    return item;
  };
  for (State of_first : {kParsed, kAsked, kSet}) {
    for (State of_second : {kParsed, kAsked, kSet}) {
      SCOPED_TRACE(of_first * 10 + of_second);
      Item merged = make(first, first_wire, of_first);
      merged.MergeFrom(make(second, second_wire, of_second));
      EXPECT_EQ(merged.GetExtension(an_int32), 2);
      ASSERT_EQ(merged.ExtensionSize(int32s), 2);
      EXPECT_EQ(merged.GetExtension(int32s, 1), 2);
      EXPECT_EQ(merged.GetExtension(a_part).number(), 1);
      EXPECT_EQ(merged.GetExtension(a_part).text(), "two");
      EXPECT_EQ(merged, want);
    }
    Item merged = make(first, first_wire, of_first);
    ASSERT_TRUE(merged.MergeFromBytes(wire::AsBytes(second_wire)).ok());
    EXPECT_EQ(merged.GetExtension(a_part).text(), "two");
    EXPECT_EQ(merged, want);
  }
}

TEST(Extensions, RequiredFieldsCountWhereSomebodyAsked) {
  Item item;
  item.MutableExtension(needy)->mutable_deeper();
  EXPECT_FALSE(item.IsInitialized());
  constexpr std::string_view kMissing =
      "(penstock.codec.testing.extended.needy).id, "
      "(penstock.codec.testing.extended.needy).deeper.id";
  EXPECT_EQ(item.InitializationErrorString(), kMissing);
  Holder holder;
  ASSERT_TRUE(holder.mutable_item()->ParseFrom(wire::AsBytes(item.SerializeAsString())).ok());
  EXPECT_TRUE(holder.IsInitialized()) << "nobody asked yet";
  EXPECT_EQ(holder.item().ParseExtensions(needy).error, ParseError::kMissingField);
  EXPECT_FALSE(holder.IsInitialized());
  EXPECT_EQ(holder.InitializationErrorString(),
            "item.(penstock.codec.testing.extended.needy).id, "
            "item.(penstock.codec.testing.extended.needy).deeper.id");
  Needy& whole = *holder.mutable_item()->MutableExtension(needy);
  whole.set_id(1);
  whole.mutable_deeper()->set_id(2);
  EXPECT_TRUE(holder.IsInitialized());
  EXPECT_TRUE(holder.item().ParseExtensions(needy).ok());
}

TEST(Extensions, TextOfAnAliasingParseViewsTheInput) {
  Item source;
  source.SetExtension(a_string, "viewed");
  source.AddExtension(strings, "one");
  source.AddExtension(strings, "two");
  const std::string wire = source.SerializeAsString();
  const auto is_within = [&](std::string_view text) {
    return text.data() >= wire.data() && text.data() < wire.data() + wire.size();
  };
  Item aliasing;
  ASSERT_TRUE(aliasing.ParseFrom(wire::AsBytes(wire), StringRule::kAlias).ok());
  EXPECT_TRUE(is_within(aliasing.GetExtension(a_string)));
  EXPECT_TRUE(is_within(aliasing.GetExtension(strings, 1)));
  const Item copy = aliasing;
  EXPECT_FALSE(is_within(copy.GetExtension(a_string)));
  EXPECT_EQ(copy, source);
  Item copying;
  ASSERT_TRUE(copying.ParseFrom(wire::AsBytes(wire), StringRule::kCopy).ok());
  EXPECT_FALSE(is_within(copying.GetExtension(a_string)));
}

}  // namespace
}  // namespace penstock::codec::testing
