// ShardState: what the connections of one shard of a server share.
//
// Threading: its shard's; the counters are read by others only after the shard has stopped.
#ifndef PENSTOCK_SERVER_SHARD_STATE_H_
#define PENSTOCK_SERVER_SHARD_STATE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string_view>
#include <utility>

#include "penstock/http2/limit.h"
#include "penstock/http2/workspace.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/rpc/encodings.h"
#include "penstock/rpc/frame_tap.h"
#include "penstock/rpc/inbox.h"
#include "penstock/rpc/message_compressor.h"
#include "penstock/rpc/message_queue.h"
#include "penstock/rpc/request_head.h"
#include "penstock/server/handler_runs.h"
#include "penstock/server/metrics.h"
#include "penstock/server/options.h"
#include "penstock/server/plain_call.h"
#include "penstock/server/registry.h"
#include "penstock/server/server_call.h"
#include "penstock/wire/object_pool.h"
#include "penstock/wire/tls_credentials.h"
#include "penstock/wire/tls_engine.h"

namespace penstock::server {

// A plain HTTP request counts as a call, too: OK when it is answered with a status below 400.
// Invariant: once no call is open, calls_started is the sum of the three ends.
struct ServerCounters {
  uint64_t calls_started = 0;  // heads of requests, those that were refused included
  uint64_t calls_ok = 0;
  uint64_t calls_failed = 0;         // ended with another status than OK
  uint64_t calls_cancelled = 0;      // the peer or the connection went away
  uint64_t connections_refused = 0;  // spoke something else than HTTP/2
  uint64_t handlers_late = 0;        // still ran kLateHandlerNs after their deadline
  http2::LimitTrips limit_trips;     // of a running shard: ShardState::workspace.limit_trips
};

// How long after its deadline, which has cancelled it, a handler has to end before it is named on
// stderr.
inline constexpr TimeNs kLateHandlerNs = kNsPerSecond;

class Session;

// What is left of a shard that drains: counted by the shard, read by any thread.
struct DrainCount {
  std::atomic<uint64_t> asked{0};  // goes up by one with each count that was asked for
  std::atomic<uint64_t> told{0};   // which of them it is
  std::atomic<uint64_t> connections{0};
  std::atomic<uint64_t> calls{0};
};

struct ShardState {
  // What is held of shard_memory_bytes_max.
  uint64_t memory_bytes() const;
  // Whether the share `percent` of it is reached; never without it.
  bool MemoryReached(uint32_t percent) const { return MemoryReached(percent, memory_bytes()); }
  bool memory_is_short() const { return MemoryReached(options.memory_connections_percent); }
  // Takes no streams while memory is short, and has RelieveMemory() called: at once, and each
  // second as long as it is.
  void WatchMemory();
  // Closes what memory_idle_percent and idle_without_stream_timeout_ns say.
  void RelieveMemory(TimeNs now);
  // At most a line a second of all; it says how many were left out in between.
  void LogTrip(http2::Limit limit, const reactor::Socket& socket);
  // Connections find no descriptor: `error` is EMFILE or ENFILE.
  void LogDescriptors(int error);
  // Of a client that was closed with too_many_pings, whose last PINGs were so far apart.
  void LogPings(TimeNs interval_ns, bool has_streams, const reactor::Socket& socket);
  // From [0, 1).
  double DrawRandom();
  // A call that is about to be answered, or is lost: its status and its time.
  void CountEnd(const ServerCall& call, StatusCode code, std::string_view message) {
    call.metrics().CountEnd(code);
    if (PENSTOCK_UNLIKELY(call.is_timed() || code != StatusCode::kOk)) {
      ExamineEnd(call, code, message);
    }
  }
  // Why a connection did not come to HTTP/2 over TLS.
  void LogTls(std::string_view why, const reactor::Socket& socket);
  // Of a handler that still runs kLateHandlerNs after its deadline.
  void LogLate(const ServerCall& call);

  ShardState(reactor::Shard* its_shard, const ServerOptions* server_options,
             const Registry* server_registry);
  ~ShardState();

  reactor::Shard& shard;
  const ServerOptions& options;
  const Registry& registry;
  const rpc::RouteFinder routes;
  const rpc::Encoding compression;  // ServerOptions::compression
  rpc::MessageCompressor compressor;
  http2::Workspace workspace;
  wire::TlsCredentials* tls = nullptr;  // the server's, for all its shards; null: cleartext alone
  wire::TlsWorkspace tls_workspace;
  wire::ObjectPool<ServerCall> calls;
  wire::ObjectPool<PlainCall> plain_calls;
  wire::ObjectPool<HandlerRun> runs;
  wire::ObjectPool<rpc::Inbox> inboxes;
  rpc::MessageMemory message_memory;  // of the inboxes
  reactor::List<Session, struct SessionTag> sessions;
  // Whose TLS handshakes began, in that order, and who have said nothing behind them.
  reactor::List<Session, struct HandshakeTag> handshakes;
  // Without a socket: their handlers, which have been cancelled, have not ended yet.
  reactor::List<Session, struct SessionTag> leaving;
  // What the fields of a request mean, and of which list and generation of it they are.
  rpc::RequestHead head;
  const http2::FieldList* head_fields = nullptr;
  uint64_t head_generation = 0;
  // Its messages are Protocol Buffers, and its handler takes one of them.
  bool head_is_usual = false;
  ServerCounters counters;
  TimeNs call_started_at = 0;  // when the latest call began; 0: there was none
  ShardMetrics metrics;
  // What watches a connection's frames, or did last, and which one; that may be gone.
  std::unique_ptr<rpc::FrameTap> tap;
  uint64_t tapped_connection_id = 0;
  bool tap_is_found = false;  // it was open when the trace began
  reactor::Timer memory_timer;
  std::minstd_rand random;  // of the ages of connections
  TimeNs logged_at = -kNsPerSecond;
  uint64_t unlogged_count = 0;
  // The server drains: new connections are to end as well.
  bool draining = false;
  DrainCount drain_count;
  // The server stops: the shard does when the last session is gone, or when the timer fires.
  bool closing = false;
  reactor::Timer stop_timer;

 private:
  static void OnMemoryTimer(void* context, TimeNs now);
  void ExamineEnd(const ServerCall& call, StatusCode code, std::string_view message);
  bool MayLog();
  unsigned long long TakeUnlogged() { return std::exchange(unlogged_count, 0); }
  bool MemoryReached(uint32_t percent, uint64_t bytes) const;
  bool MayHaveToRelieve(uint64_t bytes) const;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_SHARD_STATE_H_
