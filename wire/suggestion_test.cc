#include "penstock/wire/suggestion.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace penstock::wire {
namespace {

TEST(Suggestion, NearestOfIsWhatWasProbablyMeant) {
  const std::vector<std::string> flags = {"--listen", "--shards", "--cpus", "--io"};
  const struct {
    const char* name;
    std::string_view word;
    std::string_view want;
  } kCases[] = {
      {"letters swapped", "--lisetn", "--listen"}, {"one letter too many", "--shardss", "--shards"},
      {"one letter too few", "--cpu", "--cpus"},   {"one replaced", "--ia", "--io"},
      {"exactly", "--listen", "--listen"},         {"another case", "--LISTEN", "--listen"},
      {"nothing like it", "--certificate", ""},    {"nothing at all", "", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(NearestOf(c.word, flags), c.want);
  }
}

TEST(Suggestion, OfEquallyNearOnesTheFirstIsTaken) {
  EXPECT_EQ(NearestOf("abcx", {"abcd", "abce"}), "abcd");
}

TEST(Suggestion, HugeWordsAreNotCompared) {
  EXPECT_EQ(NearestOf(std::string(1 << 20, 'a'), {"a"}), "");
}

TEST(Suggestion, WithoutCandidatesThereIsNone) { EXPECT_EQ(NearestOf("word", {}), ""); }

}  // namespace
}  // namespace penstock::wire
