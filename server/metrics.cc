#include "penstock/server/metrics.h"

#include <algorithm>

namespace penstock::server {

void MethodMetrics::Add(const MethodMetrics& other) {
  started_count += other.started_count;
  for (size_t i = 0; i < kStatusCodesCount; ++i) handled_counts[i] += other.handled_counts[i];
  received_sizes.Add(other.received_sizes);
  sent_sizes.Add(other.sent_sizes);
  times.Add(other.times);
}

uint64_t MethodMetrics::handled_count() const {
  uint64_t sum = 0;
  for (const uint64_t count : handled_counts) sum += count;
  return sum;
}

// A method that was registered after the shard was made; a Server's are not.
PENSTOCK_COLD void ShardMetrics::Grow(uint32_t method_index) {
  methods_.resize(method_index + size_t{1});
}

PENSTOCK_COLD void ShardMetrics::Remember(NotableCall call, std::string_view message) {
  call.text_bytes = std::min(message.size(), NotableCall::kTextBytesMax);
  std::copy_n(message.data(), call.text_bytes, call.text.begin());
  notable_[notable_count_++ % kNotableCallsMax] = call;
}

std::vector<NotableCall> ShardMetrics::NotableCalls() const {
  std::vector<NotableCall> calls;
  const uint64_t kept_count = std::min<uint64_t>(notable_count_, kNotableCallsMax);
  for (uint64_t i = 1; i <= kept_count; ++i) {
    calls.push_back(notable_[(notable_count_ - i) % kNotableCallsMax]);
  }
  return calls;
}

}  // namespace penstock::server
