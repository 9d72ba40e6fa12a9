// ConnectionActivity: the RPCs that one connection has carried so far, for channelz. Plain requests
// are none.
//
// A unary call of a plain function costs three increments here; when things happened last is looked
// at once for each batch of received octets.
#ifndef PENSTOCK_SERVER_CONNECTION_ACTIVITY_H_
#define PENSTOCK_SERVER_CONNECTION_ACTIVITY_H_

#include <cstdint>

#include "penstock/wire/time.h"

namespace penstock::server {

class ConnectionActivity {
 public:
  // A head has come, whatever becomes of it.
  void CountStarted() { ++started_count_; }
  // The one message, and OK.
  void CountReply() { ++replies_count_; }
  // One of a stream of messages.
  void CountSent(TimeNs now) {
    ++streamed_count_;
    sent_at_ = now;
  }
  // What the handler of a call that ends, or loses its stream, was given.
  void CountReceived(uint64_t count) { received_count_ += count; }
  // DATA of a stream of requests.
  void NoteReceived(TimeNs now) { received_at_ = now; }
  // Trailers behind a stream; any other end of a call.
  void CountFinished() { ++finished_count_; }
  void CountFailed() { ++failed_count_; }

  // At the end of each batch, and where a call is answered outside of one.
  void NoteTime(TimeNs now) {
    if (started_count_ != noted_started_count_) {
      noted_started_count_ = started_count_;
      started_at_ = now;
    }
    if (received_count_ != noted_received_count_) {
      noted_received_count_ = received_count_;
      received_at_ = now;
    }
    if (replies_count_ != noted_replies_count_) {
      noted_replies_count_ = replies_count_;
      sent_at_ = now;
    }
  }

  uint64_t started_count() const { return started_count_; }
  uint64_t ok_count() const { return replies_count_ + finished_count_; }
  uint64_t failed_count() const { return failed_count_; }
  // Of calls that have no stream any more: those of open ones are with the calls.
  uint64_t received_count() const { return received_count_; }
  uint64_t sent_count() const { return replies_count_ + streamed_count_; }
  // 0: never.
  TimeNs started_at() const { return started_at_; }
  TimeNs received_at() const { return received_at_; }
  TimeNs sent_at() const { return sent_at_; }

 private:
  uint64_t started_count_ = 0;
  uint64_t replies_count_ = 0;
  uint64_t received_count_ = 0;
  uint64_t streamed_count_ = 0;
  uint64_t finished_count_ = 0;
  uint64_t failed_count_ = 0;
  uint64_t noted_started_count_ = 0;
  uint64_t noted_received_count_ = 0;
  uint64_t noted_replies_count_ = 0;
  TimeNs started_at_ = 0;
  TimeNs received_at_ = 0;
  TimeNs sent_at_ = 0;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_CONNECTION_ACTIVITY_H_
