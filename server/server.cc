#include "penstock/server/server.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "penstock/reactor/cpu.h"
#include "penstock/reactor/io_error.h"
#include "penstock/reactor/uring_features.h"
#include "penstock/reactor/usable_cores.h"
#include "penstock/rpc/encodings.h"
#include "penstock/server/acceptance.h"
#include "penstock/server/lifetime_options.h"
#include "penstock/server/listening_socket.h"
#include "penstock/server/session.h"
#include "penstock/server/shard_drain.h"
#include "penstock/server/stop_signals.h"
#include "penstock/server/takeover.h"

namespace penstock {
namespace {

constexpr std::string_view kHealthPath = "/healthz";

// How often and how long at most Start() waits for the admin port's address: a second in all.
constexpr unsigned kAdminNapUs = 10'000;
constexpr int kAdminNapsMax = 100;

int ShardCount(const ServerOptions& options) {
  if (options.shards > 0) return options.shards;
  return options.cpus.empty() ? reactor::UsableCores() : static_cast<int>(options.cpus.size());
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (const std::string& part : parts) {
    if (!joined.empty()) joined += separator;
    joined += part;
  }
  return joined;
}

}  // namespace

Server::Server(ServerOptions options)
    : options_(std::move(options)), wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Server::~Server() {
  Stop();
  ::close(wake_fd_);
}

Status Server::Start() {
  const std::lock_guard lock(end_mutex_);
  in_haste_ = draining_ = drain_wanted_ = has_successor_ = false;
  addresses_.clear();
  if (!http2::IsValid(options_.http2)) {
    return MakeStatus(StatusCode::kInvalidArgument,
                      "ServerOptions::http2 has a value that cannot be announced: windows are at "
                      "most 2^31-1 octets, frames 16,384 to 16,777,215, decoder_table_bytes at "
                      "most 65,536");
  }
  if (Status status = server::CheckLifetimes(options_); !status.ok()) return status;
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
  if (Status status = registry_.CheckInterceptors(); !status.ok()) return status;
  health_.Begin();
  if (options_.healthz && registry_.FindGet(kHealthPath) == nullptr) {
    registry_.HandleGet(kHealthPath,
                        [](const HttpRequest&, HttpReply& reply) { reply.SetText(200, "ok\n"); });
  }
  // Before any thread is made, so that they inherit it and Run() alone takes these signals.
  server::StopSignals::Block();
  stop_signals_ = std::make_unique<server::StopSignals>();
  last_signal_ = 0;
  if (stop_signals_->fd() < 0) {
    return MakeStatus(StatusCode::kUnavailable,
                      "cannot listen to signals: " + reactor::ErrorText(errno));
  }
  if (Status status = LoadTls(); !status.ok()) return status;
  StartWorkers();
  if (Status status = StartShards(); !status.ok()) return status;
  running_ = true;
  Status status = StartListeners();
  if (!status.ok()) {
    StopHere(0);
    return status;
  }
  StartAdmin();
  return OkStatus();
}

// Before a predecessor is told to go: what fails behind that leaves nobody. It may have the address
// itself until then.
Status Server::OpenAdmin() {
  if (options_.admin.empty()) return OkStatus();
  admin_ = std::make_unique<server::Admin>(
      server::AdminSubject{&shards_, &states_, &registry_, &health_, tls_.get()});
  Status status = admin_->Open(options_.admin);
  const bool may_pass =
      !options_.takeover.empty() && status.code() == StatusCode::kUnavailable;
  return may_pass ? OkStatus() : status;
}

// Whatever is the matter with the admin port, calls are served by now.
void Server::StartAdmin() {
  if (admin_ == nullptr) return;
  Status status;
  for (int naps = 0; admin_->url().empty() && naps < kAdminNapsMax; ++naps) {
    ::usleep(kAdminNapUs);
    status = admin_->Open(options_.admin);
  }
  if (!status.ok()) {
    std::fprintf(stderr, "penstock: %s; it is tried again until it works\n",
                 std::string(MessageOf(status)).c_str());
  }
  admin_->SetReady(true);
  admin_->Start();
}

Status Server::LoadTls() {
  if (!options_.tls.enabled()) return OkStatus();
  tls_ = std::make_unique<wire::TlsCredentials>(options_.tls);
  std::string why;
  if (tls_->Load(reactor::ReadClock(), &why)) return OkStatus();
  return MakeStatus(StatusCode::kInvalidArgument, why);
}

void Server::StartWorkers() {
  if (!registry_.needs_workers()) return;
  const int count = options_.workers > 0 ? options_.workers : reactor::UsableCores();
  const int cores_to_spare = std::max(0, reactor::UsableCores() - ShardCount(options_));
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
    states_.back()->tls = tls_.get();
  }
  for (size_t index = 0; index < shards_.size(); ++index) {
    std::string why;
    if (shards_[index]->Start(&why)) continue;
    // Only those before it run, and have to be stopped.
    states_.resize(index);
    shards_.resize(index);
    running_ = true;
    StopHere(0);
    return MakeStatus(StatusCode::kUnavailable, why);
  }
  return OkStatus();
}

Status Server::StartListeners() {
  std::vector<reactor::Shard*> shards;
  for (auto& shard : shards_) shards.push_back(shard.get());
  acceptance_ =
      std::make_unique<server::Acceptance>(std::move(shards), options_.placement, states_);
  server::Predecessor predecessor;
  if (!options_.takeover.empty()) {
    Status status = predecessor.Ask(options_.takeover, shards_.front()->io());
    if (!status.ok()) return status;
  }
  if (Status status = OpenAdmin(); !status.ok()) return status;
  server::ListeningSockets sockets;
  Status status =
      server::OpenListeningSockets(options_.listen, &predecessor.sockets(), &sockets);
  if (status.ok() && !options_.takeover.empty()) status = StartTakeover(&predecessor, sockets);
  if (!status.ok()) return status;
  for (server::ListeningSocket& socket : sockets) {
    addresses_.push_back(socket.address());
    acceptance_->Add(std::move(socket));
  }
  acceptance_->Start();
  return OkStatus();
}

// What was opened here has no file any more if it fails; what was handed over keeps its own.
Status Server::StartTakeover(server::Predecessor* predecessor,
                             const server::ListeningSockets& sockets) {
  std::optional<server::ListeningSocket> control;
  Status status = predecessor->TakeControl(options_.takeover, &control);
  if (status.ok()) status = predecessor->Dismiss();
  if (!status.ok()) {
    server::RemoveFiles(sockets);
    return status;
  }
  server::RemoveFiles(predecessor->sockets());  // nobody will listen there any more
  server::ListeningSockets copies;
  for (const server::ListeningSocket& socket : sockets) {
    if (!socket.asked().starts_with("inproc:")) copies.push_back(socket.Copy());
  }
  takeover_ = std::make_unique<server::TakeoverHost>(
      *std::move(control), std::move(copies), shards_.front()->io(), [this](int pid) {
        std::fprintf(stderr, "penstock: process %d has taken over\n", pid);
        has_successor_ = true;
        Wake();
      });
  return OkStatus();
}

std::string Server::Describe() const {
  if (shards_.empty()) return "not running";
  const std::string protocols =
      tls_ == nullptr ? "h2c" : options_.tls.allow_cleartext ? "h2, h2c" : "h2";
  std::string line = "listening on " + Join(addresses_, ", ") + " (" + protocols + "); " +
                     std::to_string(shards_.size()) + (shards_.size() == 1 ? " shard" : " shards");
  if (!options_.cpus.empty()) {
    std::vector<int> used = options_.cpus;
    used.resize(std::min(used.size(), shards_.size()));
    line += (used.size() == 1 ? " on cpu " : " on cpus ") + reactor::FormatCpuList(used);
  }
  if (workers_ != nullptr) {
    const int count = workers_->thread_count();
    line += ", " + std::to_string(count) + (count == 1 ? " worker" : " workers");
  }
  if (shards_.front()->io() == reactor::IoMode::kUring) {
    line += "; io_uring (" + std::string(reactor::kUringFeaturesNeeded) + ")";
  } else {
    // "io_uring_setup: EPERM: ...; using epoll", where it was not asked for.
    const std::string& reason = shards_.front()->io_reason();
    line += "; " + (reason.empty() ? "epoll" : reason);
  }
  if (const std::string url = admin_url(); !url.empty()) line += "; admin " + url;
  std::vector<std::string> services = own_services_;
  services.insert(services.end(), builtin_services_.begin(), builtin_services_.end());
  if (!services.empty()) line += "; services " + Join(services, ", ");
  if (const auto paths = registry_.get_paths(); !paths.empty()) {
    line += "; GET " + Join(paths, ", ");
  }
  return line;
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
