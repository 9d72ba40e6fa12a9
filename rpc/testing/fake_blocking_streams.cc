#include "penstock/rpc/testing/fake_blocking_streams.h"

namespace penstock::testing {

bool FakeBlockingSource::Take(wire::Bytes* message, Status* end) {
  while (!call_.cancelled() && !pushed_.is_ready()) {
    if (call_.fake_shard().PassToNextTimer()) continue;
    *end = MakeStatus(StatusCode::kInternal,
                      "the handler waits for what never comes: Push() all that it is to read "
                      "before it is called, and End() its FakeBlockingReader, or SetTimeout()");
    return false;
  }
  if (call_.cancelled()) {
    *end = call_.cancel_status();
    return false;
  }
  if (pushed_.Take(message)) return true;
  *end = pushed_.end_status();
  return false;
}

}  // namespace penstock::testing
