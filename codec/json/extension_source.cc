#include "penstock/codec/json/extension_source.h"

#include "penstock/codec/compiler/wire_fields.h"
#include "penstock/codec/extension_set.h"

namespace penstock::codec::json {

using compiler::FieldReader;
using compiler::WireField;
using reflection::ConstMessageRef;
using reflection::MessageRef;
using reflection::MessageType;

namespace {

// Messages of generated classes have a set for the numbers of extensions; dynamic ones keep them
// among the fields that they do not know. Null: the latter.
const ExtensionSet* SetOf(ConstMessageRef message) {
  const MessageLayout& layout = message.type().layout();
  return layout.extensions == nullptr ? nullptr : &ExtensionsOf(message.head(), layout);
}

void Append(const MessageType* type, std::string_view fields, OtherFields* others) {
  if (type == nullptr) {
    others->unknown += fields;
    return;
  }
  for (ExtensionFields& extension : others->extensions) {
    if (extension.type != type) continue;
    extension.octets += fields;
    return;
  }
  others->extensions.push_back({type, std::string(fields)});
}

}  // namespace

OtherFields OtherFieldsOf(ConstMessageRef message, const ExtensionSource* source) {
  OtherFields others;
  const reflection::MessageDescriptor& descriptor = message.type().descriptor();
  // The items of a message set are no fields of an extension's number.
  const bool has_names =
      source != nullptr && !descriptor.extension_ranges.empty() && !descriptor.message_set;
  const auto type_of = [&](uint32_t number) {
    return has_names ? source->FindByNumber(message.type(), number) : nullptr;
  };
  if (const ExtensionSet* set = SetOf(message); set != nullptr) {
    set->ForEach([&](uint32_t number, wire::Bytes fields) {
      Append(type_of(number), wire::AsString(fields), &others);
    });
  }
  std::string_view rest = wire::AsString(message.unknown_fields());
  FieldReader reader(rest);
  for (WireField field; reader.Next(&field);) {
    Append(type_of(field.number), rest.substr(0, rest.size() - reader.rest().size()), &others);
    rest = reader.rest();
  }
  return others;
}

bool HasOtherField(ConstMessageRef message, uint32_t number) {
  const ExtensionSet* set = SetOf(message);
  if (set != nullptr && !set->Octets(number).empty()) return true;
  FieldReader reader(wire::AsString(message.unknown_fields()));
  for (WireField field; reader.Next(&field);) {
    if (field.number == number) return true;
  }
  return false;
}

bool TryAppendExtension(MessageRef message, uint32_t number, wire::Bytes fields, int depth) {
  if (fields.empty()) return true;
  if (SetOf(message) == nullptr) return message.head().TryAppendUnknown(fields);
  return ExtensionsOf(message.head(), message.type().layout())
      .TryAppend(message.head(), number, fields, /*may_view=*/false, depth);
}

}  // namespace penstock::codec::json
