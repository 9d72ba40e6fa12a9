#include "penstock/loadtest/progress_line.h"

#include <cstdio>

#include "penstock/loadtest/units.h"

namespace penstock::loadtest {

void ProgressLine::Show(const std::string& text) {
  if (!enabled_) return;
  std::fprintf(stderr, "\r\x1b[K %s", text.c_str());
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::Clear() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

std::string FormatProgress(const Options& options, const ProgressNow& now) {
  const TimeNs whole_s = (now.elapsed_ns + kNsPerSecond / 2) / kNsPerSecond * kNsPerSecond;
  std::string text = FormatSpan(whole_s);
  if (options.duration_ns != kTimeNever) text += " of " + FormatSpan(options.duration_ns);
  text += "   " + FormatRate(now.rps) + " rps   OK " + std::to_string(now.ok_count);
  if (options.calls_max != Options::kUnlimited) text += " of " + std::to_string(options.calls_max);
  return text + "   errors " + std::to_string(now.error_count);
}

}  // namespace penstock::loadtest
