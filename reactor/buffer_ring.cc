#include "penstock/reactor/buffer_ring.h"

#include <errno.h>
#include <sys/mman.h>

namespace penstock::reactor {

BufferRing::~BufferRing() {
  if (ring_ != nullptr) ::munmap(ring_, mapped_bytes_);
}

int BufferRing::Register(io_uring* ring, uint32_t count, uint32_t buffer_bytes) {
  const size_t page_bytes = 4096;
  const size_t header_bytes =
      (count * sizeof(io_uring_buf) + page_bytes - 1) / page_bytes * page_bytes;
  mapped_bytes_ = header_bytes + size_t{count} * buffer_bytes;
  void* memory =
      ::mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -errno;
  ring_ = static_cast<io_uring_buf_ring*>(memory);
  memory_ = static_cast<uint8_t*>(memory) + header_bytes;
  buffer_bytes_ = buffer_bytes;
  mask_ = io_uring_buf_ring_mask(count);

  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<uint64_t>(ring_);
  registration.ring_entries = count;
  registration.bgid = kGroup;
  const int result = io_uring_register_buf_ring(ring, &registration, 0);
  if (result != 0) return result;
  io_uring_buf_ring_init(ring_);
  for (uint32_t id = 0; id < count; ++id) Return(static_cast<uint16_t>(id));
  Publish();
  return 0;
}

}  // namespace penstock::reactor
