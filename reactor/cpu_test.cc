#include "penstock/reactor/cpu.h"

#include <gtest/gtest.h>
#include <sys/random.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace penstock::reactor {
namespace {

TEST(CpuList, IsReadAsTheKernelWritesIt) {
  const struct {
    const char* text;
    std::optional<std::vector<int>> want;
  } cases[] = {
      {"0", std::vector<int>{0}},
      {"3,1", std::vector<int>{3, 1}},
      {"0-3", std::vector<int>{0, 1, 2, 3}},
      {"2-2", std::vector<int>{2}},
      {"0,2,4-5", std::vector<int>{0, 2, 4, 5}},
      {"1023", std::vector<int>{1023}},
      {"", std::nullopt},
      {"1024", std::nullopt},
      {"-1", std::nullopt},
      {"3-1", std::nullopt},
      {"0,", std::nullopt},
      {",0", std::nullopt},
      {"0,,1", std::nullopt},
      {"0-", std::nullopt},
      {"0-1-2", std::nullopt},
      {"0 1", std::nullopt},
      {" 0", std::nullopt},
      {"a", std::nullopt},
      {"0x1", std::nullopt},
      {"99999999999", std::nullopt},
  };
  for (const auto& c : cases) EXPECT_EQ(ParseCpuList(c.text), c.want) << c.text;
}

TEST(ThreadCpuClock, CountsWhatItsOwnThreadDoesAndTheKernelForIt) {
  constexpr TimeNs kWorkNs = 20 * kNsPerMs;
  const TimeNs here = ReadThreadCpuClock();
  std::thread([] {
    std::string octets(64 * 1024, '\0');
    const TimeNs begin = ReadThreadCpuClock();
    // Next to nothing of this is ours; that it ends is the fact.
    while (ReadThreadCpuClock() - begin < kWorkNs) {
      ASSERT_GT(::getrandom(octets.data(), octets.size(), 0), 0);
    }
  }).join();
  EXPECT_LT(ReadThreadCpuClock() - here, kWorkNs) << "it was asleep meanwhile";
}

TEST(CpuList, IsWrittenWithRanges) {
  EXPECT_EQ(FormatCpuList({}), "");
  for (const char* text : {"0", "0-1", "0-3", "3,1", "0,2,4-5", "0,0,0", "5-6,6-7"}) {
    EXPECT_EQ(FormatCpuList(ParseCpuList(text).value()), text);
  }
}

}  // namespace
}  // namespace penstock::reactor
