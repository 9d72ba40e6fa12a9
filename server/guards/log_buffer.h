// LogBuffer: lines on their way from the shards to whoever writes them. Nobody waits: a shard that
// finds a stripe in use takes the next one, and drops its line where all are full or in use.
//
// Threading: Append() from any thread; Take() from one.
// Limits:    `bytes_max`, and as much again while it is written; a line more is dropped, and
//            counted.
#ifndef PENSTOCK_SERVER_GUARDS_LOG_BUFFER_H_
#define PENSTOCK_SERVER_GUARDS_LOG_BUFFER_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace penstock::guards {

class LogBuffer {
 public:
  static constexpr size_t kStripesCount = 8;

  explicit LogBuffer(size_t bytes_max);
  LogBuffer(const LogBuffer&) = delete;
  LogBuffer& operator=(const LogBuffer&) = delete;

  // `choice`: where to look first. Lines of one choice mostly keep their order.
  [[nodiscard]] bool Append(std::string_view line, size_t choice);
  uint64_t dropped_count() const { return dropped_count_.load(std::memory_order_relaxed); }

  // What stripe `index` has, until the next Take() of it.
  std::string_view Take(size_t index);

 private:
  // Bench: none. A try_lock that is won is one exchange, as a queue without locks has it, and only
  // the writer waits for one. docs/decisions/0011-guards-between-shards.md
  struct alignas(64) Stripe {
    std::mutex mutex;
    std::string lines;
    std::string taken;  // the writer's
  };

  const size_t stripe_bytes_max_;
  std::array<Stripe, kStripesCount> stripes_;
  std::atomic<uint64_t> dropped_count_{0};
};

}  // namespace penstock::guards

#endif  // PENSTOCK_SERVER_GUARDS_LOG_BUFFER_H_
