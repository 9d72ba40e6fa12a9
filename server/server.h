// Server: listens, accepts, and answers calls, and plain GETs, with the handlers of its registry.
//
//     Server server({.listen = {"127.0.0.1:50051"}});
//     server.Add<GreeterImpl>();
//     if (Status status = server.Start(); !status.ok()) ...
//     server.Wait();      // until SIGINT or SIGTERM
//
// Ownership: owns its services, shards and listeners.
// Threading: the methods are for one thread, usually main's. Handlers run on the shards, all at
//            once.
#ifndef PENSTOCK_SERVER_SERVER_H_
#define PENSTOCK_SERVER_SERVER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "penstock/rpc/status.h"
#include "penstock/server/builtin/health.h"
#include "penstock/server/options.h"
#include "penstock/server/registry.h"
#include "penstock/server/service.h"
#include "penstock/server/shard_state.h"
#include "penstock/server/worker_pool.h"

namespace penstock::server {
class Acceptance;
}

namespace penstock {

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
  // what, where, why and what to do.
  Status Start();

  // Where it listens ("127.0.0.1:40123"), and what it runs on, in one line.
  const std::vector<std::string>& addresses() const { return addresses_; }
  std::string Describe() const;

  // Returns once the process was sent SIGINT or SIGTERM; the server has then stopped. Both signals
  // are blocked in the calling thread, and those it makes, from Start() on.
  void Wait();

  // Says GOAWAY on every connection, closes them, and ends the shards. Idempotent. Open requests
  // die.
  void Stop();

  // Summed over the shards, once the server has stopped.
  const server::ServerCounters& counters() const { return counters_; }

 private:
  void AddBuiltin();
  void StartWorkers();
  Status StartShards();
  Status StartListeners();
  void Count(const server::ServerCounters& counters);

  const ServerOptions options_;
  Health health_;
  Registry registry_;
  std::vector<std::unique_ptr<Service>> services_;
  std::vector<std::string> own_services_;  // of the program: "helloworld.Greeter"
  std::vector<std::string> builtin_;       // what the server has besides: "health"
  std::vector<std::string> addresses_;
  std::vector<std::unique_ptr<reactor::Shard>> shards_;
  std::vector<std::unique_ptr<server::ShardState>> states_;
  std::unique_ptr<server::Acceptance> acceptance_;
  std::unique_ptr<server::WorkerPool> workers_;  // null where no method wants them
  server::ServerCounters counters_;
  bool running_ = false;
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_SERVER_H_
