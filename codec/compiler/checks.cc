// What the linker checks in each message and enum by itself.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "penstock/codec/compiler/linker.h"

namespace penstock::codec::compiler {
namespace {

// Spec: protobuf.dev, "Assigning Field Numbers": kept for implementations.
constexpr int64_t kInternalFirst = 19000;
constexpr int64_t kInternalLast = 19999;

const NumberRange* RangeOf(const std::vector<NumberRange>& ranges, int64_t number) {
  for (const NumberRange& range : ranges) {
    if (number >= range.first && number <= range.last) return &range;
  }
  return nullptr;
}

bool IsReserved(const std::vector<ReservedName>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const ReservedName& reserved) { return reserved.name == name; });
}

void CheckRangesApart(const std::string& file, const std::vector<NumberRange>& ranges,
                      Diagnostics* diagnostics) {
  for (size_t i = 0; i < ranges.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (ranges[i].first <= ranges[j].last && ranges[j].first <= ranges[i].last) {
        diagnostics->AddError(file, ranges[i].location,
                              "this reserved range overlaps the one in line " +
                                  std::to_string(ranges[j].location.line));
        break;
      }
    }
  }
}

bool IsTrue(const std::vector<Option>& options, std::string_view name) {
  return std::any_of(options.begin(), options.end(), [&](const Option& option) {
    return option.name == name && option.text == "true";
  });
}

void CheckFieldOptions(const std::string& file, const FieldDescriptor& field,
                       Diagnostics* diagnostics) {
  for (const Option& option : field.options) {
    if (option.name == "default") {
      diagnostics->AddError(file, option.location, "default values do not exist in proto3");
    } else if (option.name == "packed") {
      const bool packable = field.repeated() && !IsMessage(field.type) && !IsText(field.type);
      if (!packable && option.text == "true") {
        diagnostics->AddError(file, option.location,
                              "only repeated fields of numbers, bools and enums can be packed");
      }
    }
  }
}

}  // namespace

// Spec: protobuf.dev, "Application Note: Field Presence", proto3.
void ResolveFieldTraits(FieldDescriptor* field) {
  const bool is_optional = field->label == FieldDescriptor::Label::kOptional;
  field->proto3_optional = is_optional;
  field->has_presence = !field->repeated() &&
                        (is_optional || field->oneof_index >= 0 || IsMessage(field->type));
  field->utf8_checked = field->type == FieldType::kString;
  field->packed = field->repeated() && !IsMessage(field->type) && !IsText(field->type);
  for (const Option& option : field->options) {
    if (option.name == "packed" && option.text == "false") field->packed = false;
  }
}

void CheckMessage(const MessageDescriptor& message, Diagnostics* diagnostics) {
  const std::string& file = message.file->path;
  std::map<uint32_t, const FieldDescriptor*> by_number;
  std::map<std::string, const FieldDescriptor*> by_json_name;
  for (const FieldDescriptor& field : message.fields) {
    const auto [other, is_new] = by_number.emplace(field.number, &field);
    if (!is_new) {
      diagnostics->AddError(file, field.number_location,
                            "number " + std::to_string(field.number) + " is already that of \"" +
                                other->second->name + "\"");
    }
    const auto [same_json, is_new_json] = by_json_name.emplace(field.json_name, &field);
    if (!is_new_json && same_json->second->name != field.name) {
      diagnostics->AddError(file, field.location,
                            "\"" + field.name + "\" has the same JSON name as \"" +
                                same_json->second->name + "\": \"" + field.json_name + "\"");
    }
    if (const NumberRange* range = RangeOf(message.reserved_ranges, field.number)) {
      diagnostics->AddError(file, field.number_location,
                            "number " + std::to_string(field.number) + " is reserved in line " +
                                std::to_string(range->location.line));
    }
    if (IsReserved(message.reserved_names, field.name)) {
      diagnostics->AddError(file, field.location, "the name \"" + field.name + "\" is reserved");
    }
    if (field.number >= kInternalFirst && field.number <= kInternalLast) {
      diagnostics->AddError(file, field.number_location,
                            "numbers 19000 to 19999 belong to implementations of Protocol Buffers");
    }
    CheckFieldOptions(file, field, diagnostics);
  }
  CheckRangesApart(file, message.reserved_ranges, diagnostics);
}

void CheckEnum(const EnumDescriptor& enumeration, Diagnostics* diagnostics) {
  const std::string& file = enumeration.file->path;
  if (enumeration.values.empty()) {
    diagnostics->AddError(file, enumeration.location,
                          "enum \"" + enumeration.name + "\" needs at least one value");
    return;
  }
  if (enumeration.values[0].number != 0) {
    diagnostics->AddError(file, enumeration.values[0].location,
                          "the first value of an enum must be 0 in proto3");
  }
  const bool aliases_allowed = IsTrue(enumeration.options, "allow_alias");
  std::map<int32_t, const EnumValueDescriptor*> by_number;
  for (const EnumValueDescriptor& value : enumeration.values) {
    const auto [other, is_new] = by_number.emplace(value.number, &value);
    if (!is_new && !aliases_allowed) {
      diagnostics->AddError(file, value.location,
                            "number " + std::to_string(value.number) + " is already that of \"" +
                                other->second->name +
                                "\"; if that is meant, add: option allow_alias = true;");
    }
    if (RangeOf(enumeration.reserved_ranges, value.number) != nullptr) {
      diagnostics->AddError(file, value.location,
                            "number " + std::to_string(value.number) + " is reserved");
    }
    if (IsReserved(enumeration.reserved_names, value.name)) {
      diagnostics->AddError(file, value.location, "the name \"" + value.name + "\" is reserved");
    }
  }
  CheckRangesApart(file, enumeration.reserved_ranges, diagnostics);
}

}  // namespace penstock::codec::compiler
