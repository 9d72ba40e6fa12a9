// Messages beside Protocol Buffers' C++: what one writes the other reads, both write the same, and
// damaged input gets the same verdict.
#include <random>
#include <string>

#include "gtest/gtest.h"

#include "penstock/codec/message.h"
#include "penstock/codec/testing/random_message.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/google/rich_proto2.pb.h"
#include "codec/testing/google/rich_proto3.pb.h"
#include "codec/testing/rich_proto2.penstock.h"
#include "codec/testing/rich_proto3.penstock.h"
#include "google/protobuf/stubs/logging.h"

namespace penstock::codec::testing {
namespace {

constexpr int kRounds = 2000;

template <typename Ours, typename Theirs>
struct Pair {
  using Us = Ours;
  using Them = Theirs;
};

template <typename P>
class Differential : public ::testing::Test {};
using Pairs =
    ::testing::Types<Pair<rich3::Rich, google_proto3::Rich>, Pair<rich2::Rich, google_proto2::Rich>,
                     Pair<rich2::Needy, google_proto2::Needy>>;
TYPED_TEST_SUITE(Differential, Pairs);

TYPED_TEST(Differential, BothReadAndWriteTheSame) {
  std::minstd_rand random(11);
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    typename TypeParam::Them theirs;
    FillRandomly(&theirs, random, 3);
    const std::string wire = SerializeSorted(theirs);
    for (StringRule rule : {StringRule::kCopy, StringRule::kAlias}) {
      typename TypeParam::Us ours;
      const ParseResult result = ours.ParseFrom(wire::AsBytes(wire), rule);
      ASSERT_TRUE(result.ok()) << Describe(result);
      ASSERT_EQ(ours.ByteSize(), wire.size());
      ASSERT_EQ(ours.SerializeAsString(MapOrder::kSorted), wire);
      const typename TypeParam::Us copy = ours;
      ASSERT_EQ(copy, ours);
      ASSERT_EQ(copy.SerializeAsString(MapOrder::kSorted), wire);
      typename TypeParam::Them back;
      ASSERT_TRUE(back.ParseFromString(copy.SerializeAsString()));
      ASSERT_EQ(SerializeSorted(back), wire);
    }
  }
}

// Unknown fields are kept as they came here, and written anew there: so what each side wrote is
// read and written by theirs once more before the two are compared.
TYPED_TEST(Differential, DamagedInputGetsTheSameVerdict) {
  const google::protobuf::LogSilencer silencer;  // it logs each message it refuses
  std::minstd_rand random(12);
  int accepted_count = 0;
  for (int round = 0; round < 10 * kRounds; ++round) {
    SCOPED_TRACE(round);
    typename TypeParam::Them theirs;
    FillRandomly(&theirs, random, 2);
    const std::string wire = Damage(SerializeSorted(theirs), random);
    const bool accepted = theirs.ParseFromString(wire);
    typename TypeParam::Us ours;
    const ParseResult result = ours.ParseFrom(wire::AsBytes(wire));
    ASSERT_EQ(result.ok(), accepted) << Describe(result) << "\n" << ::testing::PrintToString(wire);
    ASSERT_LE(result.offset, wire.size());
    if (!accepted) continue;
    ++accepted_count;
    typename TypeParam::Them from_ours;
    ASSERT_TRUE(from_ours.ParseFromString(ours.SerializeAsString()));
    typename TypeParam::Them from_theirs;
    ASSERT_TRUE(from_theirs.ParseFromString(SerializeSorted(theirs)));
    ASSERT_EQ(SerializeSorted(from_ours), SerializeSorted(from_theirs))
        << ::testing::PrintToString(wire);
  }
  EXPECT_GT(accepted_count, kRounds / 2) << "or the comparison says little";
}

// A new message needs the same fields, and misses them in the same order.
TEST(Differential2, MissingFieldsHaveTheSameNames) {
  rich2::Needy ours;
  google_proto2::Needy theirs;
  EXPECT_EQ(ours.InitializationErrorString(), theirs.InitializationErrorString());
  const auto fill = [](auto& message) {
    message.set_id(1);
    message.mutable_deeper()->set_name("x");
    message.add_more()->set_id(2);
  };
  fill(ours);
  fill(theirs);
  EXPECT_EQ(ours.InitializationErrorString(), theirs.InitializationErrorString());
}

}  // namespace
}  // namespace penstock::codec::testing
