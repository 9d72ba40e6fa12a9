// BufferRing: the receive buffers of a shard, provided to the kernel, which fills one per completed
// receive. An idle connection holds none.
//
// Buffers go back in the turn they came: Return() each, then Publish() all with one store. The
// kernel takes them in the order they were returned.
//
// Ownership: buffers and ring are ours; the io_uring must be gone before they are.
#ifndef PENSTOCK_REACTOR_BUFFER_RING_H_
#define PENSTOCK_REACTOR_BUFFER_RING_H_

#include <liburing.h>

#include <cstddef>
#include <cstdint>

namespace penstock::reactor {

class BufferRing {
 public:
  // The one group a shard has.
  static constexpr uint16_t kGroup = 0;

  BufferRing() = default;
  ~BufferRing();
  BufferRing(const BufferRing&) = delete;
  BufferRing& operator=(const BufferRing&) = delete;

  // Before io_uring_register_ring_fd(): with a registered descriptor kernels before 6.3 refuse.
  // 0, or a negative errno.
  int Register(io_uring* ring, uint32_t count, uint32_t buffer_bytes);

  const uint8_t* data(uint16_t id) const { return memory_ + size_t{id} * buffer_bytes_; }

  void Return(uint16_t id) {
    io_uring_buf_ring_add(ring_, memory_ + size_t{id} * buffer_bytes_, buffer_bytes_, id, mask_,
                          returned_count_++);
  }
  void Publish() {
    if (returned_count_ == 0) return;
    io_uring_buf_ring_advance(ring_, returned_count_);
    returned_count_ = 0;
  }

 private:
  io_uring_buf_ring* ring_ = nullptr;  // at the beginning of one mapping, the buffers behind it
  size_t mapped_bytes_ = 0;
  uint8_t* memory_ = nullptr;
  uint32_t buffer_bytes_ = 0;
  int mask_ = 0;
  int returned_count_ = 0;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_BUFFER_RING_H_
