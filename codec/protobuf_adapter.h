// Google's classes as messages of calls: whoever includes this header registers handlers with what
// protoc generated.
//
//     #include "penstock/codec/protobuf_adapter.h"
//     #include "shop/cart.pb.h"
//
//     constexpr UnaryMethod<shop::AddRequest, shop::AddReply> kAdd{"/shop.Cart/Add"};
//     registry.Handle(kAdd, [](Call&, const shop::AddRequest& request, shop::AddReply& reply) {
//       ...
//     });
//
// Messages are made on a google::protobuf::Arena of their call's, parsed from the received octets
// and serialised straight into the connection's output. They travel as Protocol Buffers only.
//
// Ownership: a message lives as long as the handler's call; what is to stay is copied.
// Limits:    the call's limit of memory does not bind Google's arena: message_bytes_max does.
//
// Only those who include this link libprotobuf (//codec:protobuf_adapter). Tried with 3.21.
#ifndef PENSTOCK_CODEC_PROTOBUF_ADAPTER_H_
#define PENSTOCK_CODEC_PROTOBUF_ADAPTER_H_

#include <google/protobuf/arena.h>
#include <google/protobuf/message_lite.h>

#include <concepts>
#include <cstddef>
#include <cstdint>

#include "penstock/codec/limits.h"
#include "penstock/codec/message_format.h"
#include "penstock/codec/parse_result.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

namespace penstock::codec {

template <std::derived_from<google::protobuf::MessageLite> M>
struct MessageFormat<M> {
  class Holder {
   public:
    explicit Holder(wire::Arena* arena)
        : arena_(OptionsFor(arena)),
          message_(*google::protobuf::Arena::CreateMessage<M>(&arena_)) {}
    M& message() { return message_; }

   private:
    // What a usual message needs; more comes from the heap.
    static constexpr size_t kFirstBlockBytes = 1024;

    static google::protobuf::ArenaOptions OptionsFor(wire::Arena* arena) {
      google::protobuf::ArenaOptions options;
      options.initial_block = static_cast<char*>(arena->Allocate(kFirstBlockBytes));
      options.initial_block_size = kFirstBlockBytes;
      return options;
    }

    google::protobuf::Arena arena_;
    M& message_;
  };
  static M& Of(Holder& holder) { return holder.message(); }

  // Google's parser copies what it keeps. It says neither why it refuses something nor where.
  static ParseResult Parse(M& message, wire::Bytes input, StringRule /*rule*/) {
    if (PENSTOCK_UNLIKELY(input.size() > kMessageBytesMax)) return {ParseError::kTooLarge, 0};
    if (PENSTOCK_UNLIKELY(
            !message.ParsePartialFromArray(input.data(), static_cast<int>(input.size())))) {
      return {ParseError::kRefused, 0};
    }
    if (PENSTOCK_LIKELY(message.IsInitialized())) return {};
    return {ParseError::kMissingField, static_cast<uint32_t>(input.size())};
  }
  static size_t ByteSize(const M& message) { return message.ByteSizeLong(); }
  static uint8_t* SerializeTo(const M& message, uint8_t* target) {
    return message.SerializeWithCachedSizesToArray(target);
  }
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_PROTOBUF_ADAPTER_H_
