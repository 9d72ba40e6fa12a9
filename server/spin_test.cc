#include "penstock/server/spin.h"

#include <gtest/gtest.h>

namespace penstock::server {
namespace {

TEST(SpinPermits, AreSoManyAndComeBack) {
  SpinPermits permits(2);
  EXPECT_TRUE(permits.TryTake());
  EXPECT_TRUE(permits.TryTake());
  EXPECT_FALSE(permits.TryTake());
  permits.Give();
  EXPECT_TRUE(permits.TryTake());
  EXPECT_FALSE(permits.TryTake());
}

TEST(Spin, FindsWhatIsThereAndWhatComes) {
  SpinPermits permits(1);
  EXPECT_TRUE(Spin(permits, [] { return true; }));
  int looks_count = 0;
  EXPECT_TRUE(Spin(permits, [&] { return ++looks_count == 3; }));
}

TEST(Spin, GivesUpAndGivesItsPermitBack) {
  SpinPermits permits(1);
  EXPECT_FALSE(Spin(permits, [] { return false; }));
  EXPECT_TRUE(permits.TryTake());
}

TEST(Spin, LooksOnceWithoutAPermit) {
  SpinPermits permits(0);
  int looks_count = 0;
  EXPECT_FALSE(Spin(permits, [&] { return ++looks_count == 2; }));
  EXPECT_EQ(looks_count, 1);
}

}  // namespace
}  // namespace penstock::server
