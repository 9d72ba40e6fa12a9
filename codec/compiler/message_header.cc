// The class of a message: what the generated header says.
#include <algorithm>
#include <numeric>
#include <string>

#include "penstock/codec/compiler/message_code.h"
#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

std::string StoredType(const FieldCode& code) {
  const FieldType type = code.field->type;
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

// Members stand in falling alignment, so that nothing is lost between them.
size_t Alignment(const FieldCode& code) {
  if (code.shape == FieldShape::kRepeated) return 8;
  return std::min<size_t>(StoredBytes(code.field->type), 8);
}

}  // namespace

std::string MarkPresent(const FieldCode& code) {
  if (code.shape == FieldShape::kHasBit) {
    return "Has_[" + std::to_string(code.has_bit / 32) + "] |= " + code.variables.at("mask") + ";";
  }
  if (code.shape == FieldShape::kOneof) {
    return code.variables.at("select") + "(" + code.variables.at("number") + ");";
  }
  return "";
}

MessageCode::MessageCode(const FileDescriptor& file, const MessageDescriptor& message)
    : file_(file), message_(message), class_name_(ClassName(message)) {
  for (const FieldDescriptor& field : message.fields) fields_.push_back(Analyse(field));
  by_number_.resize(fields_.size());
  std::iota(by_number_.begin(), by_number_.end(), size_t{0});
  std::sort(by_number_.begin(), by_number_.end(), [this](size_t a, size_t b) {
    return fields_[a].field->number < fields_[b].field->number;
  });
}

FieldCode MessageCode::Analyse(const FieldDescriptor& field) {
  FieldCode code;
  code.field = &field;
  code.traits = &TraitsOf(field.type);
  code.name = CppFieldName(field.name);
  code.value = code.name + "_";
  auto& v = code.variables;
  if (field.repeated()) {
    code.shape = FieldShape::kRepeated;
    code.packed = !code.traits->read_packed.empty();
    for (const Option& option : field.options) {
      if (option.name == "packed" && option.text == "false") code.packed = false;
    }
  } else if (field.oneof_index >= 0) {
    const std::string& oneof = message_.oneofs[static_cast<size_t>(field.oneof_index)].name;
    code.shape = FieldShape::kOneof;
    code.value = CppFieldName(oneof) + "_." + code.value;
    v["oneof"] = CppFieldName(oneof);
    v["select"] = "Select" + CamelCase(oneof) + "_";
  } else if (field.label == FieldDescriptor::Label::kOptional || IsMessage(field.type)) {
    code.shape = FieldShape::kHasBit;
    code.has_bit = has_bit_count_++;
    v["mask"] = std::to_string(1u << code.has_bit % 32) + "u";
  } else {
    code.shape = FieldShape::kImplicit;
  }
  if (field.type == FieldType::kMessage) {
    v["type"] = TypeNameIn(file_, *field.message);
  } else if (field.type == FieldType::kEnum) {
    v["type"] = TypeNameIn(file_, *field.enumeration);
    v["stored"] = "int32_t";
  } else {
    v["type"] = v["stored"] = std::string(code.traits->value);
  }
  v["class"] = class_name_;
  v["name"] = code.name;
  v["value"] = code.value;
  v["number"] = std::to_string(field.number);
  v["mark"] = MarkPresent(code);
  v["mark_first"] = v["mark"].empty() ? "" : v["mark"] + " ";
  return code;
}

void MessageCode::PrintClass(CodeWriter* out) const {
  PrintComment(message_.comments.leading, "", out);
  out->Print(R"(class $class$ final {
 public:
  static constexpr std::string_view kFullName = "$full_name$";

  constexpr $class$() = default;
  explicit $class$(::penstock::wire::Arena* arena) : Head_(arena) {}
  $class$(const $class$& from);
  $class$($class$&& from) noexcept;
  $class$& operator=(const $class$& from);
  $class$& operator=($class$&& from) noexcept;
  friend bool operator==(const $class$& a, const $class$& b) { return a.Equals(b); }
  static const $class$& default_instance();

  void Clear();
  void MergeFrom(const $class$& from);
  ::penstock::codec::ParseResult ParseFrom(
      ::penstock::wire::Bytes input,
      ::penstock::codec::StringRule rule = ::penstock::codec::StringRule::kCopy);
  // Adds to what the message has; for one that is new, the cheaper ParseFrom().
  ::penstock::codec::ParseResult MergeFromBytes(
      ::penstock::wire::Bytes input,
      ::penstock::codec::StringRule rule = ::penstock::codec::StringRule::kCopy);
  size_t ByteSize() const;
  uint8_t* SerializeTo(uint8_t* target) const;
  std::string SerializeAsString() const;
  // Fields that the .proto does not have, as they came.
  ::penstock::wire::Bytes unknown_fields() const { return Head_.unknown_fields(); }
)",
             {{"class", class_name_}, {"full_name", message_.full_name}});
  PrintNestedNames(out);
  for (size_t i = 0; i < message_.oneofs.size(); ++i) PrintOneofAccessors(i, out);
  for (const FieldCode& code : fields_) PrintAccessors(code, out);
  PrintMembers(out);
  out->Print("};\n\n");
}

void MessageCode::PrintNestedNames(CodeWriter* out) const {
  const bool has_types = std::any_of(message_.messages.begin(), message_.messages.end(),
                                     [](const auto& nested) { return !nested->is_map_entry; });
  if (has_types || !message_.enums.empty()) out->Print("\n");
  for (const auto& nested : message_.messages) {
    if (nested->is_map_entry) continue;
    out->Print("  using $name$ = $class$;\n",
               {{"name", CppIdentifier(nested->name)}, {"class", ClassName(*nested)}});
  }
  for (const auto& nested : message_.enums) {
    const std::string enum_name = ClassName(*nested);
    out->Print("  using $name$ = $enum$;\n",
               {{"name", CppIdentifier(nested->name)}, {"enum", enum_name}});
    for (const EnumValueDescriptor& value : nested->values) {
      out->Print("  static constexpr $enum$ $value$ = $enum$_$value$;\n",
                 {{"enum", enum_name}, {"value", CppIdentifier(value.name)}});
    }
  }
}

void MessageCode::PrintAccessors(const FieldCode& code, CodeWriter* out) const {
  out->Print("\n");
  PrintComment(code.field->comments.leading, "  ", out);
  if (code.shape == FieldShape::kRepeated) {
    PrintRepeatedAccessors(code, out);
  } else if (IsMessage(code.field->type)) {
    PrintMessageAccessors(code, out);
  } else {
    PrintSingularAccessors(code, out);
  }
}

std::string MessageCode::HasTest(const FieldCode& code) const {
  if (code.shape == FieldShape::kOneof) {
    return code.variables.at("oneof") + "_Case_ == " + code.variables.at("number");
  }
  return "(Has_[" + std::to_string(code.has_bit / 32) + "] & " + code.variables.at("mask") +
         ") != 0";
}

void MessageCode::PrintSingularAccessors(const FieldCode& code, CodeWriter* out) const {
  CodeWriter::Variables v = code.variables;
  const FieldType type = code.field->type;
  const bool in_oneof = code.shape == FieldShape::kOneof;
  if (code.shape != FieldShape::kImplicit) {
    v["has"] = HasTest(code);
    out->Print("  bool has_$name$() const { return $has$; }\n", v);
  }
  if (IsText(type)) {
    v["get"] = code.value + ".view()";
    v["empty"] = "std::string_view()";
    v["set"] = code.value + ".Assign(Head_, value);";
    v["reset"] = code.value + ".Clear();";
  } else {
    const bool is_enum = type == FieldType::kEnum;
    v["get"] = is_enum ? "static_cast<" + v["type"] + ">(" + code.value + ")" : code.value;
    v["empty"] = is_enum ? "static_cast<" + v["type"] + ">(0)" : v["type"] + "()";
    v["set"] = code.value + " = value;";
    v["reset"] = code.value + " = 0;";
    if (type == FieldType::kBool) v["reset"] = code.value + " = false;";
  }
  if (in_oneof) {
    out->Print(R"(  $type$ $name$() const { return has_$name$() ? $get$ : $empty$; }
  void set_$name$($type$ value) {
    if (!has_$name$()) $mark$
    $set$
  }
  void clear_$name$() {
    if (has_$name$()) $oneof$_Case_ = 0;
  }
)",
               v);
    return;
  }
  out->Print("  $type$ $name$() const { return $get$; }\n", v);
  if (code.shape == FieldShape::kImplicit) {
    out->Print("  void set_$name$($type$ value) { $set$ }\n", v);
    out->Print("  void clear_$name$() { $reset$ }\n", v);
    return;
  }
  v["word"] = std::to_string(code.has_bit / 32);
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

void MessageCode::PrintMessageAccessors(const FieldCode& code, CodeWriter* out) const {
  CodeWriter::Variables v = code.variables;
  v["has"] = HasTest(code);
  out->Print(R"(  bool has_$name$() const { return $has$; }
  const $type$& $name$() const;
  $type$* mutable_$name$();
  void clear_$name$();
)",
             v);
}

void MessageCode::PrintInlines(CodeWriter* out) const {
  for (const FieldCode& code : fields_) {
    if (code.shape == FieldShape::kRepeated || !IsMessage(code.field->type)) continue;
    CodeWriter::Variables v = code.variables;
    // A message that was cleared is kept for the next time, empty.
    v["has"] =
        code.shape == FieldShape::kOneof ? "has_" + code.name + "()" : code.value + " != nullptr";
    out->Print(R"(inline const $type$& $class$::$name$() const {
  return $has$ ? *$value$ : $type$::default_instance();
}
)",
               v);
  }
}

void MessageCode::PrintRepeatedAccessors(const FieldCode& code, CodeWriter* out) const {
  CodeWriter::Variables v = code.variables;
  v["container"] = StoredType(code);
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
                   ? "static_cast<" + v["type"] + ">(" + code.value + ".Get(index))"
                   : code.value + ".Get(index)";
    out->Print(R"(  $type$ $name$(int index) const { return $get$; }
  ::penstock::codec::MutableRepeated<$stored$> mutable_$name$() { return {$value$, Head_}; }
  void set_$name$(int index, $type$ value) { mutable_$name$().Set(index, value); }
  void add_$name$($type$ value) { $value$.Add(Head_, value); }
  void clear_$name$() { $value$.SetSize(0); }
)",
               v);
  }
}

void MessageCode::PrintOneofAccessors(size_t index, CodeWriter* out) const {
  const OneofDescriptor& oneof = message_.oneofs[index];
  CodeWriter::Variables v = {{"name", CppFieldName(oneof.name)}, {"camel", CamelCase(oneof.name)}};
  std::string upper;
  for (char c : oneof.name) upper += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  v["upper"] = upper;
  out->Print("\n");
  PrintComment(oneof.comments.leading, "  ", out);
  out->Print("  enum $camel$Case : uint32_t {\n", v);
  for (const FieldCode& code : fields_) {
    if (code.field->oneof_index != static_cast<int>(index)) continue;
    out->Print("    k$case$ = $number$,\n",
               {{"case", CamelCase(code.field->name)}, {"number", code.variables.at("number")}});
  }
  out->Print(R"(    $upper$_NOT_SET = 0,
  };
  $camel$Case $name$_case() const { return static_cast<$camel$Case>($name$_Case_); }
  void clear_$name$() { $name$_Case_ = 0; }
)",
             v);
}

void MessageCode::PrintMembers(CodeWriter* out) const {
  out->Print(R"(
 private:
  friend struct ::penstock::codec::MessageAccess;
  static const ::penstock::codec::FieldLayout kFields_[];
  static const ::penstock::codec::MessageLayout kLayout_;
  const uint8_t* ParseFields(::penstock::codec::Parser& parser, const uint8_t* p,
                             const uint8_t* end);
  bool Equals(const $class$& other) const;
)",
             {{"class", class_name_}});
  for (const OneofDescriptor& oneof : message_.oneofs) {
    out->Print("  void Select$camel$_(uint32_t number);\n", {{"camel", CamelCase(oneof.name)}});
  }
  out->Print("\n  ::penstock::codec::MessageHead Head_;\n");
  if (has_bit_count_ > 0) {
    out->Print("  uint32_t Has_[$words$] = {};\n",
               {{"words", std::to_string((has_bit_count_ + 31) / 32)}});
  }
  for (size_t alignment : {8, 4, 1}) {
    for (const FieldCode& code : fields_) {
      if (code.shape == FieldShape::kOneof || Alignment(code) != alignment) continue;
      const bool scalar = code.shape != FieldShape::kRepeated && !IsText(code.field->type);
      out->Print(
          "  $type$ $value$$init$;\n",
          {{"type", StoredType(code)}, {"value", code.value}, {"init", scalar ? " = {}" : ""}});
    }
    if (alignment == 1) break;
    for (size_t i = 0; i < message_.oneofs.size(); ++i) {
      CodeWriter::Variables v = {{"name", CppFieldName(message_.oneofs[i].name)},
                                 {"camel", CamelCase(message_.oneofs[i].name)}};
      if (alignment == 4) {
        out->Print("  uint32_t $name$_Case_ = 0;\n", v);
        continue;
      }
      out->Print("  union $camel$Union_ {\n    constexpr $camel$Union_() : Zero_{} {}\n", v);
      out->Print("    uint64_t Zero_[2];\n");
      for (const FieldCode& code : fields_) {
        if (code.field->oneof_index != static_cast<int>(i)) continue;
        out->Print("    $type$ $name$_;\n", {{"type", StoredType(code)}, {"name", code.name}});
      }
      out->Print("  } $name$_;\n", v);
    }
    for (const FieldCode& code : fields_) {
      if (alignment == 4 && code.packed && code.traits->fixed_bytes == 0) {
        out->Print("  ::penstock::codec::CachedSize $name$_Bytes_;\n", code.variables);
      }
    }
  }
}

}  // namespace penstock::codec::compiler
