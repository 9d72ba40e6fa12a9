#include "penstock/codec/reflection/message_ref.h"

#include <limits>
#include <map>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

#include "penstock/codec/reflection/generated_types.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/everything.penstock.h"
#include "codec/testing/imported.penstock.h"
#include "codec/testing/rich_proto2.penstock.h"
#include "codec/testing/rich_proto3.penstock.h"

namespace penstock::codec::reflection {
namespace {

using testing::rich2::Needy;
using Proto2Rich = testing::rich2::Rich;
using Proto3Rich = testing::rich3::Rich;

const Field& FieldOf(const ConstMessageRef& message, std::string_view name) {
  const Field* field = message.type().FindByName(name);
  PENSTOCK_CHECK(field != nullptr, "the test names fields that exist");
  return *field;
}

TEST(MessageType, FieldsAreFoundByNumberNameAndJsonName) {
  const MessageType& type = TypeOf<Proto3Rich>();
  EXPECT_EQ(type.full_name(), "penstock.codec.testing.rich3.Rich");
  uint32_t last = 0;
  for (const Field& field : type.fields()) {
    EXPECT_GT(field.number(), last);
    last = field.number();
    EXPECT_EQ(type.FindByNumber(field.number()), &field);
    EXPECT_EQ(type.FindByName(field.name()), &field);
    EXPECT_EQ(type.FindByJsonName(field.json_name()), &field);
    EXPECT_EQ(type.FindByJsonName(field.name()), &field);
  }
  EXPECT_EQ(type.FindByJsonName("anInt32"), type.FindByNumber(3));
  EXPECT_EQ(type.FindByName("anInt32"), nullptr);
  for (uint32_t number : {0u, 18u, 1000u, 0xffffffffu}) {
    EXPECT_EQ(type.FindByNumber(number), nullptr) << number;
  }
}

TEST(MessageType, ChildrenEnumsMapsAndOneofsAreKnown) {
  const MessageType& type = TypeOf<Proto3Rich>();
  const MessageType& inner = TypeOf<Proto3Rich::Inner>();
  EXPECT_EQ(type.FindByName("inner")->message_type(), &inner);
  EXPECT_EQ(inner.FindByName("again")->message_type(), &type) << "circles are fine";
  EXPECT_EQ(type.FindByName("a_mood")->enumeration()->full_name,
            "penstock.codec.testing.rich3.Mood");
  const Field& map = *type.FindByName("inner_map");
  EXPECT_TRUE(map.is_map());
  EXPECT_EQ(map.map_key().type(), FieldType::kString);
  EXPECT_EQ(map.map_value().message_type(), &inner);
  EXPECT_EQ(type.FindByName("choice_text")->oneof_index(), 0);
  EXPECT_EQ(type.FindByName("maybe_text")->oneof_index(), -1);
  EXPECT_TRUE(type.FindByName("maybe_text")->has_presence());
  EXPECT_FALSE(type.FindByName("a_string")->has_presence());
}

TEST(GeneratedTypes, ImportsCanBeFoundByName) {
  EXPECT_EQ(GeneratedTypes().FindType("no.such.Message"), nullptr);
  const MessageType& type = TypeOf<testing::Singular>();
  const MessageType& point = TypeOf<testing::imported::Point>();
  EXPECT_EQ(GeneratedTypes().FindType("penstock.codec.testing.imported.Point"), &point);
  EXPECT_EQ(type.FindByName("a_point")->message_type(), &point);
  EXPECT_EQ(&type.source(), &GeneratedTypes());
}

TEST(MessageRef, SingularFieldsAreReadAndSet) {
  Proto3Rich message;
  const MessageRef ref = Reflect(message);
  const auto set = [&](std::string_view name, Value value) {
    const Field& field = FieldOf(ref, name);
    EXPECT_FALSE(ref.Has(field)) << name;
    ref.Set(field, value);
    EXPECT_TRUE(ref.Has(field)) << name;
  };
  set("a_double", Value(1.5));
  set("a_float", Value(-2.5f));
  set("an_int32", Value(int32_t{-3}));
  set("an_int64", Value(int64_t{-4}));
  set("a_uint32", Value(uint32_t{5}));
  set("a_uint64", Value(std::numeric_limits<uint64_t>::max()));
  set("a_bool", Value(true));
  set("a_string", Value("water"));
  set("a_mood", Value::OfEnum(testing::rich3::MOOD_BELOW));
  set("maybe_number", Value(int32_t{0}));
  EXPECT_EQ(message.a_double(), 1.5);
  EXPECT_EQ(message.a_float(), -2.5f);
  EXPECT_EQ(message.an_int32(), -3);
  EXPECT_EQ(message.an_int64(), -4);
  EXPECT_EQ(message.a_uint32(), 5u);
  EXPECT_EQ(message.a_uint64(), std::numeric_limits<uint64_t>::max());
  EXPECT_TRUE(message.a_bool());
  EXPECT_EQ(message.a_string(), "water");
  EXPECT_EQ(message.a_mood(), testing::rich3::MOOD_BELOW);
  EXPECT_TRUE(message.has_maybe_number());
  EXPECT_EQ(ref.Get(FieldOf(ref, "an_int64")).int64(), -4);
  EXPECT_EQ(ref.Get(FieldOf(ref, "a_string")).text(), "water");
  EXPECT_EQ(ref.Get(FieldOf(ref, "a_mood")).enum_number(), -7);
  ref.ClearField(FieldOf(ref, "maybe_number"));
  EXPECT_FALSE(message.has_maybe_number());
  ref.ClearField(FieldOf(ref, "a_string"));
  EXPECT_EQ(message.a_string(), "");
}

TEST(MessageRef, WhatIsNotThereReadsAsItsDefault) {
  const Proto2Rich message;
  const ConstMessageRef ref = Reflect(message);
  EXPECT_EQ(ref.Get(FieldOf(ref, "default_double")).float64(), -1.5e10);
  EXPECT_EQ(ref.Get(FieldOf(ref, "default_float")).float32(),
            std::numeric_limits<float>::infinity());
  EXPECT_EQ(ref.Get(FieldOf(ref, "default_int32")).int32(), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(ref.Get(FieldOf(ref, "default_int64")).int64(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(ref.Get(FieldOf(ref, "default_uint32")).uint32(), 4294967295u);
  EXPECT_EQ(ref.Get(FieldOf(ref, "default_uint64")).uint64(), 18446744073709551615u);
  EXPECT_TRUE(ref.Get(FieldOf(ref, "default_bool")).boolean());
  EXPECT_EQ(ref.Get(FieldOf(ref, "default_string")).text(), message.default_string());
  EXPECT_EQ(ref.Get(FieldOf(ref, "default_bytes")).text(), message.default_bytes());
  EXPECT_EQ(ref.Get(FieldOf(ref, "default_mood")).enum_number(), testing::rich2::MOOD_AWFUL);
  EXPECT_EQ(ref.Get(FieldOf(ref, "a_mood")).enum_number(), testing::rich2::MOOD_GOOD);
  EXPECT_EQ(ref.Get(FieldOf(ref, "an_int32")).int32(), 0);
  const ConstMessageRef inner = ref.Get(FieldOf(ref, "inner")).message();
  EXPECT_FALSE(inner.Has(FieldOf(inner, "number")));
  EXPECT_EQ(inner.ByteSize(), 0u);
}

TEST(MessageRef, ChildrenAreMadeWhenTheyAreChanged) {
  Proto2Rich message;
  const MessageRef ref = Reflect(message);
  const MessageRef inner = ref.Mutable(FieldOf(ref, "inner"));
  inner.Set(FieldOf(inner, "text"), Value("deep"));
  EXPECT_EQ(message.inner().text(), "deep");
  const MessageRef group = ref.Mutable(FieldOf(ref, "grouped"));
  group.Set(FieldOf(group, "inner"), Value(inner));
  EXPECT_EQ(message.grouped().inner().text(), "deep");
}

TEST(MessageRef, OneofsHoldOneFieldAtATime) {
  Proto2Rich message;
  const MessageRef ref = Reflect(message);
  EXPECT_EQ(ref.Selected(0), nullptr);
  EXPECT_EQ(ref.Get(FieldOf(ref, "choice_number")).int32(), 7);
  ref.Set(FieldOf(ref, "choice_text"), Value("t"));
  EXPECT_EQ(ref.Selected(0), &FieldOf(ref, "choice_text"));
  const MessageRef inner = ref.Mutable(FieldOf(ref, "choice_inner"));
  inner.Set(FieldOf(inner, "number"), Value(int32_t{4}));
  EXPECT_EQ(message.choice_inner().number(), 4);
  EXPECT_FALSE(message.has_choice_text());
  ref.ClearField(FieldOf(ref, "choice_text"));
  EXPECT_TRUE(message.has_choice_inner()) << "another field of the oneof was cleared";
  ref.ClearField(FieldOf(ref, "choice_inner"));
  EXPECT_EQ(ref.Selected(0), nullptr);
}

TEST(MessageRef, RepeatedFieldsGrowAndShrink) {
  Proto3Rich message;
  const MessageRef ref = Reflect(message);
  for (int32_t i = 0; i < 20; ++i) {
    ref.Add(FieldOf(ref, "int32s"), Value(i));
    ref.Add(FieldOf(ref, "strings"), Value(std::to_string(i)));
    const MessageRef inner = ref.AddMessage(FieldOf(ref, "inners"));
    inner.Set(FieldOf(inner, "number"), Value(i));
  }
  EXPECT_EQ(message.int32s_size(), 20);
  EXPECT_EQ(message.strings(19), "19");
  EXPECT_EQ(message.inners(19).number(), 19);
  ref.SetAt(FieldOf(ref, "int32s"), 1, Value(int32_t{-1}));
  ref.SetAt(FieldOf(ref, "strings"), 1, Value("one"));
  EXPECT_EQ(ref.At(FieldOf(ref, "int32s"), 1).int32(), -1);
  EXPECT_EQ(ref.At(FieldOf(ref, "strings"), 1).text(), "one");
  EXPECT_EQ(ref.Size(FieldOf(ref, "inners")), 20u);
  ref.Truncate(FieldOf(ref, "inners"), 2);
  ref.Truncate(FieldOf(ref, "strings"), 2);
  EXPECT_EQ(message.inners_size(), 2);
  EXPECT_EQ(message.add_inners()->number(), 0) << "elements kept for reuse are empty";
  message.add_strings("");
  EXPECT_EQ(message.strings(2), "");
}

TEST(MessageRef, MapsAreReadAndFilled) {
  Proto3Rich message;
  const MessageRef ref = Reflect(message);
  ref.Insert(FieldOf(ref, "string_map"), Value("a"), Value("1"));
  ref.Insert(FieldOf(ref, "string_map"), Value("a"), Value("2"));
  ref.Insert(FieldOf(ref, "sint32_map"), Value(int32_t{-1}), Value(int32_t{-2}));
  ref.Insert(FieldOf(ref, "bool_map"), Value(true), Value(false));
  const MessageRef inner = ref.InsertMessage(FieldOf(ref, "inner_map"), Value("k"));
  inner.Set(FieldOf(inner, "text"), Value("v"));
  EXPECT_EQ(message.string_map_size(), 1);
  EXPECT_EQ(message.string_map().at("a"), "2");
  EXPECT_EQ(message.sint32_map().at(-1), -2);
  EXPECT_FALSE(message.bool_map().at(true));
  EXPECT_EQ(message.inner_map().at("k").text(), "v");
  for (const MapEntry& entry : ref.Entries(FieldOf(ref, "sint32_map"))) {
    EXPECT_EQ(entry.key.int32(), -1);
    EXPECT_EQ(entry.value.int32(), -2);
  }
  EXPECT_EQ(ref.Lookup(FieldOf(ref, "string_map"), Value("a"))->text(), "2");
  EXPECT_FALSE(ref.Lookup(FieldOf(ref, "string_map"), Value("b")).has_value());
  EXPECT_TRUE(ref.MutableLookup(FieldOf(ref, "inner_map"), Value("k")).has_value());
  EXPECT_EQ(ref.InsertMessage(FieldOf(ref, "inner_map"), Value("k")).ByteSize(), 0u);
  EXPECT_TRUE(ref.Erase(FieldOf(ref, "inner_map"), Value("k")));
  EXPECT_FALSE(ref.Erase(FieldOf(ref, "inner_map"), Value("k")));
  EXPECT_EQ(ref.Size(FieldOf(ref, "inner_map")), 0u);
}

TEST(MessageRef, WhatAPeerSentStopsAtTheArenasCap) {
  const std::string text(5000, 'x');
  struct Case {
    const char* name;
    bool (*fill)(const MessageRef& ref, const Value& text);
  };
  const Case cases[] = {
      {"strings", [](const MessageRef& ref,
                     const Value& value) { return ref.TryAdd(FieldOf(ref, "strings"), value); }},
      {"numbers",
       [](const MessageRef& ref, const Value&) {
         return ref.TryAdd(FieldOf(ref, "int32s"), Value(int32_t{1}));
       }},
      {"messages",
       [](const MessageRef& ref, const Value&) {
         return ref.TryAddMessage(FieldOf(ref, "inners")).has_value();
       }},
      {"one text",
       [](const MessageRef& ref, const Value& value) {
         return ref.TrySet(FieldOf(ref, "a_string"),
                           Value(std::string(value.text()) +
                                 std::string(ref.Get(FieldOf(ref, "a_string")).text())));
       }},
      {"children",
       [](const MessageRef& ref, const Value&) {
         MessageRef inner = ref;
         for (int i = 0; i < 10000; ++i) {
           const auto child = inner.TryMutable(FieldOf(inner, i % 2 == 0 ? "inner" : "again"));
           if (!child.has_value()) return false;
           inner = *child;
         }
         return true;
       }},
      {"entries",
       [](const MessageRef& ref, const Value&) {
         const auto size = static_cast<int32_t>(ref.Size(FieldOf(ref, "int32_map")));
         return ref.TryInsert(FieldOf(ref, "int32_map"), Value(size), Value(size));
       }},
      {"entries of text",
       [](const MessageRef& ref, const Value& value) {
         const size_t size = ref.Size(FieldOf(ref, "string_map"));
         return ref.TryInsert(FieldOf(ref, "string_map"), Value(std::to_string(size)), value);
       }},
      {"entries of messages",
       [](const MessageRef& ref, const Value& value) {
         const size_t size = ref.Size(FieldOf(ref, "inner_map"));
         const auto key = std::to_string(size) + std::string(value.text());
         return ref.TryInsertMessage(FieldOf(ref, "inner_map"), Value(key)).has_value();
       }},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    wire::Arena arena;
    arena.set_bytes_max(64 * 1024);
    auto* message = arena.New<Proto3Rich>(&arena);
    const MessageRef ref = Reflect(*message);
    size_t rounds = 0;
    while (one.fill(ref, Value(text)) && rounds < 1000000) ++rounds;
    EXPECT_LT(rounds, 1000000u);
    EXPECT_LE(arena.block_bytes(), 64u * 1024);
    EXPECT_LE(ref.SerializeAsString().size(), 128u * 1024) << "the message is whole";
  }
}

TEST(MessageRef, ParsesAndWritesAsTheClassDoes) {
  Proto2Rich message;
  message.set_an_int32(5);
  message.mutable_inner()->set_text("x");
  (*message.mutable_string_map())[1] = "one";
  const std::string wire = message.SerializeAsString();
  Proto2Rich other;
  const MessageRef ref = Reflect(other);
  ASSERT_TRUE(ref.ParseFrom(wire::AsBytes(wire)).ok());
  EXPECT_EQ(other, message);
  EXPECT_EQ(ref.SerializeAsString(), wire);
  ref.Clear();
  EXPECT_EQ(ref.ByteSize(), 0u);
  ref.CopyFrom(Reflect(message));
  ref.MergeFrom(Reflect(message));
  EXPECT_EQ(other, message);
  EXPECT_EQ(ref.ParseFrom(wire::AsBytes("\x08")).error, ParseError::kTruncated);
}

TEST(MessageRef, RequiredFieldsAreAskedFor) {
  Needy message;
  const MessageRef ref = Reflect(message);
  EXPECT_FALSE(ref.IsInitialized());
  EXPECT_EQ(ref.InitializationErrorString(), "id, name");
  EXPECT_EQ(ref.ParseFrom({}).error, ParseError::kMissingField);
  EXPECT_TRUE(FieldOf(ref, "id").required());
}

}  // namespace
}  // namespace penstock::codec::reflection
