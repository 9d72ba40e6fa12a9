// How a shard talks to the kernel, and the sizes it does it with.
#ifndef PENSTOCK_REACTOR_IO_MODE_H_
#define PENSTOCK_REACTOR_IO_MODE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

struct io_uring;
struct io_uring_params;

namespace penstock::reactor {

enum class IoMode : uint8_t {
  kAuto,   // io_uring, or epoll with a sentence why not
  kUring,  // io_uring, or an error
  kEpoll,
};

// "auto", "uring", "epoll"; anything else is nullopt.
std::optional<IoMode> ParseIoMode(std::string_view text);
std::string_view ToString(IoMode mode);

inline constexpr uint32_t kReceiveBytesPerTurnMaxDefault = 256 * 1024;

struct RingOptions {
  // Provided receive buffers of a shard, together about the size of the L2 cache: the kernel goes
  // through them in order, so a large ring walks through cold memory. A power of two.
  uint32_t recv_buffer_count = 128;
  uint32_t recv_buffer_bytes = 8192;
  // What one connection may have received in a turn before the others' turn comes; the buffer that
  // reaches it is still handled whole. The rest waits for the next turn, which does not sleep: in
  // its receive buffers (io_uring), or in the socket (epoll). 0 counts as 1.
  uint32_t receive_bytes_per_turn_max = kReceiveBytesPerTurnMaxDefault;
  // Entries of the submission and completion queues (powers of two). A full submission queue costs
  // one more system call; a full completion queue is slow and ends multishot operations.
  uint32_t sq_entries = 1024;
  uint32_t cq_entries = 8192;
  // The longest sleep of an io_uring shard: some kernels before 6.2 lost a MSG_RING wake-up, and a
  // letter then waits this long at most. Units: ns.
  int64_t sleep_ns_max = 1'000'000'000;
  // The longest wait of an io_uring shard that counts the completions of quiet sends in, so that
  // they alone do not end it (uring_ring.h). Should one of those sends fail or be cut short after
  // all, what follows it comes so much later; 0: every completion ends a wait. Units: ns.
  int64_t quiet_send_wait_ns_max = 2'000'000;
  // Tests only: stands in for io_uring_queue_init_params.
  int (*queue_init)(unsigned entries, io_uring* ring, io_uring_params* params) = nullptr;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_IO_MODE_H_
