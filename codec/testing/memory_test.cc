// Where the memory of messages comes from, and what copying and moving do with it.
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "gtest/gtest.h"

#include "penstock/codec/limits.h"
#include "penstock/codec/message.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/everything.penstock.h"

namespace penstock::codec::testing {
namespace {

static_assert(std::is_nothrow_move_constructible_v<Tree>);
static_assert(std::is_standard_layout_v<Choice>, "fields are found by offsetof");
static_assert(sizeof(Empty) == sizeof(MessageHead), "made for every call: kept small");

const char kLong[] = "a text that is far too long to be stored anywhere but in allocated memory";

Tree MakeTree(int depth) {
  Tree tree;
  tree.mutable_leaf()->set_name(kLong);
  if (depth > 0) {
    *tree.mutable_left() = MakeTree(depth - 1);
    *tree.add_more() = MakeTree(depth - 1);
  }
  return tree;
}

TEST(Memory, CopiesAreDeep) {
  Tree original = MakeTree(3);
  const Tree copy = original;
  EXPECT_EQ(copy, original);
  EXPECT_NE(copy.leaf().name().data(), original.leaf().name().data());
  original.mutable_left()->mutable_leaf()->set_name("changed");
  EXPECT_EQ(copy.left().leaf().name(), kLong);
  original.Clear();
  EXPECT_EQ(copy, MakeTree(3));
}

TEST(Memory, CopiesOutliveTheArenaOfTheirOriginal) {
  Tree copy;
  {
    wire::Arena arena;
    Tree* original = arena.New<Tree>(&arena);
    *original = MakeTree(2);
    copy = *original;
  }
  EXPECT_EQ(copy, MakeTree(2));
}

TEST(Memory, CopiesReplaceOldContent) {
  Choice target;
  target.set_text("old");
  Choice source;
  source.mutable_point()->set_x(1);
  target = source;
  EXPECT_EQ(target, source);
  target = Choice();
  EXPECT_EQ(target.kind_case(), Choice::KIND_NOT_SET);
}

TEST(Memory, AMessageMayBeAssignedFromAPartOfItself) {
  Tree tree = MakeTree(2);
  tree = tree.left();
  EXPECT_EQ(tree, MakeTree(1));
  tree = std::move(*tree.mutable_left());
  EXPECT_EQ(tree, MakeTree(0));
  Tree& same = tree;
  tree = same;
  EXPECT_EQ(tree, MakeTree(0));
}

TEST(Memory, MovingAFreeStandingMessageCopiesNothing) {
  Tree source = MakeTree(2);
  const char* name = source.leaf().name().data();
  Tree target = std::move(source);
  EXPECT_EQ(target.leaf().name().data(), name);
  EXPECT_EQ(source, Tree()) << "empty and usable";  // NOLINT(bugprone-use-after-move)
  source.mutable_leaf()->set_name("again");
  EXPECT_EQ(source.leaf().name(), "again");
  source = std::move(target);
  EXPECT_EQ(source.leaf().name().data(), name);
}

TEST(Memory, MovingAMessageInAnArenaKeepsTheArena) {
  wire::Arena arena;
  Tree source(&arena);
  source.mutable_leaf()->set_name(kLong);
  const char* name = source.leaf().name().data();
  Tree target = std::move(source);
  EXPECT_EQ(target.leaf().name().data(), name);
}

TEST(Memory, MovingOutOfAFreeStandingMessageCopiesThePart) {
  Tree part;
  {
    Tree whole = MakeTree(1);
    Tree taken = std::move(*whole.mutable_left());
    part = std::move(taken);
  }
  EXPECT_EQ(part, MakeTree(0));
}

TEST(Memory, MovingBetweenArenasCopies) {
  Tree target;
  {
    wire::Arena arena;
    Tree source(&arena);
    source.mutable_leaf()->set_name(kLong);
    target = std::move(source);
  }
  EXPECT_EQ(target.leaf().name(), kLong);
}

TEST(Memory, AMessageInAnArenaTakesNothingFromTheHeap) {
  alignas(16) static uint8_t first[16 * 1024];
  wire::Arena arena(wire::MutableBytes(first, sizeof first), nullptr);
  const std::string bytes = MakeTree(3).SerializeAsString();
  Tree* tree = arena.New<Tree>(&arena);
  ASSERT_TRUE(tree->ParseFrom(wire::AsBytes(bytes)).ok());
  tree->add_more()->mutable_leaf()->set_name(kLong);
  EXPECT_EQ(arena.block_bytes(), 0u);
  EXPECT_GE(reinterpret_cast<const uint8_t*>(tree->left().leaf().name().data()), first);
  EXPECT_LT(reinterpret_cast<const uint8_t*>(tree->left().leaf().name().data()),
            first + sizeof first);
}

TEST(Memory, ParsingAgainIntoTheSameMessageNeedsNoMoreMemory) {
  wire::Arena arena;
  const std::string bytes = MakeTree(3).SerializeAsString();
  Tree* tree = arena.New<Tree>(&arena);
  ASSERT_TRUE(tree->ParseFrom(wire::AsBytes(bytes)).ok());
  const size_t used_bytes = arena.block_bytes();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(tree->ParseFrom(wire::AsBytes(bytes)).ok());
  EXPECT_EQ(arena.block_bytes(), used_bytes);
  EXPECT_EQ(*tree, MakeTree(3));
}

TEST(Memory, GrowingAStringCostsAtMostTwiceItsSize) {
  wire::Arena arena;
  Singular message(&arena);
  std::string text;
  for (size_t i = 0; i < 10000; ++i) {
    text += 'x';
    message.set_a_string(text);
  }
  EXPECT_LE(arena.block_bytes(), 6 * text.size());
}

TEST(Memory, AFreeStandingMessageGivesBackWhatIsAboveTheLimit) {
  Singular message;
  message.set_a_string(std::string(4 * kRetainedBytesMax, 'x'));
  message.mutable_a_point()->set_x(1);
  message.Clear();
  EXPECT_EQ(message, Singular());
  EXPECT_FALSE(message.has_a_point());
  message.set_a_string("small");
  EXPECT_EQ(message.a_string(), "small");
}

TEST(Memory, MergingAddsAndReplaces) {
  Repeated a;
  a.add_int32s(1);
  a.add_strings("one");
  a.add_points()->set_x(1);
  Repeated b;
  b.add_int32s(2);
  b.add_strings("two");
  b.add_points()->set_x(2);
  a.MergeFrom(b);
  EXPECT_EQ(a.int32s_size(), 2);
  EXPECT_EQ(a.strings(1), "two");
  EXPECT_EQ(a.points(1).x(), 2);
  Singular c;
  c.set_an_int32(1);
  c.mutable_a_point()->set_x(1);
  Singular d;
  d.set_an_int64(2);
  d.mutable_a_point()->set_y(2);
  c.MergeFrom(d);
  EXPECT_EQ(c.an_int32(), 1);
  EXPECT_EQ(c.an_int64(), 2);
  EXPECT_EQ(c.a_point().x(), 1);
  EXPECT_EQ(c.a_point().y(), 2);
}

}  // namespace
}  // namespace penstock::codec::testing
