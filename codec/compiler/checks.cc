#include "penstock/codec/compiler/checks.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/codec/compiler/features.h"
#include "penstock/codec/compiler/names.h"
#include "penstock/codec/compiler/wire_fields.h"
#include "penstock/codec/limits.h"

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

bool Overlap(const NumberRange& a, const NumberRange& b) {
  return a.first <= b.last && b.first <= a.last;
}

std::string InLine(Location location) { return "in line " + std::to_string(location.line); }

// Each range against those before it in its own list, and against all of `others`.
void CheckRangesApart(const std::string& file, std::string_view kind,
                      const std::vector<NumberRange>& ranges,
                      const std::vector<NumberRange>& others, Diagnostics* diagnostics) {
  for (size_t i = 0; i < ranges.size(); ++i) {
    const auto report = [&](const NumberRange& other) {
      diagnostics->AddError(
          file, ranges[i].location,
          "this " + std::string(kind) + " range overlaps the one " + InLine(other.location));
    };
    const auto overlaps = [&](const NumberRange& other) { return Overlap(ranges[i], other); };
    const auto own_end = ranges.begin() + static_cast<ptrdiff_t>(i);
    if (const auto own = std::find_if(ranges.begin(), own_end, overlaps); own != own_end) {
      report(*own);
    } else if (const auto other = std::find_if(others.begin(), others.end(), overlaps);
               other != others.end()) {
      report(*other);
    }
  }
}

void CheckNamesReservedOnce(const std::string& file, const std::vector<ReservedName>& names,
                            Diagnostics* diagnostics) {
  std::map<std::string_view, Location> seen;
  for (const ReservedName& name : names) {
    if (!seen.emplace(name.name, name.location).second) {
      diagnostics->AddError(file, name.location,
                            "the name \"" + name.name + "\" is reserved twice");
    }
  }
}

// Upper case follows an underscore: what a name is with nothing but its words.
std::string WithoutUnderscores(std::string_view name) {
  std::string out = LowerCase(name);
  std::erase(out, '_');
  return out;
}

// Spec: protobuf.dev, "JSON Mapping"; proto3 refuses names that differ in case and underscores
// alone, as protoc 3.21 does.
void CheckJsonNames(const MessageDescriptor& message, Diagnostics* diagnostics) {
  const std::string& file = message.file->path;
  const bool strict = JsonNamesMustDiffer(message);
  std::map<std::string, const FieldDescriptor*> by_json_name;
  std::map<std::string, const FieldDescriptor*> by_words;
  for (const FieldDescriptor& field : message.fields) {
    const auto [same, is_new] = by_json_name.emplace(field.json_name, &field);
    if (!is_new && same->second->name != field.name) {
      const std::string text = "\"" + field.name + "\" has the same JSON name as \"" +
                               same->second->name + "\": \"" + field.json_name + "\"";
      strict ? diagnostics->AddError(file, field.location, text)
             : diagnostics->AddWarning(file, field.location, text);
      continue;
    }
    const auto [alike, is_other] = by_words.emplace(WithoutUnderscores(field.name), &field);
    if (!is_other && alike->second->name != field.name && message.file->syntax == "proto3") {
      diagnostics->AddError(file, field.location,
                            "\"" + field.name + "\" differs from \"" + alike->second->name +
                                "\" only in case and underscores, which proto3 does not allow");
    }
  }
}

void CheckFieldNumber(const MessageDescriptor& message, const FieldDescriptor& field,
                      Diagnostics* diagnostics) {
  const std::string& file = message.file->path;
  const std::string number = "number " + std::to_string(field.number);
  if (const NumberRange* range = RangeOf(message.reserved_ranges, field.number)) {
    diagnostics->AddError(file, field.number_location,
                          number + " is reserved " + InLine(range->location));
  }
  for (const ExtensionRange& range : message.extension_ranges) {
    if (field.number >= range.range.first && field.number <= range.range.last) {
      diagnostics->AddError(
          file, field.number_location,
          number + " is set aside for extensions " + InLine(range.range.location));
    }
  }
  if (IsReserved(message.reserved_names, field.name)) {
    diagnostics->AddError(file, field.location, "the name \"" + field.name + "\" is reserved");
  }
}

void CheckInternalNumbers(const std::string& file, const FieldDescriptor& field,
                          Diagnostics* diagnostics) {
  if (field.number >= kInternalFirst && field.number <= kInternalLast) {
    diagnostics->AddError(file, field.number_location,
                          "numbers 19000 to 19999 belong to implementations of Protocol Buffers");
  }
}

// Spec: descriptor.proto, MessageOptions.message_set_wire_format.
void CheckMessageSet(const MessageDescriptor& message, Diagnostics* diagnostics) {
  const std::string& file = message.file->path;
  if (message.file->syntax == "proto3") {
    diagnostics->AddError(file, message.location, "message sets do not exist in proto3");
  }
  for (const FieldDescriptor& field : message.fields) {
    diagnostics->AddError(file, field.location, "a message set has extensions only, no fields");
  }
}

// The value's name without the enum's in front, as languages with scoped enums shorten it.
std::string ShortValueName(std::string_view enum_name, std::string_view value_name) {
  const std::string prefix = WithoutUnderscores(enum_name);
  size_t matched = 0;
  size_t at = 0;
  for (; at < value_name.size() && matched < prefix.size(); ++at) {
    if (value_name[at] == '_') continue;
    if (LowerCase(value_name.substr(at, 1))[0] != prefix[matched]) break;
    ++matched;
  }
  while (at < value_name.size() && value_name[at] == '_') ++at;
  const bool stripped = matched == prefix.size() && at < value_name.size();
  return CamelCase(LowerCase(stripped ? value_name.substr(at) : value_name));
}

void CheckShortValueNames(const EnumDescriptor& enumeration, Diagnostics* diagnostics) {
  std::map<std::string, const EnumValueDescriptor*> by_name;
  for (const EnumValueDescriptor& value : enumeration.values) {
    const auto [other, is_new] =
        by_name.emplace(ShortValueName(enumeration.name, value.name), &value);
    if (is_new || other->second->name == value.name || other->second->number == value.number) {
      continue;
    }
    const std::string text = "\"" + value.name + "\" and \"" + other->second->name +
                             "\" are the same in languages that leave out case and the enum's name";
    enumeration.file->syntax == "proto2"
        ? diagnostics->AddWarning(enumeration.file->path, value.location, text)
        : diagnostics->AddError(enumeration.file->path, value.location, text);
  }
}

// Returns whether two values have one number.
bool CheckAliases(const EnumDescriptor& enumeration, Diagnostics* diagnostics) {
  bool has_aliases = false;
  std::map<int32_t, const EnumValueDescriptor*> by_number;
  for (const EnumValueDescriptor& value : enumeration.values) {
    const auto [other, is_new] = by_number.emplace(value.number, &value);
    if (is_new) continue;
    has_aliases = true;
    if (enumeration.allow_alias) continue;
    diagnostics->AddError(enumeration.file->path, value.location,
                          "number " + std::to_string(value.number) + " is already that of \"" +
                              other->second->name +
                              "\"; if that is meant, add: option allow_alias = true;");
  }
  return has_aliases;
}

const Option* FindOption(const std::vector<Option>& options, std::string_view name) {
  const auto it = std::find_if(options.begin(), options.end(),
                               [&](const Option& option) { return option.name == name; });
  return it == options.end() ? nullptr : &*it;
}

bool IsLite(const FileDescriptor& file) {
  constexpr int32_t kOptimizeFor = 9;
  constexpr uint64_t kLiteRuntime = 3;
  return FindVarint(file.options_bytes, kOptimizeFor) == kLiteRuntime;
}

// Whether `message` is one of those whose extensions are custom options.
bool IsOptionsMessage(const MessageDescriptor& message) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "FileOptions",   "MessageOptions",   "FieldOptions",
      "EnumOptions",   "EnumValueOptions", "ServiceOptions",
      "MethodOptions", "OneofOptions",     "ExtensionRangeOptions"};
  return message.file->package == "google.protobuf" && message.parent == nullptr &&
         std::find(kNames.begin(), kNames.end(), message.name) != kNames.end();
}

class FieldChecker {
 public:
  FieldChecker(const FileDescriptor& file, const MessageDescriptor* message,
               const FieldDescriptor& field, Diagnostics* diagnostics)
      : file_(file), message_(message), field_(field), diagnostics_(diagnostics) {}

  void Run() {
    CheckOptions();
    CheckEnumType();
    if (field_.is_map) CheckMap();
    if (field_.is_extension && field_.extendee != nullptr) CheckExtension();
    if (message_ == nullptr || !message_->is_map_entry) {
      CheckInternalNumbers(file_.path, field_, diagnostics_);
    }
  }

 private:
  void Error(Location location, std::string message) {
    diagnostics_->AddError(file_.path, location, std::move(message));
  }

  void CheckOptions() {
    if (const Option* packed = FindOption(field_.options, "packed")) {
      const bool packable = field_.repeated() && !IsMessage(field_.type) && !IsText(field_.type);
      if (!packable && packed->text == "true") {
        Error(packed->location, "only repeated fields of numbers, bools and enums can be packed");
      }
    }
    for (const std::string_view name : {"lazy", "unverified_lazy"}) {
      const Option* lazy = FindOption(field_.options, name);
      if (lazy != nullptr && lazy->text == "true" && field_.type != FieldType::kMessage) {
        Error(lazy->location, "only messages can be lazy");
      }
    }
    if (const Option* jstype = FindOption(field_.options, "jstype")) {
      switch (field_.type) {
        case FieldType::kInt64:
        case FieldType::kUint64:
        case FieldType::kSint64:
        case FieldType::kFixed64:
        case FieldType::kSfixed64:
          break;
        default:
          if (jstype->text != "JS_NORMAL") {
            Error(jstype->location, "jstype is for integers of 64 bits");
          }
      }
    }
  }

  void CheckEnumType() {
    if (field_.enumeration == nullptr || !field_.enumeration->closed) return;
    const std::string& name = field_.enumeration->full_name;
    if (file_.syntax == "proto3") {
      Error(field_.type_location, "enum \"" + name +
                                      "\" is closed, as proto2's are: proto3 "
                                      "messages hold open ones only");
    } else if (!field_.has_presence && !field_.repeated()) {
      Error(field_.type_location,
            "enum \"" + name + "\" is closed: a field of implicit presence cannot hold it");
    }
  }

  void CheckMap() {
    if (field_.message == nullptr || field_.message->fields.size() != 2) return;
    const FieldDescriptor& key = field_.message->fields[0];
    const FieldDescriptor& value = field_.message->fields[1];
    if (key.type == FieldType::kEnum || IsMessage(key.type)) {
      Error(key.type_location, "the key of a map is an integer, a bool or a string");
    }
    if (value.enumeration != nullptr && !value.enumeration->values.empty() &&
        value.enumeration->values[0].number != 0) {
      Error(value.type_location, "the first value of an enum in a map must be 0");
    }
  }

  void CheckExtension() {
    const MessageDescriptor& extendee = *field_.extendee;
    if (field_.required()) Error(field_.location, "an extension cannot be required");
    if (field_.has_json_name) {
      Error(field_.location, "json_name is not for extensions: JSON calls them by their full name");
    }
    const bool in_range = std::any_of(
        extendee.extension_ranges.begin(), extendee.extension_ranges.end(),
        [&](const ExtensionRange& range) {
          return field_.number >= range.range.first && field_.number <= range.range.last;
        });
    if (!in_range) {
      Error(field_.number_location, "\"" + extendee.full_name + "\" does not set aside number " +
                                        std::to_string(field_.number) + " for extensions");
    }
    if (extendee.message_set && (field_.repeated() || field_.type != FieldType::kMessage)) {
      Error(field_.type_location, "the extensions of a message set are optional messages");
    }
    if (file_.syntax == "proto3" && !IsOptionsMessage(extendee)) {
      Error(field_.extendee_location,
            "proto3 extends only the options of descriptor.proto, as google.protobuf.FieldOptions");
    }
    if (IsLite(file_) && !IsLite(*extendee.file)) {
      Error(field_.extendee_location, "\"" + extendee.full_name +
                                          "\" is not for the lite runtime, but this file is: it "
                                          "cannot extend it");
    }
  }

  const FileDescriptor& file_;
  const MessageDescriptor* const message_;
  const FieldDescriptor& field_;
  Diagnostics* const diagnostics_;
};

}  // namespace

void CheckField(const FileDescriptor& file, const MessageDescriptor* message,
                const FieldDescriptor& field, Diagnostics* diagnostics) {
  FieldChecker(file, message, field, diagnostics).Run();
}

void CheckMessage(const MessageDescriptor& message, Diagnostics* diagnostics) {
  const std::string& file = message.file->path;
  std::map<uint32_t, const FieldDescriptor*> by_number;
  for (const FieldDescriptor& field : message.fields) {
    const auto [other, is_new] = by_number.emplace(field.number, &field);
    if (!is_new) {
      diagnostics->AddError(file, field.number_location,
                            "number " + std::to_string(field.number) + " is already that of \"" +
                                other->second->name + "\"");
    }
    CheckFieldNumber(message, field, diagnostics);
  }
  CheckJsonNames(message, diagnostics);
  std::vector<NumberRange> extension_ranges;
  for (const ExtensionRange& range : message.extension_ranges) {
    extension_ranges.push_back(range.range);
  }
  CheckRangesApart(file, "reserved", message.reserved_ranges, {}, diagnostics);
  CheckRangesApart(file, "extension", extension_ranges, message.reserved_ranges, diagnostics);
  CheckNamesReservedOnce(file, message.reserved_names, diagnostics);
  if (!extension_ranges.empty() && message.file->syntax == "proto3") {
    diagnostics->AddError(file, extension_ranges[0].location,
                          "extension ranges do not exist in proto3");
  }
  if (message.message_set) CheckMessageSet(message, diagnostics);
  if (const Option* option = FindOption(message.options, "map_entry")) {
    diagnostics->AddError(file, option->location,
                          "map_entry is set by the compiler alone: write map<Key, Value>");
  }
}

void CheckEnum(const EnumDescriptor& enumeration, Diagnostics* diagnostics) {
  const std::string& file = enumeration.file->path;
  if (enumeration.values.empty()) {
    diagnostics->AddError(file, enumeration.location,
                          "enum \"" + enumeration.name + "\" needs at least one value");
    return;
  }
  if (enumeration.values[0].number != 0 && !enumeration.closed) {
    diagnostics->AddError(file, enumeration.values[0].location,
                          enumeration.file->syntax == "proto3"
                              ? "the first value of an enum must be 0 in proto3"
                              : "the first value of an open enum must be 0");
  }
  const bool has_aliases = CheckAliases(enumeration, diagnostics);
  const Option* option = FindOption(enumeration.options, "allow_alias");
  if (option != nullptr && option->text == "false") {
    diagnostics->AddError(file, option->location, "allow_alias = false says nothing: leave it out");
  } else if (option != nullptr && !has_aliases) {
    diagnostics->AddError(file, option->location,
                          "no two values have one number: leave allow_alias out");
  }
  for (const EnumValueDescriptor& value : enumeration.values) {
    if (RangeOf(enumeration.reserved_ranges, value.number) != nullptr) {
      diagnostics->AddError(file, value.location,
                            "number " + std::to_string(value.number) + " is reserved");
    }
    if (IsReserved(enumeration.reserved_names, value.name)) {
      diagnostics->AddError(file, value.location, "the name \"" + value.name + "\" is reserved");
    }
  }
  CheckShortValueNames(enumeration, diagnostics);
  CheckRangesApart(file, "reserved", enumeration.reserved_ranges, {}, diagnostics);
  CheckNamesReservedOnce(file, enumeration.reserved_names, diagnostics);
}

void CheckFile(const FileDescriptor& file, Diagnostics* diagnostics) {
  if (!IsLite(file)) {
    for (const ImportDescriptor& import : file.imports) {
      if (import.file == nullptr || !IsLite(*import.file)) continue;
      diagnostics->AddError(file.path, import.location,
                            "\"" + import.path +
                                "\" is for the lite runtime, and this file is "
                                "not: it cannot import it");
    }
    return;
  }
  constexpr int32_t kCcGenericServices = 16;
  constexpr int32_t kJavaGenericServices = 17;
  const bool generic = FindVarint(file.options_bytes, kCcGenericServices).value_or(0) != 0 ||
                       FindVarint(file.options_bytes, kJavaGenericServices).value_or(0) != 0;
  if (!generic) return;
  for (const ServiceDescriptor& service : file.services) {
    diagnostics->AddError(file.path, service.location,
                          "a file for the lite runtime has no generic services");
  }
}

}  // namespace penstock::codec::compiler
