// What the code of a message is made of: shapes, names and the variables of templates.
#include "penstock/codec/compiler/message_code.h"

#include <algorithm>
#include <numeric>

#include "penstock/codec/compiler/default_expression.h"
#include "penstock/codec/compiler/names.h"
#include "penstock/wire/varint.h"

namespace penstock::codec::compiler {
namespace {

constexpr std::string_view kHasPrefixes = " has_ set_ mutable_ clear_ ";

std::string StoredType(const FieldCode& code) {
  const FieldType type = code.field->type;
  if (code.shape == FieldShape::kMap) {
    return "::penstock::codec::MapField<" + code.variables.at("key") + ", " +
           code.variables.at("mapped") + ">";
  }
  if (code.shape == FieldShape::kRepeated) {
    if (IsMessage(type)) {
      return "::penstock::codec::RepeatedMessage<" + code.variables.at("type") + ">";
    }
    if (IsText(type)) return "::penstock::codec::RepeatedString";
    return "::penstock::codec::RepeatedField<" + code.variables.at("stored") + ">";
  }
  if (IsText(type)) return "::penstock::codec::StringField";
  if (IsMessage(type)) return code.variables.at("type") + "*";
  return code.variables.at("stored");
}

// Statements that write the tag, octet by octet: it is known here.
std::string WriteTag(uint32_t tag) {
  uint8_t octets[wire::kVarintBytesMax];
  const uint8_t* end = wire::EncodeVarint64(octets, tag);
  std::string statements;
  for (const uint8_t* p = octets; p != end; ++p) {
    if (!statements.empty()) statements += " ";
    statements += "*p++ = " + std::to_string(*p) + ";";
  }
  return statements;
}

}  // namespace

uint32_t TagWith(const FieldCode& code, uint32_t wire_type) {
  return code.field->number << 3 | wire_type;
}

std::string HasTest(const FieldCode& code, std::string_view self) {
  const std::string prefix(self);
  if (code.shape == FieldShape::kOneof) {
    return prefix + code.variables.at("oneof") + "_Case_ == " + code.variables.at("number");
  }
  return "(" + prefix + "Has_[" + code.variables.at("word") + "] & " + code.variables.at("mask") +
         ") != 0";
}

std::string MarkPresent(const FieldCode& code, std::string_view self) {
  const std::string prefix(self);
  if (code.shape == FieldShape::kHasBit) {
    return prefix + "Has_[" + code.variables.at("word") + "] |= " + code.variables.at("mask") + ";";
  }
  if (code.shape == FieldShape::kOneof) {
    return prefix + code.variables.at("select") + "(" + code.variables.at("number") + ");";
  }
  return "";
}

MessageCode::MessageCode(const FileDescriptor& file, const MessageDescriptor& message)
    : file_(file), message_(message), class_name_(ClassName(message)) {
  taken_names_ = {"unknown_fields", "default_instance", "swap"};
  for (const OneofDescriptor& oneof : message.oneofs) {
    const std::string name = CppFieldName(oneof.name);
    taken_names_.insert({name + "_", name + "_case", "clear_" + name});
  }
  for (const FieldDescriptor& field : message.fields) fields_.push_back(Analyse(field));
  for (const FieldDescriptor& extension : message.extensions) AnalyseExtension(extension);
  by_number_.resize(fields_.size());
  std::iota(by_number_.begin(), by_number_.end(), size_t{0});
  std::sort(by_number_.begin(), by_number_.end(), [this](size_t a, size_t b) {
    return fields_[a].field->number < fields_[b].field->number;
  });
}

// The accessor's name: where it or what comes with it is taken, the field's number makes it another
// ("size" and "a_size" beside a repeated "a").
std::string MessageCode::FreeName(const FieldDescriptor& field, std::string_view prefixes) {
  std::string name = CppFieldName(field.name);
  const auto all_of = [&](const std::string& base) {
    std::vector<std::string> all = {base + "_"};
    for (std::string_view rest = prefixes; rest.size() > 1;) {
      rest.remove_prefix(1);
      const size_t end = rest.find(' ');
      const std::string affix(rest.substr(0, end));
      all.push_back(affix.starts_with("_") ? base + affix : affix + base);
      rest.remove_prefix(end);
    }
    all.push_back(base);
    return all;
  };
  const auto is_free = [&](const std::string& base) {
    const std::vector<std::string> all = all_of(base);
    return std::none_of(all.begin(), all.end(),
                        [this](const std::string& one) { return taken_names_.contains(one); });
  };
  while (!is_free(name)) name += "_" + std::to_string(field.number);
  for (std::string& one : all_of(name)) taken_names_.insert(std::move(one));
  return name;
}

void MessageCode::AnalyseExtension(const FieldDescriptor& extension) {
  std::string name = CppIdentifier(extension.name);
  while (!taken_names_.insert(name).second) name += "_" + std::to_string(extension.number);
  extensions_.emplace_back(file_, extension, class_name_, name);
}

FieldCode MessageCode::Analyse(const FieldDescriptor& field) {
  FieldCode code;
  code.field = &field;
  code.traits = &TraitsOf(field.type);
  code.name =
      FreeName(field, field.repeated() ? " add_ mutable_ set_ clear_ _size " : kHasPrefixes);
  auto& v = code.variables;
  v["class"] = class_name_;
  v["name"] = code.name;
  v["value"] = code.name + "_";
  v["number"] = std::to_string(field.number);
  if (field.is_map) {
    code.shape = FieldShape::kMap;
  } else if (field.repeated()) {
    code.shape = FieldShape::kRepeated;
  } else if (field.oneof_index >= 0) {
    const std::string& oneof = message_.oneofs[static_cast<size_t>(field.oneof_index)].name;
    code.shape = FieldShape::kOneof;
    v["oneof"] = CppFieldName(oneof);
    v["value"] = v["oneof"] + "_." + v["value"];
    v["select"] = "Select" + CamelCase(oneof) + "_";
  } else if (field.has_presence) {
    code.shape = FieldShape::kHasBit;
    code.has_bit = has_bit_count_++;
    v["word"] = std::to_string(code.has_bit / 32);
    v["mask"] = std::to_string(1u << code.has_bit % 32) + "u";
  } else {
    code.shape = FieldShape::kImplicit;
  }
  AddTypeVariables(field, &code);
  if (field.is_map) AddMapVariables(&code);
  v["container"] = StoredType(code);
  const uint32_t tag = TagWith(code, field.packed ? 2 : code.traits->wire_type);
  v["tag"] = std::to_string(tag);
  v["tag_bytes"] = std::to_string(wire::VarintSize(tag));
  v["write_tag"] = WriteTag(tag);
  v["write_end_tag"] = WriteTag(TagWith(code, 4));
  return code;
}

void MessageCode::AddTypeVariables(const FieldDescriptor& field, FieldCode* code) const {
  auto& v = code->variables;
  if (IsMessage(field.type)) {
    v["type"] = TypeNameIn(file_, *field.message);
  } else if (field.type == FieldType::kEnum) {
    v["type"] = TypeNameIn(file_, *field.enumeration);
    v["stored"] = "int32_t";
  } else {
    v["type"] = v["stored"] = std::string(code->traits->value);
  }
  v["default"] = DefaultExpression(field, v["type"]);
  v["enum_layout"] = IsClosedEnum(field) ? v["type"] + "_Layout_" : "";
}

void MessageCode::AddMapVariables(FieldCode* code) const {
  auto& v = code->variables;
  const FieldDescriptor& value = code->map_value();
  v["key"] = std::string(TraitsOf(code->map_key().type).value);
  v["mapped"] = IsMessage(value.type)            ? TypeNameIn(file_, *value.message)
                : value.type == FieldType::kEnum ? "int32_t"
                                                 : std::string(TraitsOf(value.type).value);
  v["map"] = class_name_ + "_" + code->name;
}

}  // namespace penstock::codec::compiler
