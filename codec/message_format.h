// MessageFormat<M>: how calls make, read and write messages of class M. The default asks M itself
// and serves generated messages; protobuf_adapter.h has one for Google's.
//
//     MessageFormat<M>::Holder holder(&call.arena());   // M itself, or what keeps one
//     M& message = MessageFormat<M>::Of(holder);
//     MessageFormat<M>::Parse(message, bytes, StringRule::kAlias);
//
// All of it is resolved when the program is compiled, and costs what M costs.
#ifndef PENSTOCK_CODEC_MESSAGE_FORMAT_H_
#define PENSTOCK_CODEC_MESSAGE_FORMAT_H_

#include <cstddef>
#include <cstdint>

#include "penstock/codec/parse_result.h"
#include "penstock/wire/bytes.h"

namespace penstock::codec {

// In which notations a class of messages can travel. The narrower, the less.
enum class Notations : uint8_t {
  kProto,       // the wire format of Protocol Buffers, and no other
  kRegistered,  // also those a Codec reads and writes: the class has a MessageLayout
  kAny,         // it is not looked at
};

// Made by penstockc.
template <typename M>
concept HasLayout = requires { M::kFullName; };

template <typename M>
constexpr Notations NotationsOf() {
  if constexpr (requires { M::kNotations; }) {
    return M::kNotations;
  } else {
    return HasLayout<M> ? Notations::kRegistered : Notations::kProto;
  }
}

template <typename M>
struct MessageFormat {
  // Made from a wire::Arena*.
  using Holder = M;
  static M& Of(Holder& holder) { return holder; }

  // `message` is new.
  static ParseResult Parse(M& message, wire::Bytes input, StringRule rule) {
    return message.MergeFromBytes(input, rule);
  }
  static size_t ByteSize(const M& message) { return message.ByteSize(); }
  // Behind ByteSize(): writes as much, and gives the end.
  static uint8_t* SerializeTo(const M& message, uint8_t* target) {
    return message.SerializeTo(target);
  }
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_MESSAGE_FORMAT_H_
