#include "penstock/rpc/content_type.h"

#include <algorithm>

namespace penstock::rpc {
namespace {

constexpr char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr bool IsTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// What stands between "+" and ";".
std::string_view BetweenPlusAndParameters(std::string_view content_type) {
  const std::string_view rest =
      content_type.substr(std::min(content_type.size(), kSubtypePrefix.size()));
  return rest.substr(0, rest.find(';'));
}

}  // namespace

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return ToLower(a) == b; });
}

ContentType ParseContentType(std::string_view text) {
  constexpr std::string_view kPrefix = "application/grpc";
  if (!EqualsIgnoringCase(text.substr(0, kPrefix.size()), kPrefix)) return ContentType::kNotGrpc;
  std::string_view rest = text.substr(kPrefix.size());
  if (rest.empty() || rest.front() == ';') return ContentType::kGrpc;
  if (rest.front() != '+') return ContentType::kNotGrpc;
  return EqualsIgnoringCase(BetweenPlusAndParameters(text), "proto") ? ContentType::kGrpcProto
                                                                     : ContentType::kGrpcOther;
}

std::string_view SubtypeOf(std::string_view content_type) {
  const std::string_view subtype = BetweenPlusAndParameters(content_type);
  return IsSubtype(subtype) ? subtype : std::string_view();
}

bool IsSubtype(std::string_view text) {
  return !text.empty() && text.size() <= kSubtypeBytesMax &&
         std::all_of(text.begin(), text.end(), &IsTokenCharacter);
}

}  // namespace penstock::rpc
