// Mailbox: how any thread gives a shard something to do. A bounded queue, many producers, one
// consumer, without locks; and the flag that says whether the consumer must be woken.
//
// Each cell has a sequence number that says whose turn it is: `position` when it is free for the
// producer of that position, `position + 1` when its letter is ready for the consumer.
//
// No wake-up is lost. The producer (1) makes the letter visible, (2) reads `asleep_`; the consumer
// (3) sets `asleep_`, (4) looks for a letter once more, and sleeps only if there is none. All four
// are sequentially consistent, so they have one order: if (4) misses the letter it came before (1),
// hence (3) before (2), and the producer sees the flag and wakes. A producer that stands between
// claiming a cell and filling it hides later letters; they are found when it wakes us itself.
//
// No letter is lost at the end either. Close() is a bit of the same word that producers claim cells
// with: a letter was either claimed before it, and is in the box or about to be, or it was refused.
//
// Whom Push() refuses may call MarkOverflow(): a letter without contents, for which there is always
// room. The flag stands for the letter in (1) and (4).
//
// Threading: Push(), MarkOverflow() and TakeSleeper() from any thread, the rest from the shard.
// Limits:    `capacity` letters; Push() is false when it is full, and the caller decides. It is
//            false for ever once closed().
#ifndef PENSTOCK_REACTOR_MAILBOX_H_
#define PENSTOCK_REACTOR_MAILBOX_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace penstock::reactor {

struct Letter {
  void (*run)(void* context, uint64_t value) = nullptr;
  void* context = nullptr;
  uint64_t value = 0;
};

class Mailbox {
 public:
  // `capacity`: a power of two.
  explicit Mailbox(size_t capacity);
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Producers.
  bool Push(const Letter& letter);
  bool closed() const { return (tail_.load(std::memory_order_acquire) & kClosed) != 0; }
  void MarkOverflow() { overflow_.store(true, std::memory_order_seq_cst); }
  // After either: true for exactly one caller per sleep, who must wake the consumer.
  bool TakeSleeper() {
    return asleep_.load(std::memory_order_seq_cst) &&
           asleep_.exchange(false, std::memory_order_seq_cst);
  }

  // The consumer.
  bool Pop(Letter* letter);
  bool empty() const;
  // Whether MarkOverflow() was called since the last time; what was written before it is seen.
  bool TakeOverflow() {
    return overflow_.load(std::memory_order_relaxed) &&
           overflow_.exchange(false, std::memory_order_seq_cst);
  }
  // Before it sleeps: false when a letter is there after all, or the mark, and it must not.
  bool FallAsleep() {
    asleep_.store(true, std::memory_order_seq_cst);
    if (empty() && !overflow_.load(std::memory_order_seq_cst)) return true;
    Awake();
    return false;
  }
  // After it slept, for whatever reason it woke. False: a producer had taken the flag.
  bool Awake() { return asleep_.exchange(false, std::memory_order_seq_cst); }
  // Takes no more letters. Idempotent.
  void Close() { tail_.fetch_or(kClosed, std::memory_order_acq_rel); }
  // After Close(): every letter that was taken has been popped.
  bool drained() const { return (tail_.load(std::memory_order_relaxed) & ~kClosed) == head_; }

  size_t capacity() const { return mask_ + 1; }

 private:
  static constexpr uint64_t kClosed = uint64_t{1} << 63;

  struct alignas(64) Cell {
    std::atomic<uint64_t> sequence;
    Letter letter;
  };

  const size_t mask_;
  const std::unique_ptr<Cell[]> cells_;
  alignas(64) std::atomic<uint64_t> tail_{0};  // the next position to claim, and kClosed
  alignas(64) std::atomic<bool> asleep_{false};
  std::atomic<bool> overflow_{false};
  alignas(64) uint64_t head_ = 0;  // the consumer's
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_MAILBOX_H_
