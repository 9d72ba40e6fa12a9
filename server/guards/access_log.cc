#include "penstock/server/guards/access_log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstring>
#include <string>

#include "penstock/reactor/io_error.h"
#include "penstock/rpc/tracing/request_id.h"
#include "penstock/wire/check.h"

namespace penstock {
namespace {

constexpr size_t kBufferBytesMin = 32 * 1024;
constexpr size_t kBufferBytesMax = 1024 * 1024 * 1024;
// A pipe that can be written to takes so much without blocking, and as a whole.
constexpr size_t kPieceBytesMax = PIPE_BUF;
static_assert(guards::kAccessLineBytesMax <= kPieceBytesMax);
static_assert(guards::kAccessLineBytesMax <= kBufferBytesMin / guards::LogBuffer::kStripesCount);
// Between two rounds of writing: how many lines share a system call, and how old they get.
constexpr int kGatherMs = 5;
// How long the end waits for a reader.
constexpr int kStopMs = 1000;
// Without a descriptor to be woken by: how long lines lie.
constexpr int kUnwokenMs = 100;

bool IsFile(int fd) {
  struct stat what = {};
  return ::fstat(fd, &what) == 0 && S_ISREG(what.st_mode);
}

// -1, and a sentence: one can do without.
int MakeWakeFd() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) {
    const int error = errno;
    std::fprintf(stderr,
                 "penstock: the access log cannot make an eventfd: %s%s; its lines wait for up to "
                 "%d ms\n",
                 reactor::ErrorText(error).c_str(),
                 error == EMFILE ? "; raise RLIMIT_NOFILE (ulimit -n)" : "", kUnwokenMs);
  }
  return fd;
}

// Set by Before(): the connection, and with it the peer's address, may be gone at the end.
struct Begun {
  TimeNs at = 0;
  std::string_view peer;
};

}  // namespace

TimeNs ReadWallClock() {
  timespec now = {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * kNsPerSecond + now.tv_nsec;
}

Status CheckAccessLog(const AccessLogOptions& options) {
  if (options.fd < 0) {
    return MakeStatus(StatusCode::kInvalidArgument,
                      "AccessLogOptions::fd is " + std::to_string(options.fd) +
                          ": it is an open file descriptor");
  }
  if (options.buffer_bytes_max < kBufferBytesMin || options.buffer_bytes_max > kBufferBytesMax) {
    return MakeStatus(StatusCode::kInvalidArgument,
                      "AccessLogOptions::buffer_bytes_max is " +
                          std::to_string(options.buffer_bytes_max) +
                          ": it is from 32768 to 1073741824");
  }
  return OkStatus();
}

// --- The log

AccessLog::AccessLog(const AccessLogOptions& options)
    : options_(options),
      is_file_(IsFile(options.fd)),
      wake_fd_(MakeWakeFd()),
      buffer_(std::clamp(options.buffer_bytes_max, kBufferBytesMin, kBufferBytesMax)) {
  const Status status = CheckAccessLog(options_);
  PENSTOCK_CHECK(status.ok(), std::string(MessageOf(status)).c_str());
  thread_ = std::thread([this] { Run(); });
}

AccessLog::~AccessLog() {
  is_stopping_.store(true);
  Wake();
  thread_.join();
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

// The writer sets is_asleep_ before it looks for lines a last time, and takes each stripe's lock
// for that: a line that it misses was put there behind it, and its shard sees the flag.
void AccessLog::Append(std::string_view line, size_t choice) {
  if (!buffer_.Append(line, choice)) return;
  if (PENSTOCK_UNLIKELY(is_asleep_.load()) && is_asleep_.exchange(false)) Wake();
}

void AccessLog::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_fd_, &one, sizeof(one));
}

// poll() passes over a descriptor of -1.
int AccessLog::UntilWokenMs() const { return wake_fd_ >= 0 ? -1 : kUnwokenMs; }

void AccessLog::Wait(int timeout_ms) {
  pollfd wake = {wake_fd_, POLLIN, 0};
  ::poll(&wake, 1, timeout_ms);
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t read_bytes = ::read(wake_fd_, &count, sizeof(count));
}

// Signals are for the threads of the program; SIGPIPE, of a reader that has ended, for nobody.
void AccessLog::Run() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  for (;;) {
    const bool stops = is_stopping_.load();
    if (WriteAll()) {
      if (!stops) Wait(kGatherMs);
      continue;
    }
    if (stops) return;
    is_asleep_.store(true);
    const bool has_lines = WriteAll();
    if (!has_lines && !is_stopping_.load()) Wait(UntilWokenMs());
    is_asleep_.store(false);
  }
}

bool AccessLog::WriteAll() {
  bool has_lines = false;
  for (size_t i = 0; i < guards::LogBuffer::kStripesCount; ++i) {
    const std::string_view lines = buffer_.Take(i);
    if (lines.empty()) continue;
    has_lines = true;
    Write(lines);
  }
  SayDropped();
  return has_lines;
}

// Whole lines a piece, so that others who write to the same pipe do not part them.
void AccessLog::Write(std::string_view lines) {
  while (!lines.empty()) {
    size_t bytes = lines.size();
    if (!is_file_ && bytes > kPieceBytesMax) {
      bytes = lines.rfind('\n', kPieceBytesMax - 1) + 1;
      if (bytes == 0) bytes = kPieceBytesMax;  // of a line that is longer
    }
    if (!WritePiece(lines.substr(0, bytes))) {
      lost_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    }
    lines.remove_prefix(bytes);
  }
}

bool AccessLog::WritePiece(std::string_view piece) {
  while (!piece.empty()) {
    if (!is_file_ && !WaitUntilWritable()) return false;
    const ssize_t written = ::write(options_.fd, piece.data(), piece.size());
    if (written >= 0) {
      piece.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      if (!has_said_lost_) {
        std::fprintf(stderr, "penstock: cannot write the access log: %s; its lines are lost\n",
                     std::strerror(errno));
      }
      has_said_lost_ = true;
      return false;
    }
  }
  has_said_lost_ = false;
  return true;
}

// Of a pipe that is full: for as long as that takes, but not at the end.
bool AccessLog::WaitUntilWritable() {
  if (gives_up_) return false;
  pollfd fds[] = {{options_.fd, POLLOUT, 0}, {wake_fd_, POLLIN, 0}};
  while (!is_stopping_.load()) {
    ::poll(fds, 2, UntilWokenMs());
    if (fds[0].revents != 0) return true;
    if (fds[1].revents != 0) Wait(0);
  }
  gives_up_ = ::poll(fds, 1, kStopMs) == 0;
  if (gives_up_) {
    std::fputs("penstock: nobody reads the access log: what waits of it is lost\n", stderr);
  }
  return !gives_up_;
}

void AccessLog::SayDropped() {
  SayCount("dropped", buffer_.dropped_count(), &dropped_said_count_);
  SayCount("failures_skipped", failures_skipped_count(), &skipped_said_count_);
}

void AccessLog::SayCount(std::string_view name, uint64_t count, uint64_t* said_count) {
  if (count == *said_count) return;
  char line[guards::kAccessLineBytesMax];
  const size_t bytes = guards::FormatCount(options_.wall_clock(), name, count - *said_count,
                                           options_.format, line);
  *said_count = count;
  Write({line, bytes});
}

// The second, and how many there were in it: in one word, so that shards need no lock. Only they
// that have failures meet in it.
bool AccessLog::TakeFailure(TimeNs now) {
  const auto second = static_cast<uint64_t>(now / kNsPerSecond) << 32;
  uint64_t seen = failures_.load(std::memory_order_relaxed);
  for (;;) {
    const uint64_t next = (seen >> 32 << 32 == second ? seen : second) + 1;
    if (static_cast<uint32_t>(next - 1) >= options_.failures_per_second_max) {
      failures_skipped_count_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    if (failures_.compare_exchange_weak(seen, next, std::memory_order_relaxed)) return true;
  }
}

// --- The interceptor

Status LogAccess::Before(Call& call) {
  Begun begun;
  begun.at = call.shard().ReadClock();  // a turn's time would make inline handlers take none
  begun.peer = call.arena().Copy(call.peer_view());
  call.SetFor(this, begun);
  return OkStatus();
}

bool LogAccess::IsWanted(const Call& call, const Status& status, TimeNs now, uint32_t* one_in) {
  const AccessLogOptions& options = log_.options();
  *one_in = 1;
  if (!status.ok() && options.logs_failures) return log_.TakeFailure(now);
  *one_in = options.sample_one_in;
  return *one_in == 1 || (*one_in != 0 && ids_.Next(call) % *one_in == 0);
}

// A caller whose call was cancelled, or met its deadline, has heard of that, and not of what the
// handler says that ended behind it.
void LogAccess::After(Call& call, const Status& handler_status) {
  const bool was_cancelled = call.cancelled();
  const Status cancel_status = was_cancelled ? call.cancel_status() : OkStatus();
  const Status& status = was_cancelled ? cancel_status : handler_status;
  const TimeNs now = call.shard().ReadClock();
  guards::AccessRecord record;
  if (!IsWanted(call, status, now, &record.sample_one_in)) return;
  const Begun& begun = *call.GetFor<Begun>(this);
  if (was_cancelled) record.handler_code = handler_status.code();
  record.ended_at_wall_ns = log_.options().wall_clock();
  record.duration_ns = now - begun.at;
  if (call.deadline() != kTimeNever) record.deadline_left_ns = call.deadline() - now;
  record.method = call.method();
  record.peer = begun.peer;
  record.code = status.code();
  record.message = MessageOf(status);
  record.messages_received_count = call.messages_received_count();
  record.messages_sent_count = call.messages_sent_count();
  record.identity = call.Get<Identity>();
  if (const RequestId* id = call.Get<RequestId>()) record.request_id = id->text;
  record.trace = call.Get<TraceContext>();
  char line[guards::kAccessLineBytesMax];
  const size_t bytes = guards::FormatAccess(record, log_.options().format, line);
  log_.Append({line, bytes}, static_cast<size_t>(call.shard().index()));
}

}  // namespace penstock
