// What proto2 adds: defaults, required fields, groups, closed enums; and limits of parsing.
#include <cmath>
#include <cstdint>
#include <limits>
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
using rich2::Needy;
using rich2::Rich;

TEST(Proto2, DefaultsAreGivenUntilAValueIsSet) {
  Rich message;
  EXPECT_EQ(message.default_double(), -1.5e10);
  EXPECT_EQ(message.default_float(), std::numeric_limits<float>::infinity());
  EXPECT_EQ(message.default_int32(), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(message.default_int64(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(message.default_uint32(), 4294967295u);
  EXPECT_EQ(message.default_uint64(), 18446744073709551615u);
  EXPECT_TRUE(message.default_bool());
  EXPECT_EQ(message.default_string(), "say \"hi\" ? \xc3\xa4");
  EXPECT_EQ(message.default_bytes(),
            "\0\xff"
            "1"s);
  EXPECT_EQ(message.default_mood(), rich2::MOOD_AWFUL);
  EXPECT_EQ(message.a_mood(), rich2::MOOD_GOOD) << "the first of an enum";
  EXPECT_EQ(message.choice_number(), 7);
  EXPECT_EQ(message.choice_text(), "chosen");
  EXPECT_FALSE(message.has_default_int32());
  EXPECT_EQ(message.ByteSize(), 0u);
  message.set_default_int32(0);
  message.set_default_bool(false);
  message.set_default_string("");
  EXPECT_EQ(message.default_int32(), 0);
  EXPECT_FALSE(message.default_bool());
  EXPECT_EQ(message.default_string(), "");
  EXPECT_EQ(message.ByteSize(), 3u + 3u + 3u);
  message.clear_default_string();
  EXPECT_EQ(message.default_string(), "say \"hi\" ? \xc3\xa4");
}

TEST(Proto2, PresenceIsKeptForZeros) {
  Rich message;
  message.set_an_int32(0);
  message.set_a_string("");
  EXPECT_TRUE(message.has_an_int32());
  const std::string wire = message.SerializeAsString();
  EXPECT_EQ(wire, "\x18\x00\x72\x00"s);
  Rich parsed;
  ASSERT_TRUE(parsed.ParseFrom(wire::AsBytes(wire)).ok());
  EXPECT_TRUE(parsed.has_a_string());
  EXPECT_FALSE(parsed.has_a_bool());
  EXPECT_EQ(parsed, message);
}

TEST(Proto2, StringsNeedNotBeUtf8) {
  Rich message;
  EXPECT_TRUE(message.ParseFrom(wire::AsBytes("\x72\x01\xff")).ok());
  EXPECT_EQ(message.a_string(), "\xff");
}

TEST(Proto2, RequiredFieldsMustBeThere) {
  Needy message;
  EXPECT_FALSE(message.IsInitialized());
  EXPECT_EQ(message.InitializationErrorString(), "id, name");
  message.set_id(1);
  message.set_name("n");
  EXPECT_TRUE(message.IsInitialized());
  message.mutable_deeper()->set_id(2);
  (*message.mutable_by_name())["x"].set_name("y");
  EXPECT_EQ(message.InitializationErrorString(), "deeper.name, by_name[0].id");
  const std::string wire = message.SerializeAsString();
  Needy parsed;
  const ParseResult result = parsed.ParseFrom(wire::AsBytes(wire));
  EXPECT_EQ(Name(result.error), "kMissingField");
  EXPECT_EQ(result.offset, wire.size());
  EXPECT_EQ(parsed.InitializationErrorString(), "deeper.name, by_name[0].id");
  EXPECT_EQ(Name(Needy().ParseFrom({}).error), "kMissingField");
  EXPECT_TRUE(Rich().ParseFrom({}).ok());
}

TEST(Proto2, GroupsOnTheWire) {
  Rich message;
  message.mutable_grouped()->set_number(5);
  message.mutable_grouped()->mutable_deeper()->set_text("t");
  message.add_many()->set_number(1);
  message.add_many()->add_texts("x");
  const std::string wire =
      "\x93\x01\x08\x05\x13\x1a\x01t\x14\x94\x01"
      "\xa3\x03\x08\x01\xa4\x03\xa3\x03\x12\x01x\xa4\x03"s;
  EXPECT_EQ(message.SerializeAsString(), wire);
  EXPECT_EQ(message.ByteSize(), wire.size());
  Rich parsed;
  ASSERT_TRUE(parsed.ParseFrom(wire::AsBytes(wire)).ok());
  EXPECT_EQ(parsed, message);
}

TEST(Proto2, MalformedGroupsNameErrorAndPlace) {
  const struct {
    const char* name;
    std::string wire;
    ParseError error;
    uint32_t offset;
  } cases[] = {
      {"does not end", "\x93\x01\x08\x05"s, ParseError::kTruncated, 2},
      {"ends as another", "\x93\x01\x08\x05\x9c\x01"s, ParseError::kUnmatchedGroup, 4},
      {"a message inside ends it", "\x93\x01\x1a\x02\x94\x01\x94\x01"s, ParseError::kUnmatchedGroup,
       4},
      {"ends at the top", "\x94\x01"s, ParseError::kUnmatchedGroup, 0},
      {"end of group 0", "\x93\x01\x04"s, ParseError::kBadTag, 2},
      {"ends inside a message", "\x8a\x01\x01\x0c"s, ParseError::kUnmatchedGroup, 3},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Rich message;
    const ParseResult result = message.ParseFrom(wire::AsBytes(c.wire));
    EXPECT_EQ(Name(result.error), Name(c.error));
    EXPECT_EQ(result.offset, c.offset);
  }
}

TEST(Proto2, GroupsCountAsDepth) {
  std::string wire;
  for (int i = 0; i < 50; ++i) wire = "\x93\x01\x13" + wire + "\x14\x94\x01";
  // Deeper has no field 18: below the first two everything is unknown, and still counts.
  EXPECT_TRUE(Rich().ParseFrom(wire::AsBytes(wire)).ok());
  wire = "\x93\x01" + wire + "\x94\x01";
  EXPECT_EQ(Name(Rich().ParseFrom(wire::AsBytes(wire)).error), "kTooDeep");
}

// Mood has 1 to 3; Sparse has 0, -5 and 1000.
TEST(Proto2, NumbersAClosedEnumDoesNotHaveAreUnknownFields) {
  const struct {
    const char* name;
    std::string wire;
    std::string written;
  } cases[] = {
      {"singular", "\x80\x01\x07"s, "\x80\x01\x07"s},
      {"known then unknown", "\x80\x01\x02\x80\x01\x07"s, "\x80\x01\x02\x80\x01\x07"s},
      {"repeated", "\xf0\x02\x01\xf0\x02\x09"s, "\xf0\x02\x01\xf0\x02\x09"s},
      {"in a packed run", "\x92\x03\x03\x01\x09\x02"s, "\x92\x03\x02\x01\x02\x90\x03\x09"s},
      {"packed, field not packed", "\xf2\x02\x02\x03\x04"s, "\xf0\x02\x03\xf0\x02\x04"s},
      {"enum with gaps", "\x9a\x03\x03\xe8\x07\x01"s, "\x9a\x03\x02\xe8\x07\x98\x03\x01"s},
      {"in a oneof", "\xe8\x05\x09"s, "\xe8\x05\x09"s},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Rich message;
    ASSERT_TRUE(message.ParseFrom(wire::AsBytes(c.wire)).ok());
    EXPECT_EQ(::testing::PrintToString(message.SerializeAsString()),
              ::testing::PrintToString(c.written));
    EXPECT_FALSE(message.unknown_fields().empty());
    EXPECT_EQ(message.choice_case(), Rich::CHOICE_NOT_SET);
  }
}

TEST(Proto2, EnumsKnowTheirEnds) {
  static_assert(rich2::Sparse_MIN == rich2::SPARSE_LOW);
  static_assert(rich2::Sparse_MAX == rich2::SPARSE_HIGH);
  static_assert(rich2::Mood_ARRAYSIZE == 4);
  EXPECT_EQ(rich3::Rich::Inner::Kind_Name(3), "KIND_SOME");
  EXPECT_TRUE(rich2::Sparse_IsValid(1000));
  EXPECT_FALSE(rich2::Sparse_IsValid(1));
  EXPECT_FALSE(rich2::Mood_IsValid(0));
}

TEST(Proto2, SwapExchangesWhateverTheArenas) {
  for (const bool in_arena : {false, true}) {
    wire::Arena arena;
    Rich a;
    Rich b = in_arena ? Rich(&arena) : Rich();
    a.set_a_string("of a, which is long enough to need memory");
    b.mutable_inner()->set_text("of b");
    (*b.mutable_string_map())[1] = "one";
    const Rich was_a = a;
    const Rich was_b = b;
    swap(a, b);
    EXPECT_EQ(a, was_b);
    EXPECT_EQ(b, was_a);
  }
}

// Whatever the cap, parsing gives the message or an error with a place, and takes no more.
TEST(Limits, AnArenasCapIsAParseError) {
  rich3::Rich source;
  for (int i = 0; i < 50; ++i) {
    source.add_strings(std::string(100, 's'));
    source.add_inners()->set_text("text");
    source.add_int64s(i);
    source.add_unpacked(i);
    (*source.mutable_string_map())[std::to_string(i)] = std::string(50, 'v');
  }
  const std::string wire =
      source.SerializeAsString() + std::string(400, '\x08') + "\xa2\x3f\x03xyz";
  size_t refused_count = 0;
  bool accepted = false;
  for (size_t bytes_max = 0; !accepted; bytes_max += 64) {
    ASSERT_LT(bytes_max, 1u << 20);
    wire::Arena arena;
    arena.set_bytes_max(bytes_max);
    auto* message = arena.New<rich3::Rich>(&arena);
    const size_t own_bytes = arena.block_bytes();
    const ParseResult result = message->ParseFrom(wire::AsBytes(wire));
    EXPECT_LE(arena.block_bytes(), std::max(bytes_max, own_bytes));
    accepted = result.error != ParseError::kMemoryLimit;
    refused_count += accepted ? 0 : 1;
    EXPECT_LE(result.offset, wire.size());
  }
  EXPECT_GT(refused_count, 100u);
}

TEST(Limits, ALengthThatLiesReservesNothing) {
  // A packed run, a string and an entry that claim 1 GiB.
  for (const char* tag : {"\xa2\x02", "\x72", "\xea\x03"}) {
    wire::Arena arena;
    auto* message = arena.New<rich3::Rich>(&arena);
    const size_t bytes_before = arena.block_bytes();
    const std::string wire = tag + "\x80\x80\x80\x80\x04 and little else"s;
    EXPECT_EQ(Name(message->ParseFrom(wire::AsBytes(wire)).error), "kTruncated");
    EXPECT_EQ(arena.block_bytes(), bytes_before);
  }
}

}  // namespace
}  // namespace penstock::codec::testing
