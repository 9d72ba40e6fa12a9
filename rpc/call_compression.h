// CallCompression: what one call's messages are compressed with, either way.
//
// A stream of messages has one encoding, which its head names; of each message its prefix says
// whether it is used. So the encoding can be chosen until the head is on its way, and whether the
// next message uses it until that is written.
#ifndef PENSTOCK_RPC_CALL_COMPRESSION_H_
#define PENSTOCK_RPC_CALL_COMPRESSION_H_

#include <string_view>

#include "penstock/rpc/encodings.h"

namespace penstock::rpc {

class CallCompression {
 public:
  // What the peer's head said, and what to send in where it accepts that. `encodings` outlives the
  // call.
  void Begin(const Encodings* encodings, Encoding received, EncodingSet accepted, Encoding wish) {
    encodings_ = encodings;
    received_ = received;
    accepted_ = accepted;
    sent_ = accepted.Has(wish) ? wish : Encoding::kIdentity;
  }

  // See Call::SetCompression().
  bool Choose(std::string_view name) {
    const Encoding encoding =
        encodings_ == nullptr ? Encoding::kUnknown : encodings_->Find(name);
    const bool is_told = head_sent_ && encoding != told_ && encoding != Encoding::kIdentity;
    if (!accepted_.Has(encoding) || is_told) return false;
    sent_ = encoding;
    return true;
  }
  void KeepNextPlain() { next_is_plain_ = true; }

  // Neither way: the usual call.
  bool is_unused() const {
    return (static_cast<unsigned>(received_) | static_cast<unsigned>(sent_) |
            static_cast<unsigned>(told_)) == 0;
  }
  Encoding received() const { return received_; }
  Encoding sent() const { return sent_; }
  std::string_view sent_name() const { return encodings_->NameOf(sent_); }
  std::string_view received_name() const { return encodings_->NameOf(received_); }

  // A peer that used an encoding may not have been told that there is it: the answer says so.
  // Spec: gRPC compression.md, "Specific Disabling of Compression"
  std::string_view disclosed() const {
    return received_ == Encoding::kIdentity ? std::string_view() : encodings_->accepted();
  }

  // The head goes out, and names sent().
  void NoteHead() {
    head_sent_ = true;
    told_ = sent_;
  }
  // The next message's.
  Encoding TakeNext() {
    const Encoding next = next_is_plain_ ? Encoding::kIdentity : sent_;
    next_is_plain_ = false;
    return next;
  }

 private:
  const Encodings* encodings_ = nullptr;
  EncodingSet accepted_;
  Encoding received_ = Encoding::kIdentity;
  Encoding sent_ = Encoding::kIdentity;
  Encoding told_ = Encoding::kIdentity;
  bool head_sent_ = false;
  bool next_is_plain_ = false;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_CALL_COMPRESSION_H_
