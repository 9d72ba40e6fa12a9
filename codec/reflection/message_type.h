// MessageType: what a message is (its descriptor) and how it lies in memory (its layout), for code
// that knows no generated class: JSON, text, generic tools. MessageRef looks into messages with it.
//
//     const MessageType& type = TypeOf<shop::Cart>();  // generated_types.h
//     for (const Field& field : type.fields()) std::cout << field.name() << "\n";
//
// Ownership: types live as long as what they come from (TypeSource) and are never changed.
#ifndef PENSTOCK_CODEC_REFLECTION_MESSAGE_TYPE_H_
#define PENSTOCK_CODEC_REFLECTION_MESSAGE_TYPE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"
#include "penstock/codec/reflection/descriptor_pool.h"

namespace penstock::codec::reflection {

class MessageType;

// How C++ holds a value of a field.
enum class ValueKind : uint8_t {
  kInt32,
  kInt64,
  kUint32,
  kUint64,
  kFloat,
  kDouble,
  kBool,
  kEnum,
  kText,     // string and bytes
  kMessage,  // groups, too
};

constexpr ValueKind KindOf(FieldType type) {
  switch (type) {
    case FieldType::kInt32:
    case FieldType::kSint32:
    case FieldType::kSfixed32:
      return ValueKind::kInt32;
    case FieldType::kInt64:
    case FieldType::kSint64:
    case FieldType::kSfixed64:
      return ValueKind::kInt64;
    case FieldType::kUint32:
    case FieldType::kFixed32:
      return ValueKind::kUint32;
    case FieldType::kUint64:
    case FieldType::kFixed64:
      return ValueKind::kUint64;
    case FieldType::kFloat:
      return ValueKind::kFloat;
    case FieldType::kDouble:
      return ValueKind::kDouble;
    case FieldType::kBool:
      return ValueKind::kBool;
    case FieldType::kEnum:
      return ValueKind::kEnum;
    case FieldType::kString:
    case FieldType::kBytes:
      return ValueKind::kText;
    default:
      return ValueKind::kMessage;
  }
}

// A field of a MessageType.
class Field {
 public:
  const FieldDescriptor& descriptor() const { return *descriptor_; }
  const FieldLayout& layout() const { return *layout_; }
  const std::string& name() const { return descriptor_->name; }
  const std::string& json_name() const { return descriptor_->json_name; }
  uint32_t number() const { return layout_->number; }
  FieldType type() const { return layout_->type; }
  ValueKind kind() const { return KindOf(layout_->type); }

  // One of the three; a map is not repeated here.
  bool is_map() const { return layout_->shape == FieldShape::kMap; }
  bool repeated() const { return layout_->shape == FieldShape::kRepeated; }
  bool singular() const { return !is_map() && !repeated(); }

  // Whether a singular field that is set to its default differs from one that is not set.
  bool has_presence() const {
    return layout_->shape == FieldShape::kHasBit || layout_->shape == FieldShape::kOneof;
  }
  bool required() const { return (layout_->traits & kRequiredField) != 0; }
  // Its place in descriptor().oneofs of the message; -1: in none.
  int oneof_index() const { return descriptor_->oneof_index; }

  // Of messages and groups; of a map: the type of its entries, with the two fields below.
  const MessageType* message_type() const { return message_type_; }
  const Field& map_key() const;
  const Field& map_value() const;
  // Of enums; otherwise null.
  const EnumDescriptor* enumeration() const { return descriptor_->enumeration; }

 private:
  friend class TypeTable;

  const FieldDescriptor* descriptor_ = nullptr;
  const FieldLayout* layout_ = nullptr;
  const MessageType* message_type_ = nullptr;
};

// Where types come from: the generated classes, or a pool. For google.protobuf.Any, which names its
// type.
class TypeSource {
 public:
  virtual ~TypeSource() = default;
  // Null when there is none of that name.
  virtual const MessageType* FindType(std::string_view full_name) const = 0;
};

class MessageType {
 public:
  const MessageDescriptor& descriptor() const { return *descriptor_; }
  const MessageLayout& layout() const { return *layout_; }
  const std::string& full_name() const { return descriptor_->full_name; }

  // Ascending numbers.
  std::span<const Field> fields() const { return fields_; }
  // Null when there is none.
  const Field* FindByNumber(uint32_t number) const;
  const Field* FindByName(std::string_view name) const;
  // By json_name, or by the name in the .proto, as readers of JSON accept both.
  const Field* FindByJsonName(std::string_view name) const;

  // An empty message of this type; none for the entries of maps.
  const MessageHead& default_instance() const {
    return *reinterpret_cast<const MessageHead*>(default_instance_.get());
  }

  // Finds other types by name.
  const TypeSource& source() const { return *source_; }

 private:
  friend class TypeTable;
  using NameIndex = std::vector<std::pair<std::string_view, const Field*>>;  // sorted by name

  static const Field* Find(const NameIndex& index, std::string_view name);

  const MessageDescriptor* descriptor_ = nullptr;
  const MessageLayout* layout_ = nullptr;
  const TypeSource* source_ = nullptr;
  std::vector<Field> fields_;
  NameIndex by_name_;
  NameIndex by_json_name_;
  std::unique_ptr<uint64_t[]> default_instance_;  // all zero
};

inline const Field& Field::map_key() const { return message_type_->fields()[0]; }
inline const Field& Field::map_value() const { return message_type_->fields()[1]; }

}  // namespace penstock::codec::reflection

#endif  // PENSTOCK_CODEC_REFLECTION_MESSAGE_TYPE_H_
