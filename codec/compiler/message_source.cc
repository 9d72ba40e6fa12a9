// The functions of a message: what the generated source says.
#include <algorithm>
#include <cstdint>
#include <string>

#include "penstock/codec/compiler/message_code.h"

namespace penstock::codec::compiler {
namespace {

// The functions for whole repeated fields: Writer has one for both 64-bit integers.
std::string PluralCode(const FieldCode& code) {
  const std::string_view name = code.traits->code == "Uint64" ? "Int64" : code.traits->code;
  return std::string(name) + "s";
}

std::string PresenceTest(const FieldCode& code) {
  const std::string value = "self." + code.variables.at("value");
  if (code.field->repeated()) return "!" + value + ".empty()";
  if (code.shape != FieldShape::kImplicit) return HasTest(code, "self.");
  switch (code.field->type) {
    case FieldType::kString:
    case FieldType::kBytes:
      return "!" + value + ".empty()";
    case FieldType::kBool:
      return value;
    case FieldType::kFloat:
    case FieldType::kDouble:  // -0.0 is not the default
      return "Writer::BitsOf(" + value + ") != 0";
    default:
      return value + " != 0";
  }
}

void PrintRepeatedSize(const FieldCode& code, CodeWriter* out) {
  CodeWriter::Variables v = code.variables;
  const FieldType type = code.field->type;
  if (code.shape == FieldShape::kMap) {
    out->Print("  bytes += Writer::SizeOfMap(self.$value$, $name$_Entry_(), $tag_bytes$);\n", v);
    return;
  }
  if (IsMessage(type)) {
    v["size"] = code.is_group() ? v["tag_bytes"] + " + value.ByteSize()"
                                : "Writer::SizeOfLength(value.ByteSize())";
    out->Print(R"(  for (const $type$& value : self.$value$) {
    bytes += $tag_bytes$ + $size$;
  }
)",
               v);
    return;
  }
  const bool fixed = code.traits->fixed_bytes != 0;
  const std::string value = "self." + v["value"];
  v["sum"] = fixed          ? value + ".size() * " + std::to_string(code.traits->fixed_bytes)
             : IsText(type) ? "Writer::SizeOfTexts(" + value + ")"
                            : "Writer::SizeOf" + PluralCode(code) + "(" + value + ")";
  if (!code.field->packed) {
    out->Print("  bytes += self.$value$.size() * $tag_bytes$ + $sum$;\n", v);
    return;
  }
  v["remember"] = fixed ? "" : "self." + code.name + "_Bytes_.Set(run_bytes);\n    ";
  out->Print(R"(  if (!self.$value$.empty()) {
    const size_t run_bytes = $sum$;
    $remember$bytes += $tag_bytes$ + Writer::SizeOfLength(run_bytes);
  }
)",
             v);
}

void PrintSize(const FieldCode& code, CodeWriter* out) {
  if (code.field->repeated()) return PrintRepeatedSize(code, out);
  CodeWriter::Variables v = code.variables;
  v["present"] = PresenceTest(code);
  const std::string value = "self." + v["value"];
  if (code.is_group()) {
    v["size"] = v["tag_bytes"] + " + " + value + "->ByteSize()";
  } else if (IsMessage(code.field->type)) {
    v["size"] = "Writer::SizeOfLength(" + value + "->ByteSize())";
  } else if (IsText(code.field->type)) {
    v["size"] = "Writer::SizeOfLength(" + value + ".size())";
  } else if (code.traits->fixed_bytes != 0) {
    v["size"] = std::to_string(code.traits->fixed_bytes);
  } else {
    v["size"] = "Writer::SizeOf" + std::string(code.traits->code) + "(" + value + ")";
  }
  out->Print("  if ($present$) bytes += $tag_bytes$ + $size$;\n", v);
}

void PrintPackedWrite(const FieldCode& code, CodeWriter* out) {
  CodeWriter::Variables v = code.variables;
  const std::string value = "self." + v["value"];
  const bool fixed = code.traits->fixed_bytes != 0;
  v["bytes"] = fixed ? value + ".size() * " + std::to_string(code.traits->fixed_bytes)
                     : "self." + code.name + "_Bytes_.Get()";
  v["write"] = fixed ? "Writer::Raw(p, " + value + ".data(), " + v["bytes"] + ")"
                     : "Writer::" + PluralCode(code) + "(p, " + value + ", " + v["bytes"] + ")";
  out->Print(R"(  if (!self.$value$.empty()) {
    $write_tag$
    p = Writer::Varint(p, $bytes$);
    p = $write$;
  }
)",
             v);
}

void PrintWrite(const FieldCode& code, CodeWriter* out) {
  CodeWriter::Variables v = code.variables;
  if (code.shape == FieldShape::kMap) {
    out->Print("  p = Writer::Map(p, self.$value$, $name$_Entry_(), $tag$, order);\n", v);
    return;
  }
  if (code.field->packed) return PrintPackedWrite(code, out);
  const FieldType type = code.field->type;
  const bool repeated = code.shape == FieldShape::kRepeated;
  v["present"] = PresenceTest(code);
  v["one"] = repeated          ? "value"
             : IsMessage(type) ? "(*self." + v["value"] + ")"
             : IsText(type)    ? "self." + v["value"] + ".view()"
                               : "self." + v["value"];
  v["element"] = IsMessage(type) ? "const " + v["type"] + "&"
                 : IsText(type)  ? "std::string_view"
                                 : "const " + v["stored"];
  out->Print(repeated ? "  for ($element$ value : self.$value$) {\n" : "  if ($present$) {\n", v);
  out->Print("    $write_tag$\n", v);
  v["code"] = code.traits->code;
  if (code.is_group()) {
    out->Print("    p = $one$.SerializeTo(p, order);\n    $write_end_tag$\n", v);
  } else if (IsMessage(type)) {
    out->Print(R"(    p = Writer::Varint(p, MessageAccess::Head($one$).cached_bytes());
    p = $one$.SerializeTo(p, order);
)",
               v);
  } else {
    out->Print("    p = Writer::$code$(p, $one$);\n", v);
  }
  out->Print("  }\n");
}

}  // namespace

void MessageCode::PrintDefinitions(CodeWriter* out) const {
  PrintLayout(out);
  for (const ExtensionCode& extension : extensions_) extension.PrintDefinition(out);
  out->Print("\nconst $class$& $class$::default_instance() { return kDefaultOf$class$.message; }\n",
             {{"class", class_name_}});
  PrintMutators(out);
  PrintParse(out);
  PrintByteSize(out);
  PrintSerialize(out);
}

void MessageCode::PrintMutators(CodeWriter* out) const {
  for (const FieldCode& code : fields_) {
    if (!IsMessage(code.field->type) || code.shape == FieldShape::kMap) continue;
    CodeWriter::Variables v = code.variables;
    if (code.shape == FieldShape::kRepeated) {
      out->Print(R"(
$type$* $class$::add_$name$() { return $value$.Add(Head_); }
void $class$::clear_$name$() { $value$.Truncate(0); }
)",
                 v);
      continue;
    }
    v["mark"] = MarkPresent(code, "");
    v["clear"] = code.shape == FieldShape::kOneof ? v["oneof"] + "_Case_ = 0;"
                                                  : "Has_[" + v["word"] + "] &= ~" + v["mask"] +
                                                        ";\n  " + v["value"] + "->Clear();";
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

void MessageCode::PrintByteSize(CodeWriter* out) const {
  out->Print(R"(
size_t $class$::ByteSize_(const MessageHead& head) {
  [[maybe_unused]] const $class$& self = MessageAccess::Of<$class$>(head);
  size_t bytes = head.unknown_bytes();
)",
             {{"class", class_name_}});
  for (size_t index : by_number_) PrintSize(fields_[index], out);
  if (is_extendable()) out->Print("  bytes += self.Extensions_.ByteSize();\n");
  out->Print("  head.set_cached_bytes(bytes);\n  return bytes;\n}\n");
}

// A message set may hold any number: it keeps those that no range has, too.
std::vector<NumberRange> MessageCode::SortedExtensionRanges() const {
  std::vector<NumberRange> ranges;
  if (message_.message_set) {
    NumberRange& all = ranges.emplace_back();
    all.last = UINT32_MAX;
    return ranges;
  }
  for (const ExtensionRange& range : message_.extension_ranges) ranges.push_back(range.range);
  std::sort(ranges.begin(), ranges.end(),
            [](const NumberRange& a, const NumberRange& b) { return a.first < b.first; });
  return ranges;
}

void MessageCode::PrintSerialize(CodeWriter* out) const {
  out->Print(R"(
uint8_t* $class$::Serialize_(const MessageHead& head, uint8_t* p, [[maybe_unused]] MapOrder order) {
  [[maybe_unused]] const $class$& self = MessageAccess::Of<$class$>(head);
)",
             {{"class", class_name_}});
  // Extensions stand among the fields by their numbers; ranges without fields between go together.
  const std::vector<NumberRange> ranges = SortedExtensionRanges();
  auto range = ranges.begin();
  const auto write_ranges_below = [&](int64_t number) {
    if (range == ranges.end() || range->first > number) return;
    const int64_t first = range->first;
    int64_t last = first;
    for (; range != ranges.end() && range->first <= number; ++range) last = range->last;
    out->Print("  p = self.Extensions_.WriteTo(p, $first$u, $last$u, order);\n",
               {{"first", std::to_string(first)}, {"last", std::to_string(last)}});
  };
  for (size_t index : by_number_) {
    write_ranges_below(fields_[index].field->number);
    PrintWrite(fields_[index], out);
  }
  write_ranges_below(INT64_MAX);
  out->Print(R"(  if (head.unknown_bytes() != 0) p = Writer::Unknown(p, head);
  return p;
}
)");
}

}  // namespace penstock::codec::compiler
