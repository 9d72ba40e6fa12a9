#include "penstock/reactor/interleavings.h"

#include <utility>

#include "penstock/wire/check.h"

namespace penstock::reactor {
namespace {

Interleaving* current_run = nullptr;

}  // namespace

Interleaving* CurrentInterleaving() { return current_run; }

void Interleaving::Enter(unsigned low, unsigned high) {
  auto* run = reinterpret_cast<Interleaving*>(uintptr_t{high} << 32 | low);
  Fiber& fiber = run->fibers_[run->current_];
  fiber.body();
  fiber.done = true;
  run->Yield();
}

void Interleaving::Resume(int thread) {
  current_ = thread;
  PENSTOCK_CHECK(swapcontext(&main_, &fibers_[thread].context) == 0, "swapcontext");
}

void Interleaving::Yield() {
  PENSTOCK_CHECK(swapcontext(&fibers_[current_].context, &main_) == 0, "swapcontext");
}

void Interleaving::Step() { Yield(); }

void Interleaving::Sleep(int thread) {
  Fiber& fiber = fibers_[thread];
  if (!fiber.wake_pending) {
    fiber.asleep = true;
    Yield();
  }
  fiber.wake_pending = false;
}

void Interleaving::Wake(int thread) {
  fibers_[thread].wake_pending = true;
  fibers_[thread].asleep = false;
}

// The orders form a tree: at each step there are as many branches as threads that can run. It is
// walked depth first; `choices_` is the path to the order that runs.
class Explorer {
 public:
  explicit Explorer(int switches_max) : switches_max_(switches_max) {}

  // False: a body sleeps, and nobody is left to wake it.
  bool Run(Interleaving* run, std::array<Interleaving::Body, 2> bodies) {
    Prepare(run, std::move(bodies));
    size_t step = 0;
    int switches = 0;
    int last = 0;
    for (;;) {
      const bool other_can = run->can_run(1 - last);
      if (!run->can_run(last)) {
        if (!other_can) break;
        last = 1 - last;  // no choice
      } else if (other_can && switches < switches_max_) {
        if (step == choices_.size()) choices_.push_back(false);
        if (choices_[step++]) {
          last = 1 - last;
          ++switches;
        }
      }
      run->Resume(last);
    }
    return run->fibers_[0].done && run->fibers_[1].done;
  }

  // To the next order; false after the last.
  bool Next() {
    while (!choices_.empty() && choices_.back()) choices_.pop_back();
    if (choices_.empty()) return false;
    choices_.back() = true;
    return true;
  }

 private:
  static void Prepare(Interleaving* run, std::array<Interleaving::Body, 2> bodies) {
    const auto address = reinterpret_cast<uintptr_t>(run);
    for (int i = 0; i < 2; ++i) {
      Interleaving::Fiber& fiber = run->fibers_[i];
      if (fiber.stack == nullptr) {
        fiber.stack = std::make_unique<uint8_t[]>(Interleaving::kStackBytes);
      }
      fiber.body = std::move(bodies[i]);
      fiber.done = fiber.asleep = fiber.wake_pending = false;
      PENSTOCK_CHECK(getcontext(&fiber.context) == 0, "getcontext");
      fiber.context.uc_stack.ss_sp = fiber.stack.get();
      fiber.context.uc_stack.ss_size = Interleaving::kStackBytes;
      fiber.context.uc_link = nullptr;
      makecontext(&fiber.context, reinterpret_cast<void (*)()>(&Interleaving::Enter), 2,
                  static_cast<unsigned>(address), static_cast<unsigned>(address >> 32));
    }
  }

  const int switches_max_;
  std::vector<bool> choices_;
};

InterleavingsResult ForEachInterleaving(
    int switches_max,
    const std::function<std::array<Interleaving::Body, 2>(Interleaving& run)>& bodies,
    const std::function<void()>& check) {
  Interleaving run;
  Explorer explorer(switches_max);
  InterleavingsResult result;
  current_run = &run;
  do {
    ++result.order_count;
    if (!explorer.Run(&run, bodies(run))) {
      result.stuck = true;
      break;
    }
    check();
  } while (explorer.Next());
  current_run = nullptr;
  return result;
}

}  // namespace penstock::reactor
