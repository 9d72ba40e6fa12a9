// The graceful end of a connection.
#include "penstock/server/session.h"

namespace penstock::server {

PENSTOCK_COLD void Session::Drain(std::string_view debug, TimeNs grace_ns) {
  if (link_.ended()) return;
  if (!drain_.begun()) drain_debug_ = debug;
  drain_.Begin(state_.shard.now(), grace_ns);
  SendNotice();
  link_.Rearm();
}

// A peer that has not spoken gets no frame before our SETTINGS; its first batch ends here again.
PENSTOCK_COLD void Session::SendNotice() {
  if (noticed_ || !link_.admitted() || link_.ended()) return FinishIfDrained();
  noticed_ = true;
  link_.connection().SendShutdownNotice(drain_debug_);
  link_.connection().SendPing(rpc::Drain::kPingOpaque);
  link_.MarkDirty();
}

PENSTOCK_COLD void Session::RefuseStreams() {
  link_.connection().SendGoAway(http2::ErrorCode::kNoError, drain_debug_);
  link_.MarkDirty();  // and OnFlush() looks whether that was all
}

void Session::FinishIfDrained() {
  if (drain_.refuses() && link_.connection().streams_open_count() == 0) link_.Finish();
}

PENSTOCK_COLD void Session::OnPingAck() {
  if (drain_.ReceivePingAck(link_.connection().ping_opaque())) RefuseStreams();
}

PENSTOCK_COLD void Session::OnExpiry(TimeNs now) {
  switch (drain_.Expire(now)) {
    case rpc::Drain::Step::kNone:
      return;
    case rpc::Drain::Step::kRefuse:
      return link_.admitted() ? RefuseStreams() : link_.Finish();
    case rpc::Drain::Step::kForce:
      return link_.Close(http2::ErrorCode::kNoError, drain_debug_);
  }
}

}  // namespace penstock::server
