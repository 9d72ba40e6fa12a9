#include "penstock/codec/compiler/names.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace penstock::codec::compiler {
namespace {

// Sorted, for binary search. With the alternative tokens, and the macros that headers are known to
// define.
constexpr std::array kCppKeywords = {
    std::string_view("NULL"),
    std::string_view("alignas"),
    std::string_view("alignof"),
    std::string_view("and"),
    std::string_view("and_eq"),
    std::string_view("asm"),
    std::string_view("assert"),
    std::string_view("auto"),
    std::string_view("bitand"),
    std::string_view("bitor"),
    std::string_view("bool"),
    std::string_view("break"),
    std::string_view("case"),
    std::string_view("catch"),
    std::string_view("char"),
    std::string_view("char16_t"),
    std::string_view("char32_t"),
    std::string_view("char8_t"),
    std::string_view("class"),
    std::string_view("co_await"),
    std::string_view("co_return"),
    std::string_view("co_yield"),
    std::string_view("compl"),
    std::string_view("concept"),
    std::string_view("const"),
    std::string_view("const_cast"),
    std::string_view("consteval"),
    std::string_view("constexpr"),
    std::string_view("constinit"),
    std::string_view("continue"),
    std::string_view("decltype"),
    std::string_view("default"),
    std::string_view("delete"),
    std::string_view("do"),
    std::string_view("double"),
    std::string_view("dynamic_cast"),
    std::string_view("else"),
    std::string_view("enum"),
    std::string_view("explicit"),
    std::string_view("export"),
    std::string_view("extern"),
    std::string_view("false"),
    std::string_view("float"),
    std::string_view("for"),
    std::string_view("friend"),
    std::string_view("goto"),
    std::string_view("if"),
    std::string_view("inline"),
    std::string_view("int"),
    std::string_view("long"),
    std::string_view("mutable"),
    std::string_view("namespace"),
    std::string_view("new"),
    std::string_view("noexcept"),
    std::string_view("not"),
    std::string_view("not_eq"),
    std::string_view("nullptr"),
    std::string_view("operator"),
    std::string_view("or"),
    std::string_view("or_eq"),
    std::string_view("private"),
    std::string_view("protected"),
    std::string_view("public"),
    std::string_view("register"),
    std::string_view("reinterpret_cast"),
    std::string_view("requires"),
    std::string_view("return"),
    std::string_view("short"),
    std::string_view("signed"),
    std::string_view("sizeof"),
    std::string_view("static"),
    std::string_view("static_assert"),
    std::string_view("static_cast"),
    std::string_view("struct"),
    std::string_view("switch"),
    std::string_view("template"),
    std::string_view("this"),
    std::string_view("thread_local"),
    std::string_view("throw"),
    std::string_view("true"),
    std::string_view("try"),
    std::string_view("typedef"),
    std::string_view("typeid"),
    std::string_view("typename"),
    std::string_view("union"),
    std::string_view("unsigned"),
    std::string_view("using"),
    std::string_view("virtual"),
    std::string_view("void"),
    std::string_view("volatile"),
    std::string_view("wchar_t"),
    std::string_view("while"),
    std::string_view("xor"),
    std::string_view("xor_eq"),
};
static_assert(std::is_sorted(kCppKeywords.begin(), kCppKeywords.end()));

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char ToUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string Camel(std::string_view name, bool upper_first) {
  std::string out;
  bool upper = upper_first;
  for (char c : name) {
    if (c == '_') {
      upper = true;
    } else {
      out += upper ? ToUpper(c) : c;
      upper = false;
    }
  }
  return out;
}

}  // namespace

std::string JsonName(std::string_view field_name) { return Camel(field_name, false); }
std::string CamelCase(std::string_view name) { return Camel(name, true); }
std::string MapEntryName(std::string_view field_name) { return Camel(field_name, true) + "Entry"; }

std::string CppIdentifier(std::string_view name) {
  std::string out(name);
  if (std::binary_search(kCppKeywords.begin(), kCppKeywords.end(), name)) out += '_';
  return out;
}

std::string LowerCase(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), ToLower);
  return lower;
}

std::string CppFieldName(std::string_view field_name) {
  return CppIdentifier(LowerCase(field_name));
}

std::string CppNamespace(std::string_view package) {
  std::string out;
  while (!package.empty()) {
    const size_t dot = std::min(package.find('.'), package.size());
    if (!out.empty()) out += "::";
    out += CppIdentifier(package.substr(0, dot));
    package.remove_prefix(std::min(dot + 1, package.size()));
  }
  return out;
}

std::string WithoutProtoSuffix(std::string_view path) {
  constexpr std::string_view kSuffix = ".proto";
  if (path.ends_with(kSuffix)) path.remove_suffix(kSuffix.size());
  return std::string(path);
}

}  // namespace penstock::codec::compiler
