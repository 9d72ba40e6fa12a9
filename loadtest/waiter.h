// Waiter: how main's thread waits for the shards, for the clock and for Ctrl-C, all at once.
//
// Ownership: owns its descriptors; restores the signal mask when it dies.
#ifndef PENSTOCK_LOADTEST_WAITER_H_
#define PENSTOCK_LOADTEST_WAITER_H_

#include <signal.h>

#include <functional>

#include "penstock/wire/time.h"

namespace penstock::loadtest {

class Waiter {
 public:
  // Blocks SIGINT and SIGTERM in this thread and in those it makes from now on.
  Waiter();
  ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // An eventfd: whoever writes it makes WaitUntil() look at its condition again.
  int wake_fd() const { return wake_fd_; }

  // Returns when `done()` is true, at `when`, or when the first signal comes; true in the first
  // case.
  bool WaitUntil(TimeNs when, const std::function<bool()>& done);

  // A signal has come. From then on a second one ends the program.
  bool interrupted() const { return interrupted_; }

 private:
  bool TakeSignal();

  sigset_t mask_before_;
  int wake_fd_ = -1;
  int signal_fd_ = -1;
  bool interrupted_ = false;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_WAITER_H_
