#include "penstock/loadtest/process_cpu.h"

#include <gtest/gtest.h>
#include <time.h>
#include <unistd.h>

namespace penstock::loadtest {
namespace {

constexpr char kStat[] =
    "4711 (serve) r (x) S 1 4711 4711 0 -1 4194560 1 2 3 4 1234 567 8 9 20 0 2 0 987654 1 2 3";

TEST(ParseProcessStat, FindsTheFieldsBehindANameWithBlanksAndParentheses) {
  const std::optional<ProcessStat> stat = ParseProcessStat(kStat);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->user_ticks, 1234u);
  EXPECT_EQ(stat->system_ticks, 567u);
  EXPECT_EQ(stat->start_ticks, 987654u);
}

TEST(ParseProcessStat, RefusesWhatIsCutOff) {
  const std::string_view text = kStat;
  for (const std::string_view cut : {std::string_view(), text.substr(0, 5), text.substr(0, 30),
                                     text.substr(0, text.find(" 987654"))}) {
    SCOPED_TRACE(cut);
    EXPECT_FALSE(ParseProcessStat(cut).has_value());
  }
}

TEST(ParseRssBytes, CountsKibibytes) {
  EXPECT_EQ(ParseRssBytes("Name:\tx\nVmHWM:\t   9 kB\nVmRSS:\t    5232 kB\nThreads:\t1\n"),
            5232u * 1024);
  EXPECT_FALSE(ParseRssBytes("Name:\tzombie\nThreads:\t1\n").has_value());
}

TEST(UsageBetween, DividesTheExactTotalByTicks) {
  ProcessSample before;
  before.cpu_ns = 1'000;
  before.stat = {10, 20, 1};
  ProcessSample after;
  after.cpu_ns = 4'001'000;
  after.stat = {13, 21, 1};
  after.rss_bytes = 77;
  const ProcessUsage usage = UsageBetween(before, after);
  EXPECT_DOUBLE_EQ(usage.cpu_ns, 4e6);
  EXPECT_DOUBLE_EQ(usage.user_ns, 3e6);
  EXPECT_DOUBLE_EQ(usage.system_ns, 1e6);
  EXPECT_EQ(usage.rss_bytes, 77u);
}

TEST(UsageBetween, DoesNotDivideWhenNoTickFell) {
  ProcessSample before;
  ProcessSample after;
  after.cpu_ns = 500;
  EXPECT_DOUBLE_EQ(UsageBetween(before, after).cpu_ns, 500);
  EXPECT_DOUBLE_EQ(UsageBetween(before, after).user_ns, 0);
}

TEST(ParseWaited, TakesTheSecondNumber) {
  EXPECT_EQ(ParseWaited("123 456 7\n"), 456);
  EXPECT_FALSE(ParseWaited("").has_value());
  EXPECT_FALSE(ParseWaited("123").has_value());
  EXPECT_FALSE(ParseWaited("123 x").has_value());
}

TEST(SampleThisThread, SeesThisThreadWork) {
  const ThreadSample before = SampleThisThread();
  ThreadSample after = before;
  while (after.cpu_ns == before.cpu_ns) after = SampleThisThread();
  EXPECT_GT(after.cpu_ns, before.cpu_ns);
  EXPECT_GE(after.waited_ns, before.waited_ns);
}

TEST(SampleProcess, SeesThisProcessWork) {
  ProcessSample before;
  ProcessSample after;
  std::string why;
  ASSERT_TRUE(SampleProcess(::getpid(), &before, &why)) << why;
  timespec time{};
  const TimeNs enough_ns = before.cpu_ns + 2 * kNsPerMs;
  do {
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  } while (time.tv_sec * kNsPerSecond + time.tv_nsec < enough_ns);
  ASSERT_TRUE(SampleProcess(::getpid(), &after, &why)) << why;
  EXPECT_GE(after.cpu_ns, enough_ns);
  EXPECT_GT(after.rss_bytes, 0u);
  EXPECT_EQ(before.stat.start_ticks, after.stat.start_ticks);
}

TEST(SampleProcess, SaysThatThereIsNone) {
  ProcessSample sample;
  std::string why;
  EXPECT_FALSE(SampleProcess(0x7fff'fff0, &sample, &why));
  EXPECT_NE(why.find("there is no running process 2147483632"), std::string::npos) << why;
}

}  // namespace
}  // namespace penstock::loadtest
