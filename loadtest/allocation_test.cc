// The generator allocates nothing per call. Every allocation of the process is counted, but for
// those of the peer's thread.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "penstock/loadtest/run.h"
#include "penstock/loadtest/scripted_peer.h"

namespace {

std::atomic<uint64_t> allocations{0};
thread_local bool uncounted = false;

void* Allocate(size_t bytes, size_t alignment) {
  if (!uncounted) allocations.fetch_add(1, std::memory_order_relaxed);
  const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* room = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (room == nullptr) std::abort();
  return room;
}

}  // namespace

void* operator new(size_t bytes) { return Allocate(bytes, alignof(std::max_align_t)); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  return Allocate(bytes, static_cast<size_t>(alignment));
}
void operator delete(void* room) noexcept { std::free(room); }
void operator delete(void* room, size_t) noexcept { std::free(room); }
void operator delete(void* room, std::align_val_t) noexcept { std::free(room); }
void operator delete(void* room, size_t, std::align_val_t) noexcept { std::free(room); }

namespace penstock::loadtest {
namespace {

uint64_t AllocationsOfRun(const ScriptedPeer& peer, int64_t calls, double per_second = 0,
                          Options options = {}) {
  options.target = peer.address();
  options.method = "test.Service/Method";
  options.message = "\x0a\x05world";
  options.metadata = {{"x-user", "7"}, {"x-tenant", "penstock"}};
  options.deadline_ns = 60 * kNsPerSecond;
  options.connections = 2;
  options.streams_per_connection = 10;
  options.calls_max = calls;
  if (per_second > 0) options.rate.stages = {{0, per_second}};
  options.poisson = true;
  options.duration_ns = kTimeNever;
  options.quiet = true;
  const uint64_t before = allocations;
  const RunOutcome outcome = RunLoadTest(options);
  EXPECT_EQ(outcome.result.tally.ok_count(), static_cast<uint64_t>(calls));
  return allocations - before;
}

TEST(Generator, AllocatesNothingPerCall) {
  ScriptedPeer peer({.on_request = [](uint64_t) { uncounted = true; }});
  AllocationsOfRun(peer, 1'000);  // from here on the peer's thread is not counted
  const uint64_t few = AllocationsOfRun(peer, 1'000);
  const uint64_t many = AllocationsOfRun(peer, 21'000);
  EXPECT_GT(few, 0u);
  // Pools and the result's seconds may grow by a handful; 20,000 calls more must not show.
  EXPECT_LT(many, few + 100) << "for 1,000 calls: " << few;
}

TEST(Generator, AllocatesNothingPerCallOfAnOpenLoop) {
  ScriptedPeer peer({.on_request = [](uint64_t) { uncounted = true; }});
  AllocationsOfRun(peer, 1'000, 100'000);
  const uint64_t few = AllocationsOfRun(peer, 1'000, 100'000);
  const uint64_t many = AllocationsOfRun(peer, 21'000, 100'000);
  EXPECT_LT(many, few + 100) << "for 1,000 calls: " << few;
}

// Ten streams at a time, of 100 and of 2,100 messages each.
TEST(Generator, AllocatesNothingPerMessage) {
  ScriptedPeer peer({.answer = Answer::kEcho, .on_request = [](uint64_t) { uncounted = true; }});
  Options options;
  options.kind = CallKind::kBidi;
  options.messages_per_stream = 100;
  options.messages_in_flight = 10;
  AllocationsOfRun(peer, 20, 0, options);
  const uint64_t few = AllocationsOfRun(peer, 20, 0, options);
  options.messages_per_stream = 2'100;
  const uint64_t many = AllocationsOfRun(peer, 20, 0, options);
  EXPECT_LT(many, few + 100) << "for 2,000 messages: " << few;
}

}  // namespace
}  // namespace penstock::loadtest
