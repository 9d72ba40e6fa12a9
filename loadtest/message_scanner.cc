#include "penstock/loadtest/message_scanner.h"

#include <algorithm>

namespace penstock::loadtest {

uint64_t MessageScanner::Scan(wire::Bytes data) {
  uint64_t ended_count = 0;
  while (!data.empty()) {
    if (body_bytes_left_ > 0) {
      const size_t piece = std::min<size_t>(body_bytes_left_, data.size());
      body_bytes_left_ -= static_cast<uint32_t>(piece);
      data = data.subspan(piece);
    } else if (prefix_bytes_ == 0 && data.size() >= wire::kMessagePrefixBytes) {
      body_bytes_left_ = wire::LoadMessagePrefix(data.data()).length_bytes;
      data = data.subspan(wire::kMessagePrefixBytes);
    } else {
      const size_t piece = std::min(wire::kMessagePrefixBytes - prefix_bytes_, data.size());
      std::copy_n(data.begin(), piece, prefix_.begin() + prefix_bytes_);
      prefix_bytes_ = static_cast<uint8_t>(prefix_bytes_ + piece);
      data = data.subspan(piece);
      if (prefix_bytes_ < wire::kMessagePrefixBytes) break;
      body_bytes_left_ = wire::LoadMessagePrefix(prefix_.data()).length_bytes;
      prefix_bytes_ = 0;
    }
    if (body_bytes_left_ == 0) ++ended_count;
  }
  return ended_count;
}

}  // namespace penstock::loadtest
