// What this machine's io_uring has, in the words that operators read.
#ifndef PENSTOCK_REACTOR_URING_FEATURES_H_
#define PENSTOCK_REACTOR_URING_FEATURES_H_

#include <string>
#include <string_view>

#include "penstock/reactor/io_mode.h"

namespace penstock::reactor {

// Without these a shard takes epoll.
inline constexpr std::string_view kUringFeaturesNeeded = "multishot, buffer rings";

// "multishot, buffer rings, deferred completions, messages between rings", or why io_uring is not
// to be had. Makes a ring and lets go of it.
std::string DescribeUring(const RingOptions& options = {});

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_URING_FEATURES_H_
