// ServerOptions: everything about a server that is not its handlers.
#ifndef PENSTOCK_SERVER_OPTIONS_H_
#define PENSTOCK_SERVER_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "penstock/http2/limits.h"
#include "penstock/reactor/io_mode.h"
#include "penstock/reactor/placement.h"
#include "penstock/wire/message_assembler.h"
#include "penstock/wire/time.h"
#include "penstock/wire/tls_options.h"

namespace penstock {

struct ServerOptions {
  // Where to listen: "127.0.0.1:50051", "[::]:50051", "unix:/run/x.sock"; port 0 takes a free one.
  // "systemd:", "systemd:NAME" and "fd:3" take sockets that were passed to the process:
  // reactor/inherited_sockets.h. "inproc:x" is for clients of this process alone: docs/testing.md.
  std::vector<std::string> listen = {"0.0.0.0:50051"};
  // Where the admin port listens: pages for people, /metrics, /readyz; see docs/admin.md. Of the
  // same form; empty: nowhere. Whoever reaches it reads it all, so keep it to the machine itself.
  std::string admin = "";
  // TLS, where it has certificates: then cleartext is refused unless it says otherwise. See
  // docs/tls.md.
  wire::TlsServerOptions tls;
  // Threads that serve; 0: one for each of `cpus`, or for each core that affinity and the quota of
  // the process's cgroup give it, see reactor/usable_cores.h.
  int shards = 0;
  // The cores they run on, in their order; empty: wherever the kernel likes.
  std::vector<int> cpus;
  reactor::IoMode io = reactor::IoMode::kAuto;
  // Threads for handlers that are registered with RunOn::kWorkers, made where there is one; 0: as
  // many as cores. Calls that may wait for one of them; one more: RESOURCE_EXHAUSTED.
  int workers = 0;
  uint32_t worker_calls_waiting_max = 1024;

  // Which shard a new connection goes to, and stays on.
  reactor::PlacementRule placement = reactor::PlacementRule::kLeastLoaded;

  // GET /healthz answers 200, "ok", for as long as the server runs; a handler of the program's own
  // for that path takes its place.
  bool healthz = true;

  // The services that a server has besides its own, unless the program registers one of the same
  // name: grpc.health.v1.Health, see docs/health.md; grpc.reflection, v1 and v1alpha, by which
  // tools find out what the server has, see docs/reflection.md.
  bool health = true;
  bool reflection = true;
  // The same with grpc.channelz.v1.Channelz, what each connection has carried; it shows the
  // addresses of all clients to every client: see docs/channelz.md.
  bool channelz = false;

  // How the server ends, by Server::Run() or Drain(): it goes on serving for the delay, so that
  // those who balance load hear that it is about to go; then it takes no new connection, and calls
  // have the grace to end.
  TimeNs drain_delay_ns = 0;
  TimeNs drain_grace_ns = 30 * kNsPerSecond;
  // "unix:/run/app.takeover", or "unix-abstract:app": where a process that replaces this one takes
  // the listening sockets over, and where this one takes those of the process before: see
  // docs/operations.md. Empty: neither. It needs Server::Run().
  std::string takeover;

  // A connection from which nothing was read for so long gets a PING, and is closed when nothing
  // is read for the timeout after it; kTimeNever: no PING. At least a second and a millisecond.
  // Source: gRPC A8, A9
  TimeNs keepalive_time_ns = 7200 * kNsPerSecond;
  TimeNs keepalive_timeout_ns = 20 * kNsPerSecond;
  // A connection without a stream for so long, or as old, give or take a tenth, ends gracefully:
  // GOAWAY, "max_idle" or "max_age", and what is open is served, of an old one for the grace at
  // most. kTimeNever: no limit. See docs/connections.md. Source: gRPC A9
  TimeNs connection_idle_ns_max = kTimeNever;
  TimeNs connection_age_ns_max = kTimeNever;
  TimeNs connection_age_grace_ns = kTimeNever;

  // What peers may cost: see http2/limits.h.
  http2::Limits http2;
  // Connections of one shard, and of all of them. Past either a new one is closed at once, the
  // counter of the limit goes up, and a line on stderr says so, at most one a second and shard.
  uint32_t connections_per_shard_max = 65'536;
  uint32_t connections_max = 1'048'576;
  // What the slabs, streams, calls and connections of one shard may hold, in octets; 0: no limit.
  // From this share of it on no new connection is taken, from the next on no new stream
  // (REFUSED_STREAM), and from the last on connections without an open stream are closed, the
  // oldest first, as many as it takes: GOAWAY(NO_ERROR). Above the first a connection that has
  // never had a stream is closed as well, once it is so old.
  uint64_t shard_memory_bytes_max = 0;
  uint32_t memory_connections_percent = 75;
  uint32_t memory_streams_percent = 85;
  uint32_t memory_idle_percent = 95;
  TimeNs idle_without_stream_timeout_ns = 60 * kNsPerSecond;
  // What one connection may have received in a turn of its shard before the others' turn comes, in
  // octets; the buffer that reaches it is handled whole. As much may come out of its compressed
  // messages; for the one that exceeds it the turns behind it pay.
  uint32_t receive_bytes_per_turn_max = reactor::kReceiveBytesPerTurnMaxDefault;
  // Coroutine handlers of one connection at work at once, those whose stream is gone among them; 0:
  // as many as http2.concurrent_streams_max. So many times that may wait until one ends.
  // Past it: GOAWAY(ENHANCE_YOUR_CALM), "too_many_early_resets".
  uint32_t running_handlers_max = 0;
  uint32_t waiting_handlers_factor = 4;
  // Octets of one stream that wait for the peer's window, or for http2.output_bytes_max of the
  // connection: beyond it, or with that full, Writer::Write() suspends.
  uint32_t stream_unsent_bytes_max = 256 * 1024;
  // The longest message taken, in octets. Past it: RESOURCE_EXHAUSTED, before anything is
  // allocated.
  // A message that is compressed must be no longer before it is decompressed, nor after.
  uint32_t message_bytes_max = wire::MessageAssembler::kMessageBytesMaxDefault;

  // What responses are compressed with where the caller accepts it and the handler does not choose
  // by Call::SetCompression(): "gzip", "deflate", "zstd", or one that was registered.
  std::string compression = "identity";
  // Shorter messages are sent as they are: they fit a packet anyway, and what that would save is
  // less than it costs.
  uint32_t compressed_bytes_min = 1024;
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_OPTIONS_H_
