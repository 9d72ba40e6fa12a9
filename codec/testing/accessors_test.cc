// What generated classes offer: accessors, presence, oneofs, repeated fields, enums.
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/codec/message.h"

#include "codec/testing/everything.penstock.h"

namespace penstock::codec::testing {
namespace {

TEST(Accessors, ANewMessageHasDefaults) {
  const Singular message;
  EXPECT_EQ(message.a_double(), 0.0);
  EXPECT_EQ(message.an_int64(), 0);
  EXPECT_FALSE(message.a_bool());
  EXPECT_EQ(message.a_string(), "");
  EXPECT_EQ(message.a_colour(), COLOUR_NONE);
  EXPECT_FALSE(message.has_a_point());
  EXPECT_EQ(message.a_point().x(), 0);
  EXPECT_EQ(message.ByteSize(), 0u);
  EXPECT_EQ(&message.a_point(), &imported::Point::default_instance());
}

TEST(Accessors, GiveBackWhatWasSet) {
  Singular message;
  message.set_a_double(-1.5);
  message.set_a_float(2.5f);
  message.set_an_int32(std::numeric_limits<int32_t>::min());
  message.set_an_int64(std::numeric_limits<int64_t>::min());
  message.set_a_uint32(std::numeric_limits<uint32_t>::max());
  message.set_a_uint64(std::numeric_limits<uint64_t>::max());
  message.set_a_sint32(-7);
  message.set_a_sint64(-8);
  message.set_a_fixed32(9);
  message.set_a_fixed64(10);
  message.set_an_sfixed32(-11);
  message.set_an_sfixed64(-12);
  message.set_a_bool(true);
  message.set_a_string("text");
  message.set_some_bytes(std::string_view("\0\xff", 2));
  message.set_a_colour(COLOUR_BELOW);
  message.mutable_a_point()->set_y(-3);
  EXPECT_EQ(message.a_double(), -1.5);
  EXPECT_EQ(message.a_float(), 2.5f);
  EXPECT_EQ(message.an_int32(), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(message.an_int64(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(message.a_uint32(), std::numeric_limits<uint32_t>::max());
  EXPECT_EQ(message.a_uint64(), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(message.a_sint32(), -7);
  EXPECT_EQ(message.a_sint64(), -8);
  EXPECT_EQ(message.a_fixed32(), 9u);
  EXPECT_EQ(message.a_fixed64(), 10u);
  EXPECT_EQ(message.an_sfixed32(), -11);
  EXPECT_EQ(message.an_sfixed64(), -12);
  EXPECT_TRUE(message.a_bool());
  EXPECT_EQ(message.a_string(), "text");
  EXPECT_EQ(message.some_bytes(), std::string_view("\0\xff", 2));
  EXPECT_EQ(message.a_colour(), COLOUR_BELOW);
  EXPECT_TRUE(message.has_a_point());
  EXPECT_EQ(message.a_point().y(), -3);
  message.Clear();
  EXPECT_EQ(message, Singular());
}

TEST(Accessors, ClearOneFieldLeavesTheOthers) {
  Singular message;
  message.set_an_int32(1);
  message.set_a_string("text");
  message.mutable_a_point()->set_x(2);
  message.clear_a_string();
  message.clear_a_point();
  EXPECT_EQ(message.a_string(), "");
  EXPECT_FALSE(message.has_a_point());
  EXPECT_EQ(message.a_point().x(), 0);
  EXPECT_EQ(message.an_int32(), 1);
  EXPECT_EQ(message.mutable_a_point()->x(), 0) << "a cleared message comes back empty";
}

TEST(Accessors, SetStringFromAPartOfItself) {
  Singular message;
  message.set_a_string("0123456789");
  message.set_a_string(message.a_string().substr(3, 4));
  EXPECT_EQ(message.a_string(), "3456");
}

TEST(Accessors, OptionalFieldsKnowAZeroFromNothing) {
  Optional message;
  EXPECT_FALSE(message.has_number());
  EXPECT_FALSE(message.has_text());
  message.set_number(0);
  message.set_text("");
  message.set_flag(false);
  message.set_colour(COLOUR_NONE);
  message.set_real(0);
  EXPECT_TRUE(message.has_number() && message.has_text() && message.has_flag());
  EXPECT_TRUE(message.has_colour() && message.has_real());
  EXPECT_EQ(message.ByteSize(), 2u + 2u + 2u + 2u + 9u);
  message.clear_number();
  EXPECT_FALSE(message.has_number());
  EXPECT_TRUE(message.has_text());
}

TEST(Accessors, AOneofHoldsOneFieldAtATime) {
  Choice message;
  EXPECT_EQ(message.kind_case(), Choice::KIND_NOT_SET);
  message.set_text("text");
  EXPECT_EQ(message.kind_case(), Choice::kText);
  EXPECT_EQ(message.text(), "text");
  message.set_number(5);
  EXPECT_EQ(message.kind_case(), Choice::kNumber);
  EXPECT_FALSE(message.has_text());
  EXPECT_EQ(message.text(), "");
  EXPECT_EQ(message.number(), 5);
  message.mutable_point()->set_x(6);
  EXPECT_EQ(message.number(), 0);
  EXPECT_EQ(message.point().x(), 6);
  message.set_text("again");
  EXPECT_EQ(message.text(), "again");
  message.set_real(1.5);
  EXPECT_EQ(message.text(), "again") << "the other oneof is another";
  message.clear_number();
  EXPECT_EQ(message.text(), "again") << "clearing an absent member does nothing";
  message.clear_kind();
  EXPECT_EQ(message.kind_case(), Choice::KIND_NOT_SET);
  EXPECT_EQ(message.other_case(), Choice::kReal);
}

TEST(Accessors, RepeatedNumbersGrow) {
  Repeated message;
  for (int32_t i = 0; i < 1000; ++i) message.add_int32s(i);
  ASSERT_EQ(message.int32s_size(), 1000);
  for (int32_t i = 0; i < 1000; ++i) ASSERT_EQ(message.int32s(i), i);
  message.set_int32s(3, -3);
  EXPECT_EQ(message.int32s()[3], -3);
  int64_t sum = 0;
  for (int32_t value : message.int32s()) sum += value;
  EXPECT_EQ(sum, 999 * 1000 / 2 - 6);
  message.mutable_int32s()->Add(7);
  message.mutable_int32s()->RemoveLast();
  EXPECT_EQ(message.int32s_size(), 1000);
  message.clear_int32s();
  EXPECT_TRUE(message.int32s().empty());
}

// What mutable_x() gives is a temporary, and the loop must not outlive it.
TEST(Accessors, LoopsMayChangeWhatIsRepeated) {
  Repeated message;
  for (const int32_t number : {1, 2, 3}) message.add_int32s(number);
  for (int32_t& number : *message.mutable_int32s()) number *= 10;
  EXPECT_EQ(message.int32s(2), 30);
  message.add_strings("a");
  std::string all;
  for (const std::string_view text : *message.mutable_strings()) all += text;
  EXPECT_EQ(all, "a");
}

TEST(Accessors, RepeatedStringsAndMessages) {
  Repeated message;
  message.add_strings("one");
  message.mutable_strings()->Add("two");
  message.set_strings(0, "uno");
  const std::vector<std::string_view> strings(message.strings().begin(), message.strings().end());
  EXPECT_EQ(strings, (std::vector<std::string_view>{"uno", "two"}));
  imported::Point* first = message.add_points();
  first->set_x(1);
  for (int32_t i = 2; i < 100; ++i) message.add_points()->set_x(i);
  EXPECT_EQ(&message.points(0), first) << "elements stay where they are";
  int32_t sum = 0;
  for (const imported::Point& point : message.points()) sum += point.x();
  EXPECT_EQ(sum, 99 * 100 / 2);
  message.mutable_points(0)->set_y(9);
  EXPECT_EQ(message.points(0).y(), 9);
  message.clear_points();
  EXPECT_EQ(message.add_points()->x(), 0) << "a cleared element comes back empty";
  message.add_colours(COLOUR_RED);
  EXPECT_EQ(message.colours(0), COLOUR_RED);
}

TEST(Accessors, EnumsHaveNames) {
  EXPECT_EQ(Colour_Name(COLOUR_NONE), "COLOUR_NONE");
  EXPECT_EQ(Colour_Name(COLOUR_ROUGE), "COLOUR_RED") << "the first of two names";
  EXPECT_EQ(Colour_Name(static_cast<Colour>(77)), "");
  EXPECT_TRUE(Colour_IsValid(-3));
  EXPECT_FALSE(Colour_IsValid(2));
  Colour colour = COLOUR_NONE;
  EXPECT_TRUE(Colour_Parse("COLOUR_BELOW", &colour));
  EXPECT_EQ(colour, COLOUR_BELOW);
  EXPECT_FALSE(Colour_Parse("colour_below", &colour));
}

TEST(Accessors, NestedTypesHaveBothNames) {
  static_assert(std::is_same_v<Tree::Leaf, Tree_Leaf>);
  static_assert(Tree::Leaf::JAGGED == Tree_Leaf_Shape_JAGGED);
  Tree tree;
  tree.mutable_leaf()->set_shape(Tree::Leaf::JAGGED);
  EXPECT_EQ(tree.leaf().shape(), Tree_Leaf::JAGGED);
  EXPECT_EQ(Tree::Leaf::kFullName, "penstock.codec.testing.Tree.Leaf");
}

TEST(Accessors, KeywordsGetAnUnderscore) {
  Keywords message;
  message.set_class_(1);
  message.set_namespace_("x");
  message.add_virtual_(true);
  message.set_upper_case(2);
  EXPECT_EQ(message.class_(), 1);
  EXPECT_EQ(message.namespace_(), "x");
  EXPECT_TRUE(message.virtual_(0));
  EXPECT_EQ(message.upper_case(), 2);
}

TEST(Accessors, EqualityLooksAtPresenceAndBits) {
  Singular a;
  Singular b;
  a.set_a_double(0.0);
  b.set_a_double(-0.0);
  EXPECT_FALSE(a == b) << "a negative zero is a value";
  a.set_a_double(std::numeric_limits<double>::quiet_NaN());
  b = a;
  EXPECT_EQ(a, b) << "a NaN equals itself";
  Optional with;
  with.set_number(0);
  EXPECT_FALSE(with == Optional());
  Repeated first;
  Repeated second;
  first.add_points()->set_x(1);
  second.add_points()->set_x(2);
  EXPECT_FALSE(first == second);
  second.mutable_points(0)->set_x(1);
  EXPECT_EQ(first, second);
  Choice number;
  Choice flag;
  number.set_number(0);
  EXPECT_FALSE(number == flag);
}

}  // namespace
}  // namespace penstock::codec::testing
