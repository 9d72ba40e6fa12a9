#include "penstock/client/subchannel.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "penstock/client/channel_core.h"
#include "penstock/client/session.h"
#include "penstock/reactor/io_error.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/response_head.h"

namespace penstock::client {
namespace {

// So many connections in a row that ended before a call was served are no restart any more, but a
// server that serves nobody.
constexpr uint32_t kUnservedMax = 2;

}  // namespace

// Hears whether a connection could be made, and hands the socket to a Session's Link.
// Ownership: its own, until then.
class Connector final : public reactor::SocketHandler {
 public:
  Connector(ChannelCore* core, Subchannel* subchannel) : core_(*core), subchannel_(subchannel) {}

  void Begin(const reactor::Address& address) {
    core_.AddSocket();
    socket_ = &core_.shard().Connect(address, this);
  }
  // The subchannel hears of nothing any more.
  void Abort() {
    subchannel_ = nullptr;
    socket_->Abort();
  }

  void OnConnected(int error) override {
    if (error != 0) {
      error_ = error;
    } else if (subchannel_ != nullptr) {
      std::exchange(subchannel_, nullptr)->OnConnected(*socket_);
      delete this;  // the Link hears of everything from here on
    }
  }
  void OnReceived(wire::Bytes) override {}
  void OnFlush() override {}
  void OnSent() override {}
  void OnReceiveEnd(int) override {}
  void OnClosed() override {
    if (subchannel_ != nullptr) {
      subchannel_->OnConnectFailed(error_);
    }
    ChannelCore& core = core_;
    delete this;
    core.OnSocketClosed();
  }

 private:
  ChannelCore& core_;
  Subchannel* subchannel_;
  reactor::Socket* socket_ = nullptr;
  int error_ = 0;
};

TimeNs BackoffAfter(uint32_t failures_count, const ChannelOptions& options, double random) {
  const double grown = static_cast<double>(options.backoff_initial_ns) *
                       std::pow(options.backoff_multiplier, failures_count - 1);
  const double capped = std::min(grown, static_cast<double>(options.backoff_max_ns));
  return static_cast<TimeNs>(capped * (1 + options.backoff_jitter * (2 * random - 1)));
}

Subchannel::Subchannel(ChannelCore* core, uint32_t index)
    : core_(*core),
      index_(index),
      // So that the clients of one server do not come back all at once.
      random_(static_cast<uint32_t>(core->shard().ReadClock()) + index),
      timer_(&Subchannel::OnTimer, this) {}

std::string Subchannel::address() const {
  const Target& target = core_.target();
  if (target.addresses.empty()) return core_.target_text();
  return target.addresses[index_ % target.addresses.size()].ToString();
}

void Subchannel::Connect() {
  if (phase_ == Phase::kIdle) Attempt();
}

void Subchannel::Attempt() {
  reactor::Shard& shard = core_.shard();
  phase_ = Phase::kConnecting;
  core_.WatchIdleness();
  attempt_began_at_ = shard.now();
  ++core_.counters().connect_attempts;
  if (!core_.Resolve(&resolve_failure_)) return FailAttempt(resolve_failure_);
  std::string why;
  if (!core_.PrepareTls(&why)) return FailAttempt(why);
  const Target& target = core_.target();
  connector_ = new Connector(&core_, this);
  connector_->Begin(target.addresses[index_ % target.addresses.size()]);
  shard.timers().Schedule(timer_,
                          SaturatingAdd(shard.now(), core_.options().connect_timeout_ns));
}

void Subchannel::OnConnected(reactor::Socket& socket) {
  connector_ = nullptr;
  auto* link = new Session::Link(core_.shard(), http2::Role::kClient, core_.options().http2,
                                 &core_.workspace(), rpc::MeaningOfResponses(), &core_, this,
                                 address());
  session_ = &link->session();
  link->BeginTls(core_.StartTls());
  socket.SetHandler(link);
  link->Attach(socket);
}

void Subchannel::OnConnectFailed(int error) {
  connector_ = nullptr;
  FailAttempt("cannot connect to " + address() + ": " +
              (error != 0 ? reactor::ConnectRefusal(error, address()) : "the attempt was aborted"));
}

void Subchannel::FailAttempt(const std::string& why) {
  ++failures_count_;
  BackOff();
  core_.OnAttemptFailed(why);
}

// The next attempt comes by itself.
void Subchannel::BackOff() {
  reactor::Shard& shard = core_.shard();
  phase_ = Phase::kBackoff;
  if (shard.stopping()) return shard.timers().Cancel(timer_);
  const double random = static_cast<double>(random_() - random_.min()) /
                        static_cast<double>(random_.max() - random_.min());
  const TimeNs backoff_ns =
      BackoffAfter(std::max(failures_count_, uint32_t{1}), core_.options(), random);
  shard.timers().Schedule(timer_, SaturatingAdd(attempt_began_at_, backoff_ns));
}

void Subchannel::OnSettings() {
  phase_ = Phase::kReady;
  failures_count_ = 0;
  core_.shard().timers().Cancel(timer_);
  core_.OnReady();
}

void Subchannel::OnSessionEnd(const std::string& why, bool has_served) {
  session_ = nullptr;
  if (phase_ == Phase::kConnecting) return FailAttempt(why);
  Reconnect(why, has_served, !has_served);
}

void Subchannel::OnDraining(const std::string& why, bool has_served, bool serves) {
  session_ = nullptr;
  if (phase_ == Phase::kConnecting) {
    return FailAttempt("cannot connect to " + address() + ": " + why + " at once");
  }
  Reconnect(why, has_served, !has_served && !serves);
}

// A connection that never served a call is not replaced at once: that could go on for ever. Nor may
// calls wait through more and more of them: each SETTINGS would make them hope again.
void Subchannel::Reconnect(const std::string& why, bool has_served, bool has_ended_at_once) {
  reactor::Shard& shard = core_.shard();
  phase_ = Phase::kIdle;
  const bool has_stood_long =
      SaturatingAdd(attempt_began_at_, core_.options().backoff_max_ns) <= shard.now();
  if (!has_ended_at_once || has_stood_long) unserved_count_ = 0;
  // The channel was failing because of them, and its calls do not wait.
  const bool is_failing = unserved_count_ >= kUnservedMax;
  if (shard.stopping() || (!core_.wants_connection() && !is_failing)) return;
  if (has_served) return Attempt();
  if (!has_ended_at_once) return BackOff();
  if (++unserved_count_ < kUnservedMax) {
    core_.NoteFailure(why);
    return BackOff();
  }
  failures_count_ = unserved_count_ - kUnservedMax;  // SETTINGS have set it back
  FailAttempt(why + "; " + std::to_string(unserved_count_) +
              " connections in a row have ended before a call was served: the server's log may "
              "say why");
}

void Subchannel::OnTimer(void* context, TimeNs) {
  auto& self = *static_cast<Subchannel*>(context);
  if (self.phase_ == Phase::kBackoff) return self.Attempt();
  self.Drop();
  self.FailAttempt("cannot connect to " + self.address() +
                   ": no HTTP/2 answer within connect_timeout_ns: is it the right port, and " +
                   (self.core_.options().tls.enabled ? "TLS there?" : "no TLS there?"));
}

void Subchannel::Drop() {
  timer_.Unlink();  // the wheel may be gone, and has let go of it then
  if (connector_ != nullptr) std::exchange(connector_, nullptr)->Abort();
  if (session_ != nullptr) std::exchange(session_, nullptr)->Close();
}

void Subchannel::Shutdown() {
  Drop();
  phase_ = Phase::kIdle;
  unserved_count_ = 0;
}

}  // namespace penstock::client
