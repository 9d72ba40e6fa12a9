// Scheduler: whose DATA goes next when several streams have some and the windows allow it.
//
// Round robin, one frame a turn, over the streams that could send at once; a stream whose own
// window is used up is not in the list.
//
// Ownership: links streams, does not own them.
#ifndef PENSTOCK_HTTP2_SCHEDULER_H_
#define PENSTOCK_HTTP2_SCHEDULER_H_

#include "penstock/http2/stream.h"

namespace penstock::http2 {

class Scheduler {
 public:
  bool empty() const { return front_ == nullptr; }

  void Add(Stream* stream) {
    if (stream->in_ready_list) return;
    stream->in_ready_list = true;
    stream->ready_next = nullptr;
    stream->ready_previous = back_;
    (back_ == nullptr ? front_ : back_->ready_next) = stream;
    back_ = stream;
  }

  void Remove(Stream* stream) {
    if (!stream->in_ready_list) return;
    stream->in_ready_list = false;
    Stream* previous = stream->ready_previous;
    Stream* next = stream->ready_next;
    (previous == nullptr ? front_ : previous->ready_next) = next;
    (next == nullptr ? back_ : next->ready_previous) = previous;
  }

  // The stream whose turn it is, taken out of the list; null when none waits.
  Stream* TakeNext() {
    Stream* stream = front_;
    if (stream != nullptr) Remove(stream);
    return stream;
  }

 private:
  Stream* front_ = nullptr;
  Stream* back_ = nullptr;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_SCHEDULER_H_
