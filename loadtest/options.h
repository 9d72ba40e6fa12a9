// Options: what one run of penstock-load shall do. The command line makes them.
#ifndef PENSTOCK_LOADTEST_OPTIONS_H_
#define PENSTOCK_LOADTEST_OPTIONS_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/reactor/io_mode.h"
#include "penstock/wire/time.h"
#include "penstock/wire/tls_options.h"

namespace penstock::loadtest {

class MessageTemplate;

struct Options {
  static constexpr TimeNs kDurationDefault = 10 * kNsPerSecond;
  static constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();

  // What.
  std::string target;
  wire::TlsClientOptions tls;  // cleartext, unless enabled
  std::string method;   // "pkg.Service/Method", without the slash in front
  std::string message;  // the request's bytes, without the prefix
  // The request as JSON, where the server's reflection has still to say how it is sent; else empty.
  std::string json;
  // What makes each call's request anew, in the place of `message`; null: nothing does.
  std::shared_ptr<const MessageTemplate> message_template;
  std::vector<std::pair<std::string, std::string>> metadata;
  TimeNs deadline_ns = 0;  // 0: none

  // How much: until either is used up.
  TimeNs duration_ns = kDurationDefault;  // kTimeNever: by count alone
  int64_t calls_max = kUnlimited;
  TimeNs warmup_ns = 0;

  // From what.
  uint32_t connections = 1;
  uint32_t streams_per_connection = 1;
  uint32_t shards = 1;
  std::vector<int> cpus;  // shard i runs on cpus[i % size]; empty: wherever
  reactor::IoMode io = reactor::IoMode::kAuto;

  // Beside it.
  std::optional<int> server_pid;
  std::string json_file;  // "-": stdout; empty: none
  bool quiet = false;
  std::vector<std::string> command_line;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_OPTIONS_H_
