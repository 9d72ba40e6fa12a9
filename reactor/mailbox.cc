#include "penstock/reactor/mailbox.h"

#include "penstock/wire/check.h"

namespace penstock::reactor {

Mailbox::Mailbox(size_t capacity) : mask_(capacity - 1), cells_(new Cell[capacity]) {
  PENSTOCK_CHECK(capacity >= 2 && (capacity & mask_) == 0,
                 "a mailbox holds a power of two letters");
  for (size_t i = 0; i < capacity; ++i) cells_[i].sequence.store(i, std::memory_order_relaxed);
}

bool Mailbox::Push(const Letter& letter) {
  uint64_t position = tail_.load(std::memory_order_relaxed);
  for (;;) {
    if (PENSTOCK_UNLIKELY((position & kClosed) != 0)) return false;
    Cell& cell = cells_[position & mask_];
    const uint64_t sequence = cell.sequence.load(std::memory_order_acquire);
    if (sequence == position) {
      if (!tail_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) continue;
      cell.letter = letter;
      cell.sequence.store(position + 1, std::memory_order_seq_cst);
      return true;
    }
    // Behind us: the letter of the previous round has not been taken yet.
    if (static_cast<int64_t>(sequence - position) < 0) return false;
    position = tail_.load(std::memory_order_relaxed);
  }
}

bool Mailbox::Pop(Letter* letter) {
  if (empty()) return false;
  Cell& cell = cells_[head_ & mask_];
  *letter = cell.letter;
  cell.sequence.store(head_ + mask_ + 1, std::memory_order_release);
  ++head_;
  return true;
}

bool Mailbox::empty() const {
  return cells_[head_ & mask_].sequence.load(std::memory_order_seq_cst) != head_ + 1;
}

}  // namespace penstock::reactor
