// What one method is called with, as flags or the fields of a --mix say it. Each returns what is
// wrong, beginning with `where` it was written, "" when nothing is.
#ifndef PENSTOCK_LOADTEST_METHOD_FLAGS_H_
#define PENSTOCK_LOADTEST_METHOD_FLAGS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "penstock/loadtest/options.h"

namespace penstock::loadtest {

// As they were written; empty: not given.
struct StreamFlags {
  std::string messages, interval, in_flight;
};

inline constexpr int64_t kMessagesPerStreamMax = 1'000'000'000'000;
inline constexpr int64_t kMessagesInFlightMax = 65'536;
// When each message in flight was sent, for all slots: 512 MiB.
inline constexpr uint64_t kFlowSendsMax = uint64_t{1} << 26;

void DeclareStreamFlags(CLI::App& app, StreamFlags* flags);
std::string TakeStreamFlags(const StreamFlags& flags, MethodOptions* options);
// Of the whole load, when its shape is known.
std::string CheckFlowMemory(const Options& options);

// "PKG.SERVICE/METHOD".
std::string TakeMethod(const std::string& where, std::string text, MethodOptions* options);
// "KEY:VALUE".
std::string TakeMetadata(const std::string& where, const std::string& text,
                         MethodOptions* options);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_METHOD_FLAGS_H_
