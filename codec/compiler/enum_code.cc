#include "penstock/codec/compiler/enum_code.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/default_expression.h"
#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

std::string ValueName(const EnumDescriptor& enumeration, const EnumValueDescriptor& value) {
  const std::string name = CppIdentifier(value.name);
  return enumeration.parent == nullptr ? name : ClassName(enumeration) + "_" + name;
}

bool IsContiguous(const EnumDescriptor& enumeration) {
  for (size_t i = 1; i < enumeration.values.size(); ++i) {
    if (enumeration.values[i].number != int64_t{enumeration.values[i - 1].number} + 1) return false;
  }
  return true;
}

}  // namespace

void PrintEnum(const EnumDescriptor& enumeration, CodeWriter* out) {
  const auto by_number = [](const EnumValueDescriptor& a, const EnumValueDescriptor& b) {
    return a.number < b.number;
  };
  const auto [least, greatest] =
      std::minmax_element(enumeration.values.begin(), enumeration.values.end(), by_number);
  CodeWriter::Variables v = {{"name", ClassName(enumeration)},
                             {"min", ValueName(enumeration, *least)},
                             {"max", ValueName(enumeration, *greatest)}};
  v["valid"] = IsContiguous(enumeration) ? "value >= " + v["min"] + " && value <= " + v["max"]
                                         : v["name"] + "_Layout_.Has(value)";
  PrintComment(enumeration.comments.leading, "", out);
  out->Print("enum $name$ : int32_t {\n", v);
  for (const EnumValueDescriptor& value : enumeration.values) {
    PrintComment(value.comments.leading, "  ", out);
    out->Print("  $value$ = $number$,\n",
               {{"value", ValueName(enumeration, value)}, {"number", Int32Literal(value.number)}});
  }
  out->Print(R"(};
extern const ::penstock::codec::EnumLayout $name$_Layout_;
inline constexpr $name$ $name$_MIN = $min$;
inline constexpr $name$ $name$_MAX = $max$;
)",
             v);
  if (greatest->number != std::numeric_limits<int32_t>::max()) {
    out->Print("inline constexpr int $name$_ARRAYSIZE = $name$_MAX + 1;\n", v);
  }
  out->Print(R"(// The name of a value as the .proto has it; "" for numbers it does not have.
inline std::string_view $name$_Name(int value) { return $name$_Layout_.NameOf(value); }
inline bool $name$_IsValid(int value) { return $valid$; }
inline bool $name$_Parse(std::string_view name, $name$* value) {
  const ::penstock::codec::EnumValueLayout* found = $name$_Layout_.Find(name);
  if (found != nullptr) *value = static_cast<$name$>(found->number);
  return found != nullptr;
}

)",
             v);
}

void PrintEnumTable(const EnumDescriptor& enumeration, CodeWriter* out) {
  CodeWriter::Variables v = {{"name", ClassName(enumeration)}};
  v["count"] = std::to_string(enumeration.values.size());
  v["contiguous"] = IsContiguous(enumeration) ? "true" : "false";
  out->Print("\nstatic constexpr ::penstock::codec::EnumValueLayout kValuesOf$name$[] = {\n", v);
  for (const EnumValueDescriptor& value : enumeration.values) {
    out->Print("    {\"$value$\", $number$},\n",
               {{"value", value.name}, {"number", Int32Literal(value.number)}});
  }
  out->Print(
      "};\nconstexpr ::penstock::codec::EnumLayout $name$_Layout_ = {\n"
      "    kValuesOf$name$, $count$, $contiguous$};\n",
      v);
}

}  // namespace penstock::codec::compiler
