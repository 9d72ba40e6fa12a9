// Server: listens, accepts, and answers calls, and plain GETs, with the handlers of its registry.
//
//     Server server({.listen = {"127.0.0.1:50051"}});
//     server.Add<GreeterImpl>();
//     if (Status status = server.Start(); !status.ok()) ...
//     server.Run();      // until SIGINT or SIGTERM; then it drains
//
// Ownership: owns its services, shards and listeners.
// Threading: the methods are for one thread, usually main's, but for those marked "any thread".
//            Handlers run on the shards, all at once.
#ifndef PENSTOCK_SERVER_SERVER_H_
#define PENSTOCK_SERVER_SERVER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/rpc/status.h"
#include "penstock/server/admin/admin.h"
#include "penstock/server/builtin/health.h"
#include "penstock/server/listening_socket.h"
#include "penstock/server/options.h"
#include "penstock/server/registry.h"
#include "penstock/server/service.h"
#include "penstock/server/shard_state.h"
#include "penstock/server/worker_pool.h"
#include "penstock/wire/time.h"
#include "penstock/wire/tls_credentials.h"

namespace penstock::server {
class Acceptance;
class Predecessor;
class StopSignals;
class TakeoverHost;
struct Left;
}

namespace penstock {

// Why a server drains.
enum class DrainCause : uint8_t {
  kStop,       // it is to end, and nobody takes its place here
  kSuccessor,  // another process serves on the same addresses already
};

class Server {
 public:
  explicit Server(ServerOptions options = {});
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Before Start().
  Registry& registry() { return registry_; }
  // Makes a service, keeps it and registers its methods.
  template <typename ServiceType, typename... Args>
  ServiceType& Add(Args&&... args) {
    auto service = std::make_unique<ServiceType>(std::forward<Args>(args)...);
    ServiceType& added = *service;
    added.Register(registry_);
    services_.push_back(std::move(service));
    return added;
  }

  // What grpc.health.v1.Health answers, of the server and of each service. Any thread, at any time.
  Health& health() { return health_; }

  // Opens the rings and the listening sockets and serves from then on. An error is a sentence:
  // what, where, why and what to do. Then nothing runs, and it may be called again.
  Status Start();

  // Where it listens ("127.0.0.1:40123"), and what it runs on, in one line.
  const std::vector<std::string>& addresses() const { return addresses_; }
  std::string Describe() const;
  // "http://127.0.0.1:9901", between Start() and Stop(); empty without ServerOptions::admin, and
  // for as long as another process has that address.
  std::string admin_url() const { return admin_ == nullptr ? "" : admin_->url(); }

  // When the first of its certificates expires, in seconds since 1970; 0 without TLS.
  int64_t tls_expires_at_s() const { return tls_ == nullptr ? 0 : tls_->expires_at_s(); }

  // Serves until the process is sent SIGINT or SIGTERM, or RequestDrain() is called, or a successor
  // has taken over, and drains then; returns when the server has stopped, whoever stopped it. A
  // second signal ends at once: calls are cut off, and should a handler not let go of its thread
  // within a second, that signal ends the process. SIGHUP and SIGPIPE are the program's. The two
  // that end it are blocked in the thread that calls Start(), and those it makes, from then on, and
  // behind Run(), too: who goes on for long then unblocks them (pthread_sigmask), since another
  // server of the process may still want them. docs/operations.md has the order of events.
  void Run();

  // Ends as Run() does: health() turns kNotServing, those of OnDrain() are told; it serves for
  // drain_delay_ns more, stops accepting, says GOAWAY on every connection, which refuses nothing
  // that was sent, and waits for the calls under way. Those that have not ended after the grace
  // (unset: drain_grace_ns) are named on standard error and cut off: their callers see UNAVAILABLE.
  // Returns when the server has stopped, at once if it does not run. Any thread but the server's
  // own: a handler would wait for itself.
  void Drain(std::optional<TimeNs> grace_ns = std::nullopt);
  // Has Run() drain. Any thread, handlers and signal handlers among them.
  void RequestDrain();
  // The server is about to end, or has: it is not ready for more. Any thread.
  bool draining() const { return draining_.load(std::memory_order_acquire); }
  // Called first when the server drains, on the thread that drains it: to tell those who watch, and
  // to end streams that never would. In Drain() and Stop() it would wait for itself: RequestDrain()
  // it may call. Before Start().
  void OnDrain(std::function<void(DrainCause)> hook) { drain_hooks_.push_back(std::move(hook)); }

  // Says GOAWAY on every connection, closes them, and ends the shards; a drain under way ends with
  // that. Idempotent. Open requests die: their callers see UNAVAILABLE. Threads as of Drain().
  void Stop();

  // Summed over the shards, once the server has stopped.
  const server::ServerCounters& counters() const { return counters_; }

 private:
  void AddBuiltin();
  void RegisterBuiltin();
  void StartWorkers();
  Status LoadTls();
  Status StartShards();
  Status StartListeners();
  Status OpenAdmin();
  void StartAdmin();
  Status StartTakeover(server::Predecessor* predecessor, const server::ListeningSockets& sockets);

  // server_drain.cc; `end_mutex_` is held.
  void DrainHere(TimeNs grace_ns, DrainCause cause);
  void Linger();
  bool AwaitCalls(TimeNs grace_ns);
  void GiveUp();
  server::Left CountLeft();
  void StopAccepting(bool takes_backlog);
  void EndTakeover();
  void AwaitListeners();
  void StopHere(TimeNs farewell_ns);
  void StopShards(TimeNs farewell_ns);
  void StopWorkers();
  void Nap(TimeNs nap_ns);
  void HearSignals();
  void EndInHaste(TimeNs waited_ns);
  void Wake();
  void Count(const server::ServerCounters& counters);

  const ServerOptions options_;
  Health health_;
  Registry registry_;
  std::vector<std::unique_ptr<Service>> services_;
  std::vector<std::string> own_services_;  // of the program: "helloworld.Greeter"
  bool has_builtin_ = false;                   // they are registered
  std::vector<std::string> builtin_services_;  // what the server has besides
  std::vector<std::string> addresses_;
  std::unique_ptr<wire::TlsCredentials> tls_;  // null: cleartext alone
  std::vector<std::unique_ptr<reactor::Shard>> shards_;
  std::vector<std::unique_ptr<server::ShardState>> states_;
  std::unique_ptr<server::Acceptance> acceptance_;
  std::unique_ptr<server::TakeoverHost> takeover_;  // null without ServerOptions::takeover
  std::unique_ptr<server::WorkerPool> workers_;     // null where no method wants them
  std::unique_ptr<server::Admin> admin_;            // null where it is not wanted
  server::ServerCounters counters_;

  // How it ends. Who starts or ends the server has the mutex.
  std::mutex end_mutex_;
  // Since Start(), which needs a descriptor for it.
  std::unique_ptr<server::StopSignals> stop_signals_;
  server::StopSignals* signals_ = nullptr;  // the same, while Run() ends the server
  std::vector<std::function<void(DrainCause)>> drain_hooks_;
  const int wake_fd_;                  // of Run()
  std::atomic<bool> running_{false};
  std::atomic<bool> draining_{false};
  std::atomic<bool> drain_wanted_{false};
  std::atomic<bool> has_successor_{false};
  std::atomic<bool> in_haste_{false};  // nothing is waited for any more
  std::atomic<int> last_signal_{0};    // the second, which ends at once; 0: none
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_SERVER_H_
