// Tally: what became of the calls of one shard in the measured window; and how failures that are
// not a grpc-status map to one.
//
// Threading: one shard writes; merged after the shards have stopped.
#ifndef PENSTOCK_LOADTEST_TALLY_H_
#define PENSTOCK_LOADTEST_TALLY_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/http2/error.h"
#include "penstock/loadtest/histogram.h"
#include "penstock/rpc/status_name.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest {

// gRPC's status codes are 0 to 16; what a server sends beyond them counts as UNKNOWN.
// Spec: gRPC statuscodes.md
inline constexpr size_t kStatusCount = 17;
enum : uint8_t {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kDeadlineExceeded = 4,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kUnauthenticated = 16,
};

// The decimal number of a grpc-status field; kUnknown for anything else than 0 to 16.
uint8_t ParseStatus(std::string_view text);
// Spec: gRPC http-grpc-status-mapping.md
uint8_t StatusOfHttp(int http_status);
// Spec: gRPC PROTOCOL-HTTP2, "Errors"
uint8_t StatusOfReset(http2::ErrorCode code);

class Tally {
 public:
  void RecordOk(TimeNs latency_ns) {
    ++ok_count_;
    latency_.Record(latency_ns);
  }
  // In an open loop, beside RecordOk().
  void RecordResponse(TimeNs latency_ns) { response_.Record(latency_ns); }
  // `message` is kept if it is the first of its status.
  void RecordError(uint8_t status, std::string_view message);

  void Merge(const Tally& other);
  void Clear();

  struct StatusLine {
    uint64_t count = 0;
    std::string first_message;
  };
  // Becomes that of a run that was written down; each OK call is in `latency`.
  void Restore(Histogram latency, Histogram response, std::array<StatusLine, kStatusCount> errors);

  uint64_t ok_count() const { return ok_count_; }
  uint64_t error_count() const { return error_count_; }
  uint64_t count() const { return ok_count_ + error_count_; }
  // Of the calls that were OK: a server that refuses quickly shall not look fast.
  const Histogram& latency() const { return latency_; }
  // Of the same calls, from when they were meant to start; empty in a closed loop.
  const Histogram& response() const { return response_; }
  // By status; OK has no line of its own.
  const std::array<StatusLine, kStatusCount>& errors() const { return errors_; }

 private:
  Histogram latency_;
  Histogram response_;
  uint64_t ok_count_ = 0;
  uint64_t error_count_ = 0;
  std::array<StatusLine, kStatusCount> errors_;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_TALLY_H_
