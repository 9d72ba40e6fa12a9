#include "penstock/server/guards/log_buffer.h"

namespace penstock::guards {

LogBuffer::LogBuffer(size_t bytes_max) : stripe_bytes_max_(bytes_max / kStripesCount) {
  for (Stripe& stripe : stripes_) {
    stripe.lines.reserve(stripe_bytes_max_);
    stripe.taken.reserve(stripe_bytes_max_);
  }
}

bool LogBuffer::Append(std::string_view line, size_t choice) {
  for (size_t i = 0; i < kStripesCount; ++i) {
    Stripe& stripe = stripes_[(choice + i) % kStripesCount];
    const std::unique_lock<std::mutex> lock(stripe.mutex, std::try_to_lock);
    if (!lock.owns_lock() || stripe.lines.size() + line.size() > stripe_bytes_max_) continue;
    stripe.lines.append(line);
    return true;
  }
  dropped_count_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

std::string_view LogBuffer::Take(size_t index) {
  Stripe& stripe = stripes_[index];
  stripe.taken.clear();
  const std::lock_guard<std::mutex> lock(stripe.mutex);
  stripe.lines.swap(stripe.taken);
  return stripe.taken;
}

}  // namespace penstock::guards
