// LimitRate: an interceptor that lets each caller make so many calls a second, and no more. Callers
// are told apart by where they call from, by who they are, or by a key of the metadata.
//
//     RateLimitOptions options;
//     options.calls_per_second = 50;
//     options.burst_calls = 100;                              // at once, after a pause
//     server.registry().Intercept("shop.Search", LimitRate(options));
//
// Past it a call is RESOURCE_EXHAUSTED before anything of its request is parsed, with how long to
// wait: google.rpc.RetryInfo for people's code, and grpc-retry-pushback-ms for gRPC's retries.
//
// The rate holds for all shards together: rate_table.h and docs/decisions/0012-rates-are-shared.md.
//
// Spec: gRPC A6, "Pushback"; google.rpc.RetryInfo
#ifndef PENSTOCK_SERVER_GUARDS_LIMIT_RATE_H_
#define PENSTOCK_SERVER_GUARDS_LIMIT_RATE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "penstock/rpc/call.h"
#include "penstock/rpc/status.h"
#include "penstock/server/guards/rate_table.h"
#include "penstock/server/guards/sip_hash.h"

namespace penstock {

// By what callers are told apart.
enum class RateKey : uint8_t {
  // The host of the peer's address, of IPv6 its first 64 bits: one subscriber has so many. Behind
  // a proxy that is the proxy.
  kHost,
  // The Identity that a guard in front of this one has found; the host of who has none.
  kIdentity,
  // The value of RateLimitOptions::metadata_key; the host of who sends none. A caller that chooses
  // its value has as many buckets as it likes: for what a proxy sets.
  kMetadata,
  // All share one.
  kNone,
};

struct RateLimitOptions {
  RateKey key = RateKey::kHost;
  std::string metadata_key;
  // For each caller: 0.001 to 1e9; kept as whole nanoseconds between two calls.
  double calls_per_second = 100;
  // 1 to 1,000,000.
  int64_t burst_calls = 100;
  // Callers that are remembered, at 16 octets each: 1 to 16,777,216. See rate_table.h for what
  // happens with one more.
  uint32_t keys_max = 65'536;
};

// OK, or INVALID_ARGUMENT and a sentence about the first that cannot be.
Status CheckRateLimit(const RateLimitOptions& options);

// Copies share their buckets.
class LimitRate {
 public:
  // Options that CheckRateLimit() does not take end the program.
  explicit LimitRate(const RateLimitOptions& options);

  Status Before(Call& call);

  // Calls that were too many.
  uint64_t refused_count() const {
    return state_->refused_count.load(std::memory_order_relaxed);
  }

 private:
  struct State {
    explicit State(const RateLimitOptions& its_options);

    const RateLimitOptions options;
    const guards::SipKey hash_key = guards::SipKey::Random();
    guards::RateTable table;
    std::atomic<uint64_t> refused_count{0};
  };

  uint64_t KeyOf(const Call& call) const;
  Status Refuse(Call& call, TimeNs wait_ns);

  std::shared_ptr<State> state_;
};

namespace guards {

// The host of "127.0.0.1:5000", "[2001:db8::1]:5000", "unix:": 4 octets, 8, or the text. A view of
// `peer` or of `octets`.
std::string_view HostOf(std::string_view peer, std::array<char, 16>* octets);

}  // namespace guards
}  // namespace penstock

#endif  // PENSTOCK_SERVER_GUARDS_LIMIT_RATE_H_
