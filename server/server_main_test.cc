#include "penstock/server/server_main.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <string>

namespace penstock {
namespace {

// As `ulimit -Sn 64` and a hard limit of 200 leave it. Does not return.
[[noreturn]] void RunWithFewOpenFiles() {
  const rlimit files{64, 200};
  ::setrlimit(RLIMIT_NOFILE, &files);
  char program[] = "server";
  char* argv[] = {program, nullptr};
  const auto declare = [](CLI::App&) {};
  const auto tell_limit = [](Server&) {
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    return MakeStatus(StatusCode::kInternal, "it is " + std::to_string(now.rlim_cur));
  };
  std::_Exit(ServerMain(1, argv, declare, tell_limit));
}

TEST(ServerMain, RaisesTheSoftLimitOfOpenFilesToTheHardOne) {
  EXPECT_EXIT(RunWithFewOpenFiles(), ::testing::ExitedWithCode(1), "server: it is 200");
}

}  // namespace
}  // namespace penstock
