#include "penstock/wire/check.h"

#include "gtest/gtest.h"

namespace penstock::wire {
namespace {

TEST(Check, PassesWithoutATrace) {
  int evaluated_count = 0;
  PENSTOCK_CHECK(++evaluated_count == 1, "evaluated once");
  EXPECT_EQ(evaluated_count, 1);
}

TEST(CheckDeathTest, FailureNamesPlaceConditionAndReason) {
  const int sends = 2;
  EXPECT_DEATH(PENSTOCK_CHECK(sends == 1, "one send at a time"),
               "check_test\\.cc:[0-9]+: check failed: sends == 1: one send at a time");
}

TEST(CheckDeathTest, DcheckFailsInDebugBuildsOnly) {
#ifdef NDEBUG
  int evaluated_count = 0;
  PENSTOCK_DCHECK(++evaluated_count == 7, "not even evaluated");
  EXPECT_EQ(evaluated_count, 0);
#else
  EXPECT_DEATH(PENSTOCK_DCHECK(1 == 2, "debug only"), "check failed: 1 == 2: debug only");
#endif
}

TEST(Check, IsAnExpressionThatNestsInAnUnbracedIf) {
  bool took_else = false;
  if (false)
    PENSTOCK_CHECK(true, "not reached");
  else
    took_else = true;
  EXPECT_TRUE(took_else);
}

}  // namespace
}  // namespace penstock::wire
