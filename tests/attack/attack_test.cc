// Each attack twice against the example server: it ends as it must, the same process then serves a
// normal client, and the second time costs no memory.
#include "penstock/tests/attack/attack.h"

#include <gtest/gtest.h>

#include <ostream>
#include <regex>
#include <string>

#include "penstock/tests/attack/under_attack.h"

namespace penstock::attack {

void PrintTo(const Attack& attack, std::ostream* out) { *out << attack.name; }

namespace {

class AttackTest : public ::testing::TestWithParam<Attack> {};

TEST_P(AttackTest, EndsAsItMustAndLeavesNothing) {
  const Attack& attack = GetParam();
  UnderAttack server(AttackedIo());
  PENSTOCK_ATTACK_NEEDS(server);
  const std::regex want{std::string(attack.want)};
  std::string verdict = attack.run(server.target().address());
  EXPECT_TRUE(std::regex_match(verdict, want)) << verdict << "\nwanted: " << attack.want;
  server.ExpectServes();
  const size_t warm_bytes = server.target().resident_bytes();
  verdict = attack.run(server.target().address());
  EXPECT_TRUE(std::regex_match(verdict, want)) << "the second time: " << verdict;
  server.ExpectServes();
  server.ExpectNoMoreThan(warm_bytes);
  server.ExpectCleanStop();
}

INSTANTIATE_TEST_SUITE_P(All, AttackTest, ::testing::ValuesIn(Attacks().begin(), Attacks().end()),
                         [](const auto& attack) { return std::string(attack.param.name); });

}  // namespace
}  // namespace penstock::attack
