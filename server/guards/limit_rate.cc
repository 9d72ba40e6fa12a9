#include "penstock/server/guards/limit_rate.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include "penstock/rpc/metadata.h"
#include "penstock/rpc/status_details.h"
#include "penstock/server/guards/identity.h"
#include "penstock/wire/check.h"

#include "google/rpc/error_details.penstock.h"

namespace penstock {
namespace {

constexpr double kCallsPerSecondMin = 0.001;
constexpr double kCallsPerSecondMax = 1e9;
constexpr int64_t kBurstCallsMax = 1'000'000;
constexpr uint32_t kKeysMax = 1u << 24;

constexpr size_t kSubnetBytes = 8;  // of IPv6
constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

Status Mistake(const std::string& sentence) {
  return MakeStatus(StatusCode::kInvalidArgument, "RateLimitOptions::" + sentence);
}

// In digits that say enough: "50", "0.5".
std::string TextOf(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", number);
  return text;
}

const char* NameOf(RateKey key) {
  switch (key) {
    case RateKey::kHost:
      return "from one host";
    case RateKey::kIdentity:
      return "of one caller";
    case RateKey::kMetadata:
      return "of one key";
    case RateKey::kNone:
      return "of all callers";
  }
  return "";
}

}  // namespace

namespace guards {

std::string_view HostOf(std::string_view peer, std::array<char, 16>* octets) {
  const size_t colon = peer.rfind(':');
  if (colon == std::string_view::npos) return peer;
  std::string_view host = peer.substr(0, colon);
  if (!host.starts_with('[') || !host.ends_with(']')) {
    char text[INET_ADDRSTRLEN] = "";
    if (host.size() >= sizeof(text)) return peer;
    std::copy(host.begin(), host.end(), text);
    return ::inet_pton(AF_INET, text, octets->data()) == 1 ? std::string_view(octets->data(), 4)
                                                           : peer;
  }
  host = host.substr(1, host.size() - 2);
  host = host.substr(0, host.find('%'));  // fe80::1%eth0
  char text[INET6_ADDRSTRLEN] = "";
  if (host.size() >= sizeof(text)) return peer;
  std::copy(host.begin(), host.end(), text);
  if (::inet_pton(AF_INET6, text, octets->data()) != 1) return peer;
  // Of IPv4, as a socket for both sees it: all of them have the same first 64 bits.
  if (std::memcmp(octets->data(), kMappedPrefix.data(), kMappedPrefix.size()) == 0) {
    return {octets->data() + kMappedPrefix.size(), 4};
  }
  return {octets->data(), kSubnetBytes};
}

}  // namespace guards

Status CheckRateLimit(const RateLimitOptions& options) {
  if (!(options.calls_per_second >= kCallsPerSecondMin &&
        options.calls_per_second <= kCallsPerSecondMax)) {
    return Mistake("calls_per_second is " + TextOf(options.calls_per_second) +
                   ": it is from 0.001 to 1e9");
  }
  if (options.burst_calls < 1 || options.burst_calls > kBurstCallsMax) {
    return Mistake("burst_calls is " + std::to_string(options.burst_calls) +
                   ": it is from 1 to 1000000");
  }
  if (options.keys_max < 1 || options.keys_max > kKeysMax) {
    return Mistake("keys_max is " + std::to_string(options.keys_max) +
                   ": it is from 1 to 16777216");
  }
  if ((options.key == RateKey::kMetadata) != !options.metadata_key.empty()) {
    return Mistake("metadata_key is '" + options.metadata_key +
                   "': it is set with RateKey::kMetadata, and only with that");
  }
  return OkStatus();
}

LimitRate::State::State(const RateLimitOptions& its_options)
    : options(its_options),
      table(std::max<TimeNs>(std::llround(1e9 / options.calls_per_second), 1), options.burst_calls,
            options.key == RateKey::kNone ? 1 : options.keys_max) {}

LimitRate::LimitRate(const RateLimitOptions& options) {
  const Status status = CheckRateLimit(options);
  PENSTOCK_CHECK(status.ok(), std::string(MessageOf(status)).c_str());
  state_ = std::make_shared<State>(options);
}

Status LimitRate::Before(Call& call) {
  const TimeNs wait_ns = state_->table.Take(KeyOf(call), call.now());
  return PENSTOCK_LIKELY(wait_ns == 0) ? OkStatus() : Refuse(call, wait_ns);
}

// Keys of different kinds are hashed with different keys, so that nobody gets at another's bucket
// by sending its address.
uint64_t LimitRate::KeyOf(const Call& call) const {
  guards::SipKey hash_key = state_->hash_key;
  const auto hash = [&hash_key](RateKey kind, std::string_view text) {
    hash_key.low ^= static_cast<uint64_t>(kind) + 1;
    return guards::SipHash(hash_key, text);
  };
  switch (state_->options.key) {
    case RateKey::kHost:
      break;
    case RateKey::kIdentity:
      if (const Identity* identity = call.Get<Identity>()) {
        hash_key.high ^= static_cast<uint64_t>(identity->kind) + 1;
        return hash(RateKey::kIdentity, identity->name);
      }
      break;
    case RateKey::kMetadata:
      if (const auto value = call.metadata().Get(state_->options.metadata_key)) {
        return hash(RateKey::kMetadata, *value);
      }
      break;
    case RateKey::kNone:
      return 1;
  }
  std::array<char, 16> octets;
  return hash(RateKey::kHost, guards::HostOf(call.peer_view(), &octets));
}

PENSTOCK_COLD Status LimitRate::Refuse(Call& call, TimeNs wait_ns) {
  state_->refused_count.fetch_add(1, std::memory_order_relaxed);
  const RateLimitOptions& options = state_->options;
  // Rounded up: who comes back at the very moment is served.
  const std::string wait_ms = std::to_string((wait_ns + kNsPerMs - 1) / kNsPerMs);
  Status status = MakeStatus(StatusCode::kResourceExhausted,
                             "more than " + TextOf(options.calls_per_second) + " calls a second " +
                                 NameOf(options.key) + ": try again in " + wait_ms + " ms");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(wait_ns / kNsPerSecond);
  retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(wait_ns % kNsPerSecond));
  AddDetail(status, retry);
  call.trailing_metadata().AddReceived("grpc-retry-pushback-ms", wait_ms);
  return status;
}

}  // namespace penstock
