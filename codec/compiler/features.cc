#include "penstock/codec/compiler/features.h"

#include <optional>
#include <string>
#include <utility>

#include "penstock/codec/compiler/wire_fields.h"

namespace penstock::codec::compiler {
namespace {

// The field `features` in each kind of options.
constexpr int kInFile = 50;
constexpr int kInMessage = 12;
constexpr int kInField = 21;
constexpr int kInOneof = 1;
constexpr int kInEnum = 7;
constexpr int kInEnumValue = 2;
constexpr int kInService = 34;
constexpr int kInMethod = 35;
constexpr int kInExtensionRange = 50;

constexpr int32_t kFieldOptionsPacked = 2;
constexpr int32_t kMessageSetWireFormat = 1;
constexpr int32_t kAllowAlias = 2;

class Resolver {
 public:
  Resolver(FileDescriptor* file, Diagnostics* diagnostics)
      : file_(file), diagnostics_(diagnostics), is_edition_(file->syntax == "editions") {}

  void Run() {
    const Features features = Features::DefaultsOf(file_->syntax)
                                  .With(Written(file_->options_bytes, kInFile, file_->options));
    for (const auto& message : file_->messages) ResolveMessage(features, message.get());
    for (const auto& enumeration : file_->enums) ResolveEnum(features, enumeration.get());
    for (FieldDescriptor& field : file_->extensions) ResolveField(features, nullptr, &field);
    for (ServiceDescriptor& service : file_->services) {
      Written(service.options_bytes, kInService, service.options);
      for (MethodDescriptor& method : service.methods) {
        Written(method.options_bytes, kInMethod, method.options);
      }
    }
  }

 private:
  void Error(Location location, std::string message) {
    diagnostics_->AddError(file_->path, location, std::move(message));
  }

  // Features::Written, and a word where they do not belong.
  Features Written(std::string_view bytes, int number, const std::vector<Option>& options) {
    const Features features = Features::Written(bytes, number);
    if (is_edition_) return features;
    for (const Option& option : options) {
      if (option.name == "features" || option.name.starts_with("features.")) {
        Error(option.location, "features exist in editions only: begin with edition = \"2023\";");
        return {};
      }
    }
    return features;
  }

  void ResolveMessage(const Features& outer, MessageDescriptor* message) {
    const Features features =
        outer.With(Written(message->options_bytes, kInMessage, message->options));
    message->message_set =
        FindVarint(message->options_bytes, kMessageSetWireFormat).value_or(0) != 0;
    for (const auto& nested : message->enums) ResolveEnum(features, nested.get());
    for (const auto& nested : message->messages) {
      // What a map says, it says of its keys and values.
      Features around = features;
      for (const FieldDescriptor& field : message->fields) {
        if (!nested->is_map_entry || field.message != nested.get()) continue;
        around = features.With(Features::Written(field.options_bytes, kInField));
      }
      ResolveMessage(around, nested.get());
    }
    for (OneofDescriptor& oneof : message->oneofs) {
      Written(oneof.options_bytes, kInOneof, oneof.options);
    }
    for (ExtensionRange& range : message->extension_ranges) {
      Written(range.options_bytes, kInExtensionRange, range.options);
    }
    for (FieldDescriptor& field : message->fields) {
      const bool in_oneof = field.oneof_index >= 0;
      ResolveField(in_oneof
                       ? features.With(Features::Written(
                             message->oneofs[static_cast<size_t>(field.oneof_index)].options_bytes,
                             kInOneof))
                       : features,
                   message, &field);
    }
    for (FieldDescriptor& field : message->extensions) ResolveField(features, message, &field);
  }

  void ResolveEnum(const Features& outer, EnumDescriptor* enumeration) {
    const Features features =
        outer.With(Written(enumeration->options_bytes, kInEnum, enumeration->options));
    enumeration->closed = features.enum_type == Features::kClosed;
    enumeration->allow_alias = FindVarint(enumeration->options_bytes, kAllowAlias).value_or(0) != 0;
    for (EnumValueDescriptor& value : enumeration->values) {
      Written(value.options_bytes, kInEnumValue, value.options);
    }
  }

  void ResolveField(const Features& outer, const MessageDescriptor* message,
                    FieldDescriptor* field) {
    using Label = FieldDescriptor::Label;
    const Features own = Written(field->options_bytes, kInField, field->options);
    const Features features = outer.With(own);
    const bool in_entry = message != nullptr && message->is_map_entry;
    if (is_edition_) {
      CheckOwn(own, *field);
      if (features.presence == Features::kLegacyRequired && field->label == Label::kSingular &&
          field->oneof_index < 0 && !field->is_extension && !in_entry) {
        field->label = Label::kRequired;
      }
      const bool delimited = features.message_encoding == Features::kDelimited;
      if (delimited && field->type == FieldType::kMessage && !field->is_map && !in_entry) {
        field->type = FieldType::kGroup;
      }
    }
    const bool implicit = features.presence == Features::kImplicit && !field->proto3_optional &&
                          field->oneof_index < 0 && !field->is_extension && !IsMessage(field->type);
    field->has_presence = !field->repeated() && !implicit;
    field->utf8_checked = field->type == FieldType::kString && features.utf8 == Features::kVerify;
    const bool packable = field->repeated() && !IsMessage(field->type) && !IsText(field->type);
    const std::optional<uint64_t> packed = FindVarint(field->options_bytes, kFieldOptionsPacked);
    field->packed =
        packable && (packed.has_value() ? *packed != 0 : features.encoding == Features::kPacked);
    if (is_edition_ && packed.has_value()) {
      Error(field->location,
            "there is no option packed in editions: write [features.repeated_field_encoding = "
            "PACKED] or EXPANDED");
    }
  }

  // What a field says of itself must make sense for it; what it inherits need not.
  void CheckOwn(const Features& own, const FieldDescriptor& field) {
    if (own.presence != 0) {
      const char* fault = nullptr;
      if (field.repeated()) fault = "repeated fields have no presence to choose";
      if (field.oneof_index >= 0) fault = "fields of a oneof have no presence to choose";
      if (field.is_extension) fault = "extensions have no presence to choose";
      if (own.presence == Features::kImplicit && IsMessage(field.type)) {
        fault = "the presence of a message cannot be implicit";
      }
      if (fault != nullptr) Error(field.location, fault);
    }
    if (own.encoding != 0 && !field.repeated()) {
      Error(field.location, "only repeated fields have a repeated_field_encoding");
    }
    if (own.encoding == Features::kPacked && (IsMessage(field.type) || IsText(field.type))) {
      Error(field.location, "only repeated fields of numbers, bools and enums can be packed");
    }
    if (own.utf8 != 0 && field.type != FieldType::kString && !field.is_map) {
      Error(field.location, "only strings have a utf8_validation");
    }
    if (own.message_encoding != 0 && (!IsMessage(field.type) || field.is_map)) {
      Error(field.location, "only messages have a message_encoding");
    }
  }

  FileDescriptor* const file_;
  Diagnostics* const diagnostics_;
  const bool is_edition_;
};

}  // namespace

Features Features::DefaultsOf(std::string_view syntax) {
  if (syntax == "proto2") {
    return {kExplicit, kClosed, kExpanded, kNoCheck, kLengthPrefixed, kLegacyBestEffort};
  }
  return {
      syntax == "proto3" ? kImplicit : kExplicit, kOpen, kPacked, kVerify, kLengthPrefixed, kAllow};
}

Features Features::Written(std::string_view options_bytes, int number) {
  Features features;
  FieldReader options(options_bytes);
  for (WireField field; options.Next(&field);) {
    if (field.number != static_cast<uint32_t>(number) || field.type != WireType::kLength) continue;
    FieldReader reader(field.bytes);
    for (WireField feature; reader.Next(&feature);) {
      int* const all[] = {
          nullptr,        &features.presence,         &features.enum_type,  &features.encoding,
          &features.utf8, &features.message_encoding, &features.json_format};
      if (feature.number <= 6) *all[feature.number] = static_cast<int>(feature.value);
    }
  }
  return features;
}

Features Features::With(const Features& inner) const {
  const auto either = [](int a, int b) { return a != 0 ? a : b; };
  return {either(inner.presence, presence),
          either(inner.enum_type, enum_type),
          either(inner.encoding, encoding),
          either(inner.utf8, utf8),
          either(inner.message_encoding, message_encoding),
          either(inner.json_format, json_format)};
}

void ResolveFeatures(FileDescriptor* file, Diagnostics* diagnostics) {
  Resolver(file, diagnostics).Run();
}

bool JsonNamesMustDiffer(const MessageDescriptor& message) {
  std::vector<const MessageDescriptor*> chain;
  for (const MessageDescriptor* m = &message; m != nullptr; m = m->parent) chain.push_back(m);
  Features features = Features::DefaultsOf(message.file->syntax)
                          .With(Features::Written(message.file->options_bytes, kInFile));
  for (size_t i = chain.size(); i-- > 0;) {
    features = features.With(Features::Written(chain[i]->options_bytes, kInMessage));
  }
  return features.json_format == Features::kAllow;
}

}  // namespace penstock::codec::compiler
