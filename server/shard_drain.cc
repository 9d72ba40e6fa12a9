#include "penstock/server/shard_drain.h"

#include <cstdio>
#include <string>

#include "penstock/server/session.h"

namespace penstock::server {
namespace {

// A few letters of a server's end fit a mailbox, or the shard does not answer anyway.
void PostOrLeave(reactor::Shard& shard, ShardState& state, void (*run)(void*, uint64_t),
                 uint64_t value = 0) {
  static_cast<void>(shard.Post(run, &state, value));
}

void BeginHere(void* context, uint64_t) {
  auto& state = *static_cast<ShardState*>(context);
  state.draining = true;
  state.sessions.ForEach([](Session& session) { session.Drain(kDrainText); });
}

template <typename Function>
void ForEachCallOf(ShardState& state, Function&& fn) {
  const auto of_session = [&fn](Session& session) { session.ForEachCall(fn); };
  state.sessions.ForEach(of_session);
  state.leaving.ForEach(of_session);
}

void CountHere(void* context, uint64_t number) {
  auto& state = *static_cast<ShardState*>(context);
  uint64_t calls_count = 0;
  ForEachCallOf(state, [&calls_count](ServerCall&) { ++calls_count; });
  // Those on their way here from the shard that accepts are among them.
  state.drain_count.connections.store(state.shard.connections_count(), std::memory_order_relaxed);
  state.drain_count.calls.store(calls_count, std::memory_order_relaxed);
  state.drain_count.told.store(number, std::memory_order_release);
}

void NameOne(const ServerCall& call, const ShardState& state) {
  const std::string method(call.is_plain() ? "a plain request" : call.method());
  const TimeNs age_ms = call.is_plain() ? 0 : (state.shard.now() - call.begun_at()) / kNsPerMs;
  std::fprintf(stderr, "penstock: drain: %s from %s has not ended after %lld.%01lld s (shard %d)\n",
               method.c_str(), call.peer().c_str(), static_cast<long long>(age_ms / 1000),
               static_cast<long long>(age_ms % 1000 / 100), state.shard.index());
}

void NameHere(void* context, uint64_t) {
  auto& state = *static_cast<ShardState*>(context);
  int calls_count = 0;
  ForEachCallOf(state, [&](ServerCall& call) {
    if (++calls_count <= kStragglersNamedMax) NameOne(call, state);
  });
  if (calls_count > kStragglersNamedMax) {
    std::fprintf(stderr, "penstock: drain: and %d more calls (shard %d)\n",
                 calls_count - kStragglersNamedMax, state.shard.index());
  }
}

}  // namespace

bool BeginDrain(reactor::Shard& shard, ShardState& state) {
  return shard.Post(&BeginHere, &state) || shard.ending();
}

void AskLeft(reactor::Shard& shard, ShardState& state) {
  const uint64_t number = state.drain_count.asked.load(std::memory_order_relaxed) + 1;
  state.drain_count.asked.store(number, std::memory_order_relaxed);
  PostOrLeave(shard, state, &CountHere, number);
}

bool HasTold(const ShardState& state) {
  return state.drain_count.told.load(std::memory_order_acquire) ==
         state.drain_count.asked.load(std::memory_order_relaxed);
}

Left LeftOf(const ShardState& state) {
  return {state.drain_count.connections.load(std::memory_order_relaxed),
          state.drain_count.calls.load(std::memory_order_relaxed)};
}

void NameStragglers(reactor::Shard& shard, ShardState& state) {
  PostOrLeave(shard, state, &NameHere);
}

}  // namespace penstock::server
