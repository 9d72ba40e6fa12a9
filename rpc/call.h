// Call: one RPC as its handler sees it. It knows nothing of HTTP/2.
//
//     Status SayHello(Call& call, const HelloRequest& request, HelloReply& reply) override {
//       if (auto who = call.metadata().Get("x-user")) ...
//       (void)call.trailing_metadata().Add("x-served-by", "a");
//       return OkStatus();
//     }
//
// Ownership: exists until the handler has returned (a coroutine: until its task has completed) and
//            its status is on the way; so do its metadata and what its arena holds.
// Threading: the shard that serves it.
#ifndef PENSTOCK_RPC_CALL_H_
#define PENSTOCK_RPC_CALL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/reactor/shard.h"
#include "penstock/reactor/socket.h"
#include "penstock/reactor/wait.h"
#include "penstock/rpc/metadata.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/check.h"
#include "penstock/wire/time.h"

namespace penstock {
namespace codec {
class Codec;
}

namespace rpc {

// Why a call is over before its handler has ended: the caller or the connection went away, the
// deadline passed, the server stops.
class CallCancellation final : public reactor::Cancellation {
 public:
  // What the handler awaits answers `why`. The first one counts.
  void Cancel(Status why) {
    if (requested()) return;
    status_ = std::move(why);
    Request();
  }
  const Status& status() const { return status_; }

 private:
  Status status_;
};

}  // namespace rpc

class Call {
 public:
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // "/helloworld.Greeter/SayHello"
  std::string_view method() const { return method_; }
  // "127.0.0.1:51234", "unix:"; asks the kernel.
  std::string peer() const { return socket_ == nullptr ? "unknown" : socket_->PeerAddress(); }

  // What the messages are written in: "proto" unless the caller asked for another codec.
  std::string_view content_subtype() const { return content_subtype_; }
  // What reads and writes them then; null: they do it themselves.
  const codec::Codec* content_codec() const { return content_codec_; }

  // The time of this turn of the shard, and the caller's deadline on the same clock (kTimeNever
  // where it set none).
  TimeNs now() const { return shard_ == nullptr ? 0 : shard_->now(); }
  TimeNs deadline() const { return deadline_; }
  // At most this long is there a use in going on; kTimeNever without a deadline.
  TimeNs time_left_ns() const { return deadline_ == kTimeNever ? kTimeNever : deadline_ - now(); }

  // The call is over: nobody hears of what the handler still does. It can become so only while a
  // coroutine is suspended; what that awaits answers cancel_status(), and it is to return.
  bool cancelled() const { return cancellation_ != nullptr && cancellation_->requested(); }
  // CANCELLED, DEADLINE_EXCEEDED or UNAVAILABLE; OK while the call goes on.
  Status cancel_status() const { return cancelled() ? cancellation_->status() : OkStatus(); }

  // What the caller sent, and what goes back with the response's head and after its message.
  const Metadata& metadata() const { return metadata_; }
  Metadata& initial_metadata() { return initial_metadata_; }
  Metadata& trailing_metadata() { return trailing_metadata_; }

  // Memory that lives as long as the call.
  wire::Arena& arena() { return arena_; }

  // Of a call on a shard: where it is served.
  reactor::Shard& shard() const { return *shard_; }
  // Of a call that a coroutine handles: for what suspends it.
  rpc::CallCancellation& cancellation() const {
    PENSTOCK_DCHECK(cancellation_ != nullptr, "only a coroutine's call can be waited in");
    return *cancellation_;
  }

 protected:
  // What a usual call needs, messages included, fits in here: no block is taken.
  static constexpr size_t kInlineBytes = 1024;

  explicit Call(wire::SlabPool* slabs)
      : arena_({inline_bytes_, kInlineBytes}, slabs),
        metadata_(&arena_),
        initial_metadata_(&arena_),
        trailing_metadata_(&arena_) {}
  ~Call() = default;

  alignas(wire::Arena::kAlignMax) uint8_t inline_bytes_[kInlineBytes];
  std::string_view method_;
  std::string_view content_subtype_ = "proto";
  const codec::Codec* content_codec_ = nullptr;
  const reactor::Socket* socket_ = nullptr;
  reactor::Shard* shard_ = nullptr;
  rpc::CallCancellation* cancellation_ = nullptr;
  TimeNs deadline_ = kTimeNever;
  wire::Arena arena_;
  Metadata metadata_;
  Metadata initial_metadata_;
  Metadata trailing_metadata_;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_CALL_H_
