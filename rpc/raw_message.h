// RawMessage: a message as the octets it travels as, whatever their notation. What proxies and load
// testers want.
//
//     constexpr UnaryMethod<RawMessage, RawMessage> kForward{"/shop.Cart/Add"};
//     registry.Handle(kForward, [](Call& call, const RawMessage& request, RawMessage& reply) {
//       reply.View(request.bytes());   // call.content_subtype() says what they are
//       return OkStatus();
//     });
//
// A method whose request and response are both raw takes every content-subtype, and answers in the
// one it was asked in.
//
// Ownership: views; what it holds lives as long as the call's arena, or as View()'s caller says.
#ifndef PENSTOCK_RPC_RAW_MESSAGE_H_
#define PENSTOCK_RPC_RAW_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "penstock/codec/message_format.h"
#include "penstock/codec/parse_result.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

namespace penstock {

class RawMessage {
 public:
  static constexpr codec::Notations kNotations = codec::Notations::kAny;

  explicit RawMessage(wire::Arena* arena) : arena_(arena) {}

  wire::Bytes bytes() const { return bytes_; }
  std::string_view text() const { return wire::AsString(bytes_); }

  // The octets stay where they are, until the reply is on the way: in a request, or for ever.
  void View(wire::Bytes bytes) { bytes_ = bytes; }
  void View(std::string_view bytes) { bytes_ = wire::AsBytes(bytes); }
  // Copies them into the call's arena.
  void Copy(wire::Bytes bytes) { bytes_ = arena_->Copy(bytes); }
  void Copy(std::string_view bytes) { Copy(wire::AsBytes(bytes)); }

  // What calls ask of a message.
  codec::ParseResult MergeFromBytes(wire::Bytes input, codec::StringRule rule) {
    bytes_ = rule == codec::StringRule::kAlias ? input : arena_->Copy(input);
    return {};
  }
  size_t ByteSize() const { return bytes_.size(); }
  uint8_t* SerializeTo(uint8_t* target) const {
    if (!bytes_.empty()) std::memcpy(target, bytes_.data(), bytes_.size());
    return target + bytes_.size();
  }

 private:
  wire::Arena* arena_;
  wire::Bytes bytes_;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_RAW_MESSAGE_H_
