// The functions of a message: what the generated source says.
#include <string>

#include "penstock/codec/compiler/message_code.h"
#include "penstock/codec/compiler/names.h"
#include "penstock/wire/varint.h"

namespace penstock::codec::compiler {
namespace {

uint32_t TagOf(const FieldCode& code, uint32_t wire_type) {
  return code.field->number << 3 | wire_type;
}

// The tag under which the field is written.
uint32_t WrittenTag(const FieldCode& code) {
  return TagOf(code, code.packed ? 2 : code.traits->wire_type);
}

std::string TagBytes(const FieldCode& code) {
  return std::to_string(wire::VarintSize(WrittenTag(code)));
}

// Statements that write the tag, octet by octet: it is known here.
std::string WriteTag(const FieldCode& code) {
  uint8_t octets[wire::kVarintBytesMax];
  const uint8_t* end = wire::EncodeVarint64(octets, WrittenTag(code));
  std::string statements;
  for (const uint8_t* p = octets; p != end; ++p) {
    if (!statements.empty()) statements += " ";
    statements += "*p++ = " + std::to_string(*p) + ";";
  }
  return statements;
}

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

// The functions for whole repeated fields: Writer has one for both 64-bit integers.
std::string PluralCode(const FieldCode& code) {
  const std::string_view name = code.traits->code == "Uint64" ? "Int64" : code.traits->code;
  return std::string(name) + "s";
}

}  // namespace

void MessageCode::PrintDefaultInstance(CodeWriter* out) const {
  out->Print("constinit const ::penstock::codec::DefaultInstance<$class$> kDefaultOf$class$;\n",
             {{"class", class_name_}});
}

void MessageCode::PrintDefinitions(CodeWriter* out) const {
  PrintLayout(out);
  out->Print(R"(
$class$::$class$(const $class$& from) {
  MessageOperations::Merge(Head_, from.Head_, kLayout_);
}
$class$::$class$($class$&& from) noexcept {
  MessageOperations::MoveConstruct(Head_, from.Head_, kLayout_);
}
$class$& $class$::operator=(const $class$& from) {
  MessageOperations::Copy(Head_, from.Head_, kLayout_);
  return *this;
}
$class$& $class$::operator=($class$&& from) noexcept {
  MessageOperations::MoveAssign(Head_, from.Head_, kLayout_);
  return *this;
}
bool $class$::Equals(const $class$& other) const {
  return MessageOperations::Equal(Head_, other.Head_, kLayout_);
}
const $class$& $class$::default_instance() { return kDefaultOf$class$.message; }
void $class$::Clear() { MessageOperations::Clear(Head_, kLayout_); }
void $class$::MergeFrom(const $class$& from) {
  MessageOperations::Merge(Head_, from.Head_, kLayout_);
}
)",
             {{"class", class_name_}});
  PrintMutators(out);
  PrintParse(out);
  PrintByteSize(out);
  PrintSerialize(out);
}

void MessageCode::PrintLayout(CodeWriter* out) const {
  out->Print("\nconstexpr FieldLayout $class$::kFields_[] = {\n", {{"class", class_name_}});
  for (size_t index : by_number_) {
    const FieldCode& code = fields_[index];
    CodeWriter::Variables v = code.variables;
    v["presence"] = "0";
    v["member"] = code.value;
    if (code.shape == FieldShape::kHasBit) v["presence"] = std::to_string(code.has_bit);
    if (code.shape == FieldShape::kOneof) {
      v["presence"] = "offsetof(" + class_name_ + ", " + v["oneof"] + "_Case_)";
      v["member"] = v["oneof"] + "_";
    }
    v["field_type"] = code.traits->enumerator;
    v["shape"] = ShapeName(code.shape);
    v["message"] = IsMessage(code.field->type)
                       ? "&::penstock::codec::MessageAccess::Layout<" + v["type"] + ">()"
                       : "nullptr";
    out->Print(
        "    {$number$, offsetof($class$, $member$), $presence$, FieldType::$field_type$,\n"
        "     FieldShape::$shape$, $message$},\n",
        v);
  }
  if (fields_.empty()) {
    out->Print("    {0, 0, 0, FieldType::kBool, FieldShape::kImplicit, nullptr},  // none\n");
  }
  out->Print(
      "};\nconstexpr MessageLayout $class$::kLayout_ = {\n"
      "    kFields_, $count$, sizeof($class$), $has$, $words$};\n",
      {{"class", class_name_},
       {"count", std::to_string(fields_.size())},
       {"has", has_bit_count_ > 0 ? "offsetof(" + class_name_ + ", Has_)" : "0"},
       {"words", std::to_string((has_bit_count_ + 31) / 32)}});
}

void MessageCode::PrintMutators(CodeWriter* out) const {
  for (const OneofDescriptor& oneof : message_.oneofs) {
    out->Print(R"(
void $class$::Select$camel$_(uint32_t number) {
  if ($name$_Case_ == number) return;
  $name$_Case_ = number;
  std::memset(static_cast<void*>(&$name$_), 0, sizeof $name$_);
}
)",
               {{"class", class_name_},
                {"camel", CamelCase(oneof.name)},
                {"name", CppFieldName(oneof.name)}});
  }
  for (const FieldCode& code : fields_) {
    if (!IsMessage(code.field->type)) continue;
    CodeWriter::Variables v = code.variables;
    if (code.shape == FieldShape::kRepeated) {
      out->Print(R"(
$type$* $class$::add_$name$() { return $value$.Add(Head_); }
void $class$::clear_$name$() { $value$.Truncate(0); }
)",
                 v);
      continue;
    }
    v["clear"] = v["mask"].empty() ? v["oneof"] + "_Case_ = 0;"
                                   : "Has_[" + std::to_string(code.has_bit / 32) + "] &= ~" +
                                         v["mask"] + ";\n  " + code.value + "->Clear();";
    out->Print(R"(
$type$* $class$::mutable_$name$() {
  $mark$
  if ($value$ == nullptr) $value$ = MessageAccess::NewChild<$type$>(Head_);
  return $value$;
}
void $class$::clear_$name$() {
  if (!has_$name$()) return;
  $clear$
}
)",
               v);
  }
}

void MessageCode::PrintParse(CodeWriter* out) const {
  out->Print(R"(
::penstock::codec::ParseResult $class$::ParseFrom(Bytes input, StringRule rule) {
  Clear();
  return MergeFromBytes(input, rule);
}

::penstock::codec::ParseResult $class$::MergeFromBytes(Bytes input, StringRule rule) {
  return Parser::ParseMessage(*this, input, rule);
}

const uint8_t* $class$::ParseFields(Parser& parser, const uint8_t* p, const uint8_t* end) {
  while (p != end) {
    const Parser::Tag tag = parser.ReadTag(p, end);
    if (tag.after == nullptr) return nullptr;
    switch (tag.value) {
)",
             {{"class", class_name_}});
  for (size_t index : by_number_) PrintParseCase(fields_[index], out);
  out->Print(R"(      default:
        p = parser.ReadUnknown(p, end, tag, Head_);
        break;
    }
    if (p == nullptr) return nullptr;
  }
  return p;
}
)");
}

void MessageCode::PrintParseCase(const FieldCode& code, CodeWriter* out) const {
  CodeWriter::Variables v = code.variables;
  v["tag"] = std::to_string(TagOf(code, code.traits->wire_type));
  v["read"] = code.traits->read;
  v["read_packed"] = code.traits->read_packed;
  v["packed_tag"] = std::to_string(TagOf(code, 2));
  out->Print("      case $tag$:  // $name$\n", v);
  const FieldType type = code.field->type;
  if (code.shape == FieldShape::kRepeated) {
    if (IsMessage(type)) {
      out->Print("        p = parser.ReadMessage(tag.after, end, *add_$name$());\n", v);
    } else if (IsText(type)) {
      out->Print("        p = parser.$read$(tag.after, end, Head_, $value$.AddField(Head_));\n", v);
    } else {
      out->Print(R"(      {
        $stored$ value = {};
        p = parser.$read$(tag.after, end, value);
        $value$.Add(Head_, value);
        break;
      }
      case $packed_tag$:  // $name$, packed
        p = parser.$read_packed$(tag.after, end, Head_, $value$);
)",
                 v);
    }
  } else if (IsMessage(type)) {
    out->Print("        p = parser.ReadMessage(tag.after, end, *mutable_$name$());\n", v);
  } else {
    if (!v["mark"].empty()) out->Print("        $mark$\n", v);
    out->Print(IsText(type) ? "        p = parser.$read$(tag.after, end, Head_, $value$);\n"
                            : "        p = parser.$read$(tag.after, end, $value$);\n",
               v);
  }
  out->Print("        break;\n");
}

std::string MessageCode::PresenceTest(const FieldCode& code) const {
  if (code.shape == FieldShape::kRepeated) return "!" + code.value + ".empty()";
  if (code.shape != FieldShape::kImplicit) return HasTest(code);
  switch (code.field->type) {
    case FieldType::kString:
    case FieldType::kBytes:
      return "!" + code.value + ".empty()";
    case FieldType::kBool:
      return code.value;
    case FieldType::kFloat:
    case FieldType::kDouble:  // -0.0 is not the default
      return "Writer::BitsOf(" + code.value + ") != 0";
    default:
      return code.value + " != 0";
  }
}

void MessageCode::PrintByteSize(CodeWriter* out) const {
  out->Print("\nsize_t $class$::ByteSize() const {\n  size_t bytes = Head_.unknown_bytes();\n",
             {{"class", class_name_}});
  for (size_t index : by_number_) PrintFieldSize(fields_[index], out);
  out->Print("  Head_.set_cached_bytes(bytes);\n  return bytes;\n}\n");
}

void MessageCode::PrintFieldSize(const FieldCode& code, CodeWriter* out) const {
  CodeWriter::Variables v = code.variables;
  v["present"] = PresenceTest(code);
  v["tag_bytes"] = TagBytes(code);
  v["fixed"] = std::to_string(code.traits->fixed_bytes);
  v["plural"] = PluralCode(code);
  v["code"] = code.traits->code;
  const FieldType type = code.field->type;
  if (code.shape == FieldShape::kRepeated) {
    if (IsMessage(type)) {
      out->Print(R"(  for (const $type$& value : $value$) {
    bytes += $tag_bytes$ + Writer::SizeOfLength(value.ByteSize());
  }
)",
                 v);
      return;
    }
    v["sum"] = code.traits->fixed_bytes != 0 ? code.value + ".size() * " + v["fixed"]
               : IsText(type)                ? "Writer::SizeOfTexts(" + code.value + ")"
                              : "Writer::SizeOf" + v["plural"] + "(" + code.value + ")";
    if (!code.packed) {
      out->Print("  bytes += $value$.size() * $tag_bytes$ + $sum$;\n", v);
      return;
    }
    v["remember"] =
        code.traits->fixed_bytes != 0 ? "" : code.name + "_Bytes_.Set(run_bytes);\n    ";
    out->Print(R"(  if ($present$) {
    const size_t run_bytes = $sum$;
    $remember$bytes += $tag_bytes$ + Writer::SizeOfLength(run_bytes);
  }
)",
               v);
    return;
  }
  if (IsMessage(type)) {
    v["size"] = "Writer::SizeOfLength(" + code.value + "->ByteSize())";
  } else if (IsText(type)) {
    v["size"] = "Writer::SizeOfLength(" + code.value + ".size())";
  } else if (code.traits->fixed_bytes != 0) {
    v["size"] = v["fixed"];
  } else {
    v["size"] = "Writer::SizeOf" + v["code"] + "(" + code.value + ")";
  }
  out->Print("  if ($present$) bytes += $tag_bytes$ + $size$;\n", v);
}

void MessageCode::PrintSerialize(CodeWriter* out) const {
  out->Print("\nuint8_t* $class$::SerializeTo(uint8_t* p) const {\n", {{"class", class_name_}});
  for (size_t index : by_number_) PrintFieldSerialize(fields_[index], out);
  out->Print(R"(  if (Head_.unknown_bytes() != 0) p = Writer::Unknown(p, Head_);
  return p;
}

std::string $class$::SerializeAsString() const {
  std::string text(ByteSize(), '\0');
  SerializeTo(reinterpret_cast<uint8_t*>(text.data()));
  return text;
}
)",
             {{"class", class_name_}});
}

void MessageCode::PrintFieldSerialize(const FieldCode& code, CodeWriter* out) const {
  CodeWriter::Variables v = code.variables;
  v["present"] = PresenceTest(code);
  v["write_tag"] = WriteTag(code);
  v["fixed"] = std::to_string(code.traits->fixed_bytes);
  v["plural"] = PluralCode(code);
  v["code"] = code.traits->code;
  const FieldType type = code.field->type;
  const bool repeated = code.shape == FieldShape::kRepeated;
  if (repeated && code.packed) {
    v["bytes"] = code.traits->fixed_bytes != 0 ? code.value + ".size() * " + v["fixed"]
                                               : code.name + "_Bytes_.Get()";
    v["write"] = code.traits->fixed_bytes != 0
                     ? "Writer::Raw(p, " + code.value + ".data(), " + v["bytes"] + ")"
                     : "Writer::" + v["plural"] + "(p, " + code.value + ")";
    out->Print(R"(  if ($present$) {
    $write_tag$
    p = Writer::Varint(p, $bytes$);
    p = $write$;
  }
)",
               v);
    return;
  }
  const std::string value = repeated          ? "value"
                            : IsMessage(type) ? "(*" + code.value + ")"
                            : IsText(type)    ? code.value + ".view()"
                                              : code.value;
  v["write"] = IsMessage(type) ? "Writer::Varint(p, MessageAccess::Head(" + value +
                                     ").cached_bytes());\n    p = " + value + ".SerializeTo(p)"
                               : "Writer::" + v["code"] + "(p, " + value + ")";
  v["element"] = IsMessage(type) ? "const " + v["type"] + "&"
                 : IsText(type)  ? "std::string_view"
                                 : "const " + v["stored"];
  out->Print(repeated ? "  for ($element$ value : $value$) {\n" : "  if ($present$) {\n", v);
  out->Print("    $write_tag$\n    p = $write$;\n  }\n", v);
}

}  // namespace penstock::codec::compiler
