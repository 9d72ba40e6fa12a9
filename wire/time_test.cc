#include "penstock/wire/time.h"

#include "gtest/gtest.h"

namespace penstock {
namespace {

TEST(Time, UnitsAreNanoseconds) {
  EXPECT_EQ(kNsPerMs, 1000 * kNsPerUs);
  EXPECT_EQ(kNsPerSecond, 1000 * kNsPerMs);
}

TEST(Time, SaturatingAddNeverWrapsAround) {
  constexpr struct {
    const char* name;
    TimeNs now, duration_ns, want;
  } kCases[] = {
      {"plain", 5, 7, 12},
      {"into the past", 5, -7, -2},
      {"nothing", 5, 0, 5},
      {"up to the last moment", kTimeNever - 1, 1, kTimeNever},
      {"one beyond it", kTimeNever - 1, 2, kTimeNever},
      {"never stays never", kTimeNever, 1, kTimeNever},
      {"hours that do not fit", kNsPerSecond, kTimeNever - 1, kTimeNever},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(SaturatingAdd(c.now, c.duration_ns), c.want);
  }
}

}  // namespace
}  // namespace penstock
