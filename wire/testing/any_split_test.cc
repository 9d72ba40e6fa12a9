#include "penstock/wire/testing/any_split.h"

#include <set>
#include <string>
#include <vector>

namespace penstock::wire {
namespace {

std::vector<std::string> Split(std::span<const Bytes> pieces) {
  std::vector<std::string> texts;
  for (Bytes piece : pieces) texts.emplace_back(AsString(piece));
  return texts;
}

TEST(ForEachSplit, FeedsWholeThenOctetsThenEveryCutInTwo) {
  std::vector<std::vector<std::string>> ways;
  ForEachSplit(AsBytes("abcd"), [&](std::span<const Bytes> p) { ways.push_back(Split(p)); });
  const std::vector<std::vector<std::string>> want = {
      {"abcd"}, {"a", "b", "c", "d"}, {"a", "bcd"}, {"ab", "cd"}, {"abc", "d"},
  };
  EXPECT_EQ(ways, want);
}

TEST(ForEachSplit, FeedsAnEmptyInputAsOneEmptyPieceAndAsNone) {
  std::vector<std::vector<std::string>> ways;
  ForEachSplit({}, [&](std::span<const Bytes> p) { ways.push_back(Split(p)); });
  const std::vector<std::vector<std::string>> want = {{""}, {}};
  EXPECT_EQ(ways, want);
}

TEST(ForEachSplit, GivesEveryPieceAnAllocationOfItsOwn) {
  const std::string text = "xyz";
  ForEachSplit(AsBytes(text), [&](std::span<const Bytes> pieces) {
    std::set<const uint8_t*> starts;
    for (Bytes piece : pieces) {
      starts.insert(piece.data());
      EXPECT_TRUE(piece.data() + piece.size() <= AsBytes(text).data() ||
                  piece.data() >= AsBytes(text).data() + text.size());
    }
    EXPECT_EQ(starts.size(), pieces.size());
  });
}

}  // namespace
}  // namespace penstock::wire
