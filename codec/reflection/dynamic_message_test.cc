#include "penstock/codec/reflection/dynamic_message.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/codec/compiler/descriptor_writer.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/source_tree.h"
#include "penstock/codec/limits.h"
#include "penstock/codec/reflection/generated_types.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/rich_proto2.penstock.h"

namespace penstock::codec::reflection {
namespace {

// The types of one .proto file.
class Types {
 public:
  explicit Types(const std::string& source) : types_(pool_) {
    compiler::MemorySourceTree tree({{"a.proto", source}});
    compiler::Diagnostics diagnostics;
    compiler::Linker linker(&tree, &diagnostics);
    const FileDescriptor* file = linker.Load("a.proto");
    EXPECT_TRUE(diagnostics.ok()) << diagnostics.ToString();
    std::string error;
    EXPECT_NE(pool_.AddFile(WriteFileDescriptor(*file, compiler::Places::kLeaveOut), &error),
              nullptr)
        << error;
  }

  const MessageType& operator[](std::string_view name) const {
    const MessageType* type = types_.FindType(name);
    PENSTOCK_CHECK(type != nullptr, "the test names messages that exist");
    return *type;
  }
  const DynamicTypes& types() const { return types_; }

 private:
  DescriptorPool pool_;
  DynamicTypes types_;
};

const Field& FieldOf(const ConstMessageRef& message, std::string_view name) {
  const Field* field = message.type().FindByName(name);
  PENSTOCK_CHECK(field != nullptr, "the test names fields that exist");
  return *field;
}

constexpr char kEditions[] = R"(
edition = "2023";
package e;
enum Closed { option features.enum_type = CLOSED; ONE = 1; TWO = 2; }
enum Sparse { option features.enum_type = CLOSED; NONE = 0; MANY = 100; }
enum Open { ZERO = 0; }
message M {
  int32 plain = 1 [default = 5];
  int32 implicit = 2 [features.field_presence = IMPLICIT];
  repeated int32 packed = 3;
  repeated int32 expanded = 4 [features.repeated_field_encoding = EXPANDED];
  string checked = 5;
  string unchecked = 6 [features.utf8_validation = NONE];
  M delimited = 7 [features.message_encoding = DELIMITED];
  Closed closed = 8;
  Open open = 9;
  map<string, M> map = 10;
  oneof choice { int32 number = 11; M message = 12; string text = 13; }
  map<int32, Sparse> closed_map = 14;
}
message Empty {}
)";

struct Case {
  const char* name;
  std::string wire;
  ParseError error;
  std::string rewritten;  // what is written again
};

TEST(DynamicMessage, EditionsMeanWhatTheirFeaturesSay) {
  const Types types(kEditions);
  using std::string_literals::operator""s;
  const Case cases[] = {
      {"zero has presence", "\x08\0"s, ParseError::kNone, "\x08\0"s},
      {"zero has none where that is implicit", "\x10\0"s, ParseError::kNone, ""},
      {"packed as elements", "\x18\1\x18\2"s, ParseError::kNone, "\x1a\2\1\2"s},
      {"elements as packed", "\x22\2\1\2"s, ParseError::kNone, "\x20\1\x20\2"s},
      {"UTF-8 checked", "\x2a\1\xff"s, ParseError::kInvalidUtf8, ""},
      {"UTF-8 unchecked", "\x32\1\xff"s, ParseError::kNone, "\x32\1\xff"s},
      {"delimited", "\x3b\x08\7\x3c"s, ParseError::kNone, "\x3b\x08\7\x3c"s},
      {"delimited without an end", "\x3b\x08\7"s, ParseError::kTruncated, ""},
      {"delimited with another end", "\x3b\x08\7\x44"s, ParseError::kUnmatchedGroup, ""},
      {"prefixed where it is delimited", "\x3a\2\x08\7"s, ParseError::kNone, "\x3a\2\x08\7"s},
      {"closed enum", "\x40\2"s, ParseError::kNone, "\x40\2"s},
      {"closed enum, unknown", "\x40\3\x48\3"s, ParseError::kNone, "\x48\3\x40\3"s},
      {"map of a damaged message", "\x52\x06\x0a\1k\x12\1\0"s, ParseError::kBadTag, ""},
      {"map of messages", "\x52\x07\x0a\1k\x12\2\x08\1"s, ParseError::kNone,
       "\x52\x07\x0a\1k\x12\2\x08\1"s},
      {"map without a value", "\x52\3\x0a\1k"s, ParseError::kNone, "\x52\5\x0a\1k\x12\0"s},
      {"map of an unknown value", "\x72\4\x08\1\x10\7"s, ParseError::kNone, "\x72\4\x08\1\x10\7"s},
      {"the last of a oneof", "\x58\1\x6a\1x"s, ParseError::kNone, "\x6a\1x"s},
      {"a oneof's message is merged", "\x62\2\x08\1\x62\2\x10\1"s, ParseError::kNone,
       "\x62\4\x08\1\x10\1"s},
      {"unknown numbers", "\xa0\6\1\x08\1"s, ParseError::kNone, "\x08\1\xa0\6\1"s},
      {"a number of another type", "\x0a\1x"s, ParseError::kNone, "\x0a\1x"s},
      {"number 0", "\0\0"s, ParseError::kBadTag, ""},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    DynamicMessage message(types["e.M"]);
    const ParseResult result = message.ParseFrom(wire::AsBytes(one.wire));
    EXPECT_EQ(result.error, one.error) << Describe(result);
    if (result.ok()) {
      EXPECT_EQ(message.SerializeAsString(), one.rewritten);
    }
  }
}

TEST(DynamicMessage, IsCopiedMovedAndAssigned) {
  const Types types(kEditions);
  const MessageType& type = types["e.M"];
  DynamicMessage a(type);
  a.ref().Set(FieldOf(a.ref(), "checked"), Value("a longer text than any buffer in place"));
  DynamicMessage copy = a;
  EXPECT_EQ(copy, a);
  copy.ref().Set(FieldOf(copy.ref(), "plain"), Value(int32_t{1}));
  EXPECT_FALSE(copy == a);
  DynamicMessage moved = std::move(copy);
  EXPECT_EQ(moved.ref().Get(FieldOf(moved.ref(), "plain")).int32(), 1);
  EXPECT_EQ(copy.ByteSize(), 0u) << "what was moved from is empty";
  copy = a;
  EXPECT_EQ(copy, a);
  copy = DynamicMessage(types["e.Empty"]);
  EXPECT_EQ(&copy.type(), &types["e.Empty"]);
  EXPECT_FALSE(copy == a);
  a = std::move(moved);
  EXPECT_EQ(a.ref().Get(FieldOf(a.ref(), "plain")).int32(), 1);
  std::vector<DynamicMessage> list(3, a);
  list.erase(list.begin());
  EXPECT_EQ(list.size(), 2u);
  EXPECT_EQ(list[1], a);
}

TEST(DynamicMessage, LivesInAnArenaWithinItsCap) {
  const Types types(kEditions);
  std::string wire;
  for (int i = 0; i < 20000; ++i) wire += std::string("\x62\0\x52\5\x0a\1k\x12\0", 9);
  for (int i = 0; i < 200000; ++i) wire += std::string("\x20\1", 2);
  wire::Arena arena;
  arena.set_bytes_max(32 * 1024);
  DynamicMessage message(types["e.M"], &arena);
  EXPECT_EQ(message.ParseFrom(wire::AsBytes(wire)).error, ParseError::kMemoryLimit);
  EXPECT_LE(arena.block_bytes(), 32u * 1024);
  DynamicMessage free_standing(types["e.M"]);
  EXPECT_TRUE(free_standing.ParseFrom(wire::AsBytes(wire)).ok());
  EXPECT_EQ(free_standing.ref().Size(FieldOf(free_standing.ref(), "expanded")), 200000u);
}

TEST(DynamicMessage, NestsUpToTheLimit) {
  const Types types(kEditions);
  for (int depth : {kParseDepthMax - 1, kParseDepthMax, kParseDepthMax + 1}) {
    for (const bool delimited : {false, true}) {
      std::string wire;
      for (int i = 0; i < depth; ++i) {
        wire = delimited
                   ? "\x3b" + wire + "\x3c"
                   : "\x62" +
                         std::string(wire.size() < 128 ? 0 : 1,
                                     static_cast<char>(wire.size() | 0x80)) +
                         static_cast<char>(wire.size() < 128 ? wire.size() : wire.size() >> 7) +
                         wire;
      }
      DynamicMessage message(types["e.M"]);
      const ParseResult result = message.ParseFrom(wire::AsBytes(wire));
      EXPECT_EQ(result.error, depth <= kParseDepthMax ? ParseError::kNone : ParseError::kTooDeep)
          << depth << Describe(result);
    }
  }
}

TEST(DynamicMessage, RequiredFieldsAreFoundThroughAllThatHoldsThem) {
  const Types types(R"(
syntax = "proto2";
package r;
message Free { optional int32 id = 1; }
message A { optional B b = 1; repeated Free free = 2; }
message B { map<int32, C> c = 1; }
message C { optional A again = 1; optional group D = 2 { required int32 id = 1; } }
)");
  EXPECT_TRUE(types["r.A"].layout().has_required);
  EXPECT_FALSE(types["r.Free"].layout().has_required);
  DynamicMessage message(types["r.A"]);
  EXPECT_TRUE(message.ParseFrom({}).ok());
  const MessageRef b = message.ref().Mutable(FieldOf(message.ref(), "b"));
  const MessageRef c = b.InsertMessage(FieldOf(b, "c"), Value(int32_t{1}));
  c.Mutable(FieldOf(c, "d"));
  EXPECT_FALSE(message.ref().IsInitialized());
  EXPECT_EQ(message.ref().InitializationErrorString(), "b.c[0].d.id");
  const std::string wire = message.SerializeAsString();
  EXPECT_EQ(message.ParseFrom(wire::AsBytes(wire)).error, ParseError::kMissingField);
}

TEST(DynamicTypes, TheEntriesOfMapsAreNoMessages) {
  const Types types(kEditions);
  EXPECT_NE(types.types().FindType("e.M"), nullptr);
  EXPECT_EQ(types.types().FindType("e.M"), types.types().FindType("e.M"));
  EXPECT_EQ(types.types().FindType("e.M.MapEntry"), nullptr);
  EXPECT_EQ(types.types().FindType("e.Closed"), nullptr);
  EXPECT_EQ(types.types().FindType("e"), nullptr);
  EXPECT_EQ(types["e.M"].FindByName("delimited")->message_type(), &types["e.M"]);
}

// Thousands of messages that each hold the next: nothing recurses.
TEST(DynamicTypes, ChainsOfTypesMayBeLong) {
  constexpr int kMessages = 20000;
  std::string source = "syntax = \"proto2\"; package chain;\n";
  for (int i = 0; i < kMessages; ++i) {
    source += "message M" + std::to_string(i) + " { optional M" +
              std::to_string((i + 1) % kMessages) + " next = 1; }\n";
  }
  const Types types(source);
  EXPECT_EQ(types["chain.M0"].layout().has_required, false);
  EXPECT_NE(types.types().FindType("chain.M19999"), nullptr);
}

// A type of a generated class does as well: how google.protobuf.Any is opened.
TEST(DynamicMessage, HoldsMessagesOfGeneratedClasses) {
  const testing::rich2::Rich generated = [] {
    testing::rich2::Rich rich;
    rich.set_an_int32(5);
    rich.mutable_inner()->set_text("x");
    return rich;
  }();
  DynamicMessage message(TypeOf<testing::rich2::Rich>());
  message.ref().CopyFrom(Reflect(generated));
  EXPECT_EQ(message.SerializeAsString(), generated.SerializeAsString());
  DynamicMessage again(TypeOf<testing::rich2::Rich>());
  const std::string wire = message.SerializeAsString();
  EXPECT_TRUE(again.ParseFrom(wire::AsBytes(wire)).ok());
  EXPECT_EQ(again, message);
}

}  // namespace
}  // namespace penstock::codec::reflection
