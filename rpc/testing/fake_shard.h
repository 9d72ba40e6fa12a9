// FakeShard: a shard for tests, whose time passes when the test says so. A handler that sleeps for
// five seconds on it has slept in no time, to the same moment in every run.
//
//     testing::FakeShard shard;
//     testing::FakeCall anna(&shard), ben(&shard);      // two calls whose handlers meet
//     ...
//     shard.Pass(5 * kNsPerSecond);
//
// A FakeCall has one of its own unless it is given another's. `&fake.shard()` is also what the
// mocks of clients (x.mock.h) are made with, for handlers that call others.
//
// Ownership: outlives what runs on it.
// Threading: the test's one thread.
// Units:     timers have ticks of a millisecond: let whole ones pass.
#ifndef PENSTOCK_RPC_TESTING_FAKE_SHARD_H_
#define PENSTOCK_RPC_TESTING_FAKE_SHARD_H_

#include "penstock/reactor/shard.h"
#include "penstock/reactor/testing/memory_net.h"
#include "penstock/wire/time.h"

namespace penstock::testing {

class FakeShard {
 public:
  // Turns in a row without time passing: then something wakes itself without end, and the process
  // ends with a sentence.
  static constexpr int kTurnsMax = 100'000;

  FakeShard();
  ~FakeShard();
  FakeShard(const FakeShard&) = delete;
  FakeShard& operator=(const FakeShard&) = delete;

  reactor::Shard& shard() { return shard_; }
  // 0 at first.
  TimeNs now() const { return shard_.now(); }

  // Runs what is ready, and what that makes ready, until all wait. No time passes. Inside a handler
  // it does nothing: what is ready has its turn behind it.
  void RunReady();
  // Lets time pass, and runs what becomes due at its time. Not inside a handler.
  void Pass(TimeNs duration_ns);
  // The turn has taken so long: ReadClock() is later than now() until the next one, as RunReady()
  // runs it.
  void RunLong(TimeNs duration_ns) { net_.Advance(duration_ns); }
  // As much time as nothing happens in, and what is due then. False, and none passes: no timer is
  // set. Not inside a handler.
  [[nodiscard]] bool PassToNextTimer();

 private:
  void AdvanceTo(TimeNs when);

  reactor::MemoryNet net_;
  reactor::Shard shard_;
};

}  // namespace penstock::testing

#endif  // PENSTOCK_RPC_TESTING_FAKE_SHARD_H_
