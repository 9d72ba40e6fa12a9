// SimTrace: what happened in a simulation, line by line: as a hash, so that two runs can be
// compared, and on paper for whoever looks for the fault.
//
//     SimTrace trace(stderr);                       // null: the hash alone
//     trace.Note(now, "connection %d client: sends %zu of %zu octets", index, taken, offered);
//
// Limits: a line is cut at kLineBytesMax.
#ifndef PENSTOCK_REACTOR_TESTING_SIM_TRACE_H_
#define PENSTOCK_REACTOR_TESTING_SIM_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "penstock/wire/bytes.h"
#include "penstock/wire/time.h"

namespace penstock::reactor {

class SimTrace {
 public:
  static constexpr size_t kLineBytesMax = 300;

  explicit SimTrace(std::FILE* out = nullptr) : out_(out) {}

  __attribute__((format(printf, 3, 4))) void Note(TimeNs now, const char* format, ...);
  // Octets that are not worth a line.
  void Hash(wire::Bytes bytes);

  uint64_t hash() const { return hash_; }
  uint64_t lines_count() const { return lines_count_; }

 private:
  std::FILE* const out_;
  uint64_t hash_ = 0xcbf29ce484222325;  // FNV-1a's
  uint64_t lines_count_ = 0;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_TESTING_SIM_TRACE_H_
