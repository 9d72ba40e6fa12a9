// MessageTally: what became of the messages of streams in the measured window.
//
// Threading: one shard writes; merged after the shards have stopped.
#ifndef PENSTOCK_LOADTEST_MESSAGE_TALLY_H_
#define PENSTOCK_LOADTEST_MESSAGE_TALLY_H_

#include <cstdint>

#include "penstock/loadtest/histogram.h"
#include "penstock/loadtest/tally.h"

namespace penstock::loadtest {

struct MessageTally {
  // In the window, whenever their stream began, and however it ended.
  uint64_t sent_count = 0;
  uint64_t received_count = 0;
  // Of a bidi stream: from the k-th request to the k-th response; with an interval from when the
  // request was due.
  Histogram round_trip;
  // Of a stream of responses: from the send of the call to the first of them.
  Histogram first_message;
  // Streams that ended with OK, but with more or fewer responses than requests: round_trip means
  // nothing then.
  uint64_t uneven_count = 0;
  // Streams that the server ended with OK before it had all requests.
  uint64_t early_count = 0;

  void Merge(const MessageTally& other) {
    sent_count += other.sent_count;
    received_count += other.received_count;
    round_trip.Merge(other.round_trip);
    first_message.Merge(other.first_message);
    uneven_count += other.uneven_count;
    early_count += other.early_count;
  }
  void Clear() {
    sent_count = received_count = uneven_count = early_count = 0;
    round_trip.Clear();
    first_message.Clear();
  }
};

// What became of the calls of one method of a mix.
struct MethodTally {
  Tally tally;
  MessageTally messages;

  void Merge(const MethodTally& other) {
    tally.Merge(other.tally);
    messages.Merge(other.messages);
  }
  void Clear() {
    tally.Clear();
    messages.Clear();
  }
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_MESSAGE_TALLY_H_
