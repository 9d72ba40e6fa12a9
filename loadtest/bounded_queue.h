// BoundedQueue: first in, first out, with room for so many from the start; nothing is allocated
// when something is put in.
//
//     BoundedQueue<TimeNs> waiting(1000);
//     if (!waiting.full()) waiting.Push(now);
//     while (!waiting.empty()) Take(waiting.Pop());
#ifndef PENSTOCK_LOADTEST_BOUNDED_QUEUE_H_
#define PENSTOCK_LOADTEST_BOUNDED_QUEUE_H_

#include <cstddef>
#include <memory>

#include "penstock/wire/check.h"

namespace penstock::loadtest {

template <typename T>
class BoundedQueue {
 public:
  // The room is touched, and so made resident, only where it is used.
  explicit BoundedQueue(size_t count_max)
      : room_(std::make_unique_for_overwrite<T[]>(count_max)), count_max_(count_max) {}

  bool empty() const { return count_ == 0; }
  bool full() const { return count_ == count_max_; }
  size_t count() const { return count_; }
  const T& front() const { return room_[first_]; }

  // The first first.
  template <typename Function>
  void ForEach(Function&& fn) const {
    for (size_t i = 0; i < count_; ++i) {
      const size_t at = first_ + i;
      fn(room_[at < count_max_ ? at : at - count_max_]);
    }
  }

  // Not full.
  void Push(const T& value) {
    PENSTOCK_DCHECK(!full(), "whoever pushes has asked");
    const size_t end = first_ + count_;
    room_[end < count_max_ ? end : end - count_max_] = value;
    ++count_;
  }
  // Not empty.
  T Pop() {
    const T value = room_[first_];
    if (++first_ == count_max_) first_ = 0;
    // So that an idle queue stays in the cache.
    if (--count_ == 0) first_ = 0;
    return value;
  }

 private:
  const std::unique_ptr<T[]> room_;
  const size_t count_max_;
  size_t first_ = 0;
  size_t count_ = 0;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_BOUNDED_QUEUE_H_
