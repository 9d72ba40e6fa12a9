// Extensions and message sets beside Protocol Buffers' C++: what one writes the other reads, both
// write the same, and damaged input gets the same verdict once all extensions were asked for.
#include <iterator>
#include <random>
#include <string>

#include "gtest/gtest.h"

#include "penstock/codec/message.h"
#include "penstock/codec/testing/extended_walk.h"
#include "penstock/codec/testing/field_octets.h"
#include "penstock/codec/testing/random_message.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/extended.penstock.h"
#include "codec/testing/google/extended.pb.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/util/field_comparator.h"
#include "google/protobuf/util/message_differencer.h"

namespace penstock::codec::testing {
namespace {

constexpr int kRounds = 1000;

template <typename Ours, typename Theirs>
struct Pair {
  using Us = Ours;
  using Them = Theirs;
};

template <typename P>
class ExtensionDifferential : public ::testing::Test {};
using Pairs = ::testing::Types<
    Pair<extended::Item, google_extended::Item>, Pair<extended::Part, google_extended::Part>,
    Pair<extended::Set, google_extended::Set>, Pair<extended::Holder, google_extended::Holder>>;
TYPED_TEST_SUITE(ExtensionDifferential, Pairs);

TYPED_TEST(ExtensionDifferential, BothReadAndWriteTheSame) {
  std::minstd_rand random(21);
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    typename TypeParam::Them theirs;
    FillRandomly(&theirs, random, 4);
    const std::string wire = SerializeSorted(theirs);
    for (StringRule rule : {StringRule::kCopy, StringRule::kAlias}) {
      typename TypeParam::Us ours;
      const ParseResult result = ours.ParseFrom(wire::AsBytes(wire), rule);
      ASSERT_TRUE(result.ok()) << Describe(result);
      ASSERT_EQ(ours.SerializeAsString(MapOrder::kSorted), wire) << "as it came";
      const typename TypeParam::Us copy = ours;
      ASSERT_TRUE(IsWhole(ours));
      ASSERT_EQ(ours.SerializeAsString(MapOrder::kSorted), wire) << "after it was asked for";
      ASSERT_EQ(copy, ours);
      Touch(ours);
      ASSERT_EQ(ours.ByteSize(), wire.size());
      ASSERT_EQ(ours.SerializeAsString(MapOrder::kSorted), wire) << "from values";
      ASSERT_EQ(copy, ours);
      const typename TypeParam::Us copy_of_values = ours;
      ASSERT_EQ(copy_of_values.SerializeAsString(MapOrder::kSorted), wire);
      typename TypeParam::Us merged = copy;
      merged.MergeFrom(ours);
      typename TypeParam::Them merged_theirs = theirs;
      merged_theirs.MergeFrom(theirs);
      Touch(merged);
      ASSERT_EQ(merged.SerializeAsString(MapOrder::kSorted), SerializeSorted(merged_theirs));
    }
  }
}

// Unknown fields stand at other places: they are compared number by number.
bool AreSame(const google::protobuf::Message& a, const google::protobuf::Message& b,
             std::string* difference) {
  google::protobuf::util::DefaultFieldComparator numbers;
  numbers.set_treat_nan_as_equal(true);
  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_field_comparator(&numbers);
  differencer.ReportDifferencesToString(difference);
  return differencer.Compare(a, b);
}

TYPED_TEST(ExtensionDifferential, DamagedInputGetsTheSameVerdict) {
  const google::protobuf::LogSilencer silencer;  // it logs each message it refuses
  std::minstd_rand random(22);
  int accepted_count = 0;
  for (int round = 0; round < 10 * kRounds; ++round) {
    SCOPED_TRACE(round);
    typename TypeParam::Them theirs;
    FillRandomly(&theirs, random, 3);
    const std::string wire = Damage(SerializeSorted(theirs), random);
    const bool accepted = theirs.ParseFromString(wire);
    typename TypeParam::Us ours;
    const ParseResult result = ours.ParseFrom(wire::AsBytes(wire));
    ASSERT_LE(result.offset, wire.size());
    const std::string as_it_came = ours.SerializeAsString();
    ASSERT_EQ(result.ok() && IsWhole(ours), accepted) << Describe(result) << "\n"
                                                      << ::testing::PrintToString(wire);
    if (!accepted) continue;
    ++accepted_count;
    typename TypeParam::Them from_theirs;
    ASSERT_TRUE(from_theirs.ParseFromString(SerializeSorted(theirs)));
    Touch(ours);
    for (const std::string& written : {as_it_came, ours.SerializeAsString()}) {
      typename TypeParam::Them from_ours;
      ASSERT_TRUE(from_ours.ParseFromString(written));
      // What nobody asked for is written as it came, with what they keep until they write it: odd
      // fields in the items of a message set. So ours goes through their writer as theirs did.
      const std::string rewritten = SerializeSorted(from_ours);
      ASSERT_TRUE(from_ours.ParseFromString(rewritten));
      std::string difference;
      ASSERT_TRUE(AreSame(from_ours, from_theirs, &difference)) << difference << "\n"
                                                                << ::testing::PrintToString(wire);
    }
  }
  EXPECT_GT(accepted_count, kRounds / 2) << "or the comparison says little";
}

// Items of all sequences of up to four of these. Type id 0 behind its message is the exception:
// they take it and then refuse what they write, so it is refused here.
TEST(ExtensionDifferential2, ItemsGetTheSameVerdictWhateverIsInThem) {
  const google::protobuf::LogSilencer silencer;
  const std::string pieces[] = {
      NumberField(2, 1000), NumberField(2, 77),  NumberField(2, 0),   TextField(3, "\x08\x07"),
      TextField(3, "\x08"), TextField(1000, ""), TextField(77, "x"),  NumberField(9, 1),
      GroupField(4, ""),    ItemField(1000, ""), std::string("\x14"), std::string(2, '\0'),
  };
  constexpr size_t kPieces = std::size(pieces);
  for (size_t sequence = 0; sequence < kPieces * kPieces * kPieces * kPieces; ++sequence) {
    std::string content;
    for (size_t rest = sequence; rest != 0; rest /= kPieces) content += pieces[rest % kPieces];
    const std::string wire = GroupField(1, content);
    SCOPED_TRACE(::testing::PrintToString(wire));
    google_extended::Set theirs;
    extended::Set ours;
    google_extended::Set from_theirs;
    google_extended::Set from_ours;
    const bool accepted =
        theirs.ParseFromString(wire) && from_theirs.ParseFromString(SerializeSorted(theirs));
    ASSERT_EQ(ours.ParseFrom(wire::AsBytes(wire)).ok() && IsWhole(ours), accepted);
    if (!accepted) continue;
    ASSERT_TRUE(from_ours.ParseFromString(ours.SerializeAsString()));
    std::string difference;
    ASSERT_TRUE(AreSame(from_ours, from_theirs, &difference)) << difference;
  }
}

TEST(ExtensionDifferential2, MissingFieldsHaveTheSameNames) {
  extended::Holder ours;
  google_extended::Holder theirs;
  ours.mutable_item()->MutableExtension(extended::needy)->mutable_deeper();
  theirs.mutable_item()->MutableExtension(google_extended::needy)->mutable_deeper();
  std::string want = theirs.InitializationErrorString();
  for (size_t at; (at = want.find("google_extended")) != std::string::npos;) want.erase(at, 7);
  EXPECT_EQ(ours.InitializationErrorString(), want);
}

}  // namespace
}  // namespace penstock::codec::testing
