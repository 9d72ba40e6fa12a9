#include "penstock/codec/compiler/option_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "penstock/codec/compiler/names.h"
#include "penstock/codec/compiler/wire_fields.h"
#include "penstock/wire/suggestion.h"
#include "penstock/wire/varint.h"

namespace penstock::codec::compiler {
namespace {

std::string_view TypeWord(FieldType type) {
  static constexpr std::string_view kWords[] = {
      "",        "double",   "float",    "int64",  "uint64",  "int32", "fixed64",
      "fixed32", "bool",     "string",   "group",  "message", "bytes", "uint32",
      "enum",    "sfixed32", "sfixed64", "sint32", "sint64"};
  return kWords[static_cast<size_t>(type)];
}

// The limits of an integer type: how far it goes below zero, and above.
struct IntegerRange {
  uint64_t below;
  uint64_t above;
};

std::optional<IntegerRange> RangeOf(FieldType type) {
  constexpr uint64_t kInt32 = std::numeric_limits<int32_t>::max();
  constexpr uint64_t kInt64 = std::numeric_limits<int64_t>::max();
  switch (type) {
    case FieldType::kInt32:
    case FieldType::kSint32:
    case FieldType::kSfixed32:
      return IntegerRange{kInt32 + 1, kInt32};
    case FieldType::kInt64:
    case FieldType::kSint64:
    case FieldType::kSfixed64:
      return IntegerRange{kInt64 + 1, kInt64};
    case FieldType::kUint32:
    case FieldType::kFixed32:
      return IntegerRange{0, std::numeric_limits<uint32_t>::max()};
    case FieldType::kUint64:
    case FieldType::kFixed64:
      return IntegerRange{0, std::numeric_limits<uint64_t>::max()};
    default:
      return std::nullopt;
  }
}

// A number as the tagged value of a field; integers are sign-extended.
void WriteNumber(const FieldDescriptor& field, uint64_t integer, double number, FieldWriter* out) {
  const auto tag = static_cast<int32_t>(field.number);
  switch (field.type) {
    case FieldType::kDouble:
      out->Fixed64(tag, std::bit_cast<uint64_t>(number));
      return;
    case FieldType::kFloat:
      out->Fixed32(tag, std::bit_cast<uint32_t>(static_cast<float>(number)));
      return;
    case FieldType::kFixed32:
    case FieldType::kSfixed32:
      out->Fixed32(tag, static_cast<uint32_t>(integer));
      return;
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
      out->Fixed64(tag, integer);
      return;
    case FieldType::kSint32:
      out->Varint(tag, static_cast<uint32_t>(wire::ZigZagEncode(static_cast<int64_t>(integer))));
      return;
    case FieldType::kSint64:
      out->Varint(tag, wire::ZigZagEncode(static_cast<int64_t>(integer)));
      return;
    default:
      out->Varint(tag, integer);
      return;
  }
}

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<bool> ReadBool(const Option& option, bool in_text) {
  if (option.kind == Option::Kind::kIdentifier) {
    if (option.text == "true") return true;
    if (option.text == "false") return false;
    if (in_text && IsOneOf(option.text, {"t", "True"})) return true;
    if (in_text && IsOneOf(option.text, {"f", "False"})) return false;
  }
  if (in_text && option.kind == Option::Kind::kInteger && !option.negative && option.integer < 2) {
    return option.integer == 1;
  }
  return std::nullopt;
}

std::optional<double> ReadNumber(const Option& option, bool in_text) {
  if (option.kind == Option::Kind::kInteger || option.kind == Option::Kind::kFloat) {
    return option.number;
  }
  if (option.kind != Option::Kind::kIdentifier) return std::nullopt;
  std::string word = in_text ? LowerCase(option.text) : option.text;
  const bool negative = word.starts_with('-');
  if (negative) word.erase(0, 1);
  const double sign = negative ? -1.0 : 1.0;
  if (word == "inf" || (in_text && word == "infinity")) {
    return sign * std::numeric_limits<double>::infinity();
  }
  if (word == "nan") return std::copysign(std::numeric_limits<double>::quiet_NaN(), sign);
  return std::nullopt;
}

// The octets of a message's fields, in the order of their numbers as messages are written.
using EncodedFields = std::multimap<uint32_t, std::string>;

bool IsZero(std::string_view octets) {
  FieldReader reader(octets);
  WireField field;
  return reader.Next(&field) && field.value == 0 && field.bytes.empty();
}

// The values of tagged numbers without their tags, as one packed field.
std::string Pack(const FieldDescriptor& field, std::string_view tagged) {
  FieldWriter values;
  FieldReader reader(tagged);
  for (WireField value; reader.Next(&value);) {
    if (value.type == WireType::kVarint) {
      values.RawVarint(value.value);
    } else {
      const size_t bytes = value.type == WireType::kFixed32 ? 4 : 8;
      for (size_t i = 0; i < bytes; ++i) {
        const char octet = static_cast<char>(value.value >> 8 * i & 0xff);
        values.Raw(std::string_view(&octet, 1));
      }
    }
  }
  FieldWriter out;
  out.Text(static_cast<int32_t>(field.number), values.out());
  return out.Take();
}

}  // namespace

bool OptionValues::Reject(Location location, std::string message) const {
  diagnostics_->AddError(file_.path, location, std::move(message));
  return false;
}

const FieldDescriptor* OptionValues::FindField(const MessageDescriptor& message,
                                               std::string_view name, std::string_view what,
                                               Location location) const {
  std::vector<std::string> names;
  for (const FieldDescriptor& field : message.fields) {
    // Text format names a group by its message.
    const bool is_group = field.is_group() && field.message != nullptr;
    if (field.name == name || (is_group && field.message->name == name)) return &field;
    names.push_back(field.name);
  }
  std::string error = std::string(what) + " \"" + std::string(name) + "\"";
  if (what != "unknown option") error += " of \"" + message.full_name + "\"";
  const std::string nearest = wire::NearestOf(name, names);
  if (!nearest.empty()) error += "; did you mean \"" + nearest + "\"?";
  Reject(location, std::move(error));
  return nullptr;
}

const FieldDescriptor* OptionValues::FindExtension(const MessageDescriptor& message,
                                                   std::string_view scope, std::string_view name,
                                                   Location location) const {
  const Symbol* symbol = symbols_.Lookup(file_, scope, name, SymbolTable::Wanted::kAny);
  const std::string quoted = "(" + std::string(name) + ")";
  if (symbol == nullptr) {
    Reject(location, "unknown extension " + quoted + ": declare it with \"extend " +
                         message.full_name + "\", or import the file that does");
    return nullptr;
  }
  if (symbol->extension == nullptr) {
    Reject(location, quoted + " is " + WithArticle(symbol->kind) + ", not an extension");
    return nullptr;
  }
  const FieldDescriptor* extension = symbol->extension;
  if (extension->extendee == nullptr) return nullptr;  // reported where it is declared
  if (extension->extendee->full_name != message.full_name) {
    Reject(location, quoted + " extends \"" + extension->extendee->full_name + "\", not \"" +
                         message.full_name + "\"");
    return nullptr;
  }
  return extension;
}

bool OptionValues::EncodeEnum(const FieldDescriptor& field, const Option& option,
                              std::string_view name, bool in_text, uint64_t* number) const {
  if (field.enumeration == nullptr) return false;
  const EnumDescriptor& enumeration = *field.enumeration;
  if (option.kind == Option::Kind::kIdentifier) {
    std::vector<std::string> names;
    for (const EnumValueDescriptor& value : enumeration.values) {
      names.push_back(value.name);
      if (value.name != option.text) continue;
      *number = static_cast<uint64_t>(int64_t{value.number});
      return true;
    }
    std::string error =
        "enum \"" + enumeration.full_name + "\" has no value \"" + option.text + "\"";
    const std::string nearest = wire::NearestOf(option.text, names);
    if (!nearest.empty()) error += "; did you mean \"" + nearest + "\"?";
    return Reject(option.value_location, std::move(error));
  }
  if (in_text && option.kind == Option::Kind::kInteger && option.integer <= 0x80000000u) {
    const int64_t value = option.negative ? -static_cast<int64_t>(option.integer)
                                          : static_cast<int64_t>(option.integer);
    *number = static_cast<uint64_t>(value);
    const bool known = std::any_of(enumeration.values.begin(), enumeration.values.end(),
                                   [&](const EnumValueDescriptor& v) { return v.number == value; });
    if (known || !enumeration.closed) return true;
  }
  return Reject(option.value_location, "\"" + std::string(name) + "\" takes a value of enum \"" +
                                           enumeration.full_name + "\"");
}

bool OptionValues::EncodeScalar(const FieldDescriptor& field, const Option& option,
                                std::string_view name, bool in_text, std::string* out) const {
  FieldWriter writer;
  const auto number = static_cast<int32_t>(field.number);
  const std::string takes = "\"" + std::string(name) + "\" takes ";
  if (field.type == FieldType::kEnum) {
    uint64_t value = 0;
    if (!EncodeEnum(field, option, name, in_text, &value)) return false;
    writer.Varint(number, value);
  } else if (IsText(field.type)) {
    if (option.kind != Option::Kind::kString) {
      return Reject(option.value_location, takes + "a string, in quotes");
    }
    writer.Text(number, option.text);
  } else if (field.type == FieldType::kBool) {
    const std::optional<bool> value = ReadBool(option, in_text);
    if (!value.has_value()) return Reject(option.value_location, takes + "true or false");
    writer.Bool(number, *value);
  } else if (const std::optional<IntegerRange> range = RangeOf(field.type)) {
    if (option.kind != Option::Kind::kInteger) {
      return Reject(option.value_location,
                    takes + "an integer of type " + std::string(TypeWord(field.type)));
    }
    if (option.integer > (option.negative ? range->below : range->above)) {
      return Reject(option.value_location, "this number does not fit the type of \"" +
                                               std::string(name) + "\", " +
                                               std::string(TypeWord(field.type)));
    }
    WriteNumber(field, option.negative ? 0 - option.integer : option.integer, 0, &writer);
  } else {
    const std::optional<double> value = ReadNumber(option, in_text);
    if (!value.has_value()) return Reject(option.value_location, takes + "a number");
    WriteNumber(field, 0, *value, &writer);
  }
  *out += writer.out();
  return true;
}

bool OptionValues::Encode(const FieldDescriptor& field, const Option& option, std::string_view name,
                          std::string* out) const {
  if (!IsMessage(field.type)) {
    if (option.kind == Option::Kind::kAggregate) {
      return Reject(option.value_location, "\"" + std::string(name) +
                                               "\" takes a single value of "
                                               "type " +
                                               std::string(TypeWord(field.type)));
    }
    return EncodeScalar(field, option, name, false, out);
  }
  if (field.message == nullptr) return false;
  if (option.kind != Option::Kind::kAggregate) {
    return Reject(option.value_location, "\"" + std::string(name) +
                                             "\" is a message: write { field: value ... }, or set "
                                             "one field as " +
                                             std::string(name) + ".field = value");
  }
  std::string content;
  if (!EncodeMessage(*field.message, option, &content)) return false;
  FieldWriter writer;
  const auto number = static_cast<int32_t>(field.number);
  field.is_group() ? writer.Group(number, content) : writer.Text(number, content);
  *out += writer.out();
  return true;
}

bool OptionValues::EncodeField(const MessageDescriptor& message, const FieldDescriptor& field,
                               const Option& option, std::string* out) const {
  if (option.kind == Option::Kind::kList) {
    if (!field.repeated()) {
      return Reject(option.value_location, "\"" + field.name + "\" of \"" + message.full_name +
                                               "\" is not repeated: it takes no list");
    }
    for (const Option& element : option.values) {
      if (!EncodeField(message, field, element, out)) return false;
    }
    return true;
  }
  if (IsMessage(field.type)) return Encode(field, option, field.name, out);
  if (option.kind == Option::Kind::kAggregate) {
    return Reject(option.value_location, "\"" + field.name + "\" is no message");
  }
  return EncodeScalar(field, option, field.name, true, out);
}

// `[type.googleapis.com/pkg.Message] { ... }` in a google.protobuf.Any.
bool OptionValues::EncodeAny(const MessageDescriptor& message, const Option& option,
                             std::string* out) const {
  const std::string url = option.name.substr(1, option.name.size() - 2);
  if (message.full_name != "google.protobuf.Any") {
    return Reject(option.location, "[" + url + "] can only stand in a google.protobuf.Any");
  }
  const size_t slash = url.rfind('/');
  const std::string host = url.substr(0, slash);
  const std::string type = url.substr(slash + 1);
  if (host != "type.googleapis.com" && host != "type.googleprod.com") {
    return Reject(option.location,
                  "the type of a google.protobuf.Any is written "
                  "[type.googleapis.com/" +
                      type + "]");
  }
  const Symbol* symbol =
      symbols_.Lookup(file_, message.full_name, type, SymbolTable::Wanted::kType);
  if (symbol == nullptr || symbol->message == nullptr) {
    return Reject(option.location, "unknown message \"" + type + "\"");
  }
  if (option.kind != Option::Kind::kAggregate) {
    return Reject(option.value_location, "\"" + type + "\" is a message: write { field: value }");
  }
  std::string content;
  if (!EncodeMessage(*symbol->message, option, &content)) return false;
  FieldWriter writer;
  writer.Text(1, url);
  writer.Text(2, content);
  *out = writer.Take();
  return true;
}

bool OptionValues::EncodeMessage(const MessageDescriptor& message, const Option& aggregate,
                                 std::string* out) const {
  std::map<const FieldDescriptor*, std::string> octets;
  std::set<int> oneofs;
  for (const Option& option : aggregate.values) {
    if (option.name.starts_with('[')) {
      if (!EncodeAny(message, option, out)) return false;
      continue;
    }
    const FieldDescriptor* field = nullptr;
    if (option.name.starts_with('(')) {
      const std::string name = option.name.substr(1, option.name.size() - 2);
      field = FindExtension(message, message.full_name, name, option.location);
    } else {
      field = FindField(message, option.name, "unknown field", option.location);
    }
    if (field == nullptr) return false;
    const bool is_set = octets.contains(field);
    if (is_set && !field->repeated()) {
      return Reject(option.location, "\"" + field->name + "\" is set twice");
    }
    if (field->oneof_index >= 0 && !oneofs.insert(field->oneof_index).second) {
      return Reject(option.location,
                    "another field of the oneof of \"" + field->name + "\" is set already");
    }
    if (!EncodeField(message, *field, option, &octets[field])) return false;
  }
  EncodedFields fields;
  for (auto& [field, text] : octets) {
    if (field->packed && !text.empty()) text = Pack(*field, text);
    const bool implicit = !field->repeated() && !field->has_presence && !field->is_extension;
    if (implicit && !message.is_map_entry && IsZero(text)) continue;
    fields.emplace(field->number, std::move(text));
  }
  for (const FieldDescriptor& field : message.fields) {
    if (octets.contains(&field)) continue;
    if (field.required()) {
      return Reject(aggregate.value_location, "the required field \"" + field.name + "\" of \"" +
                                                  message.full_name + "\" is missing");
    }
    if (!message.is_map_entry) continue;
    // Entries of maps are written whole.
    FieldWriter zero;
    const auto number = static_cast<int32_t>(field.number);
    if (IsText(field.type) || IsMessage(field.type)) {
      zero.Text(number, "");
    } else {
      WriteNumber(field, 0, 0, &zero);
    }
    fields.emplace(field.number, zero.Take());
  }
  for (const auto& [number, text] : fields) *out += text;
  return true;
}

}  // namespace penstock::codec::compiler
