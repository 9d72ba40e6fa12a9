#include "penstock/codec/reflection/type_table.h"

#include <algorithm>

#include "penstock/wire/check.h"

namespace penstock::codec::reflection {

const MessageType& TypeTable::Add(const MessageDescriptor& descriptor,
                                  const MessageLayout& layout) {
  const MessageType* type = Declare(descriptor, layout);
  // A list instead of recursion: types may name each other in chains of any length.
  while (!unfilled_.empty()) {
    MessageType* next = unfilled_.back();
    unfilled_.pop_back();
    Fill(next);
  }
  return *type;
}

const MessageType* TypeTable::Find(const MessageDescriptor& descriptor) const {
  const auto it = types_.find(&descriptor);
  return it == types_.end() ? nullptr : it->second.get();
}

MessageType* TypeTable::Declare(const MessageDescriptor& descriptor, const MessageLayout& layout) {
  std::unique_ptr<MessageType>& type = types_[&descriptor];
  if (type != nullptr) return type.get();
  type = std::make_unique<MessageType>();
  type->descriptor_ = &descriptor;
  type->layout_ = &layout;
  type->source_ = source_;
  unfilled_.push_back(type.get());
  return type.get();
}

void TypeTable::Fill(MessageType* type) {
  const MessageLayout& layout = *type->layout_;
  std::vector<const FieldDescriptor*> by_number;
  for (const FieldDescriptor& field : type->descriptor_->fields) by_number.push_back(&field);
  std::sort(by_number.begin(), by_number.end(),
            [](const auto* a, const auto* b) { return a->number < b->number; });
  PENSTOCK_CHECK(by_number.size() == layout.field_count,
                 "layout and descriptor are of the same message");
  type->fields_.resize(by_number.size());
  for (size_t i = 0; i < by_number.size(); ++i) {
    Field& field = type->fields_[i];
    field.descriptor_ = by_number[i];
    field.layout_ = &layout.fields[i];
    PENSTOCK_CHECK(field.descriptor_->number == field.layout_->number,
                   "layout and descriptor are of the same message");
    if (field.descriptor_->message != nullptr) {
      field.message_type_ = Declare(*field.descriptor_->message, *field.layout_->message);
    }
  }
  FillIndices(type);
  if (type->descriptor_->is_map_entry) return;
  type->default_instance_ = std::make_unique<uint64_t[]>((layout.bytes + 7) / 8);
}

void TypeTable::FillIndices(MessageType* type) {
  for (const Field& field : type->fields_) {
    type->by_name_.emplace_back(field.name(), &field);
    type->by_json_name_.emplace_back(field.json_name(), &field);
  }
  // By name, and then by place: of proto2's fields with one JSON name the first is it.
  std::sort(type->by_name_.begin(), type->by_name_.end());
  std::sort(type->by_json_name_.begin(), type->by_json_name_.end());
}

}  // namespace penstock::codec::reflection
