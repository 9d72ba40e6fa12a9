#include "penstock/server/shard_state.h"

#include <errno.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "penstock/server/session.h"
#include "penstock/wire/check.h"

namespace penstock::server {
namespace {

// How often memory is looked at while it is short.
constexpr TimeNs kMemoryWatchNs = kNsPerSecond;

// What closing an idle connection gives back at least.
constexpr uint64_t kSessionBytes = sizeof(Session::Link);

}  // namespace

ShardState::ShardState(reactor::Shard* its_shard, const ServerOptions* server_options,
                       const Registry* server_registry)
    : shard(*its_shard),
      options(*server_options),
      registry(*server_registry),
      routes{[](const void* context, std::string_view path) -> const void* {
               return static_cast<const Registry*>(context)->Find(path);
             },
             server_registry, &server_registry->encodings()},
      compression(server_registry->encodings().Find(server_options->compression)),
      compressor(&server_registry->encodings()),
      workspace(&its_shard->slabs()),
      tls_workspace(&its_shard->slabs()),
      message_memory{&its_shard->slabs()},
      metrics(server_registry->methods_count()),
      memory_timer(&ShardState::OnMemoryTimer, this),
      // So that servers that began together do not lose their clients together.
      random(static_cast<uint32_t>(its_shard->ReadClock()) +
             static_cast<uint32_t>(its_shard->index())),
      stop_timer([](void* context, TimeNs) { static_cast<reactor::Shard*>(context)->Stop(); },
                 its_shard) {}

// Handlers that are left wait for what never comes.
ShardState::~ShardState() {
  while (Session* session = leaving.PopFront()) delete &session->link();
}

// --- Memory

uint64_t ShardState::memory_bytes() const {
  return shard.slabs().slabs_lent_count() * shard.slabs().payload_bytes() +
         shard.slabs().large().lent_bytes() +
         workspace.streams.lent_count() * sizeof(http2::Stream) +
         calls.lent_count() * sizeof(ServerCall) + runs.lent_count() * sizeof(HandlerRun) +
         inboxes.lent_count() * sizeof(rpc::Inbox) + shard.frames().lent_bytes() +
         uint64_t{shard.connections_count()} * sizeof(Session::Link);
}

bool ShardState::MemoryReached(uint32_t percent, uint64_t bytes) const {
  const uint64_t bytes_max = options.shard_memory_bytes_max;
  return bytes_max != 0 && bytes * 100 / bytes_max >= percent;
}

void ShardState::WatchMemory() {
  const uint64_t bytes = memory_bytes();
  workspace.refuses_streams = MemoryReached(options.memory_streams_percent, bytes);
  if (PENSTOCK_LIKELY(!MayHaveToRelieve(bytes)) || memory_timer.scheduled() || closing) return;
  shard.timers().Schedule(memory_timer, shard.now());
}

bool ShardState::MayHaveToRelieve(uint64_t bytes) const {
  return MemoryReached(std::min(options.memory_connections_percent, options.memory_idle_percent),
                       bytes);
}

void ShardState::OnMemoryTimer(void* context, TimeNs now) {
  auto* state = static_cast<ShardState*>(context);
  if (state->closing || !state->MayHaveToRelieve(state->memory_bytes())) return;
  state->RelieveMemory(now);
  state->shard.timers().Schedule(state->memory_timer, SaturatingAdd(now, kMemoryWatchNs));
}

PENSTOCK_COLD void ShardState::RelieveMemory(TimeNs now) {
  uint64_t bytes = memory_bytes();
  const bool is_short = MemoryReached(options.memory_connections_percent, bytes);
  // What is closing already counts as gone, so that no more are closed than it takes.
  sessions.ForEach([&bytes](Session& session) {
    if (session.link().socket().closing()) bytes -= std::min(bytes, kSessionBytes);
  });
  sessions.ForEach([&](Session& session) {  // the oldest first
    Session::Link& link = session.link();
    const http2::Connection& connection = link.connection();
    if (link.socket().closing() || connection.streams_open_count() != 0) return;
    if (MemoryReached(options.memory_idle_percent, bytes)) {
      session.CloseIdle(http2::Limit::kMemoryIdle);
    } else if (is_short && !connection.peer_has_opened_streams() &&
               now - session.opened_at() >= options.idle_without_stream_timeout_ns) {
      session.CloseIdle(http2::Limit::kIdleWithoutStream);
    } else {
      return;
    }
    bytes -= std::min(bytes, kSessionBytes);
  });
}

// --- Calls

// Not cold: an idle server comes here for each call.
void ShardState::ExamineEnd(const ServerCall& call, StatusCode code, std::string_view message) {
  const TimeNs now = call.is_timed() ? shard.ReadClock() : shard.now();
  const TimeNs took_ns = now - call.begun_at();
  if (call.is_timed()) call.metrics().times.Count(took_ns);
  const MethodEntry& method = call.entry();
  const bool is_slow = took_ns >= ShardMetrics::kSlowNs && !method.reads && !method.streams_out;
  if (PENSTOCK_LIKELY(code == StatusCode::kOk && !is_slow)) return;
  metrics.Remember({.method = &method,
                    .code = code,
                    .ended_at = now,
                    .took_ns = took_ns,
                    .connection_id = call.session()->link().socket().id()},
                   message);
}

// --- The log

bool ShardState::MayLog() {
  if (shard.now() - logged_at < kNsPerSecond) {
    ++unlogged_count;
    return false;
  }
  logged_at = shard.now();
  return true;
}

void ShardState::LogTrip(http2::Limit limit, const reactor::Socket& socket) {
  if (!MayLog()) return;
  std::fprintf(stderr, "penstock: %s reached %s (shard %d; %llu more since the line before)\n",
               socket.PeerAddress().c_str(), http2::NameOf(limit), shard.index(), TakeUnlogged());
}

void ShardState::LogDescriptors(int error) {
  if (!MayLog()) return;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const std::string limit =
      error == ENFILE ? "the machine has no more: raise its fs.file-max"
                      : "RLIMIT_NOFILE is " + std::to_string(files.rlim_cur) +
                            ": raise it (ulimit -n, a unit's LimitNOFILE=), or set connections-max "
                            "below it";
  std::fprintf(stderr,
               "penstock: out of file descriptors, new connections are closed at once; %s "
               "(shard %d; %llu more since the line before)\n",
               limit.c_str(), shard.index(), TakeUnlogged());
}

void ShardState::LogPings(TimeNs interval_ns, bool has_streams, const reactor::Socket& socket) {
  if (!MayLog()) return;
  const TimeNs permitted_ns =
      has_streams ? options.http2.ping_interval_min_ns : options.http2.ping_interval_idle_min_ns;
  std::fprintf(stderr,
               "penstock: %s was told too_many_pings and closed: its last PINGs were %lld ms "
               "apart, and with%s a stream open %lld ms are permitted, "
               "ServerOptions::http2.%s: lower that, or have the client's keepalive time raised "
               "(shard %d; %llu more since the line before)\n",
               socket.PeerAddress().c_str(), static_cast<long long>(interval_ns / kNsPerMs),
               has_streams ? "" : "out", static_cast<long long>(permitted_ns / kNsPerMs),
               has_streams ? "ping_interval_min_ns" : "ping_interval_idle_min_ns", shard.index(),
               TakeUnlogged());
}

double ShardState::DrawRandom() {
  return static_cast<double>(random() - std::minstd_rand::min()) /
         (static_cast<double>(std::minstd_rand::max() - std::minstd_rand::min()) + 1);
}

void ShardState::LogTls(std::string_view why, const reactor::Socket& socket) {
  if (!MayLog()) return;
  std::fprintf(stderr,
               "penstock: no TLS with %s: %.*s (shard %d; %llu more since the line before)\n",
               socket.PeerAddress().c_str(), static_cast<int>(why.size()), why.data(),
               shard.index(), TakeUnlogged());
}

void ShardState::LogLate(const ServerCall& call) {
  ++counters.handlers_late;
  if (!MayLog()) return;
  const std::string method(call.method());
  std::fprintf(stderr,
               "penstock: the handler of %s has not ended %lld ms after its deadline, which has "
               "cancelled it: what it waits for ignores call.cancelled() (shard %d; %llu more "
               "since the line before)\n",
               method.c_str(), static_cast<long long>((shard.now() - call.deadline()) / kNsPerMs),
               shard.index(), TakeUnlogged());
}

}  // namespace penstock::server
