// What penstock-load calls itself.
#ifndef PENSTOCK_LOADTEST_VERSION_H_
#define PENSTOCK_LOADTEST_VERSION_H_

#include <string_view>

#include "penstock/wire/version.h"

namespace penstock::loadtest {

inline constexpr std::string_view kVersion = PENSTOCK_VERSION;
inline constexpr std::string_view kUserAgent = "penstock-load/" PENSTOCK_VERSION;

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_VERSION_H_
