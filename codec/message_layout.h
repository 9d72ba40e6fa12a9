// MessageLayout: a table that says where a message keeps its fields. What is not hot (clearing,
// copying, comparing; printing and JSON elsewhere) walks this table once for all messages instead
// of being generated for each; a generated message adds only parsing and serialising.
#ifndef PENSTOCK_CODEC_MESSAGE_LAYOUT_H_
#define PENSTOCK_CODEC_MESSAGE_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "penstock/codec/enum_layout.h"
#include "penstock/codec/message_head.h"

namespace penstock::codec {

class Parser;

// Spec: the numbers of FieldDescriptorProto.Type.
enum class FieldType : uint8_t {
  kDouble = 1,
  kFloat = 2,
  kInt64 = 3,
  kUint64 = 4,
  kInt32 = 5,
  kFixed64 = 6,
  kFixed32 = 7,
  kBool = 8,
  kString = 9,
  kGroup = 10,
  kMessage = 11,
  kBytes = 12,
  kUint32 = 13,
  kEnum = 14,
  kSfixed32 = 15,
  kSfixed64 = 16,
  kSint32 = 17,
  kSint64 = 18,
};

// How a field's presence is known, and with that what is stored at its offset.
enum class FieldShape : uint8_t {
  kImplicit,  // a value; present when it is not zero
  kHasBit,    // a value, or a pointer to a message; present when its has-bit is set
  kOneof,     // the same inside a union; present when the oneof's case is the field's number
  kRepeated,  // one of the containers of repeated_field.h
  kMap,       // MapField
};

// What else a field is; put together with |.
enum FieldTraits : uint8_t {
  kNoTraits = 0,
  kRequiredField = 1,  // the message is not whole without it
  kPackedField = 2,    // repeated numbers are written as one run
  kUtf8Field = 4,      // a string that must be UTF-8
  kItemField = 8,      // an extension of a message set: written as an item of it
};

// In which order map entries are written. Either way one that is stored is written once.
enum class MapOrder : uint8_t {
  kAsStored,  // whichever is cheapest; it may differ from one message to an equal one
  kSorted,    // by key, so that equal messages give equal octets
};

struct MessageLayout;

struct FieldLayout {
  uint32_t number;
  uint32_t offset;    // of the value, from the message's start
  uint32_t presence;  // kHasBit: index of the bit; kOneof: offset of the case
  FieldType type;
  FieldShape shape;
  uint8_t traits;  // FieldTraits
  union {
    const MessageLayout* message;   // of kMessage and kGroup fields, and of a map's entries
    const EnumLayout* closed_enum;  // of kEnum fields that refuse other numbers; otherwise null
  };
};

// What stands for the generated functions of messages that have no class: the same by layout.
struct TableFunctions {
  const uint8_t* (*parse)(MessageHead& message, const MessageLayout& layout, Parser& parser,
                          const uint8_t* p, const uint8_t* end);
  size_t (*byte_size)(const MessageHead& message, const MessageLayout& layout);
  uint8_t* (*serialize)(const MessageHead& message, const MessageLayout& layout, uint8_t* p,
                        MapOrder order);
};

// What walking a message needs where it has extensions. It lies behind a pointer, so that programs
// without extensions link none of it.
struct ExtensionOperations {
  void (*clear)(MessageHead& message, const MessageLayout& layout);
  void (*merge)(MessageHead& to, const MessageHead& from, const MessageLayout& layout);
  bool (*equal)(const MessageHead& a, const MessageHead& b, const MessageLayout& layout);
  bool (*has_required)(const MessageHead& message, const MessageLayout& layout);
  void (*append_missing)(const MessageHead& message, const MessageLayout& layout,
                         const std::string& path, std::string* missing);
};

// A message is named by its head, which is its first member.
struct MessageLayout {
  const FieldLayout* fields;  // ascending numbers
  uint32_t field_count;
  uint32_t bytes;            // sizeof the message
  uint32_t has_bits_offset;  // of an array of uint32_t
  uint32_t has_bits_words;
  uint32_t extensions_offset;  // of an ExtensionSet; 0: it takes no extensions
  bool has_required;           // fields of its own, or in the messages and extensions it may hold
  const char* field_names;     // "id\0name\0", in the order of `fields`; null without required ones

  // What is generated for each message; null in the layout of a map's entries, and where `table`
  // stands for them: call Parse(), ByteSize() and Serialize().
  const uint8_t* (*parse)(MessageHead& message, Parser& parser, const uint8_t* p,
                          const uint8_t* end);
  size_t (*byte_size)(const MessageHead& message);
  uint8_t* (*serialize)(const MessageHead& message, uint8_t* p, MapOrder order);

  // Both are pointers, so that a program without such messages links none of it.
  const ExtensionOperations* extensions = nullptr;  // null: it takes no extensions
  const TableFunctions* table = nullptr;            // null: a generated class

  const uint8_t* Parse(MessageHead& message, Parser& parser, const uint8_t* p,
                       const uint8_t* end) const {
    return parse != nullptr ? parse(message, parser, p, end)
                            : table->parse(message, *this, parser, p, end);
  }
  size_t ByteSize(const MessageHead& message) const {
    return byte_size != nullptr ? byte_size(message) : table->byte_size(message, *this);
  }
  uint8_t* Serialize(const MessageHead& message, uint8_t* p, MapOrder order) const {
    return serialize != nullptr ? serialize(message, p, order)
                                : table->serialize(message, *this, p, order);
  }
};

// What a repeated field keeps per element, and a union member needs.
constexpr size_t StoredBytes(FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return 1;
    case FieldType::kFloat:
    case FieldType::kInt32:
    case FieldType::kFixed32:
    case FieldType::kUint32:
    case FieldType::kEnum:
    case FieldType::kSfixed32:
    case FieldType::kSint32:
      return 4;
    case FieldType::kString:
    case FieldType::kBytes:
      return 16;
    default:
      return 8;
  }
}

constexpr bool IsText(FieldType type) {
  return type == FieldType::kString || type == FieldType::kBytes;
}

constexpr bool IsMessage(FieldType type) {
  return type == FieldType::kMessage || type == FieldType::kGroup;
}

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_MESSAGE_LAYOUT_H_
