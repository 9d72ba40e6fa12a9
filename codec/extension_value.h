// ExtensionLayout says what an extension is; ExtensionValue holds one that was decoded or set.
//
// A value is a message with one field, so that clearing, copying, comparing and required fields are
// what MessageOperations does to every message. Its unknown fields are what came under the
// extension's number and is no value of it: another wire type, a number its closed enum lacks.
#ifndef PENSTOCK_CODEC_EXTENSION_VALUE_H_
#define PENSTOCK_CODEC_EXTENSION_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "penstock/codec/field_access.h"
#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"
#include "penstock/codec/parse_result.h"

namespace penstock::codec {

// Where an ExtensionValue has its has-bits and its value.
inline constexpr uint32_t kExtensionHasBitsOffset = 24;
inline constexpr uint32_t kExtensionOffset = 32;
inline constexpr uint32_t kExtensionMessageBytes = 48;

// Generated for each extension; for a DynamicMessage it may be made at run time. One number of one
// message has one layout in a program.
struct ExtensionLayout {
  // `layout` has kExtensionOffset, and the has-bit 0 where it is singular. `quoted_name` is
  // "(full.name)\0"; `may_lack` says whether there are required fields in it.
  constexpr ExtensionLayout(const FieldLayout& layout, bool may_lack, const char* quoted_name)
      : field(layout),
        as_message{.fields = &field,
                   .field_count = 1,
                   .bytes = kExtensionMessageBytes,
                   .has_bits_offset = kExtensionHasBitsOffset,
                   .has_bits_words = 1,
                   .extensions_offset = 0,
                   .has_required = may_lack,
                   .field_names = quoted_name,
                   .parse = nullptr,
                   .byte_size = nullptr,
                   .serialize = nullptr} {}
  ExtensionLayout(const ExtensionLayout&) = delete;
  ExtensionLayout& operator=(const ExtensionLayout&) = delete;

  uint32_t number() const { return field.number; }
  bool repeated() const { return field.shape == FieldShape::kRepeated; }
  bool is_item() const { return (field.traits & kItemField) != 0; }
  // Without its parentheses: "shop.colour".
  std::string_view full_name() const {
    const std::string_view quoted = as_message.field_names;
    return quoted.substr(1, quoted.size() - 2);
  }

  FieldLayout field;
  MessageLayout as_message;  // of an ExtensionValue
};

struct ExtensionValue {
  ExtensionValue(const MessageHead& message, const ExtensionLayout& its_layout)
      : layout(&its_layout) {
    head.BecomeChildOf(message);
  }

  template <typename T>
  T& Content() {
    return At<T>(head, kExtensionOffset);
  }
  template <typename T>
  const T& Content() const {
    return At<T>(head, kExtensionOffset);
  }
  void* content() { return &Content<char>(); }
  const void* content() const { return &Content<char>(); }

  // Whether there is a value; otherwise the default stands for it.
  bool IsPresent() const { return codec::IsPresent(head, layout->field, layout->as_message); }
  void MarkPresent() { has_bits = 1; }
  // Whether nothing at all would be written.
  bool IsEmpty() const { return head.unknown_bytes() == 0 && !IsPresent(); }

  // Octets with tags; WriteTo() comes behind ByteSize().
  size_t ByteSize() const;
  uint8_t* WriteTo(uint8_t* p, MapOrder order) const;

  MessageHead head;
  uint32_t has_bits = 0;
  CachedSize run_bytes;                 // of a packed extension
  alignas(8) uint8_t storage[16] = {};  // a number, StringField, MessageHead* or RepeatedBase
  const ExtensionLayout* layout;
  ParseResult result;  // of decoding it; the value is empty when that failed
};

static_assert(offsetof(ExtensionValue, has_bits) == kExtensionHasBitsOffset);
static_assert(offsetof(ExtensionValue, storage) == kExtensionOffset);
static_assert(offsetof(ExtensionValue, layout) == kExtensionMessageBytes);

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_EXTENSION_VALUE_H_
