#include "penstock/reactor/uring_features.h"

#include <liburing.h>

#include <memory>

#include "penstock/reactor/uring_setup.h"

namespace penstock::reactor {

std::string DescribeUring(const RingOptions& options) {
  io_uring ring{};
  std::string text;
  if (!SetUpUring(options, &ring, &text)) return text;
  text = kUringFeaturesNeeded;
  if ((ring.flags & IORING_SETUP_DEFER_TASKRUN) != 0) text += ", deferred completions";
  const std::unique_ptr<io_uring_probe, void (*)(io_uring_probe*)> probe(
      io_uring_get_probe_ring(&ring), &io_uring_free_probe);
  if (probe != nullptr && io_uring_opcode_supported(probe.get(), IORING_OP_MSG_RING)) {
    text += ", messages between rings";
  }
  io_uring_queue_exit(&ring);
  return text;
}

}  // namespace penstock::reactor
