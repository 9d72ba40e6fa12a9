#include "penstock/server/server.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <csignal>

#include "penstock/rpc/encodings.h"
#include "penstock/server/acceptance.h"
#include "penstock/server/listening_socket.h"
#include "penstock/server/session.h"

namespace penstock {
namespace {

// How long connections may take to read their GOAWAY once the server stops.
constexpr TimeNs kStopNsMax = 2 * kNsPerSecond;

constexpr std::string_view kHealthPath = "/healthz";

int UsableCores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

int ShardCount(const ServerOptions& options) {
  if (options.shards > 0) return options.shards;
  return options.cpus.empty() ? UsableCores() : static_cast<int>(options.cpus.size());
}

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (const std::string& part : parts) {
    if (!joined.empty()) joined += separator;
    joined += part;
  }
  return joined;
}

// On the shard: says GOAWAY everywhere; the last session to go stops the shard, or the timer does.
void CloseSessions(void* context, uint64_t) {
  auto& state = *static_cast<server::ShardState*>(context);
  state.closing = true;
  if (state.sessions.empty() && state.leaving.empty()) return state.shard.Stop();
  state.sessions.ForEach([](server::Session& session) {
    session.link().Close(http2::ErrorCode::kNoError, "the server is shutting down");
  });
  state.shard.timers().Schedule(state.stop_timer, SaturatingAdd(state.shard.now(), kStopNsMax));
}

}  // namespace

Server::Server(ServerOptions options) : options_(std::move(options)) {}

Server::~Server() { Stop(); }

Status Server::Start() {
  if (!http2::IsValid(options_.http2)) {
    return MakeStatus(StatusCode::kInvalidArgument,
                      "ServerOptions::http2 has a value that cannot be announced: windows are at "
                      "most 2^31-1 octets, frames 16,384 to 16,777,215, decoder_table_bytes at "
                      "most 65,536");
  }
  if (const std::string service = registry_.idle_interceptor(); !service.empty()) {
    return MakeStatus(StatusCode::kInvalidArgument,
                      "an interceptor was registered for the service \"" + service +
                          "\", of which no method is: spell it as in the .proto, with its package");
  }
  if (registry_.encodings().Find(options_.compression) == rpc::Encoding::kUnknown) {
    return MakeStatus(StatusCode::kInvalidArgument,
                      "ServerOptions::compression is \"" + options_.compression +
                          "\"; there is " + registry_.encodings().accepted());
  }
  AddBuiltin();
  if (options_.healthz && registry_.FindGet(kHealthPath) == nullptr) {
    registry_.HandleGet(kHealthPath,
                        [](const HttpRequest&, HttpReply& reply) { reply.SetText(200, "ok\n"); });
  }
  // Before any thread is made, so that they inherit it and Wait() alone takes these signals.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  StartWorkers();
  if (Status status = StartShards(); !status.ok()) return status;
  running_ = true;
  Status status = StartListeners();
  if (!status.ok()) Stop();
  return status;
}

void Server::StartWorkers() {
  if (!registry_.needs_workers()) return;
  const int count = options_.workers > 0 ? options_.workers : UsableCores();
  const int cores_to_spare = std::max(0, UsableCores() - ShardCount(options_));
  workers_ = std::make_unique<server::WorkerPool>(count, options_.worker_calls_waiting_max,
                                                  cores_to_spare);
  registry_.SetWorkers(workers_.get());
}

Status Server::StartShards() {
  const int count = ShardCount(options_);
  reactor::RingOptions ring;
  ring.receive_bytes_per_turn_max = options_.receive_bytes_per_turn_max;
  for (int index = 0; index < count; ++index) {
    const int cpu = options_.cpus.empty()
                        ? -1
                        : options_.cpus[static_cast<size_t>(index) % options_.cpus.size()];
    shards_.push_back(std::make_unique<reactor::Shard>(
        reactor::ShardOptions{.index = index, .cpu = cpu, .io = options_.io, .ring = ring}));
    states_.push_back(
        std::make_unique<server::ShardState>(shards_.back().get(), &options_, &registry_));
  }
  for (size_t index = 0; index < shards_.size(); ++index) {
    std::string why;
    if (shards_[index]->Start(&why)) continue;
    // Only those before it run, and have to be stopped.
    states_.resize(index);
    shards_.resize(index);
    running_ = true;
    Stop();
    return MakeStatus(StatusCode::kUnavailable, why);
  }
  return OkStatus();
}

Status Server::StartListeners() {
  std::vector<reactor::Shard*> shards;
  for (auto& shard : shards_) shards.push_back(shard.get());
  acceptance_ =
      std::make_unique<server::Acceptance>(std::move(shards), options_.placement, states_);
  server::ListeningSockets sockets;
  if (Status status = server::OpenListeningSockets(options_.listen, &sockets); !status.ok()) {
    return status;
  }
  for (server::ListeningSocket& socket : sockets) {
    addresses_.push_back(socket.address());
    acceptance_->Add(std::move(socket));
  }
  acceptance_->Start();
  return OkStatus();
}

std::string Server::Describe() const {
  if (shards_.empty()) return "not running";
  std::string line = "listening on " + Join(addresses_, ", ") + " (h2c); " +
                     std::to_string(shards_.size()) + (shards_.size() == 1 ? " shard" : " shards");
  if (!options_.cpus.empty()) {
    std::vector<std::string> cpus;
    const size_t used_count = std::min(options_.cpus.size(), shards_.size());
    for (size_t i = 0; i < used_count; ++i) cpus.push_back(std::to_string(options_.cpus[i]));
    line += " on cpus " + Join(cpus, ",");
  }
  if (workers_ != nullptr) {
    const int count = workers_->thread_count();
    line += ", " + std::to_string(count) + (count == 1 ? " worker" : " workers");
  }
  line += shards_.front()->io() == reactor::IoMode::kUring ? "; io_uring" : "; epoll";
  if (const std::string& reason = shards_.front()->io_reason(); !reason.empty()) {
    line += " (" + reason + ")";
  }
  if (!own_services_.empty()) line += "; services " + Join(own_services_, ", ");
  if (!builtin_.empty()) line += "; built in " + Join(builtin_, ", ");
  if (const auto paths = registry_.get_paths(); !paths.empty()) {
    line += "; GET " + Join(paths, ", ");
  }
  return line;
}

void Server::Wait() {
  const sigset_t signals = StopSignals();
  int signal = 0;
  if (running_) sigwait(&signals, &signal);
  Stop();
}

void Server::Stop() {
  if (running_) {
    running_ = false;
    if (acceptance_ != nullptr) acceptance_->Stop();
    for (size_t i = 0; i < shards_.size(); ++i) {
      // A full mailbox, or a shard that has ended: no farewell.
      if (!shards_[i]->Post(&CloseSessions, states_[i].get())) shards_[i]->Stop();
    }
  }
  for (auto& shard : shards_) shard->Join();
  // Handlers that are still at work have been told that their calls are over.
  if (workers_ != nullptr) workers_->Stop();
  acceptance_.reset();
  for (auto& state : states_) {
    state->counters.limit_trips = state->workspace.limit_trips;
    Count(state->counters);
  }
  states_.clear();
  shards_.clear();
}

void Server::Count(const server::ServerCounters& counters) {
  counters_.calls_started += counters.calls_started;
  counters_.calls_ok += counters.calls_ok;
  counters_.calls_failed += counters.calls_failed;
  counters_.calls_cancelled += counters.calls_cancelled;
  counters_.connections_refused += counters.connections_refused;
  counters_.limit_trips.Add(counters.limit_trips);
}

}  // namespace penstock
