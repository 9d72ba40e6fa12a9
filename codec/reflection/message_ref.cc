#include "penstock/codec/reflection/message_ref.h"

#include <cstring>

#include "penstock/codec/field_access.h"
#include "penstock/codec/limits.h"
#include "penstock/codec/parser.h"
#include "penstock/codec/repeated_field.h"
#include "penstock/codec/required_fields.h"
#include "penstock/codec/string_field.h"

namespace penstock::codec::reflection {
namespace {

template <typename T>
T Load(const void* stored) {
  T value;
  std::memcpy(&value, stored, sizeof value);
  return value;
}

// A number, bool or enum as a message stores it.
Value NumberAt(ValueKind kind, const void* stored) {
  switch (kind) {
    case ValueKind::kInt32:
      return Value(Load<int32_t>(stored));
    case ValueKind::kInt64:
      return Value(Load<int64_t>(stored));
    case ValueKind::kUint32:
      return Value(Load<uint32_t>(stored));
    case ValueKind::kUint64:
      return Value(Load<uint64_t>(stored));
    case ValueKind::kFloat:
      return Value(Load<float>(stored));
    case ValueKind::kDouble:
      return Value(Load<double>(stored));
    case ValueKind::kBool:
      return Value(Load<bool>(stored));
    case ValueKind::kEnum:
      return Value::OfEnum(Load<int32_t>(stored));
    case ValueKind::kText:
    case ValueKind::kMessage:
      break;
  }
  PENSTOCK_CHECK(false, "texts and messages are no numbers");
  return Value(false);
}

// What a getter gives for a field that is not there.
Value DefaultOf(const Field& field) {
  const FieldDescriptor& descriptor = field.descriptor();
  if (field.kind() == ValueKind::kMessage) {
    return Value(ConstMessageRef(field.message_type()->default_instance(), *field.message_type()));
  }
  static const compiler::DefaultValue kZero;
  const bool is_written = descriptor.default_value.has_value();
  const compiler::DefaultValue& value = is_written ? *descriptor.default_value : kZero;
  switch (field.kind()) {
    case ValueKind::kText:
      return Value(std::string_view(value.text));
    case ValueKind::kFloat:
      return Value(static_cast<float>(value.number));
    case ValueKind::kDouble:
      return Value(value.number);
    case ValueKind::kBool:
      return Value(value.integer != 0);
    case ValueKind::kEnum:
      return Value::OfEnum(is_written ? static_cast<int32_t>(value.integer)
                                      : descriptor.enumeration->values[0].number);
    default:
      // The low octets of the number, whatever its width.
      return NumberAt(field.kind(), &value.integer);
  }
}

// A key or value inside a node.
Value PartOf(const MapNode& node, const Field& part) {
  const uint32_t offset = part.layout().offset;
  if (part.kind() == ValueKind::kText) return Value(node.At<std::string_view>(offset));
  if (part.kind() == ValueKind::kMessage) {
    return Value(ConstMessageRef(node.At<MessageHead>(offset), *part.message_type()));
  }
  return NumberAt(part.kind(), &node.At<char>(offset));
}

void CheckKind(const Field& field, const Value& value) {
  PENSTOCK_CHECK(value.kind() == field.kind(), "a value is of its field's kind");
}

MapKey KeyOf(const Field& map, const Value& key) {
  PENSTOCK_CHECK(map.is_map(), "the field is a map");
  CheckKind(map.map_key(), key);
  switch (key.kind()) {
    case ValueKind::kInt32:
      return {static_cast<uint32_t>(key.int32()), {}};
    case ValueKind::kInt64:
      return {static_cast<uint64_t>(key.int64()), {}};
    case ValueKind::kUint32:
      return {key.uint32(), {}};
    case ValueKind::kUint64:
      return {key.uint64(), {}};
    case ValueKind::kBool:
      return {key.boolean() ? 1u : 0u, {}};
    default:
      return {0, key.text()};
  }
}

MapNode* FindNode(const MessageHead& head, const Field& map, const Value& key) {
  const MapKey wanted = KeyOf(map, key);
  return At<MapBase>(head, map.layout().offset).Find(wanted, StoredBytes(map.map_key().type()));
}

}  // namespace

MapEntry MapEntries::Iterator::operator*() const {
  return {PartOf(*node_, field_->map_key()), PartOf(*node_, field_->map_value())};
}

bool ConstMessageRef::Has(const Field& field) const {
  CheckOwns(field);
  return IsPresent(*head_, field.layout(), type_->layout());
}

Value ConstMessageRef::Get(const Field& field) const {
  PENSTOCK_CHECK(field.singular(), "Get is for singular fields");
  if (!Has(field)) return DefaultOf(field);
  const uint32_t offset = field.layout().offset;
  if (field.kind() == ValueKind::kText) return Value(codec::At<StringField>(*head_, offset).view());
  if (field.kind() == ValueKind::kMessage) {
    return Value(ConstMessageRef(*ChildAt(*head_, offset), *field.message_type()));
  }
  return NumberAt(field.kind(), &codec::At<char>(*head_, offset));
}

const Field* ConstMessageRef::Selected(size_t oneof_index) const {
  for (const Field& field : type_->fields()) {
    if (field.oneof_index() != static_cast<int>(oneof_index)) continue;
    const uint32_t number = codec::At<uint32_t>(*head_, field.layout().presence);
    return number == 0 ? nullptr : type_->FindByNumber(number);
  }
  return nullptr;
}

size_t ConstMessageRef::Size(const Field& field) const {
  CheckOwns(field);
  PENSTOCK_CHECK(!field.singular(), "Size is for repeated fields and maps");
  const uint32_t offset = field.layout().offset;
  return field.is_map() ? codec::At<MapBase>(*head_, offset).size()
                        : codec::At<RepeatedBase>(*head_, offset).size();
}

Value ConstMessageRef::At(const Field& field, size_t index) const {
  CheckOwns(field);
  PENSTOCK_CHECK(field.repeated(), "At is for repeated fields");
  const auto& elements = codec::At<RepeatedBase>(*head_, field.layout().offset);
  PENSTOCK_CHECK(index < elements.size(), "index of a repeated field");
  if (field.kind() == ValueKind::kText) {
    return Value(static_cast<const StringField*>(elements.raw_data())[index].view());
  }
  if (field.kind() == ValueKind::kMessage) {
    return Value(ConstMessageRef(*ElementAt(elements, index), *field.message_type()));
  }
  return NumberAt(field.kind(), static_cast<const char*>(elements.raw_data()) +
                                    index * StoredBytes(field.type()));
}

MapEntries ConstMessageRef::Entries(const Field& field) const {
  CheckOwns(field);
  PENSTOCK_CHECK(field.is_map(), "the field is a map");
  return {codec::At<MapBase>(*head_, field.layout().offset), field};
}

std::optional<Value> ConstMessageRef::Lookup(const Field& field, const Value& key) const {
  CheckOwns(field);
  const MapNode* node = FindNode(*head_, field, key);
  if (node == nullptr) return std::nullopt;
  return PartOf(*node, field.map_value());
}

bool ConstMessageRef::IsInitialized() const { return HasRequiredFields(*head_, type_->layout()); }

std::string ConstMessageRef::InitializationErrorString() const {
  return MissingFields(*head_, type_->layout());
}

bool MessageRef::StoreText(StringField& text, std::string_view value, bool capped) const {
  if (!capped) {
    text.Assign(head(), value);
    return true;
  }
  return value.size() <= kMessageBytesMax && text.TryAssign(head(), value);
}

bool MessageRef::Store(const Field& field, const Value& value, bool capped) const {
  CheckOwns(field);
  PENSTOCK_CHECK(field.singular(), "Set is for singular fields");
  CheckKind(field, value);
  const uint32_t offset = field.layout().offset;
  if (value.kind() == ValueKind::kMessage) {
    const std::optional<MessageRef> child = Child(field, capped);
    if (child.has_value()) child->CopyFrom(value.message());
    return child.has_value();
  }
  MarkPresent(head(), field.layout(), type_->layout());
  if (value.kind() == ValueKind::kText) {
    return StoreText(codec::At<StringField>(head(), offset), value.text(), capped);
  }
  std::memcpy(&codec::At<char>(head(), offset), value.stored(), StoredBytes(field.type()));
  return true;
}

std::optional<MessageRef> MessageRef::Child(const Field& field, bool capped) const {
  CheckOwns(field);
  PENSTOCK_CHECK(field.singular() && field.kind() == ValueKind::kMessage,
                 "Mutable is for singular messages");
  const MessageLayout& layout = field.message_type()->layout();
  // The room of a oneof may hold another field.
  const bool has_room = field.layout().shape != FieldShape::kOneof || Has(field);
  void* child = has_room ? codec::At<void*>(head(), field.layout().offset) : nullptr;
  if (child == nullptr) {
    child = capped ? MessageOperations::TryNewChild(head(), layout)
                   : MessageOperations::NewChild(head(), layout);
  }
  if (child == nullptr) return std::nullopt;
  MarkPresent(head(), field.layout(), type_->layout());
  codec::At<void*>(head(), field.layout().offset) = child;
  return MessageRef(*static_cast<MessageHead*>(child), *field.message_type());
}

bool MessageRef::Append(const Field& field, const Value& value, bool capped) const {
  CheckOwns(field);
  PENSTOCK_CHECK(field.repeated(), "Add is for repeated fields");
  CheckKind(field, value);
  if (value.kind() == ValueKind::kMessage) {
    const std::optional<MessageRef> element = AppendMessage(field, capped);
    if (element.has_value()) element->CopyFrom(value.message());
    return element.has_value();
  }
  auto& elements = codec::At<RepeatedBase>(head(), field.layout().offset);
  const size_t bytes = StoredBytes(field.type());
  void* room = capped ? elements.TryAddRaw(head(), bytes) : elements.AddRaw(head(), bytes);
  if (room == nullptr) return false;
  if (value.kind() == ValueKind::kText) {
    return StoreText(*static_cast<StringField*>(room), value.text(), capped);
  }
  std::memcpy(room, value.stored(), bytes);
  return true;
}

std::optional<MessageRef> MessageRef::AppendMessage(const Field& field, bool capped) const {
  CheckOwns(field);
  PENSTOCK_CHECK(field.repeated() && field.kind() == ValueKind::kMessage,
                 "AddMessage is for repeated messages");
  auto& elements = codec::At<RepeatedBase>(head(), field.layout().offset);
  const size_t count = elements.size() + 1;
  if (!capped) {
    elements.Reserve(head(), count, sizeof(void*));
  } else if (!elements.TryReserve(head(), count, sizeof(void*))) {
    return std::nullopt;
  }
  // Elements behind the last are empty ones, kept for this.
  void*& element = static_cast<void**>(elements.raw_data())[count - 1];
  const MessageLayout& layout = field.message_type()->layout();
  if (element == nullptr) {
    element = capped ? MessageOperations::TryNewChild(head(), layout)
                     : MessageOperations::NewChild(head(), layout);
  }
  if (element == nullptr) return std::nullopt;
  elements.SetSize(count);
  return MessageRef(*static_cast<MessageHead*>(element), *field.message_type());
}

void MessageRef::SetAt(const Field& field, size_t index, const Value& value) const {
  CheckKind(field, value);
  if (value.kind() == ValueKind::kMessage) {
    return MutableAt(field, index).CopyFrom(value.message());
  }
  CheckOwns(field);
  auto& elements = codec::At<RepeatedBase>(head(), field.layout().offset);
  PENSTOCK_CHECK(field.repeated() && index < elements.size(), "index of a repeated field");
  if (value.kind() == ValueKind::kText) {
    static_cast<StringField*>(elements.raw_data())[index].Assign(head(), value.text());
    return;
  }
  const size_t bytes = StoredBytes(field.type());
  std::memcpy(static_cast<char*>(elements.raw_data()) + index * bytes, value.stored(), bytes);
}

MessageRef MessageRef::MutableAt(const Field& field, size_t index) const {
  CheckOwns(field);
  const auto& elements = codec::At<RepeatedBase>(*head_, field.layout().offset);
  PENSTOCK_CHECK(field.repeated() && field.kind() == ValueKind::kMessage && index < elements.size(),
                 "index of a repeated message");
  return {*ElementAt(elements, index), *field.message_type()};
}

void MessageRef::Truncate(const Field& field, size_t size) const {
  CheckOwns(field);
  PENSTOCK_CHECK(field.repeated(), "Truncate is for repeated fields");
  auto& elements = codec::At<RepeatedBase>(head(), field.layout().offset);
  PENSTOCK_CHECK(size <= elements.size(), "a field is not truncated to more than it has");
  for (size_t i = size; i < elements.size(); ++i) {
    if (field.kind() == ValueKind::kMessage) {
      MessageOperations::Clear(*ElementAt(elements, i), field.message_type()->layout());
    } else if (field.kind() == ValueKind::kText) {
      static_cast<StringField*>(elements.raw_data())[i].Clear();
    }
  }
  elements.SetSize(size);
}

// An entry with that key and an empty value. Null when the arena's cap allows no more.
MapNode* MessageRef::PutNode(const Field& field, const Value& key, bool capped) const {
  CheckOwns(field);
  const MapKey wanted = KeyOf(field, key);
  const MessageLayout& entry = *field.layout().message;
  auto& map = codec::At<MapBase>(head(), field.layout().offset);
  if (!capped) {
    (void)map.Erase(wanted, entry);
    return map.FindOrAdd(head(), wanted, entry);
  }
  MapNode* node = map.TryTakeNode(head(), entry);
  if (node == nullptr) return nullptr;
  bool stored = true;
  if (key.kind() == ValueKind::kText) {
    stored = AssignText(head(), wanted.text, true, &node->At<std::string_view>(kMapKeyOffset),
                        &node->key_capacity);
  } else {
    std::memcpy(&node->At<char>(kMapKeyOffset), &wanted.number,
                StoredBytes(field.map_key().type()));
  }
  if (stored && map.TryInsert(head(), node, entry)) return node;
  map.GiveNode(node, entry);
  return nullptr;
}

bool MessageRef::Put(const Field& field, const Value& key, const Value& value, bool capped) const {
  PENSTOCK_CHECK(field.is_map(), "Insert is for maps");
  CheckKind(field.map_value(), value);
  MapNode* node = PutNode(field, key, capped);
  if (node == nullptr) return false;
  const FieldLayout& part = field.map_value().layout();
  if (value.kind() == ValueKind::kMessage) {
    const MessageType& type = *field.map_value().message_type();
    MessageRef(node->At<MessageHead>(part.offset), type).CopyFrom(value.message());
    return true;
  }
  if (value.kind() == ValueKind::kText) {
    return AssignText(head(), value.text(), capped, &node->At<std::string_view>(part.offset),
                      &node->value_capacity);
  }
  std::memcpy(&node->At<char>(part.offset), value.stored(), StoredBytes(part.type));
  return true;
}

std::optional<MessageRef> MessageRef::PutMessage(const Field& field, const Value& key,
                                                 bool capped) const {
  PENSTOCK_CHECK(field.is_map() && field.map_value().kind() == ValueKind::kMessage,
                 "InsertMessage is for maps of messages");
  MapNode* node = PutNode(field, key, capped);
  if (node == nullptr) return std::nullopt;
  const Field& value = field.map_value();
  return MessageRef(node->At<MessageHead>(value.layout().offset), *value.message_type());
}

std::optional<MessageRef> MessageRef::MutableLookup(const Field& field, const Value& key) const {
  CheckOwns(field);
  MapNode* node = FindNode(*head_, field, key);
  if (node == nullptr) return std::nullopt;
  const Field& value = field.map_value();
  PENSTOCK_CHECK(value.kind() == ValueKind::kMessage, "MutableLookup is for maps of messages");
  return MessageRef(node->At<MessageHead>(value.layout().offset), *value.message_type());
}

bool MessageRef::Erase(const Field& field, const Value& key) const {
  CheckOwns(field);
  const MapKey wanted = KeyOf(field, key);
  return codec::At<MapBase>(head(), field.layout().offset).Erase(wanted, *field.layout().message);
}

void MessageRef::MergeFrom(ConstMessageRef from) const {
  PENSTOCK_CHECK(&from.type() == type_, "messages of one type are merged");
  MessageOperations::Merge(head(), from.head(), type_->layout());
}

void MessageRef::CopyFrom(ConstMessageRef from) const {
  PENSTOCK_CHECK(&from.type() == type_, "messages of one type are copied");
  MessageOperations::Copy(head(), from.head(), type_->layout());
}

ParseResult MessageRef::ParseFrom(wire::Bytes input, StringRule rule) const {
  Clear();
  return MergeFromBytes(input, rule);
}

ParseResult MessageRef::MergeFromBytes(wire::Bytes input, StringRule rule) const {
  return Parser::ParseMessage(head(), type_->layout(), input, rule);
}

}  // namespace penstock::codec::reflection
