// CallOptions: how one client call differs from what its parent and its channel say.
//
//     co_await greeter.SayHello(call, request, CallOptions().SetTimeout(50 * kNsPerMs));
//
//     CallOptions options;                      // made once, used for many calls
//     if (!options.AddMetadata("x-user", "ada")) ...
//     options.SetWaitForReady(true);
#ifndef PENSTOCK_CLIENT_CALL_OPTIONS_H_
#define PENSTOCK_CLIENT_CALL_OPTIONS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/wire/time.h"

namespace penstock::client {

class CallOptions {
 public:
  CallOptions() {}

  // What a call without options has: nothing, and costs nothing.
  static const CallOptions& Default();

  // The call ends so long after it began, with DEADLINE_EXCEEDED; sooner where the parent's
  // deadline, if it is inherited, comes sooner. Nothing is sent when that has passed.
  CallOptions& SetTimeout(TimeNs timeout_ns) {
    timeout_ns_ = timeout_ns;
    return *this;
  }
  TimeNs timeout_ns() const { return timeout_ns_; }

  // Where there is no connection, waits for one until the deadline, however many attempts fail;
  // without it a failed attempt is the call's end, UNAVAILABLE. Spec: gRPC wait-for-ready.md
  CallOptions& SetWaitForReady(bool waits) {
    waits_for_ready_ = waits;
    return *this;
  }
  bool waits_for_ready() const { return waits_for_ready_; }

  // Whether the parent's end is this call's end, too. Without it the call goes on, and so does the
  // coroutine that awaits it.
  CallOptions& SetInheritDeadline(bool inherits) {
    inherits_deadline_ = inherits;
    return *this;
  }
  CallOptions& SetInheritCancellation(bool inherits) {
    inherits_cancellation_ = inherits;
    return *this;
  }
  bool inherits_deadline() const { return inherits_deadline_; }
  bool inherits_cancellation() const { return inherits_cancellation_; }

  // What the call's requests are compressed with: see ChannelOptions::compression. "" for that.
  CallOptions& SetCompression(std::string_view encoding) {
    compression_ = encoding;
    return *this;
  }
  const std::string& compression() const { return compression_; }

  // Sent behind the call's own header fields. False, and nothing is added, for what must not be
  // sent: see Metadata::Add().
  [[nodiscard]] bool AddMetadata(std::string_view key, std::string_view value);
  const std::vector<std::pair<std::string, std::string>>& metadata() const { return metadata_; }

 private:
  TimeNs timeout_ns_ = kTimeNever;
  std::string compression_;
  std::vector<std::pair<std::string, std::string>> metadata_;
  bool waits_for_ready_ = false;
  bool inherits_deadline_ = true;
  bool inherits_cancellation_ = true;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_CALL_OPTIONS_H_
