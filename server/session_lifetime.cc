// How long a connection lives: its keepalive, its limits of idleness and age, its graceful end.
#include "penstock/server/session.h"

namespace penstock::server {
namespace {

// How long a peer that connects to a server that drains has to open its first stream: some round
// trips. One that is told before has a connection that never served it, and waits a while before
// the next, as gRPC's clients do (a second and more).
constexpr TimeNs kNoticeHoldNs = kNsPerSecond;

}  // namespace

PENSTOCK_COLD void Session::Drain(std::string_view debug, TimeNs grace_ns) {
  if (link_.ended()) return;
  if (!drain_.begun()) {
    drain_debug_ = debug;
    drained_unheard_ = !link_.admitted();
  }
  drain_.Begin(state_.shard.now(), grace_ns);
  SendNotice();
  link_.Rearm();
}

// A peer that has not spoken gets no frame before our SETTINGS; its first batch ends here again.
PENSTOCK_COLD void Session::SendNotice() {
  if (noticed_ || !link_.admitted() || link_.ended()) return FinishIfDrained();
  if (HoldsNotice()) return;
  notice_due_at_ = kTimeNever;
  noticed_ = true;
  link_.connection().SendShutdownNotice(drain_debug_);
  link_.connection().SendPing(rpc::Drain::kPingOpaque);
  link_.MarkDirty();
}

bool Session::HoldsNotice() {
  if (!drained_unheard_ || link_.connection().peer_latest_stream_id() != 0) return false;
  const TimeNs now = state_.shard.now();
  if (notice_due_at_ == kTimeNever) {
    notice_due_at_ = SaturatingAdd(now, kNoticeHoldNs);
    link_.Rearm();
  }
  return now < notice_due_at_;
}

// Also where a notice is held still: no GOAWAY may take back what this one says.
PENSTOCK_COLD void Session::RefuseStreams() {
  notice_due_at_ = kTimeNever;
  noticed_ = true;
  link_.connection().SendGoAway(http2::ErrorCode::kNoError, drain_debug_);
  link_.MarkDirty();  // and OnFlush() looks whether that was all
}

void Session::FinishIfDrained() {
  if (drain_.refuses() && link_.connection().streams_open_count() == 0) link_.Finish();
}

PENSTOCK_COLD void Session::OnPingAck() {
  if (drain_.ReceivePingAck(link_.connection().ping_opaque())) RefuseStreams();
}

// --- Time

void Session::BeginLifetime() {
  const ServerOptions& options = state_.options;
  lifespan_.Begin(opened_at_, options.connection_idle_ns_max,
                  WithJitter(options.connection_age_ns_max, state_.DrawRandom()));
  keepalive_.Begin(opened_at_, {options.keepalive_time_ns, options.keepalive_timeout_ns, true});
}

// Behind the limit that the connection itself has for peers that take nothing.
void Session::LimitSilence() {
  const ServerOptions& options = state_.options;
  if (options.keepalive_time_ns == kTimeNever) return;
  link_.socket().SetUserTimeout(SaturatingAdd(options.keepalive_timeout_ns,
                                              options.http2.stalled_connection_timeout_ns));
}

void Session::NoteStreams() {
  const http2::Connection& connection = link_.connection();
  lifespan_.NoteStreams(state_.shard.now(), connection.streams_open_count(),
                        connection.peer_latest_stream_id());
}

PENSTOCK_COLD void Session::OnExpiry(TimeNs now) {
  ExpireLifespan(now);
  ExpireKeepalive(now);
  if (!link_.ended()) ExpireDrain(now);
}

void Session::ExpireLifespan(TimeNs now) {
  switch (lifespan_.Expire(now)) {
    case Lifespan::End::kNone:
      return;
    case Lifespan::End::kIdle:
      return Drain("max_idle");
    case Lifespan::End::kAge:
      return Drain("max_age", state_.options.connection_age_grace_ns);
  }
}

// Also without calls: the server finds out about clients that are gone.
void Session::ExpireKeepalive(TimeNs now) {
  using Step = rpc::Keepalive::Step;
  const Step step = keepalive_.Expire(now, link_.silent_since(), true);
  if (step == Step::kLost) return link_.Lose("the client did not answer a keepalive PING");
  if (step == Step::kPing && link_.admitted()) {
    link_.connection().SendPing(rpc::Keepalive::kPingOpaque);
  }
}

void Session::ExpireDrain(TimeNs now) {
  if (now >= notice_due_at_) SendNotice();
  switch (drain_.Expire(now)) {
    case rpc::Drain::Step::kNone:
      return;
    case rpc::Drain::Step::kRefuse:
      return link_.admitted() ? RefuseStreams() : link_.Finish();
    case rpc::Drain::Step::kForce:
      return link_.Close(http2::ErrorCode::kNoError, drain_debug_);
  }
}

PENSTOCK_COLD void Session::LogEnd() {
  const http2::Connection& connection = link_.connection();
  if (connection.latest_trip() != http2::Limit::kPings) {
    return state_.LogTrip(connection.latest_trip(), link_.socket());
  }
  state_.LogPings(connection.ping_interval_ns(), connection.streams_open_count() != 0,
                  link_.socket());
}

}  // namespace penstock::server
