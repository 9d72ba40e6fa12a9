// What a StreamQueue costs: per value, without and with the other end on another thread.
//
//     bazel run --config=opt //reactor:stream_queue_bench
#include <atomic>
#include <cstdint>
#include <thread>

#include "benchmark/benchmark.h"

#include "penstock/reactor/stream_queue.h"

namespace penstock::reactor {
namespace {

constexpr size_t kCapacity = 16;

void PushAndPop(benchmark::State& state) {
  StreamQueue<uint64_t, kCapacity> queue;
  for (auto _ : state) {
    uint64_t value = 1;
    benchmark::DoNotOptimize(queue.Push(&value));
    benchmark::DoNotOptimize(queue.Pop());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(PushAndPop);

// Both ends awake, each on its thread: nobody sleeps, and so nobody is woken.
void ToAnotherThread(benchmark::State& state) {
  StreamQueue<uint64_t, kCapacity> queue;
  std::atomic<bool> stop{false};
  std::thread consumer([&] {
    while (!stop.load(std::memory_order_relaxed)) benchmark::DoNotOptimize(queue.Pop());
  });
  for (auto _ : state) {
    uint64_t value = 1;
    while (!queue.Push(&value).taken) {
    }
  }
  stop.store(true, std::memory_order_relaxed);
  consumer.join();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ToAnotherThread)->UseRealTime();

// There and back: what a hand-over costs when both ends are awake.
void ThereAndBack(benchmark::State& state) {
  StreamQueue<uint64_t, kCapacity> there;
  StreamQueue<uint64_t, kCapacity> back;
  std::atomic<bool> stop{false};
  std::thread echo([&] {
    while (!stop.load(std::memory_order_relaxed)) {
      Popped<uint64_t> popped = there.Pop();
      if (popped.value) benchmark::DoNotOptimize(back.Push(&*popped.value));
    }
  });
  for (auto _ : state) {
    uint64_t value = 1;
    benchmark::DoNotOptimize(there.Push(&value));
    while (!back.Pop().value) {
    }
  }
  stop.store(true, std::memory_order_relaxed);
  echo.join();
}
BENCHMARK(ThereAndBack)->UseRealTime();

}  // namespace
}  // namespace penstock::reactor
