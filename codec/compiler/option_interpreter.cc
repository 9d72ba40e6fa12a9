#include "penstock/codec/compiler/option_interpreter.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "penstock/codec/compiler/standard_options.h"
#include "penstock/codec/compiler/wire_fields.h"

namespace penstock::codec::compiler {
namespace {

struct NamePart {
  std::string_view name;
  bool is_extension;
};

// "a.(b.c).d" -> a, (b.c), d
std::vector<NamePart> PartsOf(std::string_view name) {
  std::vector<NamePart> parts;
  while (!name.empty()) {
    const bool is_extension = name.starts_with('(');
    const size_t end = std::min(name.find(is_extension ? ')' : '.'), name.size());
    parts.push_back(
        {name.substr(is_extension ? 1 : 0, end - (is_extension ? 1 : 0)), is_extension});
    name.remove_prefix(std::min(name.size(), is_extension ? end + 1 : end));
    if (name.starts_with('.')) name.remove_prefix(1);
  }
  return parts;
}

// The contents of all occurrences of a message field, one behind the other: what merging them sees.
std::string Occurrences(std::string_view message, uint32_t number) {
  std::string all;
  FieldReader reader(message);
  for (WireField field; reader.Next(&field);) {
    if (field.number == number) all += field.bytes;
  }
  return all;
}

bool Has(std::string_view message, uint32_t number) {
  FieldReader reader(message);
  for (WireField field; reader.Next(&field);) {
    if (field.number == number) return true;
  }
  return false;
}

uint64_t Count(std::string_view message, uint32_t number) {
  uint64_t count = 0;
  FieldReader reader(message);
  for (WireField field; reader.Next(&field);) count += field.number == number;
  return count;
}

std::string_view ParentOf(std::string_view full_name) {
  const size_t dot = full_name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : full_name.substr(0, dot);
}

}  // namespace

bool OptionInterpreter::Reject(Location location, std::string message) {
  diagnostics_->AddError(file_->path, location, std::move(message));
  return false;
}

void OptionInterpreter::Interpret(std::string_view message_name, std::string_view full_name,
                                  std::vector<Option>* options, std::string* bytes) {
  if (options->empty()) return;
  const MessageDescriptor& message = StandardOptions(message_name);
  std::string sum = *bytes;
  for (const Option& option : *options) {
    if (option.name.starts_with('(') != custom_) continue;
    // What is around the thing comes first, as protoc looks: not the thing itself.
    InterpretOption(message, ParentOf(full_name), option, &sum);
  }
  if (custom_) {
    *bytes = std::move(sum);
    return;
  }
  // Standard options in the order of their numbers, whatever the order they were written in.
  std::multimap<uint32_t, std::string_view> by_number;
  FieldReader reader(sum);
  std::string_view rest = sum;
  for (WireField field; reader.Next(&field);) {
    by_number.emplace(field.number, rest.substr(0, rest.size() - reader.rest().size()));
    rest = reader.rest();
  }
  bytes->clear();
  for (const auto& [number, octets] : by_number) *bytes += octets;
}

// Adds the option to *bytes, and its numbers to the path of its place.
bool OptionInterpreter::InterpretOption(const MessageDescriptor& options, std::string_view scope,
                                        const Option& option, std::string* bytes) {
  const MessageDescriptor* message = &options;
  std::vector<const FieldDescriptor*> path;
  std::string so_far = *bytes;  // the message the next part is a field of, as set until now
  std::string name;
  for (const NamePart& part : PartsOf(option.name)) {
    if (!path.empty()) {
      const FieldDescriptor& outer = *path.back();
      if (!IsMessage(outer.type)) {
        return Reject(option.location, "\"" + name + "\" is no message: it has no fields to set");
      }
      if (outer.repeated()) {
        return Reject(option.location, "\"" + name +
                                           "\" is repeated: its elements are set whole, "
                                           "as " +
                                           name + " = { ... }");
      }
      if (outer.message == nullptr) return false;
      message = outer.message;
      so_far = Occurrences(so_far, outer.number);
    }
    const FieldDescriptor* field =
        part.is_extension
            ? values_.FindExtension(*message, scope, part.name, option.location)
            : values_.FindField(*message, part.name,
                                path.empty() ? "unknown option" : "unknown field", option.location);
    if (field == nullptr) return false;
    if (field->name == "uninterpreted_option" && path.empty()) {
      return Reject(option.location, "\"uninterpreted_option\" is not for .proto files");
    }
    if (!name.empty()) name += '.';
    name += part.is_extension ? "(" + std::string(part.name) + ")" : std::string(part.name);
    path.push_back(field);
  }
  const FieldDescriptor& last = *path.back();
  if (!last.repeated() && Has(so_far, last.number)) {
    return Reject(option.location, "option \"" + name + "\" is set already");
  }
  std::string octets;
  if (!values_.Encode(last, option, name, &octets)) return false;
  for (size_t i = path.size() - 1; i-- > 0;) {
    FieldWriter outer;
    const auto number = static_cast<int32_t>(path[i]->number);
    path[i]->is_group() ? outer.Group(number, octets) : outer.Text(number, octets);
    octets = outer.Take();
  }
  *bytes += octets;
  if (option.source_index >= 0) {
    std::vector<int32_t>& place =
        file_->source_locations[static_cast<size_t>(option.source_index)].path;
    for (const FieldDescriptor* field : path) place.push_back(static_cast<int32_t>(field->number));
    if (last.repeated()) place.push_back(static_cast<int32_t>(Count(so_far, last.number)));
  }
  return true;
}

void OptionInterpreter::InterpretField(FieldDescriptor* field) {
  Interpret("FieldOptions", field->full_name, &field->options, &field->options_bytes);
}

void OptionInterpreter::InterpretEnum(EnumDescriptor* enumeration) {
  Interpret("EnumOptions", enumeration->full_name, &enumeration->options,
            &enumeration->options_bytes);
  const std::string scope(ParentOf(enumeration->full_name));
  for (EnumValueDescriptor& value : enumeration->values) {
    Interpret("EnumValueOptions", scope.empty() ? value.name : scope + "." + value.name,
              &value.options, &value.options_bytes);
  }
}

void OptionInterpreter::InterpretMessage(MessageDescriptor* message) {
  Interpret("MessageOptions", message->full_name, &message->options, &message->options_bytes);
  for (FieldDescriptor& field : message->fields) InterpretField(&field);
  for (FieldDescriptor& field : message->extensions) InterpretField(&field);
  for (OneofDescriptor& oneof : message->oneofs) {
    Interpret("OneofOptions", message->full_name + "." + oneof.name, &oneof.options,
              &oneof.options_bytes);
  }
  for (ExtensionRange& range : message->extension_ranges) {
    Interpret("ExtensionRangeOptions", message->full_name, &range.options, &range.options_bytes);
  }
  for (const auto& nested : message->messages) InterpretMessage(nested.get());
  for (const auto& nested : message->enums) InterpretEnum(nested.get());
}

void OptionInterpreter::InterpretService(ServiceDescriptor* service) {
  Interpret("ServiceOptions", service->full_name, &service->options, &service->options_bytes);
  for (MethodDescriptor& method : service->methods) {
    Interpret("MethodOptions", service->full_name + "." + method.name, &method.options,
              &method.options_bytes);
  }
}

void OptionInterpreter::InterpretFile(bool custom) {
  custom_ = custom;
  // The file stands in its package like any name in it.
  Interpret("FileOptions", file_->package + ".file", &file_->options, &file_->options_bytes);
  for (const auto& message : file_->messages) InterpretMessage(message.get());
  for (const auto& enumeration : file_->enums) InterpretEnum(enumeration.get());
  for (FieldDescriptor& field : file_->extensions) InterpretField(&field);
  for (ServiceDescriptor& service : file_->services) InterpretService(&service);
}

}  // namespace penstock::codec::compiler
