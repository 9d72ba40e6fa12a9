#include "penstock/http2/scheduler.h"

#include <bit>

namespace penstock::http2 {
namespace {

// The stream of a ring before which one with this id belongs; null: at the end.
Stream* SuccessorOf(uint32_t id, Stream* first) {
  if (id < first->id) return first;
  Stream* successor = first;  // stands for the end
  while (successor->ready_previous->id > id) successor = successor->ready_previous;
  return successor == first ? nullptr : successor;
}

}  // namespace

Stream*& Scheduler::RingOf(const Stream& stream) {
  Level& level = levels_[stream.urgency];
  return stream.is_incremental ? level.round : level.ordered;
}

void Scheduler::Add(Stream* stream) {
  if (stream->in_ready_list) return;
  stream->in_ready_list = true;
  waiting_levels_ |= 1u << stream->urgency;
  Stream*& first = RingOf(*stream);
  if (first == nullptr) {
    first = stream->ready_next = stream->ready_previous = stream;
    return;
  }
  Stream* const successor = stream->is_incremental ? nullptr : SuccessorOf(stream->id, first);
  Stream* const next = successor == nullptr ? first : successor;
  stream->ready_next = next;
  stream->ready_previous = next->ready_previous;
  next->ready_previous->ready_next = stream;
  next->ready_previous = stream;
  if (successor == first) first = stream;
}

void Scheduler::Unlink(Stream* stream) {
  stream->in_ready_list = false;
  Stream*& first = RingOf(*stream);
  if (stream->ready_next == stream) {
    first = nullptr;
    const Level& level = levels_[stream->urgency];
    if (level.ordered == level.round) waiting_levels_ &= ~(1u << stream->urgency);  // both null
    return;
  }
  stream->ready_next->ready_previous = stream->ready_previous;
  stream->ready_previous->ready_next = stream->ready_next;
  if (first == stream) first = stream->ready_next;
}

// Invariant: some level waits.
uint32_t Scheduler::NextLevel() {
  const auto top = static_cast<uint32_t>(std::countr_zero(waiting_levels_));
  const uint32_t lower = waiting_levels_ & (waiting_levels_ - 1);
  if (lower == 0 || ++turns_at_top_ < kTurnsPerGuard) return top;
  turns_at_top_ = 0;
  const uint32_t after = lower & ~((2u << guarded_level_) - 1);
  guarded_level_ = static_cast<uint8_t>(std::countr_zero(after != 0 ? after : lower));
  return guarded_level_;
}

Stream* Scheduler::Next() {
  if (empty()) return nullptr;
  Level& level = levels_[NextLevel()];
  const bool takes_round =
      level.ordered == nullptr || (level.round != nullptr && level.round_is_next);
  level.round_is_next = !takes_round;
  if (!takes_round) return level.ordered;
  Stream* stream = level.round;
  level.round = stream->ready_next;  // and so it is the last of the ring
  return stream;
}

void Scheduler::SetPriority(Stream* stream, const Priority& priority) {
  const bool waited = stream->in_ready_list;
  Remove(stream);
  stream->urgency = priority.urgency & kUrgencyLowest;
  stream->is_incremental = priority.incremental;
  if (waited) Add(stream);
}

}  // namespace penstock::http2
