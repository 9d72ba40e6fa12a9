// JSON and text format beside Protocol Buffers': what one prints the other reads, both print the
// same, and what we accept they accept and take for the same message. They accept much that RFC
// 8259 and the specification do not: that is the table below.
#include <algorithm>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/codec/json/json.h"
#include "penstock/codec/json/json_reader.h"
#include "penstock/codec/json/json_writer.h"
#include "penstock/codec/json/testing/google_messages.h"
#include "penstock/codec/message.h"
#include "penstock/codec/text/text.h"
#include "penstock/wire/bytes.h"

#include "codec/json/testing/known.penstock.h"
#include "codec/testing/rich_proto2.penstock.h"
#include "codec/testing/rich_proto3.penstock.h"

namespace penstock::codec::json::testing {
namespace {

constexpr int kRounds = 500;

struct Proto3Kind {
  using Us = codec::testing::rich3::Rich;
  static constexpr GoogleMessage kThem = GoogleMessage::kRich3;
};
struct Proto2Kind {
  using Us = codec::testing::rich2::Rich;
  static constexpr GoogleMessage kThem = GoogleMessage::kRich2;
};
struct WellKnownKind {
  using Us = known::Known;
  static constexpr GoogleMessage kThem = GoogleMessage::kKnown;
};

template <typename P>
class JsonDifferential : public ::testing::Test {};
using Kinds = ::testing::Types<Proto3Kind, Proto2Kind, WellKnownKind>;
TYPED_TEST_SUITE(JsonDifferential, Kinds);

// Any value, with an object's members in the order of their names: they print maps in any order.
std::string Sorted(JsonReader& json) {
  std::string_view text;
  std::string out;
  switch (const JsonKind kind = json.Peek()) {
    case JsonKind::kObject: {
      std::vector<std::pair<std::string, std::string>> members;
      json.EnterObject();
      while (json.NextMember(&text)) {
        std::string name(text);
        members.emplace_back(std::move(name), Sorted(json));
      }
      std::sort(members.begin(), members.end());
      for (const auto& [name, value] : members) out.append(name).append(":").append(value + ",");
      return "{" + out + "}";
    }
    case JsonKind::kArray:
      json.EnterArray();
      while (json.NextElement()) out += Sorted(json) + ",";
      return "[" + out + "]";
    case JsonKind::kString:
      json.ReadString(&text);
      return "\"" + std::string(text) + "\"";
    case JsonKind::kNumber:
      json.ReadNumber(&text);
      return std::string(text);
    default:
      json.ReadWord(kind);
      return std::string(NameWithArticle(kind));
  }
}

std::string Sorted(std::string_view text) {
  JsonReader json(text);
  std::string sorted = Sorted(json);
  return json.Finish() ? sorted : json.Describe();
}

// In an Any they write fields that are zero: so wires are compared by what they say.
template <typename M>
std::string JsonOf(const std::string& wire) {
  M message;
  EXPECT_TRUE(message.ParseFrom(wire::AsBytes(wire)).ok());
  std::string text;
  EXPECT_TRUE(ToJson(message, &text).ok());
  return text;
}

TYPED_TEST(JsonDifferential, BothPrintTheSameAndReadWhatTheOtherPrinted) {
  std::minstd_rand random(21);
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    const std::string wire = RandomWire(TypeParam::kThem, random);
    typename TypeParam::Us ours;
    ASSERT_TRUE(ours.ParseFrom(wire::AsBytes(wire)).ok());
    GooglePrintOptions google;
    JsonPrintOptions options;
    // Theirs prints fields of proto2 as well, and the NullValue of such a field as an enum.
    const bool is_proto3 = TypeParam::kThem == GoogleMessage::kRich3;
    google.print_fields_without_presence = is_proto3 && round % 7 == 1;
    options.print_fields_without_presence = google.print_fields_without_presence;
    options.preserve_proto_names = google.preserve_proto_names = round % 3 == 1;
    options.enums_as_numbers = google.enums_as_numbers = round % 5 == 1;
    options.pretty = round % 2 == 1;
    std::string our_text;
    const JsonStatus status = ToJson(ours, &our_text, options);
    ASSERT_TRUE(status.ok()) << status.message();
    std::string their_text;
    ASSERT_EQ(GoogleToJson(TypeParam::kThem, wire, google, &their_text), "");
    ASSERT_EQ(Sorted(our_text), Sorted(their_text));
    std::string their_wire;
    ASSERT_EQ(GoogleFromJson(TypeParam::kThem, our_text, false, &their_wire), "") << our_text;
    ASSERT_EQ(JsonOf<typename TypeParam::Us>(their_wire), JsonOf<typename TypeParam::Us>(wire));
    typename TypeParam::Us again;
    const JsonStatus read = FromJson(their_text, &again);
    ASSERT_TRUE(read.ok()) << read.message() << "\n" << their_text;
    ASSERT_EQ(again, ours);
  }
}

TYPED_TEST(JsonDifferential, BothPrintTheSameTextFormat) {
  std::minstd_rand random(22);
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    const std::string wire = RandomWire(TypeParam::kThem, random);
    typename TypeParam::Us ours;
    ASSERT_TRUE(ours.ParseFrom(wire::AsBytes(wire)).ok());
    for (const bool single_line : {false, true}) {
      ASSERT_EQ(text::ToText(ours, {.single_line = single_line}),
                GoogleToText(TypeParam::kThem, wire, single_line));
    }
  }
}

TEST(TextDifferential, UnknownFieldsLookTheSame) {
  const std::string_view wires[] = {
      "\xa0\x06\x05",  // 100: a varint
      "\xa0\x06\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
      {"\xa5\x06\x0c\x00\x00\x80", 6},                   // fixed32
      {"\xa1\x06\x0c\x00\x00\x00\x00\x00\x00\x80", 10},  // fixed64
      "\xa2\x06\x05hello",
      {"\xa2\x06\x00", 3},
      "\xa2\x06\x02\x08\x07",          // looks like a message
      "\xa2\x06\x04\x12\x02\x08\x07",  // and one in it
      "\xa2\x06\x02\xff\xff",
      "\xa3\x06\xa4\x06",  // a group
      "\xa3\x06\x08\x01\x13\x12\x01\n\x14\xa4\x06\xa0\x06\x01",
  };
  for (const std::string_view wire : wires) {
    known::Known ours;
    ASSERT_TRUE(ours.ParseFrom(wire::AsBytes(wire)).ok());
    for (const bool single_line : {false, true}) {
      EXPECT_EQ(text::ToText(ours, {.single_line = single_line}),
                GoogleToText(GoogleMessage::kKnown, std::string(wire), single_line));
    }
  }
}

// Why we refuse what they accept: a part of our sentence, and the rule.
struct Strictness {
  const char* sentence;
  const char* reason;
};

constexpr Strictness kStricter[] = {
    {"should stand here",
     "RFC 8259: no bare names, no single quotes, no other words; and a value "
     "is of its field's kind: no \"true\" for true, no 1 for [1]"},
    {"a comma stands before the closing bracket", "RFC 8259"},
    {"an element is never null", "conformance: RepeatedFieldMessageElementIsNull"},
    {"a map's value is never null", "conformance: MapFieldValueIsNull"},
    {"stands here twice", "conformance: FieldNameDuplicate; of maps, too"},
    {"its oneof has a value already", "conformance: OneofFieldDuplicate"},
    {"escape it", "RFC 8259: control characters are escaped"},
    {"does not end on its line", "RFC 8259"},
    {"there is no such escape", "conformance: StringFieldUppercaseEscapeLetter"},
    {"this is not how JSON spells a number", "RFC 8259: no leading zeros or other bases"},
    {"is no number", "quoted numbers follow JSON's grammar, too: no blanks, no 0x10"},
    {"half of a surrogate pair", "conformance: StringFieldUnpairedHighSurrogate"},
    {"the text is not UTF-8", "RFC 8259"},
    {"is no base64", "RFC 4648: padding that fits or none"},
    {"is no time of", "conformance: TimestampJsonInput...: no 24:00, no February 30th"},
    {"is no duration", "digits on both sides of the point"},
    {"a path of a field mask", "conformance: FieldMaskInvalidCharacter"},
    {"a key is \"true\" or \"false\"", "a key of bools is one of the two words: no \"t\""},
    {"is no value of", "a closed enum has no other numbers, and no name is a number in quotes"},
    {"is not whole", "an enum's number is an integer"},
    {"something follows the value", "RFC 8259"},
    {"the text ends where", "RFC 8259: the empty text is no value"},
    {"an Any needs", "an Any without a type is empty"},
    {"\"value\" and nothing else", "an Any of a well-known type has no other members"},
    {"needs a \"value\"", "an Any of a well-known type has one"},
    {"is out of the range", "numbers that would be rounded or cut"},
};

// Why they refuse what we accept: a part of their sentence, and the rule.
constexpr Strictness kLooser[] = {
    {"Invalid type URL", "a type's URL may have any host: the specification asks for a slash"},
    {"Invalid FieldMask", "brackets in a path have no meaning of their own"},
    {"for type TYPE_BYTES", "conformance: BytesFieldBase64Url: bits of no octet are ignored"},
    {"for type TYPE_", "conformance: Int32FieldQuotedExponentialValue, and \"1.0\" likewise"},
};

bool IsLooser(const std::string& sentence) {
  for (const Strictness& looser : kLooser) {
    if (sentence.find(looser.sentence) != std::string::npos) return true;
  }
  return false;
}

const Strictness* WhyStricter(const std::string& sentence) {
  for (const Strictness& strictness : kStricter) {
    if (sentence.find(strictness.sentence) != std::string::npos) return &strictness;
  }
  return nullptr;
}

// They lose the sign of -0, and take the path "a.Bc" for "a.bc", which does not lead back.
bool MeansOtherThings(std::string_view text) {
  for (size_t at = text.find("-0"); at != std::string::npos; at = text.find(at + 1)) {
    if (text.find_first_of(",]}", at + 2) == at + 2) return true;
  }
  return text.find(".B") != std::string::npos;
}

// A text with a few places changed, by octets or by tokens.
std::string Mutated(std::string text, std::minstd_rand& random) {
  static constexpr std::string_view kTokens[] = {
      "null",  "true",   "1",         "1.0",     "1e3",       "0.5",     "[]",
      "{}",    ",",      "\"\"",      "\"NaN\"", "\"1\"",     "\"1e2\"", "\"1s\"",
      "\"x\"", "[null]", "{\"a\":1}", "\\u00e4", "2147483648"};
  for (size_t left = 1 + random() % 2; left > 0; --left) {
    const size_t at = random() % (text.size() + 1);
    switch (random() % 4) {
      case 0: {
        // A value becomes another one.
        const size_t colon = text.find(':', at);
        const size_t end = colon == std::string::npos ? colon : text.find_first_of(",}]", colon);
        if (end == std::string::npos) break;
        text.replace(colon + 1, end - colon - 1, kTokens[random() % std::size(kTokens)]);
        break;
      }
      case 1:
        text.insert(at, kTokens[random() % std::size(kTokens)]);
        break;
      case 2:
        text.erase(at, 1 + random() % 3);
        break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(0x20 + random() % 0x5f);
        break;
    }
  }
  return text;
}

TYPED_TEST(JsonDifferential, WhatWeAcceptTheyTakeForTheSameMessage) {
  std::minstd_rand random(24);
  int accepted_count = 0;
  for (int round = 0; round < 5 * kRounds; ++round) {
    const std::string wire = RandomWire(TypeParam::kThem, random);
    typename TypeParam::Us original;
    ASSERT_TRUE(original.ParseFrom(wire::AsBytes(wire)).ok());
    std::string printed;
    ASSERT_TRUE(ToJson(original, &printed).ok());
    const std::string text = Mutated(printed, random);
    const bool ignore_unknown = round % 3 == 0;
    typename TypeParam::Us ours;
    const JsonStatus status = FromJson(text, &ours, {.ignore_unknown_fields = ignore_unknown});
    std::string their_wire;
    const std::string fault = GoogleFromJson(TypeParam::kThem, text, ignore_unknown, &their_wire);
    if (status.ok()) {
      ++accepted_count;
      ASSERT_TRUE(fault.empty() || IsLooser(fault)) << fault << "\n" << text;
      // Of a name that an enum does not have they make a zero, where we leave out the entry:
      // conformance, IgnoreUnknownEnumStringValueInMapValue.
      if (!fault.empty() || ignore_unknown || MeansOtherThings(text)) continue;
      std::string our_text;
      ASSERT_TRUE(ToJson(ours, &our_text).ok());
      ASSERT_EQ(JsonOf<typename TypeParam::Us>(their_wire), our_text) << text;
    } else if (fault.empty()) {
      ASSERT_NE(WhyStricter(status.message()), nullptr) << status.message() << "\n" << text;
    }
  }
  EXPECT_GT(accepted_count, kRounds / 2) << "or the comparison says little";
}

}  // namespace
}  // namespace penstock::codec::json::testing
