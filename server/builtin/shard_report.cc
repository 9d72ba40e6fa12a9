#include "penstock/server/builtin/shard_report.h"

#include <chrono>

#include "penstock/server/session.h"

namespace penstock::server {
namespace {

// `at` on the shard's clock; 0 stays 0.
TimeNs OnTheWall(ShardState& state, TimeNs at) {
  if (at == 0) return 0;
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count() -
         (state.shard.now() - at);
}

uint64_t ReceivedByOpenCalls(Session& session) {
  uint64_t count = 0;
  session.link().connection().ForEachUsed([&count](http2::Stream& stream) {
    count += static_cast<ServerCall*>(stream.user)->messages_received_count();
  });
  return count;
}

ConnectionReport ReportOf(ShardState& state, Session& session) {
  const ConnectionActivity& activity = session.dispatcher().activity();
  const http2::Connection& connection = session.link().connection();
  const reactor::Socket& socket = session.link().socket();
  ConnectionReport report;
  report.peer = socket.PeerAddress();
  report.local = reactor::Address::OfLocalEnd(socket.fd());
  report.remote = reactor::Address::OfPeer(socket.fd());
  report.calls = {activity.started_count(), activity.ok_count(), activity.failed_count(),
                  OnTheWall(state, activity.started_at())};
  report.messages_sent_count = activity.sent_count();
  report.messages_received_count = activity.received_count() + ReceivedByOpenCalls(session);
  report.sent_at = OnTheWall(state, activity.sent_at());
  report.received_at = OnTheWall(state, activity.received_at());
  report.receive_window_bytes = connection.receive_window_bytes();
  report.send_window_bytes = connection.send_window_bytes();
  return report;
}

}  // namespace

CallTotals CallTotalsOf(ShardState& state) {
  const ServerCounters& counters = state.counters;
  return {counters.calls_started, counters.calls_ok,
          counters.calls_failed + counters.calls_cancelled,
          OnTheWall(state, state.call_started_at)};
}

std::vector<ConnectionName> ConnectionsOf(ShardState& state, uint64_t from,
                                          size_t count_max) {
  std::vector<ConnectionName> names;
  state.sessions.FindIf([&](Session& session) {  // the oldest first: ascending
    if (names.size() == count_max) return true;
    const reactor::Socket& socket = session.link().socket();
    if (socket.id() >= from) names.push_back({socket.id(), socket.PeerAddress()});
    return false;
  });
  return names;
}

std::optional<ConnectionReport> ReportOf(ShardState& state, uint64_t id) {
  Session* const session = state.sessions.FindIf(
      [id](Session& each) { return each.link().socket().id() == id; });
  if (session == nullptr) return std::nullopt;
  return ReportOf(state, *session);
}

}  // namespace penstock::server
