#include "penstock/codec/message_operations.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "penstock/codec/field_access.h"
#include "penstock/codec/limits.h"
#include "penstock/codec/map_base.h"
#include "penstock/codec/repeated_field.h"
#include "penstock/codec/string_field.h"

namespace penstock::codec {
namespace {

// Sizes of messages are multiples of eight. What was just made is cleared for nothing: before it is
// parsed into. Bench: comparison_bench, parse/Small.
bool IsZero(const char* content, size_t bytes) {
  uint64_t bits = 0;
  for (size_t i = 0; i < bytes; i += 8) {
    uint64_t word;
    std::memcpy(&word, content + i, 8);
    bits |= word;
  }
  return bits == 0;
}

void ClearMessages(const RepeatedBase& field, const MessageLayout& layout) {
  for (size_t i = 0; i < field.size(); ++i) {
    MessageOperations::Clear(*ElementAt(field, i), layout);
  }
}

void ClearRepeated(RepeatedBase& field, const FieldLayout& layout) {
  if (IsMessage(layout.type)) {
    ClearMessages(field, *layout.message);
  } else if (IsText(layout.type)) {
    auto* texts = static_cast<StringField*>(field.raw_data());
    for (size_t i = 0; i < field.size(); ++i) texts[i].Clear();
  }
  field.SetSize(0);
}

void ClearValue(MessageHead& message, const FieldLayout& field) {
  switch (field.shape) {
    case FieldShape::kImplicit:
    case FieldShape::kHasBit:
      if (IsText(field.type)) {
        At<StringField>(message, field.offset).Clear();
      } else if (IsMessage(field.type)) {
        MessageHead* child = ChildAt(message, field.offset);
        if (child != nullptr) MessageOperations::Clear(*child, *field.message);
      } else {
        std::memset(&At<char>(message, field.offset), 0, StoredBytes(field.type));
      }
      return;
    case FieldShape::kOneof:
      At<uint32_t>(message, field.presence) = 0;
      return;
    case FieldShape::kRepeated:
      ClearRepeated(At<RepeatedBase>(message, field.offset), field);
      return;
    case FieldShape::kMap:
      At<MapBase>(message, field.offset).Clear(*field.message);
      return;
  }
}

void AppendRepeated(MessageHead& to, RepeatedBase& target, const RepeatedBase& source,
                    const FieldLayout& field) {
  const size_t old_count = target.size();
  const size_t count = source.size();
  if (IsMessage(field.type)) {
    target.Reserve(to, old_count + count, sizeof(void*));
    auto** elements = static_cast<void**>(target.raw_data());
    for (size_t i = 0; i < count; ++i) {
      void*& element = elements[old_count + i];
      if (element == nullptr) element = MessageOperations::NewChild(to, *field.message);
      MessageOperations::Merge(*static_cast<MessageHead*>(element), *ElementAt(source, i),
                               *field.message);
    }
  } else if (IsText(field.type)) {
    target.Reserve(to, old_count + count, sizeof(StringField));
    const auto* from_texts = static_cast<const StringField*>(source.raw_data());
    auto* to_texts = static_cast<StringField*>(target.raw_data());
    for (size_t i = 0; i < count; ++i) to_texts[old_count + i].Assign(to, from_texts[i].view());
  } else {
    const size_t element_bytes = StoredBytes(field.type);
    target.Reserve(to, old_count + count, element_bytes);
    std::memcpy(static_cast<char*>(target.raw_data()) + old_count * element_bytes,
                source.raw_data(), count * element_bytes);
  }
  target.SetSize(old_count + count);
}

// Entries replace those of the same key.
void MergeMap(MessageHead& to, MapBase& target, const MapBase& source, const MessageLayout& entry) {
  const size_t key_bytes = StoredBytes(entry.fields[0].type);
  const FieldLayout& value = entry.fields[1];
  for (MapNode* from = source.First(); from != nullptr; from = source.Next(from)) {
    MapNode* node = target.FindOrAdd(to, MapBase::KeyOf(*from, key_bytes), entry);
    if (IsText(value.type)) {
      PENSTOCK_CHECK(AssignText(to, from->At<std::string_view>(value.offset), false,
                                &node->At<std::string_view>(value.offset), &node->value_capacity),
                     "a text stays below 2 GiB");
    } else if (IsMessage(value.type)) {
      MessageOperations::Copy(node->At<MessageHead>(value.offset),
                              from->At<MessageHead>(value.offset), *value.message);
    } else {
      std::memcpy(&node->At<char>(value.offset), &from->At<char>(value.offset),
                  StoredBytes(value.type));
    }
  }
}

bool EqualMaps(const MapBase& a, const MapBase& b, const MessageLayout& entry) {
  if (a.size() != b.size()) return false;
  const size_t key_bytes = StoredBytes(entry.fields[0].type);
  const FieldLayout& value = entry.fields[1];
  for (const MapNode* of_a = a.First(); of_a != nullptr; of_a = a.Next(of_a)) {
    const MapNode* of_b = b.Find(MapBase::KeyOf(*of_a, key_bytes), key_bytes);
    if (of_b == nullptr) return false;
    if (IsText(value.type)) {
      if (of_a->At<std::string_view>(value.offset) != of_b->At<std::string_view>(value.offset)) {
        return false;
      }
    } else if (IsMessage(value.type)) {
      if (!MessageOperations::Equal(of_a->At<MessageHead>(value.offset),
                                    of_b->At<MessageHead>(value.offset), *value.message)) {
        return false;
      }
    } else if (std::memcmp(&of_a->At<char>(value.offset), &of_b->At<char>(value.offset),
                           StoredBytes(value.type)) != 0) {
      return false;
    }
  }
  return true;
}

void MergeField(MessageHead& to, const MessageHead& from, const FieldLayout& field,
                const MessageLayout& layout) {
  if (field.shape == FieldShape::kMap) {
    MergeMap(to, At<MapBase>(to, field.offset), At<MapBase>(from, field.offset), *field.message);
    return;
  }
  if (field.shape == FieldShape::kRepeated) {
    AppendRepeated(to, At<RepeatedBase>(to, field.offset), At<RepeatedBase>(from, field.offset),
                   field);
    return;
  }
  MarkPresent(to, field, layout);
  if (IsText(field.type)) {
    At<StringField>(to, field.offset).Assign(to, At<StringField>(from, field.offset).view());
  } else if (IsMessage(field.type)) {
    void*& child = At<void*>(to, field.offset);
    if (child == nullptr) child = MessageOperations::NewChild(to, *field.message);
    MessageOperations::Merge(*static_cast<MessageHead*>(child), *ChildAt(from, field.offset),
                             *field.message);
  } else {
    std::memcpy(&At<char>(to, field.offset), &At<char>(from, field.offset),
                StoredBytes(field.type));
  }
}

bool EqualRepeated(const RepeatedBase& a, const RepeatedBase& b, const FieldLayout& field) {
  if (a.size() != b.size()) return false;
  if (a.empty()) return true;
  if (IsMessage(field.type)) {
    for (size_t i = 0; i < a.size(); ++i) {
      if (!MessageOperations::Equal(*ElementAt(a, i), *ElementAt(b, i), *field.message)) {
        return false;
      }
    }
    return true;
  }
  if (IsText(field.type)) {
    const auto* of_a = static_cast<const StringField*>(a.raw_data());
    const auto* of_b = static_cast<const StringField*>(b.raw_data());
    for (size_t i = 0; i < a.size(); ++i) {
      if (of_a[i].view() != of_b[i].view()) return false;
    }
    return true;
  }
  return std::memcmp(a.raw_data(), b.raw_data(), a.size() * StoredBytes(field.type)) == 0;
}

bool EqualField(const MessageHead& a, const MessageHead& b, const FieldLayout& field) {
  if (field.shape == FieldShape::kMap) {
    return EqualMaps(At<MapBase>(a, field.offset), At<MapBase>(b, field.offset), *field.message);
  }
  if (field.shape == FieldShape::kRepeated) {
    return EqualRepeated(At<RepeatedBase>(a, field.offset), At<RepeatedBase>(b, field.offset),
                         field);
  }
  if (IsText(field.type)) {
    return At<StringField>(a, field.offset).view() == At<StringField>(b, field.offset).view();
  }
  if (IsMessage(field.type)) {
    return MessageOperations::Equal(*ChildAt(a, field.offset), *ChildAt(b, field.offset),
                                    *field.message);
  }
  return std::memcmp(&At<char>(a, field.offset), &At<char>(b, field.offset),
                     StoredBytes(field.type)) == 0;
}

MessageHead* EmptyMessage(void* memory, const MessageHead& parent, const MessageLayout& layout) {
  std::memset(memory, 0, layout.bytes);
  auto* message = static_cast<MessageHead*>(memory);
  message->BecomeChildOf(parent);
  return message;
}

}  // namespace

void MessageOperations::Clear(MessageHead& message, const MessageLayout& layout) {
  if (message.ownership_ == Ownership::kOwned &&
      message.arena_->block_bytes() > kRetainedBytesMax) {
    message.arena_->Reset();
    std::memset(&At<char>(message, kContentOffset), 0, layout.bytes - kContentOffset);
    return;
  }
  if (IsZero(&At<char>(message, kContentOffset), layout.bytes - kContentOffset)) return;
  for (uint32_t i = 0; i < layout.field_count; ++i) {
    const FieldLayout& field = layout.fields[i];
    if (IsPresent(message, field, layout)) ClearValue(message, field);
  }
  for (uint32_t i = 0; i < layout.has_bits_words; ++i) {
    (&At<uint32_t>(message, layout.has_bits_offset))[i] = 0;
  }
  if (layout.extensions != nullptr) layout.extensions->clear(message, layout);
  message.ClearUnknown();
}

void MessageOperations::ClearField(MessageHead& message, const FieldLayout& field,
                                   const MessageLayout& layout) {
  if (!IsPresent(message, field, layout)) return;
  ClearValue(message, field);
  if (field.shape != FieldShape::kHasBit) return;
  uint32_t* words = &At<uint32_t>(message, layout.has_bits_offset);
  words[field.presence / 32] &= ~(1u << field.presence % 32);
}

std::string MessageOperations::SerializeAsString(const MessageHead& message,
                                                 const MessageLayout& layout, MapOrder order) {
  std::string text(layout.ByteSize(message), '\0');
  layout.Serialize(message, reinterpret_cast<uint8_t*>(text.data()), order);
  return text;
}

MessageHead* MessageOperations::NewChild(MessageHead& parent, const MessageLayout& layout) {
  return EmptyMessage(parent.ArenaForContent().Allocate(layout.bytes), parent, layout);
}

MessageHead* MessageOperations::TryNewChild(MessageHead& parent, const MessageLayout& layout) {
  void* memory = parent.ArenaForContent().TryAllocate(layout.bytes);
  return memory == nullptr ? nullptr : EmptyMessage(memory, parent, layout);
}

void MessageOperations::Merge(MessageHead& to, const MessageHead& from,
                              const MessageLayout& layout) {
  PENSTOCK_CHECK(&to != &from, "a message is not merged into itself");
  for (uint32_t i = 0; i < layout.field_count; ++i) {
    const FieldLayout& field = layout.fields[i];
    if (IsPresent(from, field, layout)) MergeField(to, from, field, layout);
  }
  if (layout.extensions != nullptr) layout.extensions->merge(to, from, layout);
  if (from.unknown_bytes() != 0) to.AppendUnknown(from.unknown_fields());
}

void MessageOperations::Copy(MessageHead& to, const MessageHead& from,
                             const MessageLayout& layout) {
  if (&to == &from) return;
  if (to.arena_ != nullptr && to.arena_ == from.arena_) {
    // One may lie inside the other: clearing first could destroy the source.
    MessageHead* copy = NewChild(to, layout);
    Merge(*copy, from, layout);
    Steal(to, *copy, layout);
    return;
  }
  Clear(to, layout);
  Merge(to, from, layout);
}

// Both live in the same arena. The old content of `to` is left to it.
void MessageOperations::Steal(MessageHead& to, MessageHead& from, const MessageLayout& layout) {
  const size_t bytes = layout.bytes - kContentOffset;
  std::memcpy(&At<char>(to, kContentOffset), &At<char>(from, kContentOffset), bytes);
  std::memset(&At<char>(from, kContentOffset), 0, bytes);
}

void MessageOperations::MoveConstructOwned(MessageHead& to, MessageHead& from,
                                           const MessageLayout& layout) {
  if (from.nested()) {
    Merge(to, from, layout);
    return;
  }
  to.arena_ = from.arena_;
  to.ownership_ = from.ownership_;
  if (from.ownership_ == Ownership::kOwned) {
    from.arena_ = nullptr;
    from.ownership_ = Ownership::kBorrowed;
  }
  Steal(to, from, layout);
}

void MessageOperations::MoveAssign(MessageHead& to, MessageHead& from,
                                   const MessageLayout& layout) {
  if (&to == &from) return;
  if (to.arena_ != nullptr && to.arena_ == from.arena_) {
    Steal(to, from, layout);
  } else if (to.free_standing() && from.free_standing()) {
    if (to.ownership_ == Ownership::kOwned) to.DeleteArena();
    MoveConstructOwned(to, from, layout);
  } else {
    Copy(to, from, layout);
  }
}

void MessageOperations::Swap(MessageHead& a, MessageHead& b, const MessageLayout& layout) {
  if (&a == &b) return;
  const bool same_arena = a.arena_ == b.arena_;
  if (same_arena || (a.free_standing() && b.free_standing())) {
    if (!same_arena) {
      std::swap(a.arena_, b.arena_);
      std::swap(a.ownership_, b.ownership_);
    }
    char* content_of_a = &At<char>(a, kContentOffset);
    std::swap_ranges(content_of_a, content_of_a + layout.bytes - kContentOffset,
                     &At<char>(b, kContentOffset));
    return;
  }
  MessageHead* of_b = NewChild(a, layout);
  Merge(*of_b, b, layout);
  Copy(b, a, layout);
  Steal(a, *of_b, layout);
}

bool MessageOperations::Equal(const MessageHead& a, const MessageHead& b,
                              const MessageLayout& layout) {
  for (uint32_t i = 0; i < layout.field_count; ++i) {
    const FieldLayout& field = layout.fields[i];
    const bool present = IsPresent(a, field, layout);
    if (present != IsPresent(b, field, layout)) return false;
    if (present && !EqualField(a, b, field)) return false;
  }
  if (layout.extensions != nullptr && !layout.extensions->equal(a, b, layout)) return false;
  return wire::AsString(a.unknown_fields()) == wire::AsString(b.unknown_fields());
}

}  // namespace penstock::codec
