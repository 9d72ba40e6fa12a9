// What a class offers for each field.
#include "penstock/codec/compiler/message_code.h"

namespace penstock::codec::compiler {
namespace {

void PrintSingularAccessors(const FieldCode& code, CodeWriter* out) {
  CodeWriter::Variables v = code.variables;
  const FieldType type = code.field->type;
  if (code.shape != FieldShape::kImplicit) {
    v["has"] = HasTest(code, "");
    v["mark"] = MarkPresent(code, "");
    out->Print("  bool has_$name$() const { return $has$; }\n", v);
  }
  if (IsText(type)) {
    v["get"] = v["value"] + ".view()";
    v["set"] = v["value"] + ".Assign(Head_, value);";
    v["reset"] = v["value"] + ".Clear();";
  } else {
    const bool is_enum = type == FieldType::kEnum;
    v["get"] = is_enum ? "static_cast<" + v["type"] + ">(" + v["value"] + ")" : v["value"];
    v["set"] = v["value"] + " = value;";
    v["reset"] = v["value"] + (type == FieldType::kBool ? " = false;" : " = 0;");
  }
  v["else"] = !v["default"].empty()      ? v["default"]
              : type == FieldType::kEnum ? "static_cast<" + v["type"] + ">(0)"
                                         : v["type"] + "()";
  if (code.shape == FieldShape::kOneof) {
    out->Print(R"(  $type$ $name$() const { return has_$name$() ? $get$ : $else$; }
  void set_$name$($type$ value) {
    $mark$
    $set$
  }
  void clear_$name$() {
    if (has_$name$()) $oneof$_Case_ = 0;
  }
)",
               v);
    return;
  }
  out->Print(v["default"].empty()
                 ? "  $type$ $name$() const { return $get$; }\n"
                 : "  $type$ $name$() const { return has_$name$() ? $get$ : $else$; }\n",
             v);
  if (code.shape == FieldShape::kImplicit) {
    out->Print("  void set_$name$($type$ value) { $set$ }\n", v);
    out->Print("  void clear_$name$() { $reset$ }\n", v);
    return;
  }
  out->Print(R"(  void set_$name$($type$ value) {
    $mark$
    $set$
  }
  void clear_$name$() {
    Has_[$word$] &= ~$mask$;
    $reset$
  }
)",
             v);
}

void PrintMessageAccessors(const FieldCode& code, CodeWriter* out) {
  CodeWriter::Variables v = code.variables;
  v["has"] = HasTest(code, "");
  out->Print(R"(  bool has_$name$() const { return $has$; }
  const $type$& $name$() const;
  $type$* mutable_$name$();
  void clear_$name$();
)",
             v);
}

void PrintRepeatedAccessors(const FieldCode& code, CodeWriter* out) {
  CodeWriter::Variables v = code.variables;
  out->Print(R"(  int $name$_size() const { return static_cast<int>($value$.size()); }
  const $container$& $name$() const { return $value$; }
)",
             v);
  if (IsMessage(code.field->type)) {
    out->Print(R"(  const $type$& $name$(int index) const { return $value$.Get(index); }
  $type$* mutable_$name$(int index) { return &$value$.Mutable(static_cast<size_t>(index)); }
  ::penstock::codec::MutableRepeatedMessage<$type$> mutable_$name$() { return {$value$, Head_}; }
  $type$* add_$name$();
  void clear_$name$();
)",
               v);
  } else if (IsText(code.field->type)) {
    out->Print(R"(  std::string_view $name$(int index) const { return $value$.Get(index); }
  ::penstock::codec::MutableRepeatedString mutable_$name$() { return {$value$, Head_}; }
  void set_$name$(int index, std::string_view value) { mutable_$name$().Set(index, value); }
  void add_$name$(std::string_view value) { mutable_$name$().Add(value); }
  void clear_$name$() { $value$.Truncate(0); }
)",
               v);
  } else {
    v["get"] = code.field->type == FieldType::kEnum
                   ? "static_cast<" + v["type"] + ">(" + v["value"] + ".Get(index))"
                   : v["value"] + ".Get(index)";
    out->Print(R"(  $type$ $name$(int index) const { return $get$; }
  ::penstock::codec::MutableRepeated<$stored$> mutable_$name$() { return {$value$, Head_}; }
  void set_$name$(int index, $type$ value) { mutable_$name$().Set(index, value); }
  void add_$name$($type$ value) { $value$.Add(Head_, value); }
  void clear_$name$() { $value$.SetSize(0); }
)",
               v);
  }
}

void PrintMapAccessors(const FieldCode& code, CodeWriter* out) {
  out->Print(R"(  int $name$_size() const { return static_cast<int>($value$.size()); }
  const $container$& $name$() const { return $value$; }
  ::penstock::codec::MutableMap<$key$, $mapped$> mutable_$name$() {
    return {$value$, Head_, $name$_Entry_()};
  }
  void clear_$name$() { mutable_$name$()->clear(); }
)",
             code.variables);
}

}  // namespace

void PrintAccessors(const FieldCode& code, CodeWriter* out) {
  out->Print("\n");
  PrintComment(code.field->comments.leading, "  ", out);
  if (code.shape == FieldShape::kMap) {
    PrintMapAccessors(code, out);
  } else if (code.shape == FieldShape::kRepeated) {
    PrintRepeatedAccessors(code, out);
  } else if (IsMessage(code.field->type)) {
    PrintMessageAccessors(code, out);
  } else {
    PrintSingularAccessors(code, out);
  }
}

}  // namespace penstock::codec::compiler
