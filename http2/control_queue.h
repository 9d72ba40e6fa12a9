// ControlQueue: how many frames that the peer made us write still stand in the output.
//
// Positions are octets since the beginning of the output. Frames are kept in two groups, each
// counted until its last one has gone, so the count is never too small and is exact again whenever
// the output runs empty.
//
//     queue.Add(output.consumed_bytes() + output.size(), output.consumed_bytes());
//     if (queue.Count(output.consumed_bytes()) > max) ...
#ifndef PENSTOCK_HTTP2_CONTROL_QUEUE_H_
#define PENSTOCK_HTTP2_CONTROL_QUEUE_H_

#include <cstdint>

namespace penstock::http2 {

class ControlQueue {
 public:
  // A frame that ends at `end`; the first `consumed` octets have gone.
  void Add(uint64_t end, uint64_t consumed) {
    Drop(consumed);
    ++newer_count_;
    newer_end_ = end;
  }

  // As of the latest Add(): not below what Count() says.
  uint32_t count() const { return older_count_ + newer_count_; }

  uint32_t Count(uint64_t consumed) const {
    if (consumed >= newer_end_) return 0;
    return newer_count_ + (consumed >= older_end_ ? 0 : older_count_);
  }

 private:
  void Drop(uint64_t consumed) {
    if (consumed < older_end_) return;
    older_count_ = consumed >= newer_end_ ? 0 : newer_count_;
    older_end_ = newer_end_;
    newer_count_ = 0;
  }

  uint64_t older_end_ = 0;
  uint64_t newer_end_ = 0;
  uint32_t older_count_ = 0;
  uint32_t newer_count_ = 0;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_CONTROL_QUEUE_H_
