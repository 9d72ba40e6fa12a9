#include "penstock/loadtest/tool/option_text.h"

#include <algorithm>

#include "penstock/codec/reflection/dynamic_message.h"
#include "penstock/codec/text/text.h"
#include "penstock/wire/bytes.h"

#include "google/protobuf/descriptor.penstock.h"

namespace penstock::loadtest::tool {
namespace {

using codec::json::ExtensionSource;
using codec::reflection::ConstMessageRef;
using codec::reflection::DynamicMessage;
using codec::reflection::Field;
using codec::reflection::MessageType;
using codec::reflection::ValueKind;

const MessageType& TypeOf(OptionsOf kind) {
  namespace pb = google::protobuf;
  switch (kind) {
    case OptionsOf::kFile:
      return codec::reflection::TypeOf<pb::FileOptions>();
    case OptionsOf::kMessage:
      return codec::reflection::TypeOf<pb::MessageOptions>();
    case OptionsOf::kField:
      return codec::reflection::TypeOf<pb::FieldOptions>();
    case OptionsOf::kExtensionRange:
      return codec::reflection::TypeOf<pb::ExtensionRangeOptions>();
    case OptionsOf::kOneof:
      return codec::reflection::TypeOf<pb::OneofOptions>();
    case OptionsOf::kEnum:
      return codec::reflection::TypeOf<pb::EnumOptions>();
    case OptionsOf::kEnumValue:
      return codec::reflection::TypeOf<pb::EnumValueOptions>();
    case OptionsOf::kService:
      return codec::reflection::TypeOf<pb::ServiceOptions>();
    case OptionsOf::kMethod:
      return codec::reflection::TypeOf<pb::MethodOptions>();
  }
  return codec::reflection::TypeOf<pb::FileOptions>();
}

// Text format has "name: value", "name { ... }" and "[custom.name]: value"; a .proto has
// "name = value", "name = { ... }" and "(custom.name) = value".
std::string AsOption(const std::string& text) {
  const bool is_custom = text.starts_with('[');
  const size_t end = is_custom ? text.find(']') + 1 : text.find_first_of(": ");
  const std::string name = is_custom ? "(" + text.substr(1, end - 2) + ")" : text.substr(0, end);
  const size_t value = text.find_first_not_of(": ", end);
  return name + " = " + text.substr(std::min(value, text.size()));
}

// A message with the `index`th value of `field` alone.
DynamicMessage Only(ConstMessageRef from, const Field& field, size_t index) {
  DynamicMessage one(from.type());
  if (field.repeated()) {
    if (field.kind() == ValueKind::kMessage) {
      one.ref().AddMessage(field).CopyFrom(from.At(field, index).message());
    } else {
      one.ref().Add(field, from.At(field, index));
    }
  } else if (field.kind() == ValueKind::kMessage) {
    one.ref().Mutable(field).CopyFrom(from.Get(field).message());
  } else {
    one.ref().Set(field, from.Get(field));
  }
  return one;
}

void AppendFields(ConstMessageRef options, const ExtensionSource& extensions,
                  std::vector<std::string>* texts) {
  codec::text::TextOptions style;
  style.single_line = true;
  style.keep_utf8 = true;
  style.print_unknown_fields = false;
  style.extensions = &extensions;
  for (const Field& field : options.type().fields()) {
    if (!options.Has(field) || field.is_map()) continue;
    const size_t count = field.repeated() ? options.Size(field) : 1;
    for (size_t i = 0; i < count; ++i) {
      const DynamicMessage one = Only(options, field, i);
      texts->push_back(AsOption(codec::text::ToText(one.ref(), style)));
    }
  }
}

}  // namespace

std::vector<std::string> OptionTexts(OptionsOf kind, std::string_view octets,
                                     const ExtensionSource& extensions) {
  std::vector<std::string> texts;
  DynamicMessage options(TypeOf(kind));
  if (octets.empty() || !options.ParseFrom(wire::AsBytes(octets)).ok()) return texts;
  AppendFields(options.ref(), extensions, &texts);
  for (const auto& custom : codec::json::OtherFieldsOf(options.ref(), &extensions).extensions) {
    DynamicMessage one(*custom.type);
    if (one.ParseFrom(wire::AsBytes(custom.octets)).ok()) {
      AppendFields(one.ref(), extensions, &texts);
    }
  }
  return texts;
}

}  // namespace penstock::loadtest::tool
