#include "penstock/loadtest/waiter.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>

#include "penstock/reactor/shard.h"
#include "penstock/wire/check.h"

namespace penstock::loadtest {
namespace {

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

Waiter::Waiter() {
  const sigset_t signals = EndSignals();
  ::pthread_sigmask(SIG_BLOCK, &signals, &mask_before_);
  wake_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  signal_fd_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  PENSTOCK_CHECK(wake_fd_ >= 0 && signal_fd_ >= 0, "a fresh process has descriptors left");
}

Waiter::~Waiter() {
  ::close(wake_fd_);
  ::close(signal_fd_);
  ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

bool Waiter::WaitUntil(TimeNs when, const std::function<bool()>& done) {
  for (;;) {
    if (done()) return true;
    const TimeNs now = reactor::ReadClock();
    if (now >= when) return false;
    pollfd descriptors[] = {{wake_fd_, POLLIN, 0}, {signal_fd_, POLLIN, 0}};
    const TimeNs left_ns = std::min(when - now, 3600 * kNsPerSecond);
    const timespec timeout{left_ns / kNsPerSecond, left_ns % kNsPerSecond};
    if (::ppoll(descriptors, 2, &timeout, nullptr) <= 0) continue;
    uint64_t count = 0;
    static_cast<void>(!::read(wake_fd_, &count, sizeof count));
    if (descriptors[1].revents != 0 && TakeSignal()) return done();
  }
}

bool Waiter::TakeSignal() {
  signalfd_siginfo signal{};
  if (::read(signal_fd_, &signal, sizeof signal) != sizeof signal) return false;
  interrupted_ = true;
  const sigset_t signals = EndSignals();
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  return true;
}

}  // namespace penstock::loadtest
