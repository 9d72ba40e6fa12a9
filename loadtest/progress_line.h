// ProgressLine: one line on stderr that is rewritten every second. Where stderr is no terminal,
// such as in CI, a line of its own every minute instead, so that a long run is seen to go on.
#ifndef PENSTOCK_LOADTEST_PROGRESS_LINE_H_
#define PENSTOCK_LOADTEST_PROGRESS_LINE_H_

#include <cstdint>
#include <cstdio>
#include <string>

#include "penstock/loadtest/options.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest {

enum class ProgressMode : uint8_t { kNone, kInPlace, kLines };
// Of this process.
ProgressMode ProgressModeOf(const Options& options);

class ProgressLine {
 public:
  static constexpr uint32_t kSecondsPerLine = 60;

  // Ownership: `file` outlives it.
  explicit ProgressLine(ProgressMode mode, std::FILE* file = stderr) : mode_(mode), file_(file) {}
  ~ProgressLine() { Clear(); }

  // For something that does not last: only in place.
  void ShowNote(const std::string& text);
  // Each second.
  void Show(const std::string& text);
  void Clear();

 private:
  const ProgressMode mode_;
  std::FILE* const file_;
  uint32_t seconds_ = 0;
  bool shown_ = false;
};

struct ProgressNow {
  TimeNs elapsed_ns = 0;
  uint64_t ok_count = 0;
  uint64_t error_count = 0;
  double rps = 0;  // of the last second
};

// "3s of 10s, 7s left   512.3k rps   OK 1536000   errors 0". What is left of a number of calls is
// told by how many have ended each second so far.
std::string FormatProgress(const Options& options, const ProgressNow& now);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_PROGRESS_LINE_H_
