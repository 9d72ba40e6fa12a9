// Codec: one notation of messages besides the wire format of Protocol Buffers: how they are read
// and written where the content-type is "application/grpc+SUBTYPE".
//
//     class Upper final : public codec::Codec { ... };
//     server.registry().AddCodec(std::make_unique<Upper>());
//
// The wire format itself is no Codec: generated code reads and writes it, and nothing virtual
// stands in between.
//
// Threading: one object serves all shards at once.
#ifndef PENSTOCK_CODEC_CODEC_H_
#define PENSTOCK_CODEC_CODEC_H_

#include <string>
#include <string_view>

#include "penstock/codec/message_access.h"
#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"
#include "penstock/wire/bytes.h"

namespace penstock::codec {

// What a Codec may know of a message's class: its name, by which descriptors are found, and where
// the fields of one stand.
struct MessageClass {
  std::string_view full_name;  // "helloworld.HelloRequest"
  const MessageLayout* layout;
};

template <typename M>
MessageClass ClassOf() {
  return {M::kFullName, &MessageAccess::Layout<M>()};
}

// Nothing wrong, or one sentence: what, where, why. It travels to the peer.
struct [[nodiscard]] CodecResult {
  std::string error;

  bool ok() const { return error.empty(); }
};

class Codec {
 public:
  virtual ~Codec() = default;

  // "json": a token in lower case, at most kSubtypeBytesMax long. Lives as long as the codec.
  virtual std::string_view subtype() const = 0;

  // Puts what `input` says into `message`, which is new, of that type, and may view the input.
  // Limits: what `input` asks for comes from the message's arena by TryAllocate(), and nothing of
  //         the input nests deeper than kParseDepthMax: it is a peer's.
  virtual CodecResult Parse(wire::Bytes input, const MessageClass& type,
                            MessageHead& message) const = 0;

  // Appends the message to `output`.
  virtual CodecResult Serialize(const MessageHead& message, const MessageClass& type,
                                std::string& output) const = 0;
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_CODEC_H_
