#include "penstock/examples/file_transfer/progress.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "penstock/reactor/cpu.h"

namespace filetransfer {
namespace {

using penstock::TimeNs;
using penstock::reactor::ReadClock;

constexpr TimeNs kIntervalNs = 100 * penstock::kNsPerMs;
constexpr double kMebibyte = 1024 * 1024;

}  // namespace

Progress::Progress(std::string name, uint64_t begin_bytes, uint64_t size_bytes)
    : name_(std::move(name)),
      begin_bytes_(begin_bytes),
      size_bytes_(size_bytes),
      is_terminal_(::isatty(STDERR_FILENO) == 1),
      began_at_(ReadClock()) {}

Progress::~Progress() {
  if (shown_at_ != 0) std::fprintf(stderr, "\r\033[K");
}

void Progress::Show(uint64_t bytes) {
  if (!is_terminal_) return;
  const TimeNs now = ReadClock();
  if (shown_at_ != 0 && now - shown_at_ < kIntervalNs) return;
  shown_at_ = now;
  const std::string line =
      FormatProgress(name_, begin_bytes_, bytes, size_bytes_, now - began_at_);
  std::fprintf(stderr, "\r%s\033[K", line.c_str());
}

std::string FormatProgress(const std::string& name, uint64_t begin_bytes, uint64_t bytes,
                           uint64_t size_bytes, TimeNs elapsed_ns) {
  const double share = size_bytes == 0 ? 1 : static_cast<double>(bytes) / double(size_bytes);
  char figures[128];
  std::snprintf(figures, sizeof figures, "  %.1f of %.1f MiB  %.0f %%",
                static_cast<double>(bytes) / kMebibyte,
                static_cast<double>(size_bytes) / kMebibyte, share * 100);
  std::string line = name + figures;
  if (elapsed_ns < kIntervalNs) return line;  // too short to say how fast it is
  const double seconds = static_cast<double>(elapsed_ns) / penstock::kNsPerSecond;
  std::snprintf(figures, sizeof figures, "  %.1f MiB/s",
                static_cast<double>(bytes - begin_bytes) / kMebibyte / seconds);
  return line + figures;
}

}  // namespace filetransfer
