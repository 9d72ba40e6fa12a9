#include "penstock/codec/compiler/extension_code.h"

#include <algorithm>

#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/default_expression.h"
#include "penstock/codec/compiler/field_layout_code.h"
#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

std::string TypeOf(const FileDescriptor& file, const FieldDescriptor& extension) {
  if (IsMessage(extension.type)) return TypeNameIn(file, *extension.message);
  if (extension.type == FieldType::kEnum) return TypeNameIn(file, *extension.enumeration);
  return std::string(TraitsOf(extension.type).value);
}

bool MessageUsesExtensions(const MessageDescriptor& message) {
  return !message.extensions.empty() || !message.extension_ranges.empty() ||
         std::any_of(message.messages.begin(), message.messages.end(),
                     [](const auto& nested) { return MessageUsesExtensions(*nested); });
}

}  // namespace

bool UsesExtensions(const FileDescriptor& file) {
  return !file.extensions.empty() ||
         std::any_of(file.messages.begin(), file.messages.end(),
                     [](const auto& message) { return MessageUsesExtensions(*message); });
}

ExtensionCode::ExtensionCode(const FileDescriptor& file, const FieldDescriptor& extension,
                             const std::string& message, const std::string& name)
    : extension_(extension), is_member_(!message.empty()) {
  auto& v = variables_;
  v["name"] = name;
  v["qualified"] = message.empty() ? name : message + "::" + name;
  v["camel"] = CamelCase(extension.name);
  v["number"] = std::to_string(extension.number);
  v["full_name"] = extension.full_name;
  v["kind"] = extension.repeated() ? "RepeatedExtension" : "Extension";
  v["extendee"] = TypeNameIn(file, *extension.extendee);
  v["type"] = TypeOf(file, extension);
  v["field_type"] = TraitsOf(extension.type).enumerator;
  v["shape"] = extension.repeated() ? "kRepeated" : "kHasBit";
  v["traits"] = FieldTraitsExpression(extension);
  v["pointer"] = FieldPointerExpression(extension, v["type"]);
  v["may_lack"] = IsMessage(extension.type) && MayLackFields(*extension.message) ? "true" : "false";
  const std::string default_value = DefaultExpression(extension, v["type"]);
  v["default"] = default_value.empty() ? "" : ",\n    " + default_value;
}

void ExtensionCode::PrintDeclaration(CodeWriter* out) const {
  CodeWriter::Variables v = variables_;
  v["indent"] = is_member_ ? "  " : "";
  v["constant"] = is_member_ ? "static constexpr" : "inline constexpr";
  v["linkage"] = is_member_ ? "static" : "extern";
  out->Print("\n");
  PrintComment(extension_.comments.leading, v["indent"], out);
  out->Print(R"($indent$$constant$ int k$camel$FieldNumber = $number$;
$indent$$linkage$ const ::penstock::codec::$kind$<$extendee$, $type$> $name$;
)",
             v);
}

void ExtensionCode::PrintDefinition(CodeWriter* out) const {
  out->Print(R"(
constexpr ::penstock::codec::$kind$<$extendee$, $type$> $qualified$(
    ::penstock::codec::FieldLayout{
        $number$, ::penstock::codec::kExtensionOffset, 0,
        ::penstock::codec::FieldType::$field_type$,
        ::penstock::codec::FieldShape::$shape$, $traits$, $pointer$},
    $may_lack$, "($full_name$)\0"$default$);
)",
             variables_);
}

}  // namespace penstock::codec::compiler
