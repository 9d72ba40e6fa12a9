#include "penstock/loadtest/environment.h"

#include <gtest/gtest.h>

namespace penstock::loadtest {
namespace {

TEST(ParseCpuModel, TakesTheFirstCore) {
  EXPECT_EQ(ParseCpuModel("processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\nprocessor\t: 1\n"
                          "model name\t: Other\n"),
            "Some CPU @ 3 GHz");
  EXPECT_EQ(ParseCpuModel("processor\t: 0\n"), "");
  EXPECT_EQ(ParseCpuModel(""), "");
}

TEST(ReadEnvironment, KnowsKernelAndCores) {
  const RunResult::Environment environment = ReadEnvironment();
  EXPECT_TRUE(environment.kernel.starts_with("Linux ")) << environment.kernel;
  EXPECT_GT(environment.cpus_count, 0u);
}

TEST(ReadWallClock, IsIso8601) {
  const std::string now = ReadWallClock();
  ASSERT_EQ(now.size(), 20u) << now;
  EXPECT_EQ(now[10], 'T');
  EXPECT_EQ(now.back(), 'Z');
}

}  // namespace
}  // namespace penstock::loadtest
