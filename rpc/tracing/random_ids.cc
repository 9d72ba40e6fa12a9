#include "penstock/rpc/tracing/random_ids.h"

#include <random>

namespace penstock::rpc {
namespace {

// The step and the finish of SplitMix64: a bijection, so that a counter does not repeat itself.
// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014
constexpr uint64_t kStep = 0x9e3779b97f4a7c15u;

uint64_t Mix(uint64_t number) {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9u;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebu;
  return number ^ (number >> 31);
}

}  // namespace

RandomIds::RandomIds() : counters_(std::make_unique<std::array<Counter, kCountersCount>>()) {
  std::random_device device;
  for (Counter& counter : *counters_) {
    const uint64_t high = device();
    counter.value.store(high << 32 ^ device(), std::memory_order_relaxed);
  }
}

uint64_t RandomIds::Next(const Call& call) {
  const uint64_t shard = reinterpret_cast<uintptr_t>(&call.shard()) * kStep;
  std::atomic<uint64_t>& counter = (*counters_)[(shard >> 32) % kCountersCount].value;
  const uint64_t id = Mix(counter.fetch_add(kStep, std::memory_order_relaxed));
  return id != 0 ? id : 1;
}

}  // namespace penstock::rpc
