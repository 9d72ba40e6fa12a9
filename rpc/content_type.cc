#include "penstock/rpc/content_type.h"

#include <cstddef>

namespace penstock::rpc {
namespace {

constexpr char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (ToLower(text[i]) != lower[i]) return false;
  }
  return true;
}

}  // namespace

ContentType ParseContentType(std::string_view text) {
  constexpr std::string_view kPrefix = "application/grpc";
  if (!EqualsIgnoringCase(text.substr(0, kPrefix.size()), kPrefix)) return ContentType::kNotGrpc;
  std::string_view rest = text.substr(kPrefix.size());
  if (rest.empty() || rest.front() == ';') return ContentType::kGrpc;
  if (rest.front() != '+') return ContentType::kNotGrpc;
  const std::string_view subtype = rest.substr(1, rest.find(';') - 1);
  return EqualsIgnoringCase(subtype, "proto") ? ContentType::kGrpcProto : ContentType::kGrpcUnknown;
}

}  // namespace penstock::rpc
