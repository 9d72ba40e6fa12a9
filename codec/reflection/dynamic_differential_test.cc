// Messages without a class beside generated ones and Protocol Buffers' C++: the same verdict on any
// input, the same error at the same place, and the same octets written.
#include <random>
#include <string>

#include "gtest/gtest.h"

#include "penstock/codec/message.h"
#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/codec/reflection/dynamic_message.h"
#include "penstock/codec/reflection/generated_types.h"
#include "penstock/codec/testing/random_message.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/google/rich_proto2.pb.h"
#include "codec/testing/google/rich_proto3.pb.h"
#include "codec/testing/rich_proto2.penstock.h"
#include "codec/testing/rich_proto3.penstock.h"
#include "google/protobuf/stubs/logging.h"

namespace penstock::codec::reflection {
namespace {

using testing::Damage;
using testing::FillRandomly;

constexpr int kRounds = 1000;

template <typename Generated, typename Theirs>
struct Pair {
  using Us = Generated;
  using Them = Theirs;
};

template <typename P>
class DynamicDifferential : public ::testing::Test {
 protected:
  using Us = typename P::Us;
  using Them = typename P::Them;

  DynamicDifferential() : types_(pool_) {
    std::string error;
    EXPECT_NE(pool_.AddEmbedded(MessageAccess::File<Us>(), &error), nullptr) << error;
    type_ = types_.FindType(Us::kFullName);
  }

  DescriptorPool pool_;
  DynamicTypes types_;
  const MessageType* type_ = nullptr;
};
using Pairs = ::testing::Types<Pair<testing::rich3::Rich, testing::google_proto3::Rich>,
                               Pair<testing::rich2::Rich, testing::google_proto2::Rich>,
                               Pair<testing::rich2::Needy, testing::google_proto2::Needy>>;
TYPED_TEST_SUITE(DynamicDifferential, Pairs);

TYPED_TEST(DynamicDifferential, WritesWhatTheClassWrites) {
  ASSERT_NE(this->type_, nullptr);
  std::minstd_rand random(21);
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    typename TypeParam::Them theirs;
    FillRandomly(&theirs, random, 3);
    const std::string wire = theirs.SerializePartialAsString();
    typename TypeParam::Us ours;
    ASSERT_TRUE(ours.ParseFrom(wire::AsBytes(wire)).ok());
    const std::string want = ours.SerializeAsString(MapOrder::kSorted);
    for (StringRule rule : {StringRule::kCopy, StringRule::kAlias}) {
      DynamicMessage dynamic(*this->type_);
      const ParseResult result = dynamic.ParseFrom(wire::AsBytes(wire), rule);
      ASSERT_TRUE(result.ok()) << Describe(result);
      ASSERT_EQ(dynamic.ByteSize(), want.size());
      ASSERT_EQ(dynamic.SerializeAsString(MapOrder::kSorted), want);
      const DynamicMessage copy = dynamic;
      ASSERT_EQ(copy, dynamic);
      dynamic.Clear();
      ASSERT_EQ(dynamic.ByteSize(), 0u);
      ASSERT_EQ(copy.SerializeAsString(MapOrder::kSorted), want);
      // What was cleared is used again.
      ASSERT_TRUE(dynamic.ParseFrom(wire::AsBytes(wire), rule).ok());
      ASSERT_EQ(dynamic, copy);
    }
  }
}

TYPED_TEST(DynamicDifferential, MergesAsTheClassDoes) {
  ASSERT_NE(this->type_, nullptr);
  std::minstd_rand random(22);
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    typename TypeParam::Us ours;
    DynamicMessage dynamic(*this->type_);
    DynamicMessage merged(*this->type_);
    for (int i = 0; i < 2; ++i) {
      typename TypeParam::Them theirs;
      FillRandomly(&theirs, random, 2);
      const std::string wire = theirs.SerializePartialAsString();
      ASSERT_TRUE(ours.MergeFromBytes(wire::AsBytes(wire)).ok());
      ASSERT_TRUE(merged.MergeFromBytes(wire::AsBytes(wire)).ok());
      DynamicMessage part(*this->type_);
      ASSERT_TRUE(part.ParseFrom(wire::AsBytes(wire)).ok());
      dynamic.ref().MergeFrom(part.ref());
    }
    const std::string want = ours.SerializeAsString(MapOrder::kSorted);
    ASSERT_EQ(merged.SerializeAsString(MapOrder::kSorted), want);
    // A message in a map is replaced by merging messages, and by parsing: never merged.
    ASSERT_EQ(dynamic.SerializeAsString(MapOrder::kSorted), want);
  }
}

TYPED_TEST(DynamicDifferential, DamagedInputGetsTheSameVerdictAtTheSamePlace) {
  ASSERT_NE(this->type_, nullptr);
  const google::protobuf::LogSilencer silencer;  // it logs each message it refuses
  std::minstd_rand random(23);
  int accepted_count = 0;
  for (int round = 0; round < 10 * kRounds; ++round) {
    SCOPED_TRACE(round);
    typename TypeParam::Them theirs;
    FillRandomly(&theirs, random, 2);
    const std::string wire = Damage(theirs.SerializePartialAsString(), random);
    typename TypeParam::Us ours;
    const ParseResult want = ours.ParseFrom(wire::AsBytes(wire));
    DynamicMessage dynamic(*this->type_);
    const ParseResult result = dynamic.ParseFrom(wire::AsBytes(wire));
    ASSERT_EQ(result, want) << Describe(result) << "\n" << Describe(want);
    ASSERT_EQ(result.ok(), theirs.ParseFromString(wire));
    if (!result.ok()) continue;
    ++accepted_count;
    ASSERT_EQ(dynamic.SerializeAsString(MapOrder::kSorted),
              ours.SerializeAsString(MapOrder::kSorted));
  }
  EXPECT_GT(accepted_count, kRounds / 2) << "or the comparison says little";
}

// Every field read through both, value by value.
void ExpectSame(ConstMessageRef a, ConstMessageRef b);

void ExpectSameValue(const Value& a, const Value& b) {
  ASSERT_EQ(a.kind(), b.kind());
  switch (a.kind()) {
    case ValueKind::kText:
      ASSERT_EQ(a.text(), b.text());
      return;
    case ValueKind::kMessage:
      ExpectSame(a.message(), b.message());
      return;
    case ValueKind::kInt32:
      ASSERT_EQ(a.int32(), b.int32());
      return;
    case ValueKind::kEnum:
      ASSERT_EQ(a.enum_number(), b.enum_number());
      return;
    case ValueKind::kUint64:
      ASSERT_EQ(a.uint64(), b.uint64());
      return;
    case ValueKind::kBool:
      ASSERT_EQ(a.boolean(), b.boolean());
      return;
    default:
      return;  // the octets have been compared
  }
}

void ExpectSame(ConstMessageRef a, ConstMessageRef b) {
  ASSERT_EQ(a.type().fields().size(), b.type().fields().size());
  for (const Field& field : a.type().fields()) {
    SCOPED_TRACE(field.name());
    const Field& other = *b.type().FindByNumber(field.number());
    ASSERT_EQ(a.Has(field), b.Has(other));
    if (field.singular()) {
      if (a.Has(field) || field.kind() != ValueKind::kMessage) {
        ExpectSameValue(a.Get(field), b.Get(other));
      }
    } else if (field.repeated()) {
      ASSERT_EQ(a.Size(field), b.Size(other));
      for (size_t i = 0; i < a.Size(field); ++i) {
        ExpectSameValue(a.At(field, i), b.At(other, i));
      }
    } else {
      ASSERT_EQ(a.Size(field), b.Size(other));
      for (const MapEntry& entry : a.Entries(field)) {
        const std::optional<Value> value = b.Lookup(other, entry.key);
        ASSERT_TRUE(value.has_value());
        ExpectSameValue(entry.value, *value);
      }
    }
  }
}

TYPED_TEST(DynamicDifferential, ReadsWhatTheClassReads) {
  ASSERT_NE(this->type_, nullptr);
  std::minstd_rand random(24);
  for (int round = 0; round < kRounds / 4; ++round) {
    SCOPED_TRACE(round);
    typename TypeParam::Them theirs;
    FillRandomly(&theirs, random, 3);
    const std::string wire = theirs.SerializePartialAsString();
    typename TypeParam::Us ours;
    ASSERT_TRUE(ours.ParseFrom(wire::AsBytes(wire)).ok());
    DynamicMessage dynamic(*this->type_);
    ASSERT_TRUE(dynamic.ParseFrom(wire::AsBytes(wire)).ok());
    ExpectSame(Reflect(static_cast<const typename TypeParam::Us&>(ours)), dynamic.ref());
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace penstock::codec::reflection
