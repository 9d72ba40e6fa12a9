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
#include "penstock/codec/map_base.h"
#include "penstock/codec/message_access.h"
#include "penstock/codec/message_head.h"
#include "penstock/codec/parse_result.h"
#include "penstock/codec/repeated_field.h"
#include "penstock/codec/required_fields.h"
#include "penstock/codec/string_field.h"
#include "penstock/codec/utf8.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/varint.h"

namespace penstock::codec {

class ExtensionSet;
struct ExtensionValue;

class Parser {
 public:
  Parser(wire::Bytes input, StringRule rule)
      : begin_(input.data() == nullptr ? &kNothing : input.data()), rule_(rule) {}

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
    const uint8_t* p =
        MessageAccess::Parse(message, parser, parser.begin_, parser.begin_ + input.size());
    if (PENSTOCK_UNLIKELY(p == nullptr || parser.group_end_ != nullptr)) return parser.Failure();
    if constexpr (MessageAccess::Layout<M>().has_required) {
      if (!HasRequiredFields(MessageAccess::Head(message), MessageAccess::Layout<M>())) {
        return {ParseError::kMissingField, static_cast<uint32_t>(input.size())};
      }
    }
    return {};
  }

  // The same by layout, for messages whose class is not known.
  static ParseResult ParseMessage(MessageHead& message, const MessageLayout& layout,
                                  wire::Bytes input, StringRule rule);

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
    if (PENSTOCK_UNLIKELY(!Store(TextAt(length), head, out))) {
      return Reject(ParseError::kMemoryLimit, p);
    }
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
    if (PENSTOCK_UNLIKELY(!Store(TextAt(length), head, out))) {
      return Reject(ParseError::kMemoryLimit, p);
    }
    return length.after + length.value;
  }
  // An element of a repeated field.
  const uint8_t* AddBytes(const uint8_t* p, const uint8_t* end, MessageHead& head,
                          RepeatedString& out);
  const uint8_t* AddString(const uint8_t* p, const uint8_t* end, MessageHead& head,
                           RepeatedString& out);
  // `after` is what reading `value` gave.
  template <typename T>
  PENSTOCK_ALWAYS_INLINE const uint8_t* Add(const uint8_t* after, MessageHead& head,
                                            RepeatedField<T>& out, T value) {
    if (PENSTOCK_UNLIKELY(after == nullptr)) return nullptr;
    void* room = out.TryAddRaw(head, sizeof(T));
    if (PENSTOCK_UNLIKELY(room == nullptr)) return Reject(ParseError::kMemoryLimit, after);
    *static_cast<T*>(room) = value;
    return after;
  }

  // A message with its length in front, or a group: what it has is added to `child`, which is made
  // when there is none. `number` is the field's.
  template <typename M>
  const uint8_t* ReadMessage(const uint8_t* p, const uint8_t* end, MessageHead& head, M*& child) {
    if (child == nullptr) child = MessageAccess::TryNewChild<M>(head);
    if (PENSTOCK_UNLIKELY(child == nullptr)) return Reject(ParseError::kMemoryLimit, p);
    return ReadInto(p, end, *child);
  }
  template <typename M>
  const uint8_t* ReadGroup(const uint8_t* p, const uint8_t* end, uint32_t number, MessageHead& head,
                           M*& child) {
    if (child == nullptr) child = MessageAccess::TryNewChild<M>(head);
    if (PENSTOCK_UNLIKELY(child == nullptr)) return Reject(ParseError::kMemoryLimit, p);
    return ReadGroupInto(p, end, number, MessageAccess::Head(*child), MessageAccess::Layout<M>());
  }
  template <typename M>
  const uint8_t* AddMessage(const uint8_t* p, const uint8_t* end, MessageHead& head,
                            RepeatedMessage<M>& out) {
    M* element = TryAddElement(head, out);
    if (PENSTOCK_UNLIKELY(element == nullptr)) return Reject(ParseError::kMemoryLimit, p);
    return ReadInto(p, end, *element);
  }
  template <typename M>
  const uint8_t* AddGroup(const uint8_t* p, const uint8_t* end, uint32_t number, MessageHead& head,
                          RepeatedMessage<M>& out) {
    M* element = TryAddElement(head, out);
    if (PENSTOCK_UNLIKELY(element == nullptr)) return Reject(ParseError::kMemoryLimit, p);
    return ReadGroupInto(p, end, number, MessageAccess::Head(*element), MessageAccess::Layout<M>());
  }
  // The same by layout, for messages whose class is not known.
  const uint8_t* ReadInto(const uint8_t* p, const uint8_t* end, MessageHead& message,
                          const MessageLayout& layout);
  const uint8_t* ReadGroupInto(const uint8_t* p, const uint8_t* end, uint32_t number,
                               MessageHead& message, const MessageLayout& layout);

  // An entry of a map, whose layout is `entry`. `field` is where its tag begins.
  const uint8_t* ReadMapEntry(const uint8_t* field, const uint8_t* p, const uint8_t* end,
                              MessageHead& head, MapBase& map, const MessageLayout& entry);

  // A number, bool or enum of any type; *out is as large as StoredBytes() says.
  const uint8_t* ReadNumber(FieldType type, const uint8_t* p, const uint8_t* end, void* out);

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
  // Numbers the enum does not have go to the unknown fields, one by one, under `number`.
  const uint8_t* ReadPackedClosedEnum(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                      RepeatedBase& out, const EnumLayout& layout, uint32_t number);
  const uint8_t* ReadPackedFixed32(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                   RepeatedBase& out);
  const uint8_t* ReadPackedFixed64(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                   RepeatedBase& out);

  // A field the message does not know: kept in `head`. `field` is where its tag begins.
  const uint8_t* ReadUnknown(const uint8_t* field, const uint8_t* end, Tag tag, MessageHead& head);

  // A field whose number is set aside for extensions: kept in `set`, that of the message with
  // `head`. `field` is where its tag begins.
  const uint8_t* ReadExtension(const uint8_t* field, const uint8_t* end, Tag tag, MessageHead& head,
                               ExtensionSet& set);
  // All fields of a message that has message_set_wire_format.
  const uint8_t* ReadMessageSet(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                ExtensionSet& set);
  // Reads what an ExtensionSet keeps under one number into `value`, whose texts view it. The set's
  // message lies `depth` deep.
  static ParseResult DecodeExtension(wire::Bytes octets, int depth, ExtensionValue& value);

  // A field that was read to `after` and has a value that its enum does not have: kept in `head`.
  const uint8_t* KeepUnknown(const uint8_t* field, const uint8_t* after, MessageHead& head);

  // The tag at `field` ends a group: what is being parsed ends here, whoever began it sees whether
  // it should.
  const uint8_t* EndGroup(const uint8_t* field, Tag tag) {
    if (PENSTOCK_UNLIKELY(tag.value >> 3 == 0)) return Reject(ParseError::kBadTag, field);
    group_end_ = field;
    group_end_tag_ = tag.value;
    return tag.after;
  }

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
  PENSTOCK_ALWAYS_INLINE bool Store(std::string_view text, MessageHead& head, StringField& out) {
    if (rule_ == StringRule::kAlias) {
      out.Alias(text);
      return true;
    }
    return out.TryAssign(head, text);
  }
  template <typename M>
  PENSTOCK_ALWAYS_INLINE const uint8_t* ReadInto(const uint8_t* p, const uint8_t* end, M& message) {
    const Varint length = ReadLength(p, end);
    if (PENSTOCK_UNLIKELY(length.after == nullptr)) return nullptr;
    if (PENSTOCK_UNLIKELY(--depth_left_ < 0)) return Reject(ParseError::kTooDeep, p);
    const uint8_t* after =
        MessageAccess::Parse(message, *this, length.after, length.after + length.value);
    ++depth_left_;
    if (PENSTOCK_UNLIKELY(group_end_ != nullptr)) return RejectGroupEnd();
    return after;
  }
  template <typename M>
  M* TryAddElement(MessageHead& head, RepeatedMessage<M>& out) {
    if (PENSTOCK_UNLIKELY(!out.TryReserve(head, out.size() + 1, sizeof(void*)))) return nullptr;
    void*& element = out.elements()[out.size()];
    if (element == nullptr) element = MessageAccess::TryNewChild<M>(head);
    if (PENSTOCK_UNLIKELY(element == nullptr)) return nullptr;
    out.SetSize(out.size() + 1);
    return static_cast<M*>(element);
  }
  const uint8_t* ReadMapValue(const FieldLayout& field, const uint8_t* p, const uint8_t* end,
                              MessageHead& head, MapNode& node);
  const uint8_t* ReadExtensionField(const uint8_t* field, Tag tag, const uint8_t* end,
                                    ExtensionValue& value);
  const uint8_t* ReadPackedExtension(const uint8_t* p, const uint8_t* end, ExtensionValue& value);
  const uint8_t* ReadSingularExtension(const uint8_t* field, const uint8_t* p, const uint8_t* end,
                                       ExtensionValue& value);
  const uint8_t* AddExtension(const uint8_t* field, const uint8_t* p, const uint8_t* end,
                              ExtensionValue& value);
  struct Item;
  const uint8_t* ReadItem(const uint8_t* p, const uint8_t* end, MessageHead& head,
                          ExtensionSet& set);
  const uint8_t* ReadSetField(const uint8_t* field, const uint8_t* end, Tag tag, MessageHead& head,
                              ExtensionSet& set);
  const uint8_t* ReadTypeId(const uint8_t* p, const uint8_t* end, Item& item);
  const uint8_t* ReadItemMessage(const uint8_t* p, const uint8_t* end, Item& item);
  [[nodiscard]] bool KeepItem(const Item& item, MessageHead& head, ExtensionSet& set);
  const uint8_t* ReadKeptItem(const uint8_t* p, const uint8_t* end, ExtensionValue& value);
  PENSTOCK_COLD ParseResult Failure();
  PENSTOCK_COLD const uint8_t* RejectGroupEnd();
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

  static constexpr uint8_t kNothing = 0;  // stands for an input that is nowhere: p is never null

  const uint8_t* begin_;
  StringRule rule_;
  int depth_left_ = kParseDepthMax;
  uint32_t group_end_tag_ = 0;
  const uint8_t* group_end_ = nullptr;  // where a group's end was met that nobody has claimed yet
  ParseResult result_;
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_PARSER_H_
