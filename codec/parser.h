// Parser: reads the wire format for generated code. A generated message loops over tags in a switch
// and calls one Read* per field; what is rare (long varints, unknown fields, errors) lies out of
// line here.
//
//     const uint8_t* HelloRequest::ParseFields(Parser&, const uint8_t* p, const uint8_t* end)
//
// Every Read* takes the octet where its value begins and the end of the enclosing message; it gives
// the octet behind the value, or nullptr once error and place are remembered.
//
// Spec:   protobuf.dev, "Encoding". Varints longer than needed are accepted, bits above 64 dropped,
//         as every implementation does.
// Limits: limits.h; a length is compared with what is left before anything is reserved for it.
#ifndef PENSTOCK_CODEC_PARSER_H_
#define PENSTOCK_CODEC_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "penstock/codec/limits.h"
#include "penstock/codec/message_access.h"
#include "penstock/codec/message_head.h"
#include "penstock/codec/parse_result.h"
#include "penstock/codec/repeated_field.h"
#include "penstock/codec/string_field.h"
#include "penstock/codec/utf8.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/varint.h"

namespace penstock::codec {

class Parser {
 public:
  Parser(wire::Bytes input, StringRule rule) : begin_(input.data()), rule_(rule) {}

  struct Tag {
    const uint8_t* after;  // nullptr: rejected
    uint32_t value;        // field number * 8 + wire type
  };
  struct Varint {
    const uint8_t* after;  // nullptr: rejected
    uint64_t value;
  };

  // Parses a whole message and adds what it holds to `message`.
  template <typename M>
  static ParseResult ParseMessage(M& message, wire::Bytes input, StringRule rule) {
    Parser parser(input, rule);
    if (PENSTOCK_UNLIKELY(input.size() > kMessageBytesMax)) return {ParseError::kTooLarge, 0};
    const uint8_t* p = input.data();
    if (PENSTOCK_LIKELY(MessageAccess::ParseFields(message, parser, p, p + input.size()) !=
                        nullptr)) {
      return {};
    }
    return parser.result_;
  }

  // p < end.
  PENSTOCK_ALWAYS_INLINE Tag ReadTag(const uint8_t* p, const uint8_t* end) {
    if (PENSTOCK_LIKELY(*p < 0x80)) return {p + 1, *p};
    if (PENSTOCK_LIKELY(end - p >= 2 && p[1] < 0x80)) {
      return {p + 2, static_cast<uint32_t>(p[0] & 0x7f) | static_cast<uint32_t>(p[1]) << 7};
    }
    return ReadTagSlow(p, end);
  }

  PENSTOCK_ALWAYS_INLINE Varint ReadVarint(const uint8_t* p, const uint8_t* end) {
    if (PENSTOCK_LIKELY(p != end && *p < 0x80)) return {p + 1, *p};
    return ReadVarintSlow(p, end);
  }

  // The length of what follows; it fits before `end`.
  PENSTOCK_ALWAYS_INLINE Varint ReadLength(const uint8_t* p, const uint8_t* end) {
    if (PENSTOCK_LIKELY(p != end && *p < 0x80 && *p <= end - p - 1)) return {p + 1, *p};
    return ReadLengthSlow(p, end);
  }

  // int32, int64, uint32, uint64 and enums: the low bits of the varint.
  template <typename T>
  PENSTOCK_ALWAYS_INLINE const uint8_t* ReadInt(const uint8_t* p, const uint8_t* end, T& out) {
    const Varint varint = ReadVarint(p, end);
    if (PENSTOCK_LIKELY(varint.after != nullptr)) out = static_cast<T>(varint.value);
    return varint.after;
  }
  template <typename T>
  PENSTOCK_ALWAYS_INLINE const uint8_t* ReadSint(const uint8_t* p, const uint8_t* end, T& out) {
    const Varint varint = ReadVarint(p, end);
    if (PENSTOCK_LIKELY(varint.after != nullptr)) out = DecodeSint<T>(varint.value);
    return varint.after;
  }
  PENSTOCK_ALWAYS_INLINE const uint8_t* ReadBool(const uint8_t* p, const uint8_t* end, bool& out) {
    const Varint varint = ReadVarint(p, end);
    if (PENSTOCK_LIKELY(varint.after != nullptr)) out = varint.value != 0;
    return varint.after;
  }
  // fixed32, sfixed32, float, fixed64, sfixed64, double.
  template <typename T>
  PENSTOCK_ALWAYS_INLINE const uint8_t* ReadFixed(const uint8_t* p, const uint8_t* end, T& out) {
    if (PENSTOCK_UNLIKELY(static_cast<size_t>(end - p) < sizeof(T))) {
      return Reject(ParseError::kTruncated, p);
    }
    std::memcpy(&out, p, sizeof(T));
    return p + sizeof(T);
  }

  PENSTOCK_ALWAYS_INLINE const uint8_t* ReadBytes(const uint8_t* p, const uint8_t* end,
                                                  MessageHead& head, StringField& out) {
    const Varint length = ReadLength(p, end);
    if (PENSTOCK_UNLIKELY(length.after == nullptr)) return nullptr;
    Store(TextAt(length), head, out);
    return length.after + length.value;
  }
  // A proto3 string.
  PENSTOCK_ALWAYS_INLINE const uint8_t* ReadString(const uint8_t* p, const uint8_t* end,
                                                   MessageHead& head, StringField& out) {
    const Varint length = ReadLength(p, end);
    if (PENSTOCK_UNLIKELY(length.after == nullptr)) return nullptr;
    if (PENSTOCK_UNLIKELY(!IsValidUtf8(TextAt(length)))) {
      return Reject(ParseError::kInvalidUtf8, p);
    }
    Store(TextAt(length), head, out);
    return length.after + length.value;
  }

  // A message with its length in front; what it has is added to `message`.
  template <typename M>
  const uint8_t* ReadMessage(const uint8_t* p, const uint8_t* end, M& message) {
    const Varint length = ReadLength(p, end);
    if (PENSTOCK_UNLIKELY(length.after == nullptr)) return nullptr;
    if (PENSTOCK_UNLIKELY(--depth_left_ < 0)) return Reject(ParseError::kTooDeep, p);
    const uint8_t* after =
        MessageAccess::ParseFields(message, *this, length.after, length.after + length.value);
    ++depth_left_;
    return after;
  }

  // Packed runs: the elements are appended to `out`. Fixed covers floating point, too.
  const uint8_t* ReadPackedInt32(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                 RepeatedBase& out);
  const uint8_t* ReadPackedInt64(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                 RepeatedBase& out);
  const uint8_t* ReadPackedSint32(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                  RepeatedBase& out);
  const uint8_t* ReadPackedSint64(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                  RepeatedBase& out);
  const uint8_t* ReadPackedBool(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                RepeatedBase& out);
  const uint8_t* ReadPackedFixed32(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                   RepeatedBase& out);
  const uint8_t* ReadPackedFixed64(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                   RepeatedBase& out);

  // A field the message does not know: kept in `head`. `field` is where its tag begins.
  const uint8_t* ReadUnknown(const uint8_t* field, const uint8_t* end, Tag tag, MessageHead& head);

  PENSTOCK_COLD const uint8_t* Reject(ParseError error, const uint8_t* at);

 private:
  static std::string_view TextAt(Varint length) {
    return {reinterpret_cast<const char*>(length.after), static_cast<size_t>(length.value)};
  }
  template <typename T>
  static T DecodeSint(uint64_t value) {
    // The 32-bit form looks at 32 bits of the varint only.
    if constexpr (sizeof(T) == 4) value = static_cast<uint32_t>(value);
    return static_cast<T>(wire::ZigZagDecode(value));
  }
  PENSTOCK_ALWAYS_INLINE void Store(std::string_view text, MessageHead& head, StringField& out) {
    if (rule_ == StringRule::kAlias) {
      out.Alias(text);
    } else {
      out.Assign(head, text);
    }
  }
  Tag ReadTagSlow(const uint8_t* p, const uint8_t* end);
  Varint ReadVarintSlow(const uint8_t* p, const uint8_t* end);
  Varint ReadLengthSlow(const uint8_t* p, const uint8_t* end);
  const uint8_t* SkipField(const uint8_t* p, const uint8_t* end, uint32_t tag);
  const uint8_t* SkipGroup(const uint8_t* p, const uint8_t* end, uint32_t number);
  template <typename T, T (*Decode)(uint64_t)>
  const uint8_t* ReadPackedVarints(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                   RepeatedBase& out);
  template <typename T>
  const uint8_t* ReadPackedFixed(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                 RepeatedBase& out);

  const uint8_t* begin_;
  StringRule rule_;
  int depth_left_ = kParseDepthMax;
  ParseResult result_;
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_PARSER_H_
