// What generated messages write and read: tables both ways, unknown fields, malformed input.
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/codec/message.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/everything.penstock.h"

namespace penstock::codec::testing {
namespace {

using std::string_literals::operator""s;

// "08 96 01" -> octets. Blanks separate; other text in parentheses is comment.
std::string Octets(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += hex[i] == ' ' ? 1 : 2) {
    if (hex[i] != ' ')
      out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

std::string Hex(std::string_view octets) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (unsigned char c : octets) {
    if (!out.empty()) out += ' ';
    out += kDigits[c >> 4];
    out += kDigits[c & 15];
  }
  return out;
}

template <typename M>
ParseResult Parse(M& message, std::string_view octets) {
  return message.ParseFrom(wire::AsBytes(octets));
}

template <typename M>
struct Case {
  const char* name;
  void (*fill)(M& message);
  const char* wire;
};

// Filling and serialising gives the octets, and parsing the octets gives what was filled in.
template <typename M, size_t kCount>
void CheckBothWays(const Case<M> (&cases)[kCount]) {
  for (const Case<M>& c : cases) {
    SCOPED_TRACE(c.name);
    M filled;
    c.fill(filled);
    EXPECT_EQ(Hex(filled.SerializeAsString()), c.wire);
    EXPECT_EQ(filled.ByteSize(), Octets(c.wire).size());
    M parsed;
    const ParseResult result = Parse(parsed, Octets(c.wire));
    EXPECT_TRUE(result.ok()) << Describe(result);
    EXPECT_EQ(parsed, filled);
    EXPECT_TRUE(parsed.unknown_fields().empty());
  }
}

TEST(WireFormat, SingularFields) {
  const Case<Singular> cases[] = {
      {"nothing", [](Singular&) {}, ""},
      {"double", [](Singular& m) { m.set_a_double(1); }, "09 00 00 00 00 00 00 f0 3f"},
      {"negative zero", [](Singular& m) { m.set_a_float(-0.0f); }, "15 00 00 00 80"},
      {"int32", [](Singular& m) { m.set_an_int32(150); }, "18 96 01"},
      {"negative int32", [](Singular& m) { m.set_an_int32(-1); },
       "18 ff ff ff ff ff ff ff ff ff 01"},
      {"least int64", [](Singular& m) { m.set_an_int64(std::numeric_limits<int64_t>::min()); },
       "20 80 80 80 80 80 80 80 80 80 01"},
      {"uint32", [](Singular& m) { m.set_a_uint32(0xffffffff); }, "28 ff ff ff ff 0f"},
      {"uint64", [](Singular& m) { m.set_a_uint64(1ull << 63); },
       "30 80 80 80 80 80 80 80 80 80 01"},
      {"sint32", [](Singular& m) { m.set_a_sint32(-2); }, "38 03"},
      {"least sint32", [](Singular& m) { m.set_a_sint32(std::numeric_limits<int32_t>::min()); },
       "38 ff ff ff ff 0f"},
      {"sint64", [](Singular& m) { m.set_a_sint64(1); }, "40 02"},
      {"fixed32", [](Singular& m) { m.set_a_fixed32(1); }, "4d 01 00 00 00"},
      {"fixed64", [](Singular& m) { m.set_a_fixed64(2); }, "51 02 00 00 00 00 00 00 00"},
      {"sfixed32", [](Singular& m) { m.set_an_sfixed32(-1); }, "5d ff ff ff ff"},
      {"sfixed64", [](Singular& m) { m.set_an_sfixed64(-2); }, "61 fe ff ff ff ff ff ff ff"},
      {"bool", [](Singular& m) { m.set_a_bool(true); }, "68 01"},
      {"string", [](Singular& m) { m.set_a_string("testing"); }, "72 07 74 65 73 74 69 6e 67"},
      {"bytes", [](Singular& m) { m.set_some_bytes("\xff\x00"s); }, "7a 02 ff 00"},
      {"negative enum", [](Singular& m) { m.set_a_colour(COLOUR_BELOW); },
       "80 01 fd ff ff ff ff ff ff ff ff 01"},
      {"enum of no name", [](Singular& m) { m.set_a_colour(static_cast<Colour>(99)); }, "80 01 63"},
      {"message", [](Singular& m) { m.mutable_a_point()->set_x(1); }, "8a 01 02 08 02"},
      {"empty message", [](Singular& m) { m.mutable_a_point(); }, "8a 01 00"},
      {"largest field number", [](Singular& m) { m.set_far_away(1); }, "f8 ff ff ff 0f 01"},
  };
  CheckBothWays(cases);
}

TEST(WireFormat, OptionalFieldsWriteTheirZeros) {
  const Case<Optional> cases[] = {
      {"number", [](Optional& m) { m.set_number(0); }, "08 00"},
      {"text", [](Optional& m) { m.set_text(""); }, "12 00"},
      {"flag", [](Optional& m) { m.set_flag(false); }, "18 00"},
      {"real", [](Optional& m) { m.set_real(0); }, "29 00 00 00 00 00 00 00 00"},
  };
  CheckBothWays(cases);
}

TEST(WireFormat, RepeatedFieldsArePacked) {
  const Case<Repeated> cases[] = {
      {"doubles", [](Repeated& m) { m.add_doubles(1); }, "0a 08 00 00 00 00 00 00 f0 3f"},
      {"floats",
       [](Repeated& m) {
         m.add_floats(1);
         m.add_floats(0);
       },
       "12 08 00 00 80 3f 00 00 00 00"},
      {"int32s",
       [](Repeated& m) {
         m.add_int32s(3);
         m.add_int32s(270);
         m.add_int32s(86942);
       },
       "1a 06 03 8e 02 9e a7 05"},
      {"int64s", [](Repeated& m) { m.add_int64s(-1); }, "22 0a ff ff ff ff ff ff ff ff ff 01"},
      {"uint32s", [](Repeated& m) { m.add_uint32s(0xffffffff); }, "2a 05 ff ff ff ff 0f"},
      {"uint64s", [](Repeated& m) { m.add_uint64s(1); }, "32 01 01"},
      {"sint32s",
       [](Repeated& m) {
         m.add_sint32s(-1);
         m.add_sint32s(1);
       },
       "3a 02 01 02"},
      {"sint64s", [](Repeated& m) { m.add_sint64s(-1); }, "42 01 01"},
      {"fixed32s", [](Repeated& m) { m.add_fixed32s(1); }, "4a 04 01 00 00 00"},
      {"fixed64s", [](Repeated& m) { m.add_fixed64s(1); }, "52 08 01 00 00 00 00 00 00 00"},
      {"sfixed32s", [](Repeated& m) { m.add_sfixed32s(-1); }, "5a 04 ff ff ff ff"},
      {"sfixed64s", [](Repeated& m) { m.add_sfixed64s(-1); }, "62 08 ff ff ff ff ff ff ff ff"},
      {"bools",
       [](Repeated& m) {
         m.add_bools(true);
         m.add_bools(false);
       },
       "6a 02 01 00"},
      {"strings",
       [](Repeated& m) {
         m.add_strings("a");
         m.add_strings("");
       },
       "72 01 61 72 00"},
      {"blobs", [](Repeated& m) { m.add_blobs("\xff"); }, "7a 01 ff"},
      {"colours", [](Repeated& m) { m.add_colours(COLOUR_RED); }, "82 01 01 01"},
      {"points",
       [](Repeated& m) {
         m.add_points();
         m.add_points()->set_y(-1);
       },
       "8a 01 00 8a 01 02 10 01"},
      {"unpacked",
       [](Repeated& m) {
         m.add_unpacked(1);
         m.add_unpacked(2);
       },
       "90 01 01 90 01 02"},
  };
  CheckBothWays(cases);
}

TEST(WireFormat, OneofFieldsWriteTheirZeros) {
  const Case<Choice> cases[] = {
      {"number", [](Choice& m) { m.set_number(0); }, "08 00"},
      {"text", [](Choice& m) { m.set_text(""); }, "12 00"},
      {"point", [](Choice& m) { m.mutable_point(); }, "1a 00"},
      {"flag", [](Choice& m) { m.set_flag(false); }, "28 00"},
      {"both oneofs",
       [](Choice& m) {
         m.set_colour(COLOUR_RED);
         m.set_blob("b");
       },
       "20 01 32 01 62"},
  };
  CheckBothWays(cases);
}

TEST(WireFormat, BothFormsOfRepeatedNumbersAreRead) {
  Repeated message;
  ASSERT_TRUE(Parse(message, Octets("18 01 1a 02 02 03 18 04")).ok());
  EXPECT_EQ(Hex(message.SerializeAsString()), "1a 04 01 02 03 04");
  ASSERT_TRUE(Parse(message, Octets("92 01 02 05 06 90 01 07 1a 00")).ok());
  EXPECT_EQ(Hex(message.SerializeAsString()), "90 01 05 90 01 06 90 01 07");
}

TEST(WireFormat, TheLastOfSeveralValuesWinsAndMessagesMerge) {
  Singular message;
  ASSERT_TRUE(Parse(message, Octets("18 01 18 02 8a 01 02 08 02 8a 01 02 10 04")).ok());
  EXPECT_EQ(message.an_int32(), 2);
  EXPECT_EQ(message.a_point().x(), 1);
  EXPECT_EQ(message.a_point().y(), 2);
  Choice choice;
  ASSERT_TRUE(Parse(choice, Octets("12 01 61 08 05")).ok());
  EXPECT_EQ(choice.kind_case(), Choice::kNumber);
  ASSERT_TRUE(Parse(choice, Octets("1a 02 08 02 1a 02 10 04")).ok());
  EXPECT_EQ(choice.point().x(), 1);
  EXPECT_EQ(choice.point().y(), 2);
}

TEST(WireFormat, VarintsMayBeLongerThanNeeded) {
  Singular message;
  ASSERT_TRUE(Parse(message, Octets("18 81 80 80 00")).ok());
  EXPECT_EQ(message.an_int32(), 1);
  ASSERT_TRUE(Parse(message, Octets("98 80 00 05")).ok()) << "in tags, too";
  EXPECT_EQ(message.an_int32(), 5);
  ASSERT_TRUE(Parse(message, Octets("18 ff ff ff ff ff ff ff ff ff 7f")).ok()) << "bits above 64";
  EXPECT_EQ(message.an_int32(), -1);
  ASSERT_TRUE(Parse(message, Octets("68 80 80 01")).ok());
  EXPECT_TRUE(message.a_bool());
  ASSERT_TRUE(Parse(message, Octets("18 81 80 80 80 10")).ok()) << "the low 32 bits of 64";
  EXPECT_EQ(message.an_int32(), 1);
}

TEST(WireFormat, UnknownFieldsAreKept) {
  const char* const cases[] = {
      "a0 06 01",                          // varint
      "a1 06 01 02 03 04 05 06 07 08",     // 64 bits
      "a2 06 03 61 62 63",                 // length
      "a3 06 08 01 a4 06",                 // group
      "a3 06 a3 06 12 01 61 a4 06 a4 06",  // group in group
      "a5 06 01 02 03 04",                 // 32 bits
      "1a 01 05",                          // field 3 of another type
      "a0 06 01 a2 06 01 61 a0 06 02",     // several, in their order
      "9a 80 02 00",                       // a tag longer than one octet, oddly coded
  };
  for (const char* wire : cases) {
    SCOPED_TRACE(wire);
    Singular message;
    const ParseResult result = Parse(message, Octets(wire));
    ASSERT_TRUE(result.ok()) << Describe(result);
    EXPECT_EQ(Hex(wire::AsString(message.unknown_fields())), wire);
    EXPECT_EQ(Hex(message.SerializeAsString()), wire);
    message.set_an_int32(1);
    EXPECT_EQ(Hex(message.SerializeAsString()), std::string("18 01 ") + wire);
    const Singular copy = message;
    EXPECT_EQ(copy, message);
    EXPECT_EQ(copy.SerializeAsString(), message.SerializeAsString());
    message.Clear();
    EXPECT_EQ(message.ByteSize(), 0u);
  }
}

TEST(WireFormat, UnknownFieldsInsideMessagesStayThere) {
  Singular message;
  ASSERT_TRUE(Parse(message, Octets("8a 01 05 08 02 a0 06 07")).ok());
  EXPECT_TRUE(message.unknown_fields().empty());
  EXPECT_EQ(Hex(wire::AsString(message.a_point().unknown_fields())), "a0 06 07");
  EXPECT_EQ(Hex(message.SerializeAsString()), "8a 01 05 08 02 a0 06 07");
}

TEST(WireFormat, MalformedInputNamesErrorAndPlace) {
  struct {
    const char* name;
    const char* wire;
    ParseError error;
    uint32_t offset;
  } const cases[] = {
      {"tag cut off", "18 01 80", ParseError::kTruncated, 2},
      {"value missing", "18", ParseError::kTruncated, 1},
      {"varint cut off", "18 80 80", ParseError::kTruncated, 1},
      {"varint of eleven octets", "18 80 80 80 80 80 80 80 80 80 80 01", ParseError::kVarintTooLong,
       1},
      {"tag of six octets", "98 80 80 80 80 00 01", ParseError::kVarintTooLong, 0},
      {"field number 0", "18 01 00 01", ParseError::kBadTag, 2},
      {"wire type 6", "1e 01", ParseError::kBadTag, 0},
      {"wire type 7", "1f 01", ParseError::kBadTag, 0},
      {"end of no group", "1c", ParseError::kUnmatchedGroup, 0},
      {"group that does not end", "a3 06 08 01", ParseError::kTruncated, 2},
      {"group that ends as another", "a3 06 ac 06", ParseError::kUnmatchedGroup, 2},
      {"bad tag in a group", "a3 06 07 a4 06", ParseError::kBadTag, 2},
      {"string longer than the rest", "72 05 61 62", ParseError::kTruncated, 1},
      {"length cut off", "72 80", ParseError::kTruncated, 1},
      {"length above 2 GiB", "72 ff ff ff ff 0f", ParseError::kTooLarge, 1},
      {"length of six octets", "72 80 80 80 80 80 00", ParseError::kVarintTooLong, 1},
      {"fixed32 cut off", "4d 01 00 00", ParseError::kTruncated, 1},
      {"fixed64 cut off", "51 01 00 00 00 00 00 00", ParseError::kTruncated, 1},
      {"not UTF-8", "18 01 72 02 61 ff", ParseError::kInvalidUtf8, 3},
      {"surrogate", "72 03 ed a0 80", ParseError::kInvalidUtf8, 1},
      {"field beyond its message", "8a 01 02 08 80 01", ParseError::kTruncated, 4},
      {"message longer than the rest", "8a 01 05 08 01", ParseError::kTruncated, 2},
      {"unknown string too long", "a2 06 02 61", ParseError::kTruncated, 2},
      {"unknown varint cut off", "a0 06 80", ParseError::kTruncated, 2},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Singular message;
    const ParseResult result = Parse(message, Octets(c.wire));
    EXPECT_EQ(Name(result.error), Name(c.error));
    EXPECT_EQ(result.offset, c.offset);
  }
}

TEST(WireFormat, MalformedPackedRuns) {
  struct {
    const char* name;
    const char* wire;
    ParseError error;
    uint32_t offset;
  } const cases[] = {
      {"last varint cut off", "1a 02 01 80", ParseError::kTruncated, 3},
      {"fixed32 run of 6 octets", "4a 06 01 00 00 00 02 00", ParseError::kTruncated, 1},
      {"fixed64 run of 7 octets", "52 07 01 00 00 00 02 00 00", ParseError::kTruncated, 1},
      {"run longer than the rest", "1a 05 01", ParseError::kTruncated, 1},
      {"varint of eleven octets in a run", "1a 0b 80 80 80 80 80 80 80 80 80 80 01",
       ParseError::kVarintTooLong, 2},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Repeated message;
    const ParseResult result = Parse(message, Octets(c.wire));
    EXPECT_EQ(Name(result.error), Name(c.error));
    EXPECT_EQ(result.offset, c.offset);
  }
}

// `depth` messages inside each other, or groups where `open` and `close` are a group's tags.
std::string Nested(int depth) {
  Tree root;
  Tree* tree = &root;
  for (int i = 0; i < depth; ++i) tree = tree->mutable_left();
  return root.SerializeAsString();
}

TEST(WireFormat, NestingEndsAtAHundred) {
  Tree message;
  EXPECT_TRUE(Parse(message, Nested(100)).ok());
  EXPECT_EQ(Parse(message, Nested(101)).error, ParseError::kTooDeep);
  std::string groups;
  for (int i = 0; i < 100; ++i) groups = Octets("a3 06") + groups + Octets("a4 06");
  EXPECT_TRUE(Parse(message, groups).ok());
  groups = Octets("a3 06") + groups + Octets("a4 06");
  EXPECT_EQ(Parse(message, groups).error, ParseError::kTooDeep);
  EXPECT_EQ(Parse(message, std::string(1 << 20, '\x0b')).error, ParseError::kTooDeep);
}

std::string EverythingOnTheWire() {
  Repeated message;
  for (int32_t i = 0; i < 3; ++i) {
    message.add_doubles(i);
    message.add_int32s(-i);
    message.add_sint64s(1 << (10 * i));
    message.add_fixed32s(7);
    message.add_bools(i == 1);
    message.add_strings(std::string(static_cast<size_t>(i) * 70, 's'));
    message.add_points()->set_x(i);
    message.add_unpacked(i);
  }
  return message.SerializeAsString() + Octets("a3 06 08 01 a4 06");
}

TEST(WireFormat, EveryPrefixParsesOrNamesAPlaceInside) {
  const std::string whole = EverythingOnTheWire();
  Repeated message;
  ASSERT_TRUE(Parse(message, whole).ok());
  size_t cut_between_fields = 0;
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    // A heap copy of exactly that size, so that a read past the end is seen by AddressSanitizer.
    const std::vector<char> prefix(whole.begin(), whole.begin() + static_cast<int64_t>(bytes));
    const ParseResult result = Parse(message, std::string_view(prefix.data(), prefix.size()));
    if (result.ok()) {
      ++cut_between_fields;
    } else {
      EXPECT_EQ(Name(result.error), "kTruncated") << bytes;
      EXPECT_LE(result.offset, bytes);
    }
  }
  EXPECT_EQ(cut_between_fields, 15u);
}

TEST(WireFormat, EveryFlippedBitParsesOrFails) {
  const std::string whole = EverythingOnTheWire();
  Repeated message;
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    if (!Parse(message, damaged).ok()) continue;
    // What is accepted survives a round trip.
    Repeated again;
    ASSERT_TRUE(Parse(again, message.SerializeAsString()).ok());
    EXPECT_EQ(again, message);
  }
}

TEST(WireFormat, AliasedFieldsViewTheInputAndCopiedOnesDoNot) {
  Singular source;
  source.set_a_string("a string");
  source.set_some_bytes("some bytes");
  std::string wire = source.SerializeAsString();
  const auto in_wire = [&](std::string_view text) {
    return text.data() >= wire.data() && text.data() < wire.data() + wire.size();
  };
  Singular aliased;
  ASSERT_TRUE(aliased.ParseFrom(wire::AsBytes(wire), StringRule::kAlias).ok());
  EXPECT_TRUE(in_wire(aliased.a_string()));
  EXPECT_TRUE(in_wire(aliased.some_bytes()));
  Singular copied;
  ASSERT_TRUE(copied.ParseFrom(wire::AsBytes(wire)).ok());
  EXPECT_FALSE(in_wire(copied.a_string()));
  EXPECT_FALSE(in_wire(copied.some_bytes()));
  const Singular copy = aliased;
  EXPECT_FALSE(in_wire(copy.a_string())) << "copying a message copies deeply";
  aliased.set_a_string("changed!");
  EXPECT_EQ(wire, source.SerializeAsString()) << "the input is never written to";
  wire.assign(wire.size(), '\0');
  EXPECT_EQ(copied, source);
  EXPECT_EQ(copy, source);
}

TEST(WireFormat, UnknownFieldsNeverViewTheInput) {
  std::string wire = Octets("a2 06 03 61 62 63");
  Singular message;
  ASSERT_TRUE(message.ParseFrom(wire::AsBytes(wire), StringRule::kAlias).ok());
  wire.assign(wire.size(), '\0');
  EXPECT_EQ(Hex(message.SerializeAsString()), "a2 06 03 61 62 63");
}

TEST(WireFormat, MergingBytesAddsToTheContent) {
  Singular message;
  message.set_a_string("before");
  Singular other;
  other.set_some_bytes("after");
  ASSERT_TRUE(message.MergeFromBytes(wire::AsBytes(other.SerializeAsString())).ok());
  EXPECT_EQ(message.a_string(), "before");
  EXPECT_EQ(message.some_bytes(), "after");
}

TEST(WireFormat, ParsingReplacesTheContent) {
  Singular message;
  message.set_an_int64(1);
  message.mutable_a_point()->set_x(1);
  ASSERT_TRUE(Parse(message, Octets("18 05")).ok());
  EXPECT_EQ(Hex(message.SerializeAsString()), "18 05");
}

TEST(WireFormat, NestedSizesAreRememberedAcrossLevels) {
  Tree tree;
  Tree* deepest = &tree;
  for (int i = 0; i < 50; ++i) deepest = deepest->mutable_right();
  deepest->mutable_leaf()->set_name(std::string(300, 'x'));
  const std::string wire = tree.SerializeAsString();
  Tree parsed;
  ASSERT_TRUE(Parse(parsed, wire).ok());
  EXPECT_EQ(parsed, tree);
  EXPECT_EQ(parsed.SerializeAsString(), wire);
}

}  // namespace
}  // namespace penstock::codec::testing
