// BlockingReader: the messages that the other side streams in, for a handler on a worker thread
// (RunOn::kWorkers), which waits for them where it stands.
//
//     Status RecordRoute(Call& call, BlockingReader<Point>& in, RouteSummary& summary) {
//       for (;;) {
//         const StatusOr<const Point*> point = in.Next();
//         if (!point.ok()) return point.status();
//         if (*point == nullptr) return OkStatus();
//         summary.set_point_count(summary.point_count() + 1);
//       }
//     }
//
// Next() answers a message, null at the clean end, or the error that ended the stream: CANCELLED or
// DEADLINE_EXCEEDED as soon as the call is over, while it waits, too. After an error every Next()
// answers the same one.
//
// Ownership: a message lives until the next Next(); what is to stay is copied. The reader lives
//            until the handler returns.
// Threading: the worker's that runs the handler.
// Limits:    what waits here: server/worker_queue.h; what waits on the shard: rpc/inbox.h.
#ifndef PENSTOCK_RPC_BLOCKING_READER_H_
#define PENSTOCK_RPC_BLOCKING_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "penstock/codec/message_format.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/notation.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/status_or.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/slab_pool.h"

namespace penstock {
namespace rpc {

// Where the messages of a BlockingReader come from.
class BlockingSource {
 public:
  // Waits. True: the oldest message, serialised, whose octets stay until the next Take(). False
  // behind the last one: `*end` says how it ended, OK where the peer has sent all it wanted to.
  [[nodiscard]] virtual bool Take(wire::Bytes* message, Status* end) = 0;
  // What messages are parsed into.
  virtual wire::SlabPool& slabs() = 0;

 protected:
  ~BlockingSource() = default;
};

}  // namespace rpc

template <typename Message>
class BlockingReader {
 public:
  BlockingReader(Call* call, rpc::BlockingSource* source)
      : call_(*call), source_(*source), arena_({inline_bytes_, kInlineBytes}, &source->slabs()) {}
  BlockingReader(const BlockingReader&) = delete;
  BlockingReader& operator=(const BlockingReader&) = delete;

  [[nodiscard]] StatusOr<const Message*> Next() {
    holder_.reset();
    arena_.Reset();
    if (PENSTOCK_UNLIKELY(!failure_.ok())) return failure_;
    wire::Bytes octets;
    if (PENSTOCK_UNLIKELY(!source_.Take(&octets, &failure_))) return End();
    call_.CountReceived();
    Message& message = Format::Of(holder_.emplace(&arena_));
    failure_ = rpc::ReadMessage(call_, octets, message);
    if (PENSTOCK_UNLIKELY(!failure_.ok())) return failure_;
    return static_cast<const Message*>(&message);
  }

 private:
  using Format = codec::MessageFormat<Message>;

  // What a small message with a few parts needs.
  static constexpr size_t kInlineBytes = 256;

  StatusOr<const Message*> End() const {
    if (!failure_.ok()) return failure_;
    return static_cast<const Message*>(nullptr);
  }

  Call& call_;
  rpc::BlockingSource& source_;
  Status failure_;  // what ended the stream, if not its clean end
  alignas(wire::Arena::kAlignMax) uint8_t inline_bytes_[kInlineBytes];
  wire::Arena arena_;  // the message's; what it views of its octets is the source's
  std::optional<typename Format::Holder> holder_;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_BLOCKING_READER_H_
