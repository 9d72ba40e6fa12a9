#include "penstock/loadtest/progress_line.h"

#include <unistd.h>

#include <algorithm>

#include "penstock/loadtest/units.h"

namespace penstock::loadtest {
namespace {

// Beyond it a run of so many calls has no end that anybody waits for.
constexpr double kLeftNsMax = 365.0 * 86'400 * static_cast<double>(kNsPerSecond);

// kTimeNever: nobody knows.
TimeNs LeftOf(const Options& options, const ProgressNow& now) {
  TimeNs left_ns = kTimeNever;
  if (options.duration_ns != kTimeNever) left_ns = options.duration_ns - now.elapsed_ns;
  const uint64_t ended_count = now.ok_count + now.error_count;
  if (options.calls_max != Options::kUnlimited && ended_count > 0) {
    const double calls_left =
        static_cast<double>(options.calls_max) - static_cast<double>(ended_count);
    const double calls_left_ns =
        calls_left * static_cast<double>(now.elapsed_ns) / static_cast<double>(ended_count);
    if (calls_left_ns < kLeftNsMax) {
      left_ns = std::min(left_ns, static_cast<TimeNs>(calls_left_ns));
    }
  }
  return std::max<TimeNs>(left_ns, 0);
}

TimeNs WholeSeconds(TimeNs ns) {
  return (ns + kNsPerSecond / 2) / kNsPerSecond * kNsPerSecond;
}

}  // namespace

ProgressMode ProgressModeOf(const Options& options) {
  if (options.quiet) return ProgressMode::kNone;
  return ::isatty(STDERR_FILENO) == 1 ? ProgressMode::kInPlace : ProgressMode::kLines;
}

void ProgressLine::ShowNote(const std::string& text) {
  if (mode_ != ProgressMode::kInPlace) return;
  std::fprintf(file_, "\r\x1b[K %s", text.c_str());
  std::fflush(file_);
  shown_ = true;
}

void ProgressLine::Show(const std::string& text) {
  ++seconds_;
  if (mode_ != ProgressMode::kLines) return ShowNote(text);
  if (seconds_ % kSecondsPerLine != 0) return;
  std::fprintf(file_, " %s\n", text.c_str());
  std::fflush(file_);
}

void ProgressLine::Clear() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", file_);
  std::fflush(file_);
  shown_ = false;
}

std::string FormatProgress(const Options& options, const ProgressNow& now) {
  std::string text = FormatSpan(WholeSeconds(now.elapsed_ns));
  if (options.duration_ns != kTimeNever) text += " of " + FormatSpan(options.duration_ns);
  if (const TimeNs left_ns = LeftOf(options, now); left_ns != kTimeNever) {
    text += ", " + FormatSpan(WholeSeconds(left_ns)) + " left";
  }
  text += "   " + FormatRate(now.rps) + " rps   OK " + std::to_string(now.ok_count);
  if (options.calls_max != Options::kUnlimited) text += " of " + std::to_string(options.calls_max);
  return text + "   errors " + std::to_string(now.error_count);
}

}  // namespace penstock::loadtest
