#include "penstock/rpc/testing/fake_shard.h"

#include <string>

#include "penstock/wire/check.h"

namespace penstock::testing {
namespace {

reactor::ShardOptions On(reactor::Simulation* simulation) {
  reactor::ShardOptions options;
  options.simulation = simulation;
  return options;
}

}  // namespace

FakeShard::FakeShard() : shard_(On(&net_)) {
  std::string why;
  const bool is_open = shard_.Open(&why);
  PENSTOCK_CHECK(is_open, why.c_str());
}

FakeShard::~FakeShard() {
  shard_.Stop();
  shard_.Run();
}

void FakeShard::RunReady() {
  if (reactor::Shard::Current() == &shard_) return;
  int turns_count = 0;
  do {
    PENSTOCK_CHECK(++turns_count <= kTurnsMax, "something on the FakeShard wakes itself for ever");
    shard_.Turn(0);
  } while (!shard_.run_queue().empty());
}

void FakeShard::Pass(TimeNs duration_ns) {
  const TimeNs end = SaturatingAdd(net_.Now(), duration_ns);
  RunReady();
  for (TimeNs wake = shard_.timers().NextWake(); wake <= end && wake != kTimeNever;
       wake = shard_.timers().NextWake()) {
    AdvanceTo(wake);
  }
  AdvanceTo(end);
}

bool FakeShard::PassToNextTimer() {
  RunReady();
  const TimeNs wake = shard_.timers().NextWake();
  if (wake == kTimeNever) return false;
  AdvanceTo(wake);
  return true;
}

void FakeShard::AdvanceTo(TimeNs when) {
  PENSTOCK_CHECK(reactor::Shard::Current() != &shard_, "a handler cannot let time pass: it waits");
  if (when > net_.Now()) net_.Advance(when - net_.Now());
  RunReady();
}

}  // namespace penstock::testing
