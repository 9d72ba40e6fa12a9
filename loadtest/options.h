// Options: what one run of penstock-load shall do. The command line makes them.
#ifndef PENSTOCK_LOADTEST_OPTIONS_H_
#define PENSTOCK_LOADTEST_OPTIONS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/loadtest/arrivals.h"
#include "penstock/loadtest/call_kind.h"
#include "penstock/loadtest/slo.h"
#include "penstock/reactor/io_mode.h"
#include "penstock/wire/time.h"
#include "penstock/wire/tls_options.h"

namespace penstock::loadtest {

class MessageTemplate;

// What one method is called with.
struct MethodOptions {
  std::string method;   // "pkg.Service/Method", without the slash in front
  CallKind kind = CallKind::kUnary;
  std::string message;  // the request's bytes, without the prefix
  // How many they were, where a result was read back: it does not keep them.
  uint64_t message_bytes_kept = 0;
  uint64_t message_bytes() const { return message.empty() ? message_bytes_kept : message.size(); }
  // The request as JSON, where the server's reflection has still to say how it is sent; else empty.
  std::string json;
  // What makes each call's request anew, in the place of `message`; null: nothing does.
  std::shared_ptr<const MessageTemplate> message_template;
  std::vector<std::pair<std::string, std::string>> metadata;
  TimeNs deadline_ns = 0;  // of each call; 0: none

  double weight = 1;  // in a mix

  // Of calls that send a stream of messages.
  uint64_t messages_per_stream = 1;
  TimeNs message_interval_ns = 0;  // from one message to the next; 0: as the windows allow
  uint32_t messages_in_flight = 1;  // of a bidi stream: sent, without their response
};

struct Options : MethodOptions {
  static constexpr TimeNs kDurationDefault = 10 * kNsPerSecond;
  static constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();

  // The methods of a mix, in the place of what Options itself has of one; empty: there is none.
  std::vector<MethodOptions> mix;
  size_t methods_count() const { return mix.empty() ? 1 : mix.size(); }
  const MethodOptions& method_at(size_t i) const { return mix.empty() ? *this : mix[i]; }
  // Whether some method streams; whether the calls of all have a deadline.
  bool streams() const {
    return AnyMethod([](const MethodOptions& one) { return one.kind != CallKind::kUnary; });
  }
  bool has_deadline() const {
    return !AnyMethod([](const MethodOptions& one) { return one.deadline_ns == 0; });
  }

  // Whom.
  std::string target;
  wire::TlsClientOptions tls;  // cleartext, unless enabled

  // How much: until either is used up.
  TimeNs duration_ns = kDurationDefault;  // kTimeNever: by count alone
  int64_t calls_max = kUnlimited;
  TimeNs warmup_ns = 0;

  // When. Without stages each slot sends its next call when its last one has ended: a closed loop.
  static constexpr uint64_t kInFlightMaxDefault = 1'000'000;
  RateProfile rate;
  bool poisson = false;
  uint64_t seed = 1;
  uint64_t in_flight_max = kInFlightMaxDefault;  // of an open loop: what is due beyond is dropped
  bool is_open_loop() const { return !rate.empty(); }

  // From what.
  uint32_t connections = 1;
  uint32_t streams_per_connection = 1;
  // A connection is replaced after so many calls, or so long; 0: never.
  uint64_t reconnect_calls = 0;
  TimeNs reconnect_ns = 0;
  bool reconnects() const { return reconnect_calls != 0 || reconnect_ns != 0; }
  uint32_t shards = 1;
  std::vector<int> cpus;  // shard i runs on cpus[i % size]; empty: wherever
  reactor::IoMode io = reactor::IoMode::kAuto;

  // What a run must keep; and whether the highest rate that does is to be found, from `rate` on.
  Slo slo;
  bool finds_max = false;

  // Beside it.
  std::optional<int> server_pid;
  std::string json_file;  // "-": stdout; empty: none
  std::vector<std::string> output_files;  // in the format that the end of the name says
  bool quiet = false;

  // How often, and what the result must not be worse than.
  static constexpr TimeNs kCooldownDefault = kNsPerSecond;
  uint32_t repeats = 1;
  TimeNs cooldown_ns = kCooldownDefault;
  std::string baseline_file;  // empty: none
  double regression_max = 0.05;
  std::vector<std::string> command_line;

 private:
  template <typename Predicate>
  bool AnyMethod(Predicate&& is_it) const {
    return mix.empty() ? is_it(*this) : std::any_of(mix.begin(), mix.end(), is_it);
  }
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_OPTIONS_H_
