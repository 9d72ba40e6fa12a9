// The class of a message: what the generated header says.
#include <algorithm>
#include <string>

#include "penstock/codec/compiler/message_code.h"
#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

// Members stand in falling alignment, so that nothing is lost between them.
size_t Alignment(const FieldCode& code) {
  if (code.field->repeated()) return 8;
  return std::min<size_t>(StoredBytes(code.field->type), 8);
}

// The members that every class has.
constexpr std::string_view kClassStart = R"(class $class$ final$base$ {
 public:
  static constexpr std::string_view kFullName = "$full_name$";

  constexpr $class$() = default;
  explicit $class$(::penstock::wire::Arena* arena) : Head_(arena) {}
  $class$(const $class$& from) {
    ::penstock::codec::MessageOperations::Merge(Head_, from.Head_, kLayout_);
  }
  $class$($class$&& from) noexcept {
    ::penstock::codec::MessageOperations::MoveConstruct<sizeof($class$)>(
        Head_, from.Head_, kLayout_);
  }
  $class$& operator=(const $class$& from) {
    ::penstock::codec::MessageOperations::Copy(Head_, from.Head_, kLayout_);
    return *this;
  }
  $class$& operator=($class$&& from) noexcept {
    ::penstock::codec::MessageOperations::MoveAssign(Head_, from.Head_, kLayout_);
    return *this;
  }
  friend bool operator==(const $class$& a, const $class$& b) {
    return ::penstock::codec::MessageOperations::Equal(a.Head_, b.Head_, kLayout_);
  }
  friend void swap($class$& a, $class$& b) { a.Swap(&b); }
  static const $class$& default_instance();

  void Clear() { ::penstock::codec::MessageOperations::Clear(Head_, kLayout_); }
  void CopyFrom(const $class$& from) { *this = from; }
  void MergeFrom(const $class$& from) {
    ::penstock::codec::MessageOperations::Merge(Head_, from.Head_, kLayout_);
  }
  void Swap($class$* other) {
    ::penstock::codec::MessageOperations::Swap(Head_, other->Head_, kLayout_);
  }
  // Text is copied, or with StringRule::kAlias it views `input`: then the input must outlive this
  // message, or whatever the text is replaced by. Copies of a message view nothing.
  ::penstock::codec::ParseResult ParseFrom(
      ::penstock::wire::Bytes input,
      ::penstock::codec::StringRule rule = ::penstock::codec::StringRule::kCopy) {
    Clear();
    return MergeFromBytes(input, rule);
  }
  // Adds to what the message has.
  ::penstock::codec::ParseResult MergeFromBytes(
      ::penstock::wire::Bytes input,
      ::penstock::codec::StringRule rule = ::penstock::codec::StringRule::kCopy);
  size_t ByteSize() const { return ByteSize_(Head_); }
  // Behind ByteSize(), which says how much is written.
  uint8_t* SerializeTo(
      uint8_t* target,
      ::penstock::codec::MapOrder order = ::penstock::codec::MapOrder::kAsStored) const {
    return Serialize_(Head_, target, order);
  }
  std::string SerializeAsString(
      ::penstock::codec::MapOrder order = ::penstock::codec::MapOrder::kAsStored) const {
    return ::penstock::codec::MessageOperations::SerializeAsString(Head_, kLayout_, order);
  }
  // Whether all required fields are there, and the names of those that are not.
  bool IsInitialized() const { return ::penstock::codec::HasRequiredFields(Head_, kLayout_); }
  std::string InitializationErrorString() const {
    return ::penstock::codec::MissingFields(Head_, kLayout_);
  }
  // Fields that the .proto does not have, as they came.
  ::penstock::wire::Bytes unknown_fields() const { return Head_.unknown_fields(); }
)";

}  // namespace

void MessageCode::PrintClass(CodeWriter* out) const {
  PrintComment(message_.comments.leading, "", out);
  out->Print(kClassStart, {{"class", class_name_},
                           {"full_name", message_.full_name},
                           {"base", is_extendable() ? " : public ::penstock::codec::Extendable<" +
                                                          class_name_ + ">"
                                                    : ""}});
  PrintNestedNames(out);
  for (size_t i = 0; i < message_.oneofs.size(); ++i) PrintOneofAccessors(i, out);
  for (const FieldCode& code : fields_) PrintAccessors(code, out);
  for (const ExtensionCode& extension : extensions_) extension.PrintDeclaration(out);
  PrintMembers(out);
  out->Print("};\n\n");
}

// A nested type gets its short name in the class, unless an accessor has it.
void MessageCode::PrintNestedNames(CodeWriter* out) const {
  const bool has_types = std::any_of(message_.messages.begin(), message_.messages.end(),
                                     [](const auto& nested) { return !nested->is_map_entry; });
  if (has_types || !message_.enums.empty()) out->Print("\n");
  for (const auto& nested : message_.messages) {
    const std::string name = CppIdentifier(nested->name);
    if (nested->is_map_entry || taken_names_.contains(name)) continue;
    out->Print("  using $name$ = $class$;\n", {{"name", name}, {"class", ClassName(*nested)}});
  }
  for (const auto& nested : message_.enums) {
    const std::string name = CppIdentifier(nested->name);
    const CodeWriter::Variables v = {{"name", name}, {"enum", ClassName(*nested)}};
    for (const EnumValueDescriptor& value : nested->values) {
      const std::string value_name = CppIdentifier(value.name);
      if (taken_names_.contains(value_name)) continue;
      out->Print("  static constexpr $enum$ $value$ = $enum$_$value$;\n",
                 {{"enum", ClassName(*nested)}, {"value", value_name}});
    }
    if (taken_names_.contains(name)) continue;
    out->Print(R"(  using $name$ = $enum$;
  static constexpr $name$ $name$_MIN = $enum$_MIN;
  static constexpr $name$ $name$_MAX = $enum$_MAX;
  static std::string_view $name$_Name(int value) { return $enum$_Name(value); }
  static bool $name$_IsValid(int value) { return $enum$_IsValid(value); }
  static bool $name$_Parse(std::string_view name, $name$* value) {
    return $enum$_Parse(name, value);
  }
)",
               v);
  }
}

void MessageCode::PrintInlines(CodeWriter* out) const {
  for (const FieldCode& code : fields_) {
    if (code.field->repeated() || !IsMessage(code.field->type)) continue;
    CodeWriter::Variables v = code.variables;
    // A message that was cleared is kept for the next time, empty.
    v["has"] =
        code.shape == FieldShape::kOneof ? "has_" + code.name + "()" : v["value"] + " != nullptr";
    out->Print(R"(inline const $type$& $class$::$name$() const {
  return $has$ ? *$value$ : $type$::default_instance();
}
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
  static const ::penstock::codec::EmbeddedFile& File_();  // in the file's .descriptor.cc
  static const uint8_t* Parse_(::penstock::codec::MessageHead& head,
                               ::penstock::codec::Parser& parser, const uint8_t* p,
                               const uint8_t* end);
  static size_t ByteSize_(const ::penstock::codec::MessageHead& head);
  static uint8_t* Serialize_(const ::penstock::codec::MessageHead& head, uint8_t* p,
                             ::penstock::codec::MapOrder order);
)");
  for (const OneofDescriptor& oneof : message_.oneofs) {
    out->Print(R"(  void Select$camel$_(uint32_t number) {
    if ($name$_Case_ == number) return;
    $name$_Case_ = number;
    $name$_ = {};
  }
)",
               {{"camel", CamelCase(oneof.name)}, {"name", CppFieldName(oneof.name)}});
  }
  for (size_t place = 0; place < by_number_.size(); ++place) {
    const FieldCode& code = fields_[by_number_[place]];
    if (code.shape != FieldShape::kMap) continue;
    out->Print(
        "  static const ::penstock::codec::MessageLayout& $name$_Entry_() {\n"
        "    return *kFields_[$place$].message;\n  }\n",
        {{"name", code.name}, {"place", std::to_string(place)}});
  }
  out->Print("\n  ::penstock::codec::MessageHead Head_;\n");
  if (is_extendable()) out->Print("  ::penstock::codec::ExtensionSet Extensions_;\n");
  if (has_bit_count_ > 0) {
    out->Print("  uint32_t Has_[$words$] = {};\n",
               {{"words", std::to_string((has_bit_count_ + 31) / 32)}});
  }
  for (size_t alignment : {8, 4, 1}) {
    for (const FieldCode& code : fields_) {
      if (code.shape == FieldShape::kOneof || Alignment(code) != alignment) continue;
      const bool scalar = !code.field->repeated() && !IsText(code.field->type);
      out->Print("  $container$ $value$$init$;\n", {{"container", code.variables.at("container")},
                                                    {"value", code.variables.at("value")},
                                                    {"init", scalar ? " = {}" : ""}});
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
        out->Print("    $container$ $name$_;\n", code.variables);
      }
      out->Print("  } $name$_;\n", v);
    }
    for (const FieldCode& code : fields_) {
      if (alignment == 4 && code.field->packed && code.traits->fixed_bytes == 0) {
        out->Print("  ::penstock::codec::CachedSize $name$_Bytes_;\n", code.variables);
      }
    }
  }
}

}  // namespace penstock::codec::compiler
