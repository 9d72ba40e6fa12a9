#include "penstock/codec/compiler/descriptor_checks.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/limits.h"

namespace penstock::codec::compiler {
namespace {

bool IsIdentifier(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && is_letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
  });
}

bool IsDottedName(std::string_view name) {
  while (true) {
    const size_t dot = name.find('.');
    if (!IsIdentifier(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

class Checker {
 public:
  Checker(const FileDescriptor& file, Diagnostics* diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  void Run() {
    if (file_.syntax != "proto2" && file_.syntax != "proto3" && file_.syntax != "editions") {
      Error("the syntax \"" + file_.syntax + "\" is not known: it is proto2, proto3 or editions");
    }
    if (!file_.package.empty() && !IsDottedName(file_.package)) {
      Error("the package \"" + file_.package + "\" is no name");
    }
    for (const auto& message : file_.messages) Check(*message);
    for (const auto& enumeration : file_.enums) Check(*enumeration);
    for (const FieldDescriptor& field : file_.extensions) CheckExtension(field);
    for (const ServiceDescriptor& service : file_.services) {
      CheckName(service.name, "service");
      for (const MethodDescriptor& method : service.methods) CheckName(method.name, "method");
    }
  }

 private:
  void Error(std::string sentence) { diagnostics_->AddError(file_.path, {}, std::move(sentence)); }

  void CheckName(std::string_view name, std::string_view kind) {
    if (IsIdentifier(name)) return;
    Error("the " + std::string(kind) + " name \"" + std::string(name) +
          "\" is none: letters, digits and underscores make a name, and no digit begins it");
  }

  // Limits: messages nest up to kMessageNestingMax deep.
  void Check(const MessageDescriptor& message) {
    CheckName(message.name, "message");
    std::vector<int> fields_in(message.oneofs.size(), 0);
    for (const FieldDescriptor& field : message.fields) {
      CheckFieldOf(message, field);
      if (field.oneof_index >= 0) ++fields_in[static_cast<size_t>(field.oneof_index)];
    }
    for (size_t i = 0; i < fields_in.size(); ++i) {
      CheckName(message.oneofs[i].name, "oneof");
      if (fields_in[i] == 0) {
        Error("oneof \"" + message.oneofs[i].name + "\" of \"" + message.full_name +
              "\" has no fields");
      }
    }
    for (const FieldDescriptor& field : message.extensions) CheckExtension(field);
    for (const auto& nested : message.messages) Check(*nested);
    for (const auto& enumeration : message.enums) Check(*enumeration);
    if (message.is_map_entry) CheckEntry(message);
  }

  void Check(const EnumDescriptor& enumeration) {
    CheckName(enumeration.name, "enum");
    for (const EnumValueDescriptor& value : enumeration.values) {
      CheckName(value.name, "enum value");
    }
  }

  void CheckNumber(const FieldDescriptor& field, uint32_t number_max) {
    CheckName(field.name, "field");
    if (field.number >= 1 && field.number <= number_max) return;
    Error("field \"" + field.full_name + "\" has the number " +
          std::to_string(static_cast<int32_t>(field.number)) + ": they go from 1 to " +
          std::to_string(number_max));
  }

  void CheckFieldOf(const MessageDescriptor& message, const FieldDescriptor& field) {
    CheckNumber(field, kFieldNumberMax);
    if (field.is_extension) {
      Error("field \"" + field.full_name + "\" says that it extends \"" + field.extendee_name +
            "\", and stands among the fields of \"" + message.full_name + "\"");
    }
    if (field.oneof_index < -1) Error("field \"" + field.full_name + "\" is in no oneof there is");
    if (field.oneof_index >= 0 && (field.repeated() || field.required())) {
      Error("field \"" + field.full_name + "\" is in a oneof: it cannot be repeated or required");
    }
  }

  void CheckExtension(const FieldDescriptor& field) {
    // A message set's go up to the greatest int32.
    const bool in_set = field.extendee != nullptr && field.extendee->message_set;
    CheckNumber(field, in_set ? 0x7fffffffu : kFieldNumberMax);
    if (!field.is_extension) Error("extension \"" + field.full_name + "\" extends nothing");
    if (field.oneof_index != -1) Error("extension \"" + field.full_name + "\" is in a oneof");
  }

  // Spec: descriptor.proto, MessageOptions.map_entry.
  void CheckEntry(const MessageDescriptor& entry) {
    const auto& fields = entry.fields;
    const auto is_part = [&](size_t index, std::string_view name) {
      const FieldDescriptor& field = fields[index];
      return field.name == name && field.number == index + 1 && !field.repeated() &&
             !field.required() && field.oneof_index < 0;
    };
    const bool fits = fields.size() == 2 && is_part(0, "key") && is_part(1, "value") &&
                      entry.messages.empty() && entry.enums.empty() && entry.oneofs.empty() &&
                      entry.extensions.empty() && entry.extension_ranges.empty() &&
                      entry.parent != nullptr;
    if (!fits) {
      Error("\"" + entry.full_name +
            "\" says that it is the entry of a map, and is not made like one: it needs a field "
            "key = 1, a field value = 2, and nothing else");
      return;
    }
    switch (fields[0].type) {
      case FieldType::kDouble:
      case FieldType::kFloat:
      case FieldType::kBytes:
        Error("the key of the map \"" + entry.full_name + "\" is no integer, bool or string");
        break;
      default:
        break;  // CheckField refuses enums and messages
    }
    if (fields[1].type == FieldType::kGroup && file_.syntax != "editions") {
      Error("the value of the map \"" + entry.full_name + "\" is a group");
    }
  }

  const FileDescriptor& file_;
  Diagnostics* const diagnostics_;
};

}  // namespace

void CheckDescriptor(const FileDescriptor& file, Diagnostics* diagnostics) {
  Checker(file, diagnostics).Run();
}

}  // namespace penstock::codec::compiler
