#include "penstock/reactor/uring_setup.h"

#include <errno.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "penstock/reactor/io_error.h"

namespace penstock::reactor {
namespace {

constexpr uint32_t kSizes = IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE;

// Best first. Completions are worked off when the shard asks for them, not by interrupting it.
constexpr uint32_t kFlagSets[] = {
    // 6.1: only one thread submits, completions wait for its next wait.
    kSizes | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
    // 5.19: completions wait for its next system call.
    kSizes | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
    kSizes,
};

constexpr int kMemoryTries = 20;
constexpr useconds_t kMemoryPauseUs = 10'000;

// Zero, or minus an errno.
int InitQueues(const RingOptions& options, io_uring* ring) {
  const auto queue_init =
      options.queue_init != nullptr ? options.queue_init : &io_uring_queue_init_params;
  int result = -EINVAL;
  for (uint32_t flags : kFlagSets) {
    io_uring_params params{};
    params.flags = flags;
    params.cq_entries = options.cq_entries;
    result = queue_init(options.sq_entries, ring, &params);
    if (result != -EINVAL) break;  // EINVAL: a flag it does not know
  }
  return result;
}

// Multishot receive has no probe of its own; it came with 6.0, as did this operation.
bool HasMultishotReceive(io_uring* ring) {
  const std::unique_ptr<io_uring_probe, void (*)(io_uring_probe*)> probe(
      io_uring_get_probe_ring(ring), &io_uring_free_probe);
  return probe != nullptr && io_uring_opcode_supported(probe.get(), IORING_OP_SEND_ZC);
}

}  // namespace

bool SetUpUring(const RingOptions& options, io_uring* ring, std::string* why) {
  int result = InitQueues(options, ring);
  // The kernel lets go of a closed ring's memory some milliseconds later: who makes rings again and
  // again below a small RLIMIT_MEMLOCK waits for it.
  for (int tries = 0; result == -ENOMEM && tries < kMemoryTries; ++tries) {
    ::usleep(kMemoryPauseUs);
    result = InitQueues(options, ring);
  }
  if (result < 0) {
    *why = UringRefusal("io_uring_setup", -result);
    return false;
  }
  if ((ring->features & IORING_FEAT_EXT_ARG) != 0 && (ring->features & IORING_FEAT_NODROP) != 0 &&
      HasMultishotReceive(ring)) {
    return true;
  }
  io_uring_queue_exit(ring);
  *why = UringRefusal("io_uring probe", EOPNOTSUPP);
  return false;
}

}  // namespace penstock::reactor
