// The connections of a generator: made, replaced, failed and lost.
#include <errno.h>
#include <sys/prctl.h>

#include <algorithm>

#include "penstock/http2/limits.h"
#include "penstock/loadtest/generator.h"
#include "penstock/reactor/io_error.h"
#include "penstock/reactor/socket.h"

namespace penstock::loadtest {
namespace {

// Hears whether a connection could be made, and hands the socket to a Session's Link.
// Ownership: its own, until then.
class Connector final : public reactor::SocketHandler {
 public:
  Connector(Generator* generator, uint32_t address_index)
      : generator_(*generator),
        address_index_(address_index),
        due_timer_(&Connector::OnDue, this) {}

  void Begin(reactor::Shard& shard, const reactor::Address& address) {
    shard.timers().Schedule(due_timer_, SaturatingAdd(shard.now(), kConnectNsMax));
    socket_ = &shard.Connect(address, this);
  }

  void OnConnected(int error) override {
    if (error != 0) {
      error_ = error;
      return;
    }
    generator_.OnSocket(*socket_, address_index_, due_timer_.when());
    delete this;  // the Link hears of everything from here on
  }
  void OnReceived(wire::Bytes) override {}
  void OnFlush() override {}
  void OnSent() override {}
  void OnReceiveEnd(int) override {}
  void OnClosed() override {
    if (error_ != 0) generator_.OnConnectFailed(reactor::ConnectRefusal(error_));
    generator_.OnClosed();
    delete this;
  }

 private:
  // The kernel would go on trying for minutes.
  static void OnDue(void* context, TimeNs) {
    auto* connector = static_cast<Connector*>(context);
    if (connector->error_ != 0) return;
    connector->error_ = ETIMEDOUT;
    connector->socket_->Abort();
  }

  Generator& generator_;
  const uint32_t address_index_;
  reactor::Timer due_timer_;
  reactor::Socket* socket_ = nullptr;
  int error_ = 0;
};

}  // namespace

void Generator::Connect() {
  // By default the kernel may wake a thread 50 us late, to wake others with it. In vain for those
  // with a real-time policy, which it wakes in time.
  if (open_loop_) ::prctl(PR_SET_TIMERSLACK, 1);
  for (uint32_t i = 0; i < plan_.connections; ++i) {
    ConnectTo(static_cast<uint32_t>((plan_.first_address + i) % plan_.target->addresses.size()));
  }
}

void Generator::ConnectTo(uint32_t address_index) {
  progress_.sockets_open.fetch_add(1, std::memory_order_relaxed);
  (new Connector(this, address_index))->Begin(shard_, plan_.target->addresses[address_index]);
}

void Generator::OnSocket(reactor::Socket& socket, uint32_t address_index, TimeNs due_ns) {
  auto* link =
      new Session::Link(shard_, http2::Role::kClient, http2::Limits{}, &workspace_,
                        http2::FieldClassifier{&Session::Classify, nullptr}, this, address_index);
  sessions_.PushBack(link->session());
  link->session().AwaitPeer(due_ns);
  link->BeginTls(StartTls());
  socket.SetHandler(link);
  link->Attach(socket);
}

// Null: cleartext.
std::unique_ptr<wire::TlsEngine> Generator::StartTls() {
  if (plan_.tls == nullptr) return nullptr;
  auto engine =
      std::make_unique<wire::TlsEngine>(&tls_workspace_, plan_.tls->Current(shard_.now()));
  const std::string& name = plan_.options->tls.server_name;
  engine->Start(name.empty() ? client::HostOf(plan_.target->authority) : name, &tls_sessions_);
  return engine;
}

void Generator::OnConnectFailed(const std::string& why) {
  if (measured_.first_failure.empty()) measured_.first_failure = why;
  ++measured_.connections_failed;
  progress_.connections_pending.fetch_sub(1, std::memory_order_release);
  Wake();
}

void Generator::NotePeerStreamsMax(uint32_t streams) {
  measured_.peer_streams_max = std::min(measured_.peer_streams_max, streams);
}

void Generator::OnEstablished(TimeNs connect_ns) {
  if (measuring_) {
    ++measured_.connections_made;
    measured_.connects.Record(connect_ns);
  }
  progress_.connections_open.fetch_add(1, std::memory_order_release);
  progress_.connections_pending.fetch_sub(1, std::memory_order_release);
  Wake();
}

TimeNs Generator::TakeLifetime() {
  const TimeNs lifetime_ns = plan_.options->reconnect_ns;
  if (lifetime_ns == 0) return kTimeNever;
  ++lifetimes_count_;
  if (lifetimes_count_ >= plan_.connections) return lifetime_ns;
  return lifetime_ns / plan_.connections * lifetimes_count_;
}

void Generator::ConnectAnew(const Session& session) {
  if (closing_ || progress_.measured) return;
  progress_.connections_pending.fetch_add(1, std::memory_order_release);
  ConnectTo(session.address_index());
}

void Generator::OnConnectionEnd(Session& session, bool was_lost, const std::string& why) {
  session.reactor::ListHook<ReadyTag>::Unlink();
  session.reactor::ListHook<SessionTag>::Unlink();
  if (!session.established()) {
    if (why.starts_with(kTlsFailed)) return OnConnectFailed(why);
    const char* const which =
        plan_.tls == nullptr ? "server, without TLS? For one with TLS add --tls" : "server?";
    return OnConnectFailed(why + " before it spoke HTTP/2: is it a gRPC " + which);
  }
  if (was_lost && !closing_) {
    if (measured_.first_loss.empty()) measured_.first_loss = why;
    ++measured_.connections_lost;
  }
  progress_.connections_open.fetch_sub(1, std::memory_order_release);
  Wake();
}

void Generator::OnClosed() {
  progress_.sockets_open.fetch_sub(1, std::memory_order_release);
  Wake();
}

}  // namespace penstock::loadtest
