// Parsing: the loop over tags of each message.
#include <algorithm>

#include "penstock/codec/compiler/message_code.h"
#include "penstock/codec/limits.h"

namespace penstock::codec::compiler {
namespace {

void PrintMessageCase(const FieldCode& code, CodeWriter* out) {
  CodeWriter::Variables v = code.variables;
  v["verb"] = code.field->repeated() ? "Add" : "Read";
  v["kind"] = code.is_group() ? "Group" : "Message";
  v["number_argument"] = code.is_group() ? v["number"] + ", " : "";
  out->Print(
      "        p = parser.$verb$$kind$(tag.after, end, $number_argument$head, self.$value$);\n", v);
}

// A number of a closed enum: what the enum does not have is an unknown field.
void PrintClosedEnumCase(const FieldCode& code, CodeWriter* out) {
  CodeWriter::Variables v = code.variables;
  v["mark"] = MarkPresent(code, "self.");
  out->Print(R"(      {
        int32_t value = 0;
        const uint8_t* after = parser.ReadInt(tag.after, end, value);
        if (after != nullptr && !$type$_IsValid(value)) {
          p = parser.KeepUnknown(p, after, head);
          break;
        }
)",
             v);
  out->Print(code.shape == FieldShape::kRepeated
                 ? "        p = parser.Add(after, head, self.$value$, value);\n"
                 : "        $mark$\n        self.$value$ = value;\n        p = after;\n",
             v);
  out->Print("        break;\n      }\n");
}

void PrintRepeatedNumberCase(const FieldCode& code, CodeWriter* out) {
  CodeWriter::Variables v = code.variables;
  v["read"] = code.traits->read;
  v["read_packed"] = code.traits->read_packed;
  v["packed_tag"] = std::to_string(TagWith(code, 2));
  if (IsClosedEnum(*code.field)) {
    PrintClosedEnumCase(code, out);
  } else {
    out->Print(R"(      {
        $stored$ value = {};
        const uint8_t* after = parser.$read$(tag.after, end, value);
        p = parser.Add(after, head, self.$value$, value);
        break;
      }
)",
               v);
  }
  out->Print("      case $packed_tag$:  // $name$, packed\n", v);
  out->Print(IsClosedEnum(*code.field)
                 ? "        p = parser.ReadPackedClosedEnum(tag.after, end, head, self.$value$,\n"
                   "                                        $enum_layout$, $number$);\n"
                 : "        p = parser.$read_packed$(tag.after, end, head, self.$value$);\n",
             v);
  out->Print("        break;\n");
}

void PrintCase(const FieldCode& code, CodeWriter* out) {
  CodeWriter::Variables v = code.variables;
  v["read_tag"] = std::to_string(TagWith(code, code.traits->wire_type));
  v["mark"] = MarkPresent(code, "self.");
  const FieldType type = code.field->type;
  out->Print("      case $read_tag$:  // $name$\n", v);
  if (code.shape == FieldShape::kMap) {
    out->Print(
        "        p = parser.ReadMapEntry(p, tag.after, end, head, self.$value$, "
        "$name$_Entry_());\n",
        v);
  } else if (IsMessage(type)) {
    if (!v["mark"].empty()) out->Print("        $mark$\n", v);
    PrintMessageCase(code, out);
  } else if (IsText(type)) {
    // Only proto3 asks for UTF-8.
    v["read"] = code.field->utf8_checked ? "String" : "Bytes";
    v["verb"] = code.shape == FieldShape::kRepeated ? "Add" : "Read";
    if (!v["mark"].empty()) out->Print("        $mark$\n", v);
    out->Print("        p = parser.$verb$$read$(tag.after, end, head, self.$value$);\n", v);
  } else if (code.shape == FieldShape::kRepeated) {
    PrintRepeatedNumberCase(code, out);
    return;
  } else if (IsClosedEnum(*code.field)) {
    PrintClosedEnumCase(code, out);
    return;
  } else {
    v["read"] = code.traits->read;
    if (!v["mark"].empty()) out->Print("        $mark$\n", v);
    out->Print("        p = parser.$read$(tag.after, end, self.$value$);\n", v);
  }
  out->Print("        break;\n");
}

}  // namespace

// C++ that is true when `number` is set aside for extensions.
std::string MessageCode::ExtensionTest() const {
  std::string test;
  for (const ExtensionRange& range : message_.extension_ranges) {
    const int64_t last = std::min<int64_t>(range.range.last, kFieldNumberMax);
    if (!test.empty()) test += " ||\n            ";
    test += "(number >= " + std::to_string(range.range.first) +
            " && number <= " + std::to_string(last) + ")";
  }
  return test;
}

void MessageCode::PrintParse(CodeWriter* out) const {
  out->Print(R"(
ParseResult $class$::MergeFromBytes(Bytes input, StringRule rule) {
  return Parser::ParseMessage(*this, input, rule);
}

const uint8_t* $class$::Parse_(MessageHead& head, Parser& parser, const uint8_t* p,
                               const uint8_t* end) {
)",
             {{"class", class_name_}});
  if (message_.message_set) {
    out->Print(
        R"(  auto& self = MessageAccess::Of<$class$>(head);
  return parser.ReadMessageSet(p, end, head, self.Extensions_);
}
)",
        {{"class", class_name_}});
    return;
  }
  out->Print(R"(  [[maybe_unused]] $class$& self = MessageAccess::Of<$class$>(head);
  while (p != end) {
    const Parser::Tag tag = parser.ReadTag(p, end);
    if (tag.after == nullptr) return nullptr;
    switch (tag.value) {
)",
             {{"class", class_name_}});
  for (size_t index : by_number_) PrintCase(fields_[index], out);
  out->Print(R"(      default:
        if ((tag.value & 7) == 4) return parser.EndGroup(p, tag);
)");
  if (is_extendable()) {
    out->Print(R"(        if (const uint32_t number = tag.value >> 3;
            $is_extension$) {
          p = parser.ReadExtension(p, end, tag, head, self.Extensions_);
          break;
        }
)",
               {{"is_extension", ExtensionTest()}});
  }
  out->Print(R"(        p = parser.ReadUnknown(p, end, tag, head);
        break;
    }
    if (p == nullptr) return nullptr;
  }
  return p;
}
)");
}

}  // namespace penstock::codec::compiler
