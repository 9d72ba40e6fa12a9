#include "penstock/codec/required_fields.h"

#include <cstring>
#include <string_view>

#include "penstock/codec/field_access.h"
#include "penstock/codec/map_base.h"

namespace penstock::codec {
namespace {

// Calls visit(message inside the field, its place or -1) for each until it gives false.
template <typename Visit>
bool ForEachMessage(const MessageHead& message, const FieldLayout& field, Visit visit) {
  if (field.shape == FieldShape::kMap) {
    const FieldLayout& value = field.message->fields[1];
    const MapBase& map = At<MapBase>(message, field.offset);
    int64_t place = 0;
    for (MapNode* node = map.First(); node != nullptr; node = map.Next(node), ++place) {
      if (!visit(node->At<MessageHead>(value.offset), *value.message, place)) return false;
    }
    return true;
  }
  if (field.shape == FieldShape::kRepeated) {
    const auto& elements = At<RepeatedBase>(message, field.offset);
    for (size_t i = 0; i < elements.size(); ++i) {
      if (!visit(*ElementAt(elements, i), *field.message, static_cast<int64_t>(i))) return false;
    }
    return true;
  }
  return visit(*ChildAt(message, field.offset), *field.message, -1);
}

// The layout of the messages that may lack something inside the field; null when none can.
const MessageLayout* DemandingLayout(const FieldLayout& field) {
  const MessageLayout* layout = IsMessage(field.type) ? field.message : nullptr;
  if (field.shape == FieldShape::kMap) {
    const FieldLayout& value = layout->fields[1];
    layout = IsMessage(value.type) ? value.message : nullptr;
  }
  return layout != nullptr && layout->has_required ? layout : nullptr;
}

std::string_view FieldName(const MessageLayout& layout, uint32_t index) {
  const char* name = layout.field_names;
  for (; index != 0; --index) name += std::strlen(name) + 1;
  return name;
}

}  // namespace

bool HasRequiredFields(const MessageHead& message, const MessageLayout& layout) {
  if (!layout.has_required) return true;
  for (uint32_t i = 0; i < layout.field_count; ++i) {
    const FieldLayout& field = layout.fields[i];
    if (!IsPresent(message, field, layout)) {
      if ((field.traits & kRequiredField) != 0) return false;
    } else if (DemandingLayout(field) != nullptr) {
      const bool whole = ForEachMessage(
          message, field, [](const MessageHead& child, const MessageLayout& of_child, int64_t) {
            return HasRequiredFields(child, of_child);
          });
      if (!whole) return false;
    }
  }
  return layout.extensions == nullptr || layout.extensions->has_required(message, layout);
}

// Limits: recursion is as deep as the message, which parsing bounds.
void AppendMissingFields(const MessageHead& message, const MessageLayout& layout,
                         const std::string& path, std::string* missing) {
  for (uint32_t i = 0; i < layout.field_count; ++i) {
    const FieldLayout& field = layout.fields[i];
    if ((field.traits & kRequiredField) == 0 || IsPresent(message, field, layout)) continue;
    if (!missing->empty()) *missing += ", ";
    *missing += path;
    *missing += FieldName(layout, i);
  }
  for (uint32_t i = 0; i < layout.field_count; ++i) {
    const FieldLayout& field = layout.fields[i];
    if (DemandingLayout(field) == nullptr || !IsPresent(message, field, layout)) continue;
    const std::string name = path + std::string(FieldName(layout, i));
    ForEachMessage(message, field,
                   [&](const MessageHead& child, const MessageLayout& of_child, int64_t place) {
                     const std::string index = place < 0 ? "." : "[" + std::to_string(place) + "].";
                     AppendMissingFields(child, of_child, name + index, missing);
                     return true;
                   });
  }
  if (layout.extensions != nullptr) {
    layout.extensions->append_missing(message, layout, path, missing);
  }
}

std::string MissingFields(const MessageHead& message, const MessageLayout& layout) {
  std::string missing;
  if (layout.has_required) AppendMissingFields(message, layout, "", &missing);
  return missing;
}

}  // namespace penstock::codec
