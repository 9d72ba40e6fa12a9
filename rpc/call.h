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

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/reactor/socket.h"
#include "penstock/rpc/call_compression.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/call_values.h"
#include "penstock/rpc/metadata.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/peer_identity.h"
#include "penstock/wire/time.h"

namespace penstock {

using wire::PeerIdentity;

namespace codec {
class Codec;
}

class Call : public CallScope {
 public:
  // "/helloworld.Greeter/SayHello"
  std::string_view method() const { return method_; }
  // "127.0.0.1:51234", "unix:"; asks the kernel.
  std::string peer() const {
    return socket_ == nullptr ? std::string(peer_) : socket_->PeerAddress();
  }
  // The same, asked once for each connection: for who asks at each call. Lives as long as the
  // connection.
  std::string_view peer_view() const {
    return socket_ == nullptr ? peer_ : std::string_view(socket_->RememberedPeerAddress());
  }

  // Whose certificate the other end has shown, and this one has verified: on a server the caller's,
  // on a client, for interceptors, the server's from the request on. empty() where it showed none,
  // or it was not verified, and without TLS. See docs/tls.md.
  const PeerIdentity& peer_identity() const {
    return peer_identity_ == nullptr ? PeerIdentity::None() : *peer_identity_;
  }

  // On a server: its requests, its responses, or both are any number of messages, and not one.
  bool streams() const { return streams_; }

  // What the messages are written in: "proto" unless the caller asked for another codec.
  std::string_view content_subtype() const { return content_subtype_; }
  // What reads and writes them then; null: they do it themselves.
  const codec::Codec* content_codec() const { return content_codec_; }

  // What the caller sent, and what goes back with the response's head and after its message.
  const Metadata& metadata() const { return metadata_; }
  // The same for an interceptor to change before next(): on a client what is sent, on a server what
  // the handler sees.
  Metadata& mutable_metadata() { return metadata_; }
  Metadata& initial_metadata() { return initial_metadata_; }
  Metadata& trailing_metadata() { return trailing_metadata_; }

  // For an interceptor before next(): the call ends at `when`, if not before. On a server only
  // before anything was awaited: behind that the deadline is the caller's still.
  void ShortenDeadline(TimeNs when) { deadline_ = std::min(deadline_, when); }

  // Messages that its handler was given so far, and those that it has answered; of a client those
  // that have come, and those that its caller has written.
  uint64_t messages_received_count() const { return messages_received_count_; }
  uint64_t messages_sent_count() const { return messages_sent_count_; }
  // For what carries them.
  void CountReceived(uint64_t count = 1) { messages_received_count_ += count; }
  void CountSent() { ++messages_sent_count_; }

  // Compresses the response's messages from here on: "gzip", "deflate", "zstd", or one that was
  // added; "identity" ends it. False, and nothing changes, where the caller does not accept it, the
  // server has none of that name, or the head, which names it, is on its way: so it is always safe
  // to ask. Short messages, and those that would not become shorter, are sent as they are.
  // See docs/compression.md.
  bool SetCompression(std::string_view encoding) { return compression_.Choose(encoding); }
  // Sends the next message as it is: for one that has a secret beside what somebody else chose,
  // whose compressed length would tell of both (CRIME, BREACH).
  void KeepNextPlain() { compression_.KeepNextPlain(); }

  // Memory that lives as long as the call.
  wire::Arena& arena() { return arena_; }

  // What an interceptor found, for the handler: one value of each type, which lives as long as the
  // call. Set() replaces the one before; Get() is null where none was set. A client's call sees
  // what was set for the call that it is made in, its parent; what it sets is its own.
  //
  //     call.Set(User{"anna"});
  //     if (const User* user = call.Get<User>()) ...
  template <typename T>
  T& Set(T value) {
    return values_.Set(&arena_, std::move(value));
  }
  template <typename T>
  T* Get() const {
    return values_.Get<T>();
  }
  // The same for what an interceptor keeps for itself, from Before() to After(): another of its
  // class around the same call has its own, and nobody else sees it. `owner`: this.
  template <typename T>
  T& SetFor(const void* owner, T value) {
    return values_.Set(&arena_, std::move(value), owner);
  }
  template <typename T>
  T* GetFor(const void* owner) const {
    return values_.GetFor<T>(owner);
  }

  // For who ran the handler with a copy: what it has set for the caller; what stands before the
  // first message may go ahead of the rest. What others have added here meanwhile stays.
  void TakeAnswerOf(const Call& copy);
  void TakeInitialMetadata(std::span<const Metadata::Entry> all);
  void TakeCompression(const rpc::CallCompression& compression) { compression_ = compression; }

 protected:
  // What a usual call needs, messages included, fits in here: no block is taken.
  static constexpr size_t kInlineBytes = 1024;

  explicit Call(wire::SlabPool* slabs)
      : arena_({inline_bytes_, kInlineBytes}, slabs),
        metadata_(&arena_),
        initial_metadata_(&arena_),
        trailing_metadata_(&arena_) {
    call_arena_ = &arena_;
    call_values_ = &values_;
  }
  ~Call() = default;

  // What a handler may ask of `original`, which outlives this: its values are shared. The metadata
  // of its answer is lent to this.
  void BeginAsCopyOf(Call* original);

  alignas(wire::Arena::kAlignMax) uint8_t inline_bytes_[kInlineBytes];
  std::string_view method_;
  std::string_view content_subtype_ = "proto";
  const codec::Codec* content_codec_ = nullptr;
  const reactor::Socket* socket_ = nullptr;
  std::string_view peer_ = "unknown";  // where there is no socket
  const PeerIdentity* peer_identity_ = nullptr;  // the connection's, or a copy's own
  rpc::CallCompression compression_;
  wire::Arena arena_;
  Metadata metadata_;
  Metadata initial_metadata_;
  Metadata trailing_metadata_;
  bool streams_ = false;
  uint64_t messages_received_count_ = 0;
  uint64_t messages_sent_count_ = 0;
  rpc::CallValues values_;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_CALL_H_
