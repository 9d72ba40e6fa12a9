// Reader: the messages that the other side streams in.
//
//     Task<StatusOr<RouteSummary>> RecordRoute(Call& call, Reader<Point>& in) {
//       RouteSummary summary(&call.arena());
//       while (const Point* point = co_await Try(co_await in.Next())) {
//         summary.set_point_count(summary.point_count() + 1);
//       }
//       co_return summary;
//     }
//
// Next() answers a message, null at the clean end, or the error that ended the stream: with Try()
// the error ends the handler, and so the three cannot be taken for one another. What has arrived
// already does not suspend. After an error every Next() answers the same one.
//
// A peer sends no faster than the handler reads: octets are asked for anew once their message has
// been taken.
//
// Ownership: a message lives until the next Next(); what is to stay is copied. The Reader lives as
//            long as the handler's task. One Next() at a time.
// Limits:    keeps the memory of one message. What waits here: queued_bytes().
#ifndef PENSTOCK_RPC_READER_H_
#define PENSTOCK_RPC_READER_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "penstock/codec/message_format.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/message_source.h"
#include "penstock/rpc/notation.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/status_or.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/time.h"

namespace penstock {

// What Next(timeout_ns) found. That nothing came in time is neither an error nor the end, and has
// an answer of its own: as a status it would look like the DEADLINE_EXCEEDED of the call, after
// which nothing can come any more.
template <typename Message>
class Arrival {
 public:
  enum class Kind : uint8_t { kMessage, kEnd, kTimeout };

  Arrival(Kind kind, const Message* message) : kind_(kind), message_(message) {}

  Kind kind() const { return kind_; }
  // Null without one.
  const Message* message() const { return message_; }
  bool is_end() const { return kind_ == Kind::kEnd; }
  // The stream goes on: a later Next() may find something.
  bool timed_out() const { return kind_ == Kind::kTimeout; }

 private:
  Kind kind_;
  const Message* message_;
};

template <typename Message>
class Reader;

namespace rpc {

// What Next() returns: awaits a message, or the end.
template <typename Message>
class [[nodiscard]] NextOperation final : public CallWait {
 public:
  NextOperation(CallScope* call, Reader<Message>* reader) : CallWait(call), reader_(*reader) {}

  bool await_ready() const { return cancelled() || reader_.is_ready(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    reader_.source_.WakeWhenReady(*this);
  }
  [[nodiscard]] StatusOr<const Message*> await_resume() { return reader_.Take(); }

 private:
  Reader<Message>& reader_;
};

// The same for a while.
template <typename Message>
class [[nodiscard]] NextInTimeOperation final : public CallWait {
 public:
  NextInTimeOperation(CallScope* call, Reader<Message>* reader, TimeNs timeout_ns)
      : CallWait(call),
        reader_(*reader),
        wake_at_(SaturatingAdd(call->now(), timeout_ns)),
        timer_(&NextInTimeOperation::OnTimer, this) {}

  bool await_ready() const {
    return cancelled() || reader_.is_ready() ||
           (wake_at_ <= call().now() && reader_.queued_count() == 0);
  }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    reader_.source_.WakeWhenReady(*this);
    call().shard().timers().Schedule(timer_, wake_at_);
  }
  [[nodiscard]] StatusOr<Arrival<Message>> await_resume() {
    using Kind = typename Arrival<Message>::Kind;
    if (!cancelled() && !reader_.is_ready()) return Arrival<Message>(Kind::kTimeout, nullptr);
    const StatusOr<const Message*> next = reader_.Take();
    if (!next.ok()) return next.status();
    return Arrival<Message>(*next != nullptr ? Kind::kMessage : Kind::kEnd, *next);
  }

 private:
  // What lies here is found, though it may have to wait for the turn that decompresses it.
  static void OnTimer(void* context, TimeNs) {
    auto& next = *static_cast<NextInTimeOperation*>(context);
    if (next.reader_.queued_count() == 0) next.Wake();
  }

  Reader<Message>& reader_;
  const TimeNs wake_at_;
  reactor::Timer timer_;
};

}  // namespace rpc

template <typename Message>
class Reader {
 public:
  Reader(Call* call, rpc::MessageSource* source) : Reader(call, source, call) {
    counts_ = true;
  }
  // For a client, whose `caller` waits, and whose call counts what arrives.
  Reader(Call* call, rpc::MessageSource* source, CallScope* caller)
      : call_(*call),
        caller_(*caller),
        source_(*source),
        arena_({inline_bytes_, kInlineBytes}, &SlabsOf(*call)) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // A StatusOr<const Message*>: see above.
  rpc::NextOperation<Message> Next() {
    LetGo();
    return rpc::NextOperation<Message>(&caller_, this);
  }
  // Gives up after `timeout_ns`, to a tick of the shard's timers (1 ms): a
  // StatusOr<Arrival<Message>>. A message that lies here is found even in no time.
  //
  //     const Arrival<Note> next = co_await Try(co_await in.Next(5 * kNsPerSecond));
  //     if (next.timed_out()) ...
  //     if (next.is_end()) ...
  //     Use(*next.message());
  rpc::NextInTimeOperation<Message> Next(TimeNs timeout_ns) {
    LetGo();
    return rpc::NextInTimeOperation<Message>(&caller_, this, timeout_ns);
  }

  // Messages that have arrived whole and were not read yet, and their octets with their prefixes.
  size_t queued_count() const { return source_.queued_count(); }
  size_t queued_bytes() const { return source_.queued_bytes(); }

 private:
  friend class rpc::NextOperation<Message>;
  friend class rpc::NextInTimeOperation<Message>;
  using Format = codec::MessageFormat<Message>;

  // What a small message with a few parts needs; more is the shard's.
  static constexpr size_t kInlineBytes = 256;

  static wire::SlabPool& SlabsOf(const Call& call) { return call.shard().slabs(); }

  bool is_ready() const {
    return source_.has_laid_out() || !failure_.ok() || source_.is_ready();
  }

  // Before the wait and not behind it: who waits holds no memory.
  void LetGo() {
    holder_.reset();
    arena_.Reset();
  }

  StatusOr<const Message*> Take() {
    if (PENSTOCK_UNLIKELY(!failure_.ok())) return failure_;
    if (PENSTOCK_UNLIKELY(caller_.cancelled())) return caller_.cancel_status();
    wire::Bytes octets;
    if (!source_.TakeLaidOut(&octets) && PENSTOCK_UNLIKELY(!source_.Take(&octets))) return End();
    if (counts_) call_.CountReceived();
    Message& message = Format::Of(holder_.emplace(&arena_));
    Status read = rpc::ReadMessage(call_, octets, message);
    if (PENSTOCK_UNLIKELY(!read.ok())) {
      failure_ = read;
      return read;
    }
    return static_cast<const Message*>(&message);
  }

  StatusOr<const Message*> End() {
    failure_ = source_.end_status();
    if (!failure_.ok()) return failure_;
    return static_cast<const Message*>(nullptr);
  }

  Call& call_;
  CallScope& caller_;
  rpc::MessageSource& source_;
  bool counts_ = false;
  Status failure_;  // what ended the stream, if not its clean end
  alignas(wire::Arena::kAlignMax) uint8_t inline_bytes_[kInlineBytes];
  wire::Arena arena_;  // the message's; what it views of its octets is the source's
  std::optional<typename Format::Holder> holder_;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_READER_H_
