#include "penstock/codec/compiler/descriptor_writer.h"

#include <set>
#include <string_view>

#include "penstock/codec/compiler/default_values.h"
#include "penstock/codec/compiler/descriptor_numbers.h"
#include "penstock/codec/compiler/wire_fields.h"

namespace penstock::codec::compiler {
namespace {

// FieldDescriptorProto.Label
constexpr uint64_t kLabelOptional = 1;
constexpr uint64_t kLabelRequired = 2;
constexpr uint64_t kLabelRepeated = 3;

// Edition.EDITION_2023; the years before have none.
constexpr uint64_t kEdition2023 = 1000;

constexpr int32_t kMapEntry = 7;  // of MessageOptions

void WriteOptions(int32_t number, const std::string& options_bytes, FieldWriter* out) {
  if (!options_bytes.empty()) out->Text(number, options_bytes);
}

std::string WriteField(const FileDescriptor& file, const FieldDescriptor& field, int oneof_index) {
  const bool is_edition = file.syntax == "editions";
  FieldWriter out;
  out.Text(number::kFieldName, field.name);
  if (field.is_extension) out.Text(number::kFieldExtendee, "." + field.extendee_name);
  out.Varint(number::kFieldNumber, field.number);
  // Features say in editions what labels and groups do elsewhere.
  const bool required = field.required() && !is_edition;
  out.Varint(number::kFieldLabel, field.repeated() ? kLabelRepeated
                                  : required       ? kLabelRequired
                                                   : kLabelOptional);
  const FieldType type = field.is_group() && is_edition ? FieldType::kMessage : field.type;
  out.Varint(number::kFieldType, static_cast<uint64_t>(type));
  if (!field.type_name.empty()) out.Text(number::kFieldTypeName, "." + field.type_name);
  if (field.default_value.has_value()) out.Text(number::kFieldDefaultValue, DefaultText(field));
  WriteOptions(number::kFieldOptions, field.options_bytes, &out);
  if (oneof_index >= 0) out.Int(number::kFieldOneofIndex, oneof_index);
  out.Text(number::kFieldJsonName, field.json_name);
  if (field.proto3_optional) out.Bool(number::kFieldProto3Optional, true);
  return out.Take();
}

std::string WriteRange(int64_t start, int64_t end, const std::string& options_bytes) {
  FieldWriter out;
  out.Int(number::kRangeStart, start);
  out.Int(number::kRangeEnd, end);
  WriteOptions(number::kExtensionRangeOptions, options_bytes, &out);
  return out.Take();
}

std::string WriteEnum(const EnumDescriptor& enumeration) {
  FieldWriter out;
  out.Text(number::kEnumName, enumeration.name);
  for (const EnumValueDescriptor& value : enumeration.values) {
    FieldWriter value_out;
    value_out.Text(number::kEnumValueName, value.name);
    value_out.Int(number::kEnumValueNumber, value.number);
    WriteOptions(number::kEnumValueOptions, value.options_bytes, &value_out);
    out.Text(number::kEnumValue, value_out.out());
  }
  WriteOptions(number::kEnumOptions, enumeration.options_bytes, &out);
  for (const NumberRange& range : enumeration.reserved_ranges) {
    // Of enums, and of these alone, the end is included.
    out.Text(number::kEnumReservedRange, WriteRange(range.first, range.last, ""));
  }
  for (const ReservedName& name : enumeration.reserved_names) {
    out.Text(number::kEnumReservedName, name.name);
  }
  return out.Take();
}

std::string WriteOneof(const std::string& name, const std::string& options_bytes) {
  FieldWriter out;
  out.Text(number::kOneofName, name);
  WriteOptions(number::kOneofOptions, options_bytes, &out);
  return out.Take();
}

// An `optional` field of proto3 is, for readers that do not know better, alone in a oneof.
// Spec: docs/implementing_proto3_presence.md of Protocol Buffers.
std::string SyntheticOneofName(const std::string& field_name, std::set<std::string>* taken) {
  std::string name = field_name.starts_with('_') ? field_name : "_" + field_name;
  while (!taken->insert(name).second) name.insert(0, "X");
  return name;
}

std::string WriteMessage(const FileDescriptor& file, const MessageDescriptor& message) {
  FieldWriter out;
  out.Text(number::kMessageName, message.name);
  std::set<std::string> taken;
  for (const FieldDescriptor& field : message.fields) taken.insert(field.name);
  for (const OneofDescriptor& oneof : message.oneofs) taken.insert(oneof.name);
  std::vector<std::string> synthetic;
  for (const FieldDescriptor& field : message.fields) {
    int oneof_index = field.oneof_index;
    if (field.proto3_optional) {
      oneof_index = static_cast<int>(message.oneofs.size() + synthetic.size());
      synthetic.push_back(SyntheticOneofName(field.name, &taken));
    }
    out.Text(number::kMessageField, WriteField(file, field, oneof_index));
  }
  for (const auto& nested : message.messages) {
    out.Text(number::kMessageMessage, WriteMessage(file, *nested));
  }
  for (const auto& nested : message.enums) out.Text(number::kMessageEnum, WriteEnum(*nested));
  for (const ExtensionRange& range : message.extension_ranges) {
    out.Text(number::kMessageExtensionRange,
             WriteRange(range.range.first, range.range.last + 1, range.options_bytes));
  }
  for (const FieldDescriptor& field : message.extensions) {
    out.Text(number::kMessageExtension, WriteField(file, field, -1));
  }
  FieldWriter options;
  if (message.is_map_entry) options.Bool(kMapEntry, true);
  WriteOptions(number::kMessageOptions, options.out() + message.options_bytes, &out);
  for (const OneofDescriptor& oneof : message.oneofs) {
    out.Text(number::kMessageOneof, WriteOneof(oneof.name, oneof.options_bytes));
  }
  for (const std::string& name : synthetic) {
    out.Text(number::kMessageOneof, WriteOneof(name, ""));
  }
  for (const NumberRange& range : message.reserved_ranges) {
    out.Text(number::kMessageReservedRange, WriteRange(range.first, range.last + 1, ""));
  }
  for (const ReservedName& name : message.reserved_names) {
    out.Text(number::kMessageReservedName, name.name);
  }
  return out.Take();
}

std::string WriteService(const ServiceDescriptor& service) {
  FieldWriter out;
  out.Text(number::kServiceName, service.name);
  for (const MethodDescriptor& method : service.methods) {
    FieldWriter method_out;
    method_out.Text(number::kMethodName, method.name);
    method_out.Text(number::kMethodInputType, "." + method.input_name);
    method_out.Text(number::kMethodOutputType, "." + method.output_name);
    // Braces without options are options, too: none.
    if (method.has_braces || !method.options_bytes.empty()) {
      method_out.Text(number::kMethodOptions, method.options_bytes);
    }
    if (method.client_streaming) method_out.Bool(number::kMethodClientStreaming, true);
    if (method.server_streaming) method_out.Bool(number::kMethodServerStreaming, true);
    out.Text(number::kServiceMethod, method_out.out());
  }
  WriteOptions(number::kServiceOptions, service.options_bytes, &out);
  return out.Take();
}

std::string WriteLocation(const SourceLocation& location) {
  FieldWriter path;
  for (int32_t part : location.path) path.RawVarint(static_cast<uint64_t>(int64_t{part}));
  FieldWriter span;
  const bool one_line = location.span[0] == location.span[2];
  for (size_t i = 0; i < 4; ++i) {
    // A span that ends on its first line leaves the last line out.
    if (i == 2 && one_line) continue;
    span.RawVarint(static_cast<uint64_t>(int64_t{location.span[i]}));
  }
  FieldWriter out;
  if (!path.out().empty()) out.Text(number::kLocationPath, path.out());
  out.Text(number::kLocationSpan, span.out());
  if (!location.comments.leading.empty()) {
    out.Text(number::kLocationLeading, location.comments.leading);
  }
  if (!location.comments.trailing.empty()) {
    out.Text(number::kLocationTrailing, location.comments.trailing);
  }
  for (const std::string& text : location.detached) out.Text(number::kLocationDetached, text);
  return out.Take();
}

void WriteImports(const FileDescriptor& file, int32_t number, bool ImportDescriptor::* flag,
                  FieldWriter* out) {
  for (size_t i = 0; i < file.imports.size(); ++i) {
    if (file.imports[i].*flag) out->Varint(number, i);
  }
}

}  // namespace

std::string WriteFileDescriptor(const FileDescriptor& file, Places places) {
  FieldWriter out;
  out.Text(number::kFileName, file.path);
  if (!file.package.empty()) out.Text(number::kFilePackage, file.package);
  for (const ImportDescriptor& import : file.imports) {
    out.Text(number::kFileDependency, import.path);
  }
  for (const auto& message : file.messages) {
    out.Text(number::kFileMessage, WriteMessage(file, *message));
  }
  for (const auto& enumeration : file.enums) {
    out.Text(number::kFileEnum, WriteEnum(*enumeration));
  }
  for (const ServiceDescriptor& service : file.services) {
    out.Text(number::kFileService, WriteService(service));
  }
  for (const FieldDescriptor& field : file.extensions) {
    out.Text(number::kFileExtension, WriteField(file, field, -1));
  }
  WriteOptions(number::kFileOptions, file.options_bytes, &out);
  if (places == Places::kKeep && !file.source_locations.empty()) {
    FieldWriter locations;
    for (const SourceLocation& location : file.source_locations) {
      locations.Text(number::kSourceLocation, WriteLocation(location));
    }
    out.Text(number::kFileSourceCodeInfo, locations.out());
  }
  WriteImports(file, number::kFilePublicDependency, &ImportDescriptor::is_public, &out);
  WriteImports(file, number::kFileWeakDependency, &ImportDescriptor::is_weak, &out);
  if (file.syntax != "proto2") out.Text(number::kFileSyntax, file.syntax);
  if (file.syntax == "editions") out.Varint(number::kFileEdition, kEdition2023);
  return out.Take();
}

std::string WriteFileDescriptorSet(const std::vector<const FileDescriptor*>& files, Places places) {
  constexpr int32_t kFile = 1;
  FieldWriter out;
  for (const FileDescriptor* file : files) {
    out.Text(kFile, WriteFileDescriptor(*file, places));
  }
  return out.Take();
}

}  // namespace penstock::codec::compiler
