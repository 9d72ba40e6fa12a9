#include "penstock/codec/reflection/dynamic_layout.h"

#include <algorithm>
#include <utility>

#include "penstock/codec/map_base.h"
#include "penstock/codec/reflection/table_functions.h"
#include "penstock/codec/repeated_field.h"

namespace penstock::codec::reflection {
namespace {

constexpr uint32_t kOneofBytes = 16;  // the most that one field of it takes

// The room of a message, given away piece by piece.
class Room {
 public:
  explicit Room(uint32_t start) : end_(start) {}
  uint32_t Take(uint32_t bytes, uint32_t align) {
    const uint32_t offset = (end_ + align - 1) / align * align;
    end_ = offset + bytes;
    return offset;
  }
  // Messages are multiples of eight octets.
  uint32_t bytes() const { return (end_ + 7) / 8 * 8; }

 private:
  uint32_t end_;
};

FieldShape ShapeOf(const FieldDescriptor& field) {
  if (field.is_map) return FieldShape::kMap;
  if (field.repeated()) return FieldShape::kRepeated;
  if (field.oneof_index >= 0) return FieldShape::kOneof;
  return field.has_presence ? FieldShape::kHasBit : FieldShape::kImplicit;
}

uint8_t TraitsOf(const FieldDescriptor& field) {
  return static_cast<uint8_t>((field.required() ? kRequiredField : 0) |
                              (field.packed ? kPackedField : 0) |
                              (field.utf8_checked ? kUtf8Field : 0));
}

uint32_t BytesOf(const FieldLayout& field) {
  switch (field.shape) {
    case FieldShape::kMap:
      return sizeof(MapBase);
    case FieldShape::kRepeated:
      return sizeof(RepeatedBase);
    default:
      return static_cast<uint32_t>(StoredBytes(field.type));
  }
}

uint32_t AlignOf(const FieldLayout& field) { return std::min<uint32_t>(BytesOf(field), 8); }

}  // namespace

const MessageLayout& DynamicLayouts::Of(const MessageDescriptor& descriptor) {
  const Layout* wanted = Declare(descriptor);
  // A list instead of recursion: messages may hold each other in chains of any length.
  for (size_t i = 0; i < added_.size(); ++i) Resolve(added_[i]);
  const std::vector<Layout*> added = std::exchange(added_, {});
  for (Layout* layout : added) {
    if (!layout->descriptor->is_map_entry) Place(layout);
  }
  // Their nodes hold messages, whose sizes are known by now.
  for (Layout* layout : added) {
    if (layout->descriptor->is_map_entry) PlaceEntry(layout);
  }
  MarkRequired(added);
  return wanted->layout;
}

DynamicLayouts::Layout* DynamicLayouts::Declare(const MessageDescriptor& descriptor) {
  std::unique_ptr<Layout>& layout = layouts_[&descriptor];
  if (layout != nullptr) return layout.get();
  layout = std::make_unique<Layout>();
  layout->descriptor = &descriptor;
  added_.push_back(layout.get());
  return layout.get();
}

// The fields, all but where they lie.
void DynamicLayouts::Resolve(Layout* of) {
  for (const FieldDescriptor& field : of->descriptor->fields) of->descriptors.push_back(&field);
  std::sort(of->descriptors.begin(), of->descriptors.end(),
            [](const auto* a, const auto* b) { return a->number < b->number; });
  for (const FieldDescriptor* field : of->descriptors) {
    FieldLayout& layout = of->fields.emplace_back();
    layout = {field->number, 0, 0, field->type, ShapeOf(*field), TraitsOf(*field), {nullptr}};
    if (IsMessage(field->type)) {
      layout.message = &Declare(*field->message)->layout;
    } else if (field->type == FieldType::kEnum && field->enumeration->closed) {
      layout.closed_enum = ClosedEnum(*field->enumeration);
    }
  }
  of->layout.fields = of->fields.data();
  of->layout.field_count = static_cast<uint32_t>(of->fields.size());
}

void DynamicLayouts::Place(Layout* of) {
  Room room(sizeof(MessageHead));
  uint32_t has_bits = 0;
  for (FieldLayout& field : of->fields) {
    if (field.shape == FieldShape::kHasBit) field.presence = has_bits++;
  }
  MessageLayout& layout = of->layout;
  layout.has_bits_words = (has_bits + 31) / 32;
  if (has_bits != 0) layout.has_bits_offset = room.Take(4 * layout.has_bits_words, 4);
  // In falling alignment, so that nothing is lost between fields.
  for (uint32_t align : {8u, 4u, 1u}) {
    for (FieldLayout& field : of->fields) {
      if (field.shape == FieldShape::kOneof || AlignOf(field) != align) continue;
      field.offset = room.Take(BytesOf(field), align);
    }
  }
  std::vector<std::pair<uint32_t, uint32_t>> oneofs;  // where the case and the value lie
  for (size_t i = 0; i < of->descriptor->oneofs.size(); ++i) {
    const uint32_t value = room.Take(kOneofBytes, 8);
    oneofs.emplace_back(room.Take(4, 4), value);
  }
  for (size_t i = 0; i < of->fields.size(); ++i) {
    FieldLayout& field = of->fields[i];
    if (field.shape != FieldShape::kOneof) continue;
    const auto& oneof = oneofs[static_cast<size_t>(of->descriptors[i]->oneof_index)];
    field.presence = oneof.first;
    field.offset = oneof.second;
  }
  layout.bytes = room.bytes();
  layout.table = &kTableFunctions;
}

// A node of map_base.h: the key at its place, the value behind it; both are simply there.
void DynamicLayouts::PlaceEntry(Layout* of) {
  Room room(kMapKeyOffset);
  for (FieldLayout& field : of->fields) {
    field.shape = FieldShape::kImplicit;
    const bool is_message = IsMessage(field.type);
    field.offset =
        is_message ? room.Take(field.message->bytes, 8) : room.Take(BytesOf(field), AlignOf(field));
  }
  of->layout.bytes = room.bytes();
}

const EnumLayout* DynamicLayouts::ClosedEnum(const EnumDescriptor& descriptor) {
  std::unique_ptr<Enum>& known = enums_[&descriptor];
  if (known != nullptr) return &known->layout;
  known = std::make_unique<Enum>();
  bool contiguous = true;
  for (const EnumValueDescriptor& value : descriptor.values) {
    if (!known->values.empty()) {
      contiguous = contiguous && value.number == int64_t{known->values.back().number} + 1;
    }
    known->values.push_back({value.name, value.number});
  }
  known->layout = {known->values.data(), static_cast<uint32_t>(known->values.size()), contiguous};
  return &known->layout;
}

// has_required of those that were added: what they hold is among them, or known from before.
void DynamicLayouts::MarkRequired(const std::vector<Layout*>& added) {
  std::map<const MessageLayout*, std::vector<Layout*>> holders;
  std::vector<Layout*> open;
  const auto mark = [&open](Layout* of) {
    if (std::exchange(of->layout.has_required, true)) return;
    open.push_back(of);
  };
  for (Layout* of : added) {
    for (const FieldLayout& field : of->fields) {
      if ((field.traits & kRequiredField) != 0) mark(of);
      if (!IsMessage(field.type)) continue;
      holders[field.message].push_back(of);
      if (field.message->has_required) mark(of);
    }
  }
  while (!open.empty()) {
    const Layout* of = open.back();
    open.pop_back();
    for (Layout* holder : holders[&of->layout]) mark(holder);
  }
  for (Layout* of : added) {
    if (!of->layout.has_required) continue;
    for (const FieldDescriptor* field : of->descriptors) {
      of->field_names += field->name;
      of->field_names += '\0';
    }
    of->layout.field_names = of->field_names.c_str();
  }
}

}  // namespace penstock::codec::reflection
