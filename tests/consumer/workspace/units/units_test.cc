#include <gtest/gtest.h>

#include "units/units.penstock.h"
#include "units/wind.penstock.h"

namespace weather::units {
namespace {

TEST(Units, FilesOfOneTargetUseEachOther) {
  Wind wind;
  wind.mutable_felt()->set_tenths(-50);
  const Temperature& felt = wind.felt();
  EXPECT_EQ(felt.tenths(), -50);
}

}  // namespace
}  // namespace weather::units
