#include "penstock/reactor/io_mode.h"

namespace penstock::reactor {

std::optional<IoMode> ParseIoMode(std::string_view text) {
  for (IoMode mode : {IoMode::kAuto, IoMode::kUring, IoMode::kEpoll}) {
    if (text == ToString(mode)) return mode;
  }
  return std::nullopt;
}

std::string_view ToString(IoMode mode) {
  switch (mode) {
    case IoMode::kAuto:
      return "auto";
    case IoMode::kUring:
      return "uring";
    case IoMode::kEpoll:
      return "epoll";
  }
  return "";
}

}  // namespace penstock::reactor
