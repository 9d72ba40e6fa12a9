#include "penstock/examples/client_program/client_program.h"

#include <gtest/gtest.h>

#include <vector>

namespace penstock::examples {
namespace {

// What a program with --server and --name answers to `arguments`, and prints to standard error.
struct Parsed {
  std::optional<int> exit_status;
  std::string said;
};

Parsed Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "x");
  CLI::App app{"Does something.", "thing"};
  std::string server;
  std::string name;
  AddServerFlag(app, &server);
  app.add_option("--name", name, "whose")->required();
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  Parsed parsed;
  parsed.exit_status =
      ParseCommandLine(app, static_cast<int>(arguments.size()), arguments.data());
  parsed.said = ::testing::internal::GetCapturedStderr();
  ::testing::internal::GetCapturedStdout();
  return parsed;
}

TEST(ClientProgram, SaysWhatIsWrongWithItsCommandLine) {
  const struct {
    std::vector<const char*> arguments;
    std::optional<int> exit_status;
    const char* said;
  } cases[] = {
      {{"--name", "ada"}, std::nullopt, ""},
      {{"--help"}, kExitOk, ""},
      {{}, kExitUsage, "thing: --name is required; run with --help for the flags\n"},
      {{"--name", "ada", "--servr", "x"},
       kExitUsage,
       "thing: unknown argument --servr, did you mean --server?; run with --help for the flags\n"},
      {{"--name", "ada", "--server", "nowhere"},
       kExitUsage,
       "thing: --server: nowhere: no port: write HOST:PORT, for example 127.0.0.1:50051; run with "
       "--help for the flags\n"},
      {{"--name", "ada", "zebra"},
       kExitUsage,
       "thing: unknown argument zebra; run with --help for the flags\n"},
  };
  for (const auto& each : cases) {
    const Parsed parsed = Parse(each.arguments);
    EXPECT_EQ(parsed.exit_status, each.exit_status) << each.said;
    EXPECT_EQ(parsed.said, each.said);
  }
}

TEST(ClientProgram, SaysHowACallHasFailed) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(ReportFailure("thing", MakeStatus(StatusCode::kNotFound, "no \x1b[2Jsuch")),
            kExitFailure);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "thing: NOT_FOUND: no ?[2Jsuch\n");
}

TEST(ClientProgram, WhatStrangersWroteDoesNotMoveTheCursor) {
  EXPECT_EQ(Printable("gr\xc3\xbc\xc3\x9f \x1b[1A\r\n\x7f"), "gr\xc3\xbc\xc3\x9f ?[1A???");
}

}  // namespace
}  // namespace penstock::examples
