// Scheduler: whose DATA goes next when several streams have some and the windows allow it.
//
//     scheduler.Add(&stream);                    // it could send now
//     Stream* stream = scheduler.Next();         // whose turn it is; it stays in
//     if (cannot_go_on) scheduler.Remove(stream);
//
// A turn is one frame. It goes to the most urgent level that waits. In a level, streams that are
// incremental share it in a round; the others go one after the other, lowest id first; if there are
// both, the two kinds alternate.
//
// Nothing starves: while less urgent levels wait, every sixteenth turn is theirs, each level's in
// its turn. So a level that waits gets one turn in 16 at least when it is alone below the top, and
// one in 16 * 7 = 112 at the worst.
//
// A stream of which the client said nothing is taken as incremental at urgency 3, although RFC 9218
// would have it wait for all that came before it: an RPC that streams without end would hold up
// every later one.
//
// Cost: Next() and Remove() do not depend on how many streams wait. Nor does Add(), but for a
// stream that is not incremental and belongs between others of its level.
//
// Spec:      RFC 9218 §10
// Ownership: links streams, does not own them.
#ifndef PENSTOCK_HTTP2_SCHEDULER_H_
#define PENSTOCK_HTTP2_SCHEDULER_H_

#include <array>
#include <cstdint>

#include "penstock/http2/priority.h"
#include "penstock/http2/stream.h"

namespace penstock::http2 {

class Scheduler {
 public:
  // One turn in so many is for the levels below the most urgent one.
  static constexpr uint8_t kTurnsPerGuard = 16;

  bool empty() const { return waiting_levels_ == 0; }

  // Does nothing when the stream waits already.
  void Add(Stream* stream);
  void Remove(Stream* stream) {
    if (stream->in_ready_list) Unlink(stream);
  }
  // Null when none waits.
  [[nodiscard]] Stream* Next();
  // From now on; the stream may wait or not.
  void SetPriority(Stream* stream, const Priority& priority);

 private:
  // The first of each ring; `ready_previous` of the first is the last.
  struct Level {
    Stream* ordered = nullptr;  // by id
    Stream* round = nullptr;
    bool round_is_next = false;  // when both kinds wait
  };

  Stream*& RingOf(const Stream& stream);
  uint32_t NextLevel();
  void Unlink(Stream* stream);

  std::array<Level, kUrgencyLowest + 1> levels_;
  uint32_t waiting_levels_ = 0;  // bit n: level n has streams
  uint8_t turns_at_top_ = 0;     // since the last turn of a lower level
  uint8_t guarded_level_ = 0;    // which that was
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_SCHEDULER_H_
