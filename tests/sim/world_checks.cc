// What must hold, of World.
#include <algorithm>

#include "penstock/client/session.h"
#include "penstock/server/session.h"
#include "penstock/tests/sim/world.h"

namespace penstock::test::sim {
namespace {

// From here on a stream that is not read is reset by whoever waits for it
// (Limits::stalled_stream_timeout_ns), or a message that does not go on
// (Limits::slow_request_timeout_ns).
constexpr TimeNs kLongRestNs = 29 * kNsPerSecond;

bool IsQuiet(const http2::Connection& connection) {
  return connection.established() && !connection.failed() && !connection.has_output() &&
         !connection.has_events();
}

}  // namespace

// --- While it runs

void World::CheckFlow() {
  for (const auto& [connecting, accepting, is_quiet] : net_.joined()) {
    auto* client = dynamic_cast<client::Session::Link*>(connecting);
    auto* server = dynamic_cast<server::Session::Link*>(accepting);
    if (client == nullptr || server == nullptr) continue;
    http2::Connection& near = client->connection();
    http2::Connection& far = server->connection();
    if (client->socket().closing() || server->socket().closing()) continue;
    const bool are_quiet = is_quiet && IsQuiet(near) && IsQuiet(far);
    CheckWindows(near, far, are_quiet);
    CheckWindows(far, near, are_quiet);
  }
}

// The sender spends first, and the receiver grants first.
void World::CheckWindows(http2::Connection& sender, http2::Connection& receiver, bool is_quiet) {
  if (!sender.established() || !receiver.established()) return;
  if (sender.send_window_bytes() > receiver.receive_window_bytes()) {
    findings_.Add("an end may send more than the other one takes");
  }
  if (!is_quiet) return;
  if (sender.send_window_bytes() != receiver.receive_window_bytes()) {
    findings_.Add("connection: one end may send " + std::to_string(sender.send_window_bytes()) +
                  ", the other one takes " + std::to_string(receiver.receive_window_bytes()));
  }
  sender.ForEachUsed([&](http2::Stream& sending) {
    receiver.ForEachUsed([&](http2::Stream& receiving) {
      if (sending.id != receiving.id) return;
      const int64_t may_send = sending.send_window.available();
      const int64_t takes = receiving.receive_window.available();
      if (may_send == takes) return;
      findings_.Add("stream " + std::to_string(sending.id) + ": one end may send " +
                    std::to_string(may_send) + ", the other one takes " + std::to_string(takes));
    });
  });
}

// --- When all calls have ended

void World::CheckRest() {
  if (!findings_.all().empty()) return;
  if (!server_is_stopped_) server_->CheckCalls();
  for (const auto& [connecting, accepting, is_quiet] : net_.joined()) {
    auto* client = dynamic_cast<client::Session::Link*>(connecting);
    auto* server = dynamic_cast<server::Session::Link*>(accepting);
    if (client == nullptr || server == nullptr) continue;
    CheckCredit(client->connection(), plan_.channel.http2);
    CheckCredit(server->connection(), plan_.server.http2);
  }
}

// All that was received has been credited, or will be with the next WINDOW_UPDATE.
void World::CheckCredit(const http2::Connection& connection, const http2::Limits& limits) {
  if (!connection.established()) return;
  findings_.Expect(connection.streams_open_count() == 0, "a stream is left open");
  findings_.Expect(connection.unread_bytes() == 0, "octets lie unread without a stream");
  const int64_t sum = connection.receive_window_bytes() + connection.uncredited_bytes();
  if (sum == http2::ConnectionWindowBytes(limits)) return;
  findings_.Add("credit is lost: " + std::to_string(sum) + " octets of a window of " +
                std::to_string(http2::ConnectionWindowBytes(limits)));
}

void World::CheckShard(reactor::Shard& shard) {
  findings_.Expect(shard.connections_count() == 0, "a connection is left");
  findings_.Expect(shard.slabs().slabs_lent_count() == 0, "a slab is not given back");
  findings_.Expect(shard.frames().lent_count() == 0, "a coroutine's frame is not given back");
  findings_.Expect(shard.timers().NextWake() == kTimeNever, "a timer is left");
  findings_.Expect(shard.run_queue().empty(), "something is left to run");
}

// --- The calls

void World::JudgeCalls() {
  for (const auto& caller : callers_) {
    if (!caller->begun() || caller->dropped()) continue;
    const std::string name =
        "call " + std::to_string(caller->id()) + " (" + NameOf(caller->plan().kind) + ")";
    if (!caller->ended()) {
      findings_.Add(name + " has not ended");
    } else if (!Allows(*caller, caller->status().code())) {
      findings_.Add(name + " ended with " + caller->status().ToString());
    }
  }
}

bool World::Allows(const Caller& caller, StatusCode code) const {
  const CallPlan& call = caller.plan();
  if (code == ExpectedCode(call)) return true;
  if (plan_.is_calm) return code == StatusCode::kDeadlineExceeded && call.timeout_ns != kTimeNever;
  const bool has_long_rests =
      std::any_of(plan_.calls.begin(), plan_.calls.end(),
                  [](const CallPlan& one) { return one.rest_ns >= kLongRestNs; });
  switch (code) {
    case StatusCode::kDeadlineExceeded:
      return call.timeout_ns != kTimeNever;
    case StatusCode::kCancelled:
      return call.whim == Whim::kCancel || call.whim == Whim::kDrop ||
             call.cancel_at != kTimeNever || has_long_rests || plan_.end == End::kClientStops;
    case StatusCode::kUnavailable:
      // What was refused may find no room to wait.
      return plan_.faults_end_at > 0 || has_long_rests ||
             plan_.channel.waiting_calls_max < plan_.calls.size() ||
             (plan_.end != End::kOrderly && plan_.end != End::kServerDrains);
    case StatusCode::kResourceExhausted:
      return caller.status().message().find("waiting_calls_max") != std::string::npos;
    default:
      return false;
  }
}

}  // namespace penstock::test::sim
