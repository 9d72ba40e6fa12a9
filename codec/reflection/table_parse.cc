// Parsing by layout: the loop over tags that generated code has for each message.
#include <algorithm>
#include <cstring>

#include "penstock/codec/field_access.h"
#include "penstock/codec/map_base.h"
#include "penstock/codec/message_operations.h"
#include "penstock/codec/parser.h"
#include "penstock/codec/reflection/table_functions.h"
#include "penstock/codec/wire_type.h"

namespace penstock::codec::reflection {
namespace {

// A tag that was read, and where it begins.
struct Tagged {
  const uint8_t* field;
  const uint8_t* value;
  const uint8_t* end;  // of the message
};

// Null when there is none. `hint` is where the last one was: the next stands there or behind it.
const FieldLayout* FindField(const MessageLayout& layout, uint32_t number, uint32_t* hint) {
  for (uint32_t i = *hint; i < layout.field_count && i <= *hint + 1; ++i) {
    if (layout.fields[i].number != number) continue;
    *hint = i;
    return &layout.fields[i];
  }
  const FieldLayout* last = layout.fields + layout.field_count;
  const FieldLayout* found = std::lower_bound(
      layout.fields, last, number,
      [](const FieldLayout& field, uint32_t wanted) { return field.number < wanted; });
  if (found == last || found->number != number) return nullptr;
  *hint = static_cast<uint32_t>(found - layout.fields);
  return found;
}

bool IsPackable(FieldType type) { return !IsMessage(type) && !IsText(type); }

const uint8_t* ParseChild(Parser& parser, const Tagged& at, const FieldLayout& field,
                          MessageHead& child) {
  return field.type == FieldType::kGroup
             ? parser.ReadGroupInto(at.value, at.end, field.number, child, *field.message)
             : parser.ReadInto(at.value, at.end, child, *field.message);
}

const uint8_t* ParseMessage(Parser& parser, const Tagged& at, const FieldLayout& field,
                            MessageHead& message, const MessageLayout& layout) {
  MarkPresent(message, field, layout);
  void*& child = At<void*>(message, field.offset);
  if (child == nullptr) child = MessageOperations::TryNewChild(message, *field.message);
  if (child == nullptr) return parser.Reject(ParseError::kMemoryLimit, at.value);
  return ParseChild(parser, at, field, *static_cast<MessageHead*>(child));
}

const uint8_t* ParseElement(Parser& parser, const Tagged& at, const FieldLayout& field,
                            MessageHead& message) {
  auto& elements = At<RepeatedBase>(message, field.offset);
  const size_t count = elements.size() + 1;
  if (!elements.TryReserve(message, count, sizeof(void*))) {
    return parser.Reject(ParseError::kMemoryLimit, at.value);
  }
  void*& element = static_cast<void**>(elements.raw_data())[count - 1];
  if (element == nullptr) element = MessageOperations::TryNewChild(message, *field.message);
  if (element == nullptr) return parser.Reject(ParseError::kMemoryLimit, at.value);
  elements.SetSize(count);
  return ParseChild(parser, at, field, *static_cast<MessageHead*>(element));
}

const uint8_t* ParseText(Parser& parser, const Tagged& at, const FieldLayout& field,
                         MessageHead& message, const MessageLayout& layout) {
  const bool checked = (field.traits & kUtf8Field) != 0;
  if (field.shape == FieldShape::kRepeated) {
    auto& texts = At<RepeatedString>(message, field.offset);
    return checked ? parser.AddString(at.value, at.end, message, texts)
                   : parser.AddBytes(at.value, at.end, message, texts);
  }
  MarkPresent(message, field, layout);
  auto& text = At<StringField>(message, field.offset);
  return checked ? parser.ReadString(at.value, at.end, message, text)
                 : parser.ReadBytes(at.value, at.end, message, text);
}

const uint8_t* ParseNumber(Parser& parser, const Tagged& at, const FieldLayout& field,
                           MessageHead& message, const MessageLayout& layout) {
  uint64_t value = 0;
  const uint8_t* after = parser.ReadNumber(field.type, at.value, at.end, &value);
  if (after == nullptr) return nullptr;
  if (field.type == FieldType::kEnum && field.closed_enum != nullptr) {
    int32_t number = 0;
    std::memcpy(&number, &value, sizeof number);
    if (!field.closed_enum->Has(number)) return parser.KeepUnknown(at.field, after, message);
  }
  const size_t bytes = StoredBytes(field.type);
  void* room = nullptr;
  if (field.shape == FieldShape::kRepeated) {
    room = At<RepeatedBase>(message, field.offset).TryAddRaw(message, bytes);
    if (room == nullptr) return parser.Reject(ParseError::kMemoryLimit, after);
  } else {
    MarkPresent(message, field, layout);
    room = &At<char>(message, field.offset);
  }
  std::memcpy(room, &value, bytes);
  return after;
}

const uint8_t* ParsePacked(Parser& parser, const Tagged& at, const FieldLayout& field,
                           MessageHead& message) {
  auto& out = At<RepeatedBase>(message, field.offset);
  switch (field.type) {
    case FieldType::kDouble:
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
      return parser.ReadPackedFixed64(at.value, at.end, message, out);
    case FieldType::kFloat:
    case FieldType::kFixed32:
    case FieldType::kSfixed32:
      return parser.ReadPackedFixed32(at.value, at.end, message, out);
    case FieldType::kInt64:
    case FieldType::kUint64:
      return parser.ReadPackedInt64(at.value, at.end, message, out);
    case FieldType::kBool:
      return parser.ReadPackedBool(at.value, at.end, message, out);
    case FieldType::kSint32:
      return parser.ReadPackedSint32(at.value, at.end, message, out);
    case FieldType::kSint64:
      return parser.ReadPackedSint64(at.value, at.end, message, out);
    case FieldType::kEnum:
      if (field.closed_enum != nullptr) {
        return parser.ReadPackedClosedEnum(at.value, at.end, message, out, *field.closed_enum,
                                           field.number);
      }
      [[fallthrough]];
    default:
      return parser.ReadPackedInt32(at.value, at.end, message, out);
  }
}

const uint8_t* ParseValue(Parser& parser, const Tagged& at, const FieldLayout& field,
                          MessageHead& message, const MessageLayout& layout) {
  if (field.shape == FieldShape::kMap) {
    return parser.ReadMapEntry(at.field, at.value, at.end, message,
                               At<MapBase>(message, field.offset), *field.message);
  }
  if (IsMessage(field.type)) {
    return field.shape == FieldShape::kRepeated ? ParseElement(parser, at, field, message)
                                                : ParseMessage(parser, at, field, message, layout);
  }
  if (IsText(field.type)) return ParseText(parser, at, field, message, layout);
  return ParseNumber(parser, at, field, message, layout);
}

}  // namespace

const uint8_t* ParseByTable(MessageHead& message, const MessageLayout& layout, Parser& parser,
                            const uint8_t* p, const uint8_t* end) {
  uint32_t hint = 0;
  while (p != end) {
    const Parser::Tag tag = parser.ReadTag(p, end);
    if (tag.after == nullptr) return nullptr;
    const uint32_t wire_type = tag.value & 7;
    if (wire_type == kWireGroupEnd) return parser.EndGroup(p, tag);
    const FieldLayout* field = FindField(layout, tag.value >> 3, &hint);
    const Tagged at = {p, tag.after, end};
    if (field != nullptr && wire_type == WireTypeOf(field->type)) {
      p = ParseValue(parser, at, *field, message, layout);
    } else if (field != nullptr && wire_type == kWireLength &&
               field->shape == FieldShape::kRepeated && IsPackable(field->type)) {
      p = ParsePacked(parser, at, *field, message);
    } else {
      p = parser.ReadUnknown(p, end, tag, message);
    }
    if (p == nullptr) return nullptr;
  }
  return p;
}

}  // namespace penstock::codec::reflection
