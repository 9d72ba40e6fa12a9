#include "penstock/server/stop_signals.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace penstock::server {
namespace {

sigset_t Both() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

void StopSignals::Block() {
  const sigset_t signals = Both();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void StopSignals::EndBy(int signal) {
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(signal);
}

StopSignals::StopSignals() : fd_([] {
  const sigset_t signals = Both();
  return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}()) {}

StopSignals::~StopSignals() {
  if (fd_ >= 0) ::close(fd_);
}

int StopSignals::Take() {
  signalfd_siginfo heard{};
  if (::read(fd_, &heard, sizeof(heard)) != static_cast<ssize_t>(sizeof(heard))) return 0;
  ++taken_count_;
  return static_cast<int>(heard.ssi_signo);
}

}  // namespace penstock::server
