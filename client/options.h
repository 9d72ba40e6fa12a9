// ChannelOptions: everything about a channel that is not its target.
#ifndef PENSTOCK_CLIENT_OPTIONS_H_
#define PENSTOCK_CLIENT_OPTIONS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "penstock/http2/limits.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/wire/message_assembler.h"
#include "penstock/wire/time.h"
#include "penstock/wire/tls_options.h"
#include "penstock/wire/version.h"

namespace penstock::client {

struct ChannelOptions {
  // Not an aggregate: GCC 12 miscompiles braced temporaries of one inside co_await.
  ChannelOptions() {
    // A server may rest as long as it likes before it reads on: calls have their deadlines, and
    // connections their keepalive.
    http2.stalled_stream_timeout_ns = kTimeNever;
  }

  // TLS, where it is enabled; else cleartext. See docs/tls.md.
  wire::TlsClientOptions tls;

  // Connections that are kept open, from the first call on; each call goes to the one with the
  // fewest. More than one pays where a server, or a balancer before it, is reached by many cores.
  uint32_t connections = 1;

  // After an attempt to connect that failed, the next one begins so long after the failed one
  // began: `backoff_initial_ns`, each time `backoff_multiplier` times as long, up to
  // `backoff_max_ns`, give or take `backoff_jitter`. The server's SETTINGS set it back.
  // Source: gRPC connection-backoff.md
  TimeNs backoff_initial_ns = kNsPerSecond;
  TimeNs backoff_max_ns = 120 * kNsPerSecond;
  double backoff_multiplier = 1.6;
  double backoff_jitter = 0.2;
  // An attempt that has not come to the server's SETTINGS by then has failed.
  TimeNs connect_timeout_ns = 20 * kNsPerSecond;

  // A connection with calls, or any with `keepalive_without_calls`, from which nothing was read for
  // so long gets a PING, and is lost when nothing is read for the timeout after it: its calls end
  // with UNAVAILABLE. kTimeNever: no PING. Less than keepalive_time_ns_min, which only tests lower,
  // is taken as that. A server that says too_many_pings has the time doubled for the connections
  // to come: gRPC's permit one in five minutes. Source: gRPC A8
  TimeNs keepalive_time_ns = kTimeNever;
  TimeNs keepalive_timeout_ns = 20 * kNsPerSecond;
  bool keepalive_without_calls = false;
  TimeNs keepalive_time_ns_min = 10 * kNsPerSecond;
  // A channel without a call for so long closes its connections, until the next call.
  // kTimeNever: it keeps them. Source: gRPC A62
  TimeNs idle_timeout_ns = 1800 * kNsPerSecond;

  // Calls that wait at once: for a connection, or for a stream where the server's
  // MAX_CONCURRENT_STREAMS are open. Past it a call ends with RESOURCE_EXHAUSTED at once. Their
  // deadlines keep running.
  uint32_t waiting_calls_max = 10'000;

  // The longest message taken, in octets. Past it: RESOURCE_EXHAUSTED, before anything is
  // allocated. What is sent has no limit here.
  uint32_t message_bytes_max = wire::MessageAssembler::kMessageBytesMaxDefault;

  // What requests are compressed with where CallOptions do not say: "gzip", "deflate", "zstd".
  // Whether the server knows it is the caller's to know: one that does not answers UNIMPLEMENTED.
  // Responses are taken in any of them. See docs/compression.md.
  std::string compression = "identity";
  // Shorter messages are sent as they are.
  uint32_t compressed_bytes_min = 1024;

  // Octets of one streaming call that wait for the peer's window, or for http2.output_bytes_max of
  // the connection: beyond it, or with that full, Write() suspends.
  uint32_t stream_unsent_bytes_max = 256 * 1024;

  // Before the client's own: "my-app/1.0 grpc-c++-penstock/...".
  std::string user_agent_prefix;
  // What `:authority` says; empty: host and port as the target has them, "localhost" for a unix
  // socket.
  std::string authority;

  // Around every call of the channel, the first outermost: those of a server's registry do as well.
  // Who copies the options shares their objects. See docs/interceptors.md.
  template <typename T>
    requires InterceptorCoroutine<T> || PlainInterceptor<T>
  ChannelOptions& Intercept(T interceptor) {
    interceptors.emplace_back(std::move(interceptor));
    return *this;
  }
  std::vector<rpc::Interceptor> interceptors;

  // What servers may cost: see http2/limits.h.
  http2::Limits http2;
};

// Spec: gRPC PROTOCOL-HTTP2, "User Agents"
inline constexpr const char* kUserAgent = "grpc-c++-penstock/" PENSTOCK_VERSION;

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_OPTIONS_H_
