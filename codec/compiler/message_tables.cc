// The tables of a message: its layout, and those of its maps' entries.
#include <set>

#include "penstock/codec/compiler/message_code.h"

namespace penstock::codec::compiler {
namespace {

std::string_view ShapeName(FieldShape shape) {
  switch (shape) {
    case FieldShape::kImplicit:
      return "kImplicit";
    case FieldShape::kHasBit:
      return "kHasBit";
    case FieldShape::kOneof:
      return "kOneof";
    case FieldShape::kRepeated:
      return "kRepeated";
    case FieldShape::kMap:
      return "kMap";
  }
  return "";
}

// FieldTraits as C++ says them; they are numbers in a FieldLayout.
std::string Traits(const FieldDescriptor& field) {
  std::string traits;
  const auto add = [&traits](std::string_view name) {
    if (!traits.empty()) traits += " | ";
    traits += "::penstock::codec::" + std::string(name);
  };
  if (field.required()) add("kRequiredField");
  if (field.packed) add("kPackedField");
  if (field.utf8_checked) add("kUtf8Field");
  return traits.empty() ? "0" : traits;
}

// What the last member of a FieldLayout points to. `type` is the C++ type.
std::string Pointer(const FieldDescriptor& field, const std::string& type) {
  if (IsMessage(field.type)) {
    return "{.message = &::penstock::codec::MessageAccess::Layout<" + type + ">()}";
  }
  if (IsClosedEnum(field)) return "{.closed_enum = &" + type + "_Layout_}";
  return "{.message = nullptr}";
}

// Whether a message may lack a required field, itself or anywhere inside.
bool MayLackFields(const MessageDescriptor& message, std::set<const MessageDescriptor*>* seen) {
  if (!seen->insert(&message).second) return false;
  for (const FieldDescriptor& field : message.fields) {
    if (field.required()) return true;
    if (IsMessage(field.type) && MayLackFields(*field.message, seen)) return true;
  }
  return false;
}

}  // namespace

void MessageCode::PrintTables(CodeWriter* out) const {
  out->Print("constinit const ::penstock::codec::DefaultInstance<$class$> kDefaultOf$class$;\n",
             {{"class", class_name_}});
  PrintMapTables(out);
}

void MessageCode::PrintMapTables(CodeWriter* out) const {
  for (const FieldCode& code : fields_) {
    if (code.shape != FieldShape::kMap) continue;
    CodeWriter::Variables v = code.variables;
    const FieldDescriptor& key = code.map_key();
    const FieldDescriptor& value = code.map_value();
    v["key_type"] = TraitsOf(key.type).enumerator;
    v["key_traits"] = Traits(key);
    v["value_type"] = TraitsOf(value.type).enumerator;
    v["value_traits"] = Traits(value);
    std::string type;
    if (IsMessage(value.type)) type = v["mapped"];
    if (value.type == FieldType::kEnum) type = TypeNameIn(file_, *value.enumeration);
    v["value_pointer"] = Pointer(value, type);
    out->Print(R"(constexpr FieldLayout kFieldsOf$map$[] = {
    {1, $container$::kKeyOffset, 0, FieldType::$key_type$,
     FieldShape::kImplicit, $key_traits$, {.message = nullptr}},
    {2, $container$::kValueOffset, 0, FieldType::$value_type$,
     FieldShape::kImplicit, $value_traits$, $value_pointer$},
};
constexpr MessageLayout kLayoutOf$map$ = {
    .fields = kFieldsOf$map$, .field_count = 2, .bytes = $container$::kNodeBytes};
)",
               v);
  }
}

void MessageCode::PrintLayout(CodeWriter* out) const {
  out->Print("\nconstexpr FieldLayout $class$::kFields_[] = {\n", {{"class", class_name_}});
  std::string names;
  for (size_t index : by_number_) {
    const FieldCode& code = fields_[index];
    CodeWriter::Variables v = code.variables;
    v["presence"] = "0";
    v["member"] = v["value"];
    if (code.shape == FieldShape::kHasBit) v["presence"] = std::to_string(code.has_bit);
    if (code.shape == FieldShape::kOneof) {
      v["presence"] = "offsetof(" + class_name_ + ", " + v["oneof"] + "_Case_)";
      v["member"] = v["oneof"] + "_";
    }
    v["field_type"] = code.traits->enumerator;
    v["shape"] = ShapeName(code.shape);
    v["traits"] = Traits(*code.field);
    v["pointer"] = code.shape == FieldShape::kMap ? "{.message = &kLayoutOf" + v["map"] + "}"
                                                  : Pointer(*code.field, v["type"]);
    out->Print(
        "    {$number$, offsetof($class$, $member$), $presence$, FieldType::$field_type$,\n"
        "     FieldShape::$shape$, $traits$, $pointer$},\n",
        v);
    names += code.field->name + "\\0";
  }
  if (fields_.empty()) {
    out->Print(
        "    {0, 0, 0, FieldType::kBool, FieldShape::kImplicit, 0, {.message = nullptr}},\n");
  }
  std::set<const MessageDescriptor*> seen;
  const bool has_required = MayLackFields(message_, &seen);
  out->Print(R"(};
constexpr MessageLayout $class$::kLayout_ = {
    .fields = kFields_,
    .field_count = $count$,
    .bytes = sizeof($class$),
    .has_bits_offset = $has$,
    .has_bits_words = $words$,
    .extensions_offset = 0,
    .has_required = $has_required$,
    .field_names = $names$,
    .parse = &$class$::Parse_,
    .byte_size = &$class$::ByteSize_,
    .serialize = &$class$::Serialize_,
};
)",
             {{"class", class_name_},
              {"count", std::to_string(fields_.size())},
              {"has", has_bit_count_ > 0 ? "offsetof(" + class_name_ + ", Has_)" : "0"},
              {"words", std::to_string((has_bit_count_ + 31) / 32)},
              {"has_required", has_required ? "true" : "false"},
              {"names", has_required ? "\"" + names + "\"" : "nullptr"}});
}

}  // namespace penstock::codec::compiler
