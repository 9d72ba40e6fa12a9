// The tables of a message: its layout, and those of its maps' entries.
#include "penstock/codec/compiler/field_layout_code.h"
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
    v["key_traits"] = FieldTraitsExpression(key);
    v["value_type"] = TraitsOf(value.type).enumerator;
    v["value_traits"] = FieldTraitsExpression(value);
    std::string type;
    if (IsMessage(value.type)) type = v["mapped"];
    if (value.type == FieldType::kEnum) type = TypeNameIn(file_, *value.enumeration);
    v["value_pointer"] = FieldPointerExpression(value, type);
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
    v["traits"] = FieldTraitsExpression(*code.field);
    v["pointer"] = code.shape == FieldShape::kMap ? "{.message = &kLayoutOf" + v["map"] + "}"
                                                  : FieldPointerExpression(*code.field, v["type"]);
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
  const bool has_required = MayLackFields(message_);
  out->Print(
      R"(};
constexpr MessageLayout $class$::kLayout_ = {
    .fields = kFields_,
    .field_count = $count$,
    .bytes = sizeof($class$),
    .has_bits_offset = $has$,
    .has_bits_words = $words$,
    .extensions_offset = $extensions_offset$,
    .has_required = $has_required$,
    .field_names = $names$,
    .parse = &$class$::Parse_,
    .byte_size = &$class$::ByteSize_,
    .serialize = &$class$::Serialize_,
$extensions$};
)",
      {{"class", class_name_},
       {"count", std::to_string(fields_.size())},
       {"has", has_bit_count_ > 0 ? "offsetof(" + class_name_ + ", Has_)" : "0"},
       {"words", std::to_string((has_bit_count_ + 31) / 32)},
       {"has_required", has_required ? "true" : "false"},
       {"extensions_offset", is_extendable() ? "offsetof(" + class_name_ + ", Extensions_)" : "0"},
       {"extensions",
        is_extendable() ? "    .extensions = &::penstock::codec::kExtensionOperations,\n" : ""},
       {"names", has_required ? "\"" + names + "\"" : "nullptr"}});
}

}  // namespace penstock::codec::compiler
