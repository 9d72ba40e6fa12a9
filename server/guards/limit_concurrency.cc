#include "penstock/server/guards/limit_concurrency.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/wire/check.h"

namespace penstock {
namespace {

constexpr std::string_view kHealthPrefix = "/grpc.health.";
constexpr TimeNs kTargetNsMin = 10 * kNsPerUs;
constexpr TimeNs kTargetNsMax = 60 * kNsPerSecond;
constexpr uint32_t kCallsMax = 1'000'000;

// Of a call that was let in. It goes with the call at the latest: an interceptor that drops its
// next() drops the After() of those behind it, too.
class Admitted {
 public:
  Admitted(guards::AdaptiveLimit* limit, TimeNs turn_at, TimeNs at)
      : limit_(limit), turn_at_(turn_at), at_(at) {}
  Admitted(Admitted&& other) noexcept
      : limit_(std::exchange(other.limit_, nullptr)), turn_at_(other.turn_at_), at_(other.at_) {}
  Admitted& operator=(Admitted&&) = delete;
  ~Admitted() {
    if (limit_ != nullptr) limit_->Forget();
  }

  TimeNs turn_at() const { return turn_at_; }
  TimeNs at() const { return at_; }
  // Once. Of what it says only how long calls take that end well is learned from; an error may
  // have taken no time, and how long a stream lasts is up to its caller.
  void Release(const Call& call, const Status& status, TimeNs now) {
    guards::AdaptiveLimit& limit = *std::exchange(limit_, nullptr);
    const StatusCode code = call.cancelled() ? call.cancel_status().code() : status.code();
    if (call.streams()) return limit.Forget();
    if (PENSTOCK_LIKELY(code == StatusCode::kOk)) return limit.Release(at_, now);
    if (code == StatusCode::kDeadlineExceeded) return limit.ReleaseExpired(at_, now);
    limit.Forget();
  }

 private:
  guards::AdaptiveLimit* limit_;  // null: it is released
  const TimeNs turn_at_;
  const TimeNs at_;
};

Status Mistake(const std::string& sentence) {
  return MakeStatus(StatusCode::kInvalidArgument, "ConcurrencyOptions::" + sentence);
}

}  // namespace

Status CheckConcurrency(const ConcurrencyOptions& options) {
  if (options.delay_target_ns != kTimeNever &&
      (options.delay_target_ns < kTargetNsMin || options.delay_target_ns > kTargetNsMax)) {
    return Mistake("delay_target_ns is " + std::to_string(options.delay_target_ns) +
                   ": it is from 10 us to a minute, or kTimeNever");
  }
  if (options.calls_per_shard_min < 1 || options.calls_per_shard_max > kCallsMax ||
      options.calls_per_shard_min > options.calls_per_shard_max) {
    return Mistake("calls_per_shard_min and _max are " +
                   std::to_string(options.calls_per_shard_min) + " and " +
                   std::to_string(options.calls_per_shard_max) +
                   ": they are from 1 to 1000000, in this order");
  }
  return OkStatus();
}

// One state for each shard that has called, made when it first does.
struct LimitConcurrency::State {
  explicit State(const ConcurrencyOptions& its_options) : options(its_options) {}
  ~State() {
    for (std::atomic<ShardState*>& each : shards) delete each.load();
  }

  template <typename Function>
  void ForEach(Function&& fn) const {
    for (const std::atomic<ShardState*>& each : shards) {
      if (const ShardState* shard = each.load(std::memory_order_acquire)) fn(*shard);
    }
  }

  const ConcurrencyOptions options;
  std::array<std::atomic<ShardState*>, kShardsMax> shards{};
};

LimitConcurrency::ShardState::ShardState(const ConcurrencyOptions& options, size_t index)
    : gate(options.delay_target_ns),
      limit(options.calls_per_shard_min, options.calls_per_shard_max, index),
      is_late(MakeStatus(StatusCode::kUnavailable,
                         "the server is overloaded: the call would have begun too late")),
      are_too_many(MakeStatus(StatusCode::kUnavailable,
                              "the server is overloaded: too many calls are under way")) {}

LimitConcurrency::LimitConcurrency(const ConcurrencyOptions& options) {
  const Status status = CheckConcurrency(options);
  PENSTOCK_CHECK(status.ok(), std::string(MessageOf(status)).c_str());
  state_ = std::make_shared<State>(options);
}

LimitConcurrency::ShardState* LimitConcurrency::StateOf(const Call& call) const {
  const auto index = static_cast<size_t>(call.shard().index());
  if (PENSTOCK_UNLIKELY(index >= kShardsMax)) return nullptr;
  std::atomic<ShardState*>& slot = state_->shards[index];
  ShardState* shard = slot.load(std::memory_order_acquire);
  if (PENSTOCK_UNLIKELY(shard == nullptr)) {
    shard = new ShardState(state_->options, index);
    slot.store(shard, std::memory_order_release);
  }
  return shard;
}

Status LimitConcurrency::Before(Call& call) {
  if (PENSTOCK_UNLIKELY(call.method().starts_with(kHealthPrefix))) return OkStatus();
  ShardState* const shard = StateOf(call);
  if (PENSTOCK_UNLIKELY(shard == nullptr)) return OkStatus();
  const TimeNs turn_at = call.now();
  const TimeNs now = call.shard().ReadClock();
  if (state_->options.delay_target_ns != kTimeNever &&
      PENSTOCK_UNLIKELY(!shard->gate.Admit(turn_at, now))) {
    shard->late_count.fetch_add(1, std::memory_order_relaxed);
    return shard->is_late;
  }
  if (PENSTOCK_UNLIKELY(call.streams()) && !state_->options.counts_streams) return OkStatus();
  if (PENSTOCK_UNLIKELY(!shard->limit.Acquire(now))) {
    shard->too_many_count.fetch_add(1, std::memory_order_relaxed);
    return shard->are_too_many;
  }
  call.SetFor(this, Admitted(&shard->limit, turn_at, now));
  return OkStatus();
}

void LimitConcurrency::After(Call& call, const Status& status) {
  Admitted* const admitted = call.GetFor<Admitted>(this);
  if (PENSTOCK_UNLIKELY(admitted == nullptr)) return;
  const TimeNs now = call.shard().ReadClock();
  admitted->Release(call, status, now);
  StateOf(call)->gate.NoteEnd(admitted->turn_at(), admitted->at(), now);
}

uint64_t LimitConcurrency::late_count() const {
  uint64_t count = 0;
  state_->ForEach([&count](const ShardState& shard) { count += shard.late_count.load(); });
  return count;
}

uint64_t LimitConcurrency::too_many_count() const {
  uint64_t count = 0;
  state_->ForEach([&count](const ShardState& shard) { count += shard.too_many_count.load(); });
  return count;
}

}  // namespace penstock
