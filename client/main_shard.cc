#include "penstock/client/main_shard.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <coroutine>
#include <csignal>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "penstock/reactor/io_error.h"

namespace penstock::client {
namespace {

// Begins at once; MainShard::Run() is who joins it.
struct RunCoroutine {
  struct promise_type {
    RunCoroutine get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

struct Outcome {
  std::optional<Status> status;
  std::exception_ptr exception;
  bool has_ended = false;
};

// `outcome` outlives it.
RunCoroutine Await(Task<Status> task, Outcome* outcome) {
  try {
    Task<Status> run = std::move(task);  // its frame goes before it counts as ended
    outcome->status = co_await std::move(run);
  } catch (...) {
    outcome->exception = std::current_exception();
  }
  outcome->has_ended = true;
}

}  // namespace

// Waits for the signals on a thread of its own: a shard has no descriptors but its sockets.
class MainShard::Signals {
 public:
  explicit Signals(MainShard* main_shard) : main_shard_(*main_shard) {
    sigemptyset(&waited_for_);
    sigaddset(&waited_for_, SIGINT);
    sigaddset(&waited_for_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &waited_for_, &mask_before_);
  }
  ~Signals() {
    if (thread_.joinable()) {
      ::eventfd_write(end_fd_, 1);
      thread_.join();
    }
    if (end_fd_ >= 0) ::close(end_fd_);
    if (signal_fd_ >= 0) ::close(signal_fd_);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  // Begins to wait. 0, or an errno.
  int Start() {
    signal_fd_ = ::signalfd(-1, &waited_for_, SFD_CLOEXEC);
    if (signal_fd_ < 0) return errno;
    end_fd_ = ::eventfd(0, EFD_CLOEXEC);
    if (end_fd_ < 0) return errno;
    thread_ = std::thread([this] { Watch(); });
    return 0;
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  void Watch() {
    if (!WaitForSignal()) return;
    // A shard that takes no letters is at its end anyway.
    (void)main_shard_.shard_.Post(
        [](void* scope, uint64_t) {
          static_cast<Scope*>(scope)->Cancel(MakeStatus(StatusCode::kCancelled, "interrupted"));
        },
        &main_shard_.scope_);
    pthread_sigmask(SIG_UNBLOCK, &waited_for_, nullptr);  // the next one comes here
    eventfd_t ended = 0;
    while (::eventfd_read(end_fd_, &ended) != 0 && errno == EINTR) {
    }
  }
  // False: the program ends before one has come.
  bool WaitForSignal() {
    pollfd watched[] = {{signal_fd_, POLLIN, 0}, {end_fd_, POLLIN, 0}};
    while (::poll(watched, 2, -1) < 0 && errno == EINTR) {
    }
    if (watched[1].revents != 0) return false;
    signalfd_siginfo signal;
    return ::read(signal_fd_, &signal, sizeof signal) == sizeof signal;
  }

  MainShard& main_shard_;
  sigset_t waited_for_;
  sigset_t mask_before_;
  int signal_fd_ = -1;
  int end_fd_ = -1;
  std::thread thread_;
};

MainShard::MainShard(const reactor::ShardOptions& options) : shard_(options), scope_(&shard_) {
  std::string why;
  is_open_ = shard_.Open(&why);
  if (is_open_) {
    shard_.Turn(0);  // as in Run(), for what is made before
  } else {
    start_failure_ = "the program's shard cannot run: " + why;
  }
}

MainShard::~MainShard() {
  signals_.reset();
  if (!is_open_) return;
  shard_.Stop();
  shard_.Run();
}

void MainShard::CancelOnSignals() {
  if (signals_ != nullptr) return;
  auto signals = std::make_unique<Signals>(this);
  if (const int error = signals->Start(); error == 0) {
    signals_ = std::move(signals);
  } else if (start_failure_.empty()) {
    start_failure_ = "SIGINT and SIGTERM cannot be waited for: " + reactor::ErrorText(error) +
                     "; raise RLIMIT_NOFILE (ulimit -n)";
  }
}

Status MainShard::Run(Task<Status> task) {
  if (!start_failure_.empty()) return MakeStatus(StatusCode::kUnavailable, start_failure_);
  shard_.Turn(0);  // its time is now, and not that of the last turn
  Outcome outcome;
  Await(std::move(task), &outcome);
  while (!outcome.has_ended) shard_.Turn(kTimeNever);
  if (outcome.exception != nullptr) std::rethrow_exception(outcome.exception);
  return *std::move(outcome.status);
}

}  // namespace penstock::client
