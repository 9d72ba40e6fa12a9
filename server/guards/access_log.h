// AccessLog and LogAccess: a line for each call, or for some of them, written by a thread of its
// own, so that no shard ever waits for a disk or a pipe.
//
//     AccessLogOptions log_options;
//     log_options.sample_one_in = 100;                // of those that end with OK
//     AccessLog log(log_options);                     // to standard output
//     server.registry().Intercept(LogAccess(&log));   // outermost: it sees what the others answer
//
// What a line has is in access_record.h; nothing of metadata or messages is in it, and so no token.
// Who stands behind it and sets RequestId, TraceContext or Identity is heard.
//
// Limits: AccessLogOptions::buffer_bytes_max of lines that wait; where there are more, lines are
//         dropped, and a line says how many. Strangers choose how many calls fail: of these
//         AccessLogOptions::failures_per_second_max are logged, and a line says how many were not.
#ifndef PENSTOCK_SERVER_GUARDS_ACCESS_LOG_H_
#define PENSTOCK_SERVER_GUARDS_ACCESS_LOG_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <thread>

#include "penstock/rpc/call.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/tracing/random_ids.h"
#include "penstock/server/guards/access_record.h"
#include "penstock/server/guards/log_buffer.h"
#include "penstock/wire/time.h"

namespace penstock {

// CLOCK_REALTIME, in nanoseconds since 1970.
TimeNs ReadWallClock();

struct AccessLogOptions {
  // Where it is written to, and not closed: standard output, a file that was opened with O_APPEND,
  // a pipe, whose reader may end. Who rotates the file opens the next one, and dup2()s it to this.
  int fd = 1;
  AccessFormat format = AccessFormat::kJson;
  // Of the calls that end with OK, one of so many, by chance; 0: none.
  uint32_t sample_one_in = 1;
  // Whether all those that end otherwise are logged; else the sample is of them, too.
  bool logs_failures = true;
  // Of these so many a second of the whole log; 4,294,967,295: all.
  uint32_t failures_per_second_max = 1000;
  // Of lines that wait to be written, in octets: 32 KiB to 1 GiB. Twice that is kept.
  size_t buffer_bytes_max = 1024 * 1024;
  // For tests.
  TimeNs (*wall_clock)() = &ReadWallClock;
};

// OK, or INVALID_ARGUMENT and a sentence about the first that cannot be.
Status CheckAccessLog(const AccessLogOptions& options);

// Ownership: outlives the server. Where it goes it writes what waits, for a second at most if
//            nobody reads.
// Threading: Append() and the counts from any thread.
class AccessLog {
 public:
  // Options that CheckAccessLog() does not take end the program. It takes one descriptor; where
  // there is none it says so on standard error, and lines are written up to 100 ms later.
  explicit AccessLog(const AccessLogOptions& options);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  const AccessLogOptions& options() const { return options_; }
  // A whole line, with its newline; of more than PIPE_BUF octets a pipe takes it in parts, between
  // which others may write. `choice`: see LogBuffer.
  void Append(std::string_view line, size_t choice);
  // A call has failed: whether it is logged still in this second, or counted alone.
  [[nodiscard]] bool TakeFailure(TimeNs now);

  // Lines that found no room, and octets that could not be written.
  uint64_t dropped_count() const { return buffer_.dropped_count(); }
  uint64_t lost_bytes() const { return lost_bytes_.load(std::memory_order_relaxed); }
  // Failures that were more than failures_per_second_max.
  uint64_t failures_skipped_count() const {
    return failures_skipped_count_.load(std::memory_order_relaxed);
  }

 private:
  void Run();
  bool WriteAll();
  void Write(std::string_view lines);
  bool WritePiece(std::string_view piece);
  bool WaitUntilWritable();
  void SayDropped();
  void SayCount(std::string_view name, uint64_t count, uint64_t* said_count);
  int UntilWokenMs() const;
  void Wait(int timeout_ms);
  void Wake();

  const AccessLogOptions options_;
  const bool is_file_;
  const int wake_fd_;  // -1: there was none
  guards::LogBuffer buffer_;
  std::atomic<bool> is_asleep_{false};
  std::atomic<bool> is_stopping_{false};
  std::atomic<uint64_t> lost_bytes_{0};
  std::atomic<uint64_t> failures_{0};
  std::atomic<uint64_t> failures_skipped_count_{0};
  // The writer's.
  uint64_t dropped_said_count_ = 0;
  uint64_t skipped_said_count_ = 0;
  bool has_said_lost_ = false;
  bool gives_up_ = false;
  std::thread thread_;
};

// The interceptor. Ownership: the log outlives it.
class LogAccess {
 public:
  explicit LogAccess(AccessLog* log) : log_(*log) {}

  Status Before(Call& call);
  void After(Call& call, const Status& handler_status);

 private:
  bool IsWanted(const Call& call, const Status& status, TimeNs now, uint32_t* one_in);

  AccessLog& log_;
  rpc::RandomIds ids_;
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_GUARDS_ACCESS_LOG_H_
