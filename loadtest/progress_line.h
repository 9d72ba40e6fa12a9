// ProgressLine: one line on stderr that is rewritten every second, if stderr is a terminal.
#ifndef PENSTOCK_LOADTEST_PROGRESS_LINE_H_
#define PENSTOCK_LOADTEST_PROGRESS_LINE_H_

#include <cstdint>
#include <string>

#include "penstock/loadtest/options.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest {

class ProgressLine {
 public:
  explicit ProgressLine(bool enabled) : enabled_(enabled) {}
  ~ProgressLine() { Clear(); }

  void Show(const std::string& text);
  void Clear();

 private:
  const bool enabled_;
  bool shown_ = false;
};

struct ProgressNow {
  TimeNs elapsed_ns = 0;
  uint64_t ok_count = 0;
  uint64_t error_count = 0;
  double rps = 0;  // of the last second
};

// "3s of 10s   512.3k rps   OK 1536000   errors 0"
std::string FormatProgress(const Options& options, const ProgressNow& now);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_PROGRESS_LINE_H_
