#include "penstock/codec/compiler/descriptor_reader.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "penstock/codec/compiler/descriptor_numbers.h"
#include "penstock/codec/compiler/names.h"
#include "penstock/codec/compiler/wire_fields.h"
#include "penstock/codec/limits.h"

namespace penstock::codec::compiler {
namespace {

constexpr int32_t kMapEntry = 7;  // of MessageOptions
constexpr uint64_t kLabelRequired = 2;
constexpr uint64_t kLabelRepeated = 3;
constexpr uint64_t kFieldTypeMax = 18;

using Path = std::vector<int32_t>;

Path Below(const Path& path, std::initializer_list<int32_t> more) {
  Path below = path;
  below.insert(below.end(), more);
  return below;
}

// A message without its fields of one number.
std::string Without(std::string_view message, int32_t number) {
  std::string out;
  FieldReader reader(message);
  std::string_view rest = message;
  for (WireField field; reader.Next(&field); rest = reader.rest()) {
    if (field.number == static_cast<uint32_t>(number)) continue;
    out += rest.substr(0, rest.size() - reader.rest().size());
  }
  return out;
}

std::vector<int32_t> ReadPackedInts(std::string_view packed) {
  std::vector<int32_t> values;
  VarintReader reader(packed);
  for (uint64_t value = 0; reader.Next(&value);) values.push_back(static_cast<int32_t>(value));
  return values;
}

class FileReader {
 public:
  explicit FileReader(FileDescriptor* file) : file_(file) {}

  bool Run(std::string_view octets) {
    ReadSimple(octets);
    FieldReader reader(octets);
    for (WireField field; reader.Next(&field);) {
      switch (field.number) {
        case number::kFileMessage:
          ReadMessage(field.bytes, nullptr, {number::kFileMessage}, 1, &file_->messages);
          break;
        case number::kFileEnum:
          ReadEnum(field.bytes, nullptr, {number::kFileEnum}, &file_->enums);
          break;
        case number::kFileService:
          ReadService(field.bytes);
          break;
        case number::kFileExtension:
          ReadField(field.bytes, nullptr, {number::kFileExtension}, &file_->extensions);
          break;
        default:
          break;
      }
    }
    return ok_ && reader.ok() && !file_->path.empty();
  }

 private:
  // What the names and comments of everything else depend on.
  void ReadSimple(std::string_view octets) {
    file_->syntax = "proto2";
    std::vector<uint64_t> public_imports;
    std::vector<uint64_t> weak_imports;
    FieldReader reader(octets);
    for (WireField field; reader.Next(&field);) {
      switch (field.number) {
        case number::kFileName:
          file_->path = field.bytes;
          break;
        case number::kFilePackage:
          file_->package = field.bytes;
          break;
        case number::kFileDependency:
          file_->imports.emplace_back().path = field.bytes;
          break;
        case number::kFilePublicDependency:
          public_imports.push_back(field.value);
          break;
        case number::kFileWeakDependency:
          weak_imports.push_back(field.value);
          break;
        case number::kFileOptions:
          file_->options_bytes += field.bytes;
          break;
        case number::kFileSyntax:
          file_->syntax = field.bytes;
          break;
        case number::kFileSourceCodeInfo:
          ReadSourceInfo(field.bytes);
          break;
        default:
          break;
      }
    }
    if (file_->syntax == "editions") file_->edition = 2023;
    for (uint64_t i : public_imports) {
      if (i < file_->imports.size()) file_->imports[i].is_public = true;
    }
    for (uint64_t i : weak_imports) {
      if (i < file_->imports.size()) file_->imports[i].is_weak = true;
    }
    for (size_t i = 0; i < file_->imports.size(); ++i) {
      Place({number::kFileDependency, static_cast<int32_t>(i)}, nullptr,
            &file_->imports[i].location);
    }
    Place({number::kFilePackage}, &file_->package_comments, nullptr);
  }

  void ReadSourceInfo(std::string_view octets) {
    FieldReader info(octets);
    for (WireField item; info.Next(&item);) {
      if (item.number != number::kSourceLocation) continue;
      SourceLocation& location = file_->source_locations.emplace_back();
      FieldReader reader(item.bytes);
      for (WireField field; reader.Next(&field);) {
        if (field.number == number::kLocationPath) location.path = ReadPackedInts(field.bytes);
        if (field.number == number::kLocationSpan) {
          std::vector<int32_t> span = ReadPackedInts(field.bytes);
          if (span.size() == 3) span.insert(span.begin() + 2, span[0]);
          if (span.size() == 4) std::copy(span.begin(), span.end(), location.span.begin());
        }
        if (field.number == number::kLocationLeading) location.comments.leading = field.bytes;
        if (field.number == number::kLocationTrailing) location.comments.trailing = field.bytes;
        if (field.number == number::kLocationDetached) location.detached.emplace_back(field.bytes);
      }
    }
    for (size_t i = 0; i < file_->source_locations.size(); ++i) {
      places_.emplace(file_->source_locations[i].path, i);
    }
  }

  // What stands at a path, where it is known; either may be null.
  void Place(const Path& path, Comments* comments, Location* location) const {
    const auto it = places_.find(path);
    if (it == places_.end()) return;
    const SourceLocation& source = file_->source_locations[it->second];
    if (comments != nullptr) *comments = source.comments;
    if (location != nullptr) *location = {source.span[0] + 1, source.span[1] + 1};
  }

  std::string FullName(const MessageDescriptor* parent, const std::string& name) const {
    if (parent != nullptr) return parent->full_name + "." + name;
    return file_->package.empty() ? name : file_->package + "." + name;
  }

  template <typename List>
  static Path Next(const Path& list_path, const List& list) {
    return Below(list_path, {static_cast<int32_t>(list.size())});
  }

  NumberRange ReadRange(std::string_view octets, int64_t beyond, std::string* options_bytes) {
    NumberRange range;
    FieldReader reader(octets);
    for (WireField field; reader.Next(&field);) {
      const auto value = static_cast<int32_t>(field.value);
      if (field.number == number::kRangeStart) range.first = value;
      if (field.number == number::kRangeEnd) range.last = value - beyond;
      if (field.number == number::kExtensionRangeOptions && options_bytes != nullptr) {
        *options_bytes += field.bytes;
      }
    }
    ok_ = ok_ && reader.ok();
    return range;
  }

  void ReadEnum(std::string_view octets, const MessageDescriptor* parent, const Path& list,
                std::vector<std::unique_ptr<EnumDescriptor>>* enums) {
    const Path path = Next(list, *enums);
    EnumDescriptor* out = enums->emplace_back(std::make_unique<EnumDescriptor>()).get();
    FieldReader reader(octets);
    for (WireField field; reader.Next(&field);) {
      switch (field.number) {
        case number::kEnumName:
          out->name = field.bytes;
          break;
        case number::kEnumValue:
          ReadEnumValue(field.bytes, Below(path, {number::kEnumValue}), out);
          break;
        case number::kEnumOptions:
          out->options_bytes += field.bytes;
          break;
        case number::kEnumReservedRange:
          out->reserved_ranges.push_back(ReadRange(field.bytes, 0, nullptr));
          break;
        case number::kEnumReservedName:
          out->reserved_names.push_back({std::string(field.bytes), {}});
          break;
        default:
          break;
      }
    }
    ok_ = ok_ && reader.ok();
    out->full_name = FullName(parent, out->name);
    out->file = file_;
    out->parent = parent;
    Place(path, &out->comments, nullptr);
    Place(Below(path, {number::kEnumName}), nullptr, &out->location);
  }

  void ReadEnumValue(std::string_view octets, const Path& list, EnumDescriptor* enumeration) {
    const Path path = Next(list, enumeration->values);
    EnumValueDescriptor& value = enumeration->values.emplace_back();
    FieldReader reader(octets);
    for (WireField field; reader.Next(&field);) {
      if (field.number == number::kEnumValueName) value.name = field.bytes;
      if (field.number == number::kEnumValueNumber) {
        value.number = static_cast<int32_t>(field.value);
      }
      if (field.number == number::kEnumValueOptions) value.options_bytes += field.bytes;
    }
    ok_ = ok_ && reader.ok();
    Place(path, &value.comments, &value.location);
  }

  void ReadField(std::string_view octets, const MessageDescriptor* parent, const Path& list,
                 std::vector<FieldDescriptor>* fields) {
    const Path path = Next(list, *fields);
    FieldDescriptor& out = fields->emplace_back();
    uint64_t label = 0;
    FieldReader reader(octets);
    for (WireField field; reader.Next(&field);) {
      switch (field.number) {
        case number::kFieldName:
          out.name = field.bytes;
          break;
        case number::kFieldExtendee:
          out.extendee_name = field.bytes;
          out.is_extension = true;
          break;
        case number::kFieldNumber:
          out.number = static_cast<uint32_t>(field.value);
          break;
        case number::kFieldLabel:
          label = field.value;
          break;
        case number::kFieldType:
          ok_ = ok_ && field.value >= 1 && field.value <= kFieldTypeMax;
          if (ok_) out.type = static_cast<FieldType>(field.value);
          break;
        case number::kFieldTypeName:
          out.type_name = field.bytes;
          break;
        case number::kFieldDefaultValue:
          out.written_default.emplace().text = field.bytes;
          break;
        case number::kFieldOptions:
          out.options_bytes += field.bytes;
          break;
        case number::kFieldOneofIndex:
          out.oneof_index = static_cast<int>(field.value);
          break;
        case number::kFieldJsonName:
          out.json_name = field.bytes;
          break;
        case number::kFieldProto3Optional:
          out.proto3_optional = field.value != 0;
          break;
        default:
          break;
      }
    }
    const bool named = out.type == FieldType::kEnum || IsMessage(out.type);
    ok_ = ok_ && reader.ok() && named != out.type_name.empty();
    FinishField(parent, path, label, &out);
  }

  void FinishField(const MessageDescriptor* parent, const Path& path, uint64_t label,
                   FieldDescriptor* out) {
    using Label = FieldDescriptor::Label;
    const bool word_written = file_->syntax == "proto2" && out->oneof_index < 0;
    out->label = label == kLabelRepeated                ? Label::kRepeated
                 : label == kLabelRequired              ? Label::kRequired
                 : word_written || out->proto3_optional ? Label::kOptional
                                                        : Label::kSingular;
    if (out->json_name.empty()) out->json_name = JsonName(out->name);
    out->full_name = FullName(parent, out->name);
    Place(path, &out->comments, nullptr);
    Place(Below(path, {number::kFieldName}), nullptr, &out->location);
    Place(Below(path, {number::kFieldNumber}), nullptr, &out->number_location);
    Place(Below(path, {number::kFieldTypeName}), nullptr, &out->type_location);
    Place(Below(path, {number::kFieldExtendee}), nullptr, &out->extendee_location);
  }

  void ReadMessage(std::string_view octets, const MessageDescriptor* parent, const Path& list,
                   int depth, std::vector<std::unique_ptr<MessageDescriptor>>* messages) {
    const Path path = Next(list, *messages);
    MessageDescriptor* out = messages->emplace_back(std::make_unique<MessageDescriptor>()).get();
    ok_ = ok_ && depth <= kMessageNestingMax;
    if (!ok_) return;
    FieldReader names(octets);
    for (WireField field; names.Next(&field);) {
      if (field.number == number::kMessageName) out->name = field.bytes;
      if (field.number == number::kMessageOptions) out->options_bytes += field.bytes;
    }
    out->full_name = FullName(parent, out->name);
    out->file = file_;
    out->parent = parent;
    if (FindVarint(out->options_bytes, kMapEntry).value_or(0) != 0) {
      out->is_map_entry = true;
      out->options_bytes = Without(out->options_bytes, kMapEntry);
    }
    Place(path, &out->comments, nullptr);
    Place(Below(path, {number::kMessageName}), nullptr, &out->location);
    FieldReader reader(octets);
    for (WireField field; reader.Next(&field);) ReadMessageField(field, path, depth, out);
    ok_ = ok_ && reader.ok();
    MarkMaps(out);
    DropSyntheticOneofs(out);
  }

  void ReadMessageField(const WireField& field, const Path& path, int depth,
                        MessageDescriptor* out) {
    switch (field.number) {
      case number::kMessageField:
        return ReadField(field.bytes, out, Below(path, {number::kMessageField}), &out->fields);
      case number::kMessageExtension:
        return ReadField(field.bytes, out, Below(path, {number::kMessageExtension}),
                         &out->extensions);
      case number::kMessageMessage:
        return ReadMessage(field.bytes, out, Below(path, {number::kMessageMessage}), depth + 1,
                           &out->messages);
      case number::kMessageEnum:
        return ReadEnum(field.bytes, out, Below(path, {number::kMessageEnum}), &out->enums);
      case number::kMessageExtensionRange: {
        ExtensionRange& range = out->extension_ranges.emplace_back();
        range.range = ReadRange(field.bytes, 1, &range.options_bytes);
        return;
      }
      case number::kMessageReservedRange:
        out->reserved_ranges.push_back(ReadRange(field.bytes, 1, nullptr));
        return;
      case number::kMessageReservedName:
        out->reserved_names.push_back({std::string(field.bytes), {}});
        return;
      case number::kMessageOneof:
        return ReadOneof(field.bytes, Below(path, {number::kMessageOneof}), out);
      default:
        return;
    }
  }

  void ReadOneof(std::string_view octets, const Path& list, MessageDescriptor* message) {
    const Path path = Next(list, message->oneofs);
    OneofDescriptor& oneof = message->oneofs.emplace_back();
    FieldReader reader(octets);
    for (WireField field; reader.Next(&field);) {
      if (field.number == number::kOneofName) oneof.name = field.bytes;
      if (field.number == number::kOneofOptions) oneof.options_bytes += field.bytes;
    }
    ok_ = ok_ && reader.ok();
    Place(path, &oneof.comments, &oneof.location);
  }

  static void MarkMaps(MessageDescriptor* message) {
    for (FieldDescriptor& field : message->fields) {
      for (const auto& nested : message->messages) {
        if (nested->is_map_entry && field.repeated() &&
            field.type_name == "." + nested->full_name) {
          field.is_map = true;
        }
      }
    }
  }

  // Those of `optional` fields; what is left has new indices.
  void DropSyntheticOneofs(MessageDescriptor* message) {
    std::vector<int> new_index(message->oneofs.size(), 0);
    for (FieldDescriptor& field : message->fields) {
      if (field.oneof_index < 0) continue;
      if (static_cast<size_t>(field.oneof_index) >= message->oneofs.size()) {
        ok_ = false;
        return;
      }
      if (!field.proto3_optional) continue;
      new_index[static_cast<size_t>(field.oneof_index)] = -1;
    }
    std::vector<OneofDescriptor> kept;
    for (size_t i = 0; i < new_index.size(); ++i) {
      if (new_index[i] < 0) continue;
      new_index[i] = static_cast<int>(kept.size());
      kept.push_back(std::move(message->oneofs[i]));
    }
    message->oneofs = std::move(kept);
    for (FieldDescriptor& field : message->fields) {
      if (field.oneof_index >= 0) {
        field.oneof_index = new_index[static_cast<size_t>(field.oneof_index)];
      }
    }
  }

  void ReadService(std::string_view octets) {
    const Path path = Next({number::kFileService}, file_->services);
    ServiceDescriptor& service = file_->services.emplace_back();
    FieldReader reader(octets);
    for (WireField field; reader.Next(&field);) {
      if (field.number == number::kServiceName) service.name = field.bytes;
      if (field.number == number::kServiceMethod) {
        ReadMethod(field.bytes, Below(path, {number::kServiceMethod}), &service);
      }
      if (field.number == number::kServiceOptions) service.options_bytes += field.bytes;
    }
    ok_ = ok_ && reader.ok();
    service.full_name = FullName(nullptr, service.name);
    Place(path, &service.comments, nullptr);
    Place(Below(path, {number::kServiceName}), nullptr, &service.location);
  }

  void ReadMethod(std::string_view octets, const Path& list, ServiceDescriptor* service) {
    const Path path = Next(list, service->methods);
    MethodDescriptor& method = service->methods.emplace_back();
    FieldReader reader(octets);
    for (WireField field; reader.Next(&field);) {
      switch (field.number) {
        case number::kMethodName:
          method.name = field.bytes;
          break;
        case number::kMethodInputType:
          method.input_name = field.bytes;
          break;
        case number::kMethodOutputType:
          method.output_name = field.bytes;
          break;
        case number::kMethodOptions:
          method.has_braces = true;
          method.options_bytes += field.bytes;
          break;
        case number::kMethodClientStreaming:
          method.client_streaming = field.value != 0;
          break;
        case number::kMethodServerStreaming:
          method.server_streaming = field.value != 0;
          break;
        default:
          break;
      }
    }
    ok_ = ok_ && reader.ok();
    Place(path, &method.comments, nullptr);
    Place(Below(path, {number::kMethodName}), nullptr, &method.location);
    Place(Below(path, {number::kMethodInputType}), nullptr, &method.input_location);
    Place(Below(path, {number::kMethodOutputType}), nullptr, &method.output_location);
  }

  FileDescriptor* const file_;
  std::map<Path, size_t> places_;  // into source_locations; the first of each path
  bool ok_ = true;
};

}  // namespace

std::unique_ptr<FileDescriptor> ReadFileDescriptor(std::string_view octets,
                                                   Diagnostics* diagnostics) {
  auto file = std::make_unique<FileDescriptor>();
  if (FileReader(file.get()).Run(octets)) return file;
  diagnostics->AddError(file->path.empty() ? "descriptor" : file->path, {},
                        "the descriptor is damaged: it is no google.protobuf.FileDescriptorProto");
  return nullptr;
}

}  // namespace penstock::codec::compiler
