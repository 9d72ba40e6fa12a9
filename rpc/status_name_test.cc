#include "penstock/rpc/status_name.h"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

#include "penstock/rpc/status.h"

namespace penstock {
namespace {

// absl's names are those of the specification.
TEST(StatusName, IsThatOfTheSpecification) {
  for (size_t code = 0; code <= 16; ++code) {
    EXPECT_EQ(StatusName(code), absl::StatusCodeToString(static_cast<StatusCode>(code)));
  }
  EXPECT_EQ(StatusName(17), "UNKNOWN");
}

TEST(StatusName, InGoHasTheSameWords) {
  for (size_t code = 0; code <= 16; ++code) {
    std::string name;
    for (const char c : StatusNameInGo(code)) {
      if (!name.empty() && std::isupper(c) && code != 0) name += '_';
      name += static_cast<char>(std::toupper(c));
    }
    EXPECT_EQ(name, code == 1 ? "CANCELED" : StatusName(code));
  }
  EXPECT_EQ(StatusNameInGo(17), "Unknown");
}

}  // namespace
}  // namespace penstock
