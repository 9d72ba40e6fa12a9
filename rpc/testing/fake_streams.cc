#include "penstock/rpc/testing/fake_streams.h"

namespace penstock::testing {

void FakeSource::Push(std::string octets) {
  PENSTOCK_CHECK(!ended_, "a FakeReader that has ended is pushed nothing any more");
  queued_bytes_ += wire::kMessagePrefixBytes + octets.size();
  messages_.push_back(std::move(octets));
  Wake();
}

void FakeSource::End(Status how) {
  if (std::exchange(ended_, true)) return;
  end_status_ = std::move(how);
  Wake();
}

bool FakeSource::Take(wire::Bytes* message) {
  if (messages_.empty()) return false;
  taken_ = std::move(messages_.front());
  messages_.pop_front();
  queued_bytes_ -= wire::kMessagePrefixBytes + taken_.size();
  *message = wire::AsBytes(taken_);
  return true;
}

}  // namespace penstock::testing
