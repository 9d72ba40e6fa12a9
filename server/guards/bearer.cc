#include "penstock/server/guards/bearer.h"

#include <algorithm>

namespace penstock::guards {
namespace {

constexpr std::string_view kScheme = "bearer";

bool IsTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~+/").find(c) != std::string_view::npos;
}

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<std::string_view> ParseBearer(std::string_view field) {
  if (field.size() <= kScheme.size() || field[kScheme.size()] != ' ') return std::nullopt;
  if (!std::equal(kScheme.begin(), kScheme.end(), field.begin(),
                  [](char want, char c) { return want == ToLower(c); })) {
    return std::nullopt;
  }
  const size_t begin = field.find_first_not_of(' ', kScheme.size());
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view token = field.substr(begin);
  if (token.size() > kTokenBytesMax) return std::nullopt;
  const size_t last = token.find_last_not_of('=');
  if (last == std::string_view::npos) return std::nullopt;
  const std::string_view body = token.substr(0, last + 1);
  if (!std::all_of(body.begin(), body.end(), IsTokenCharacter)) return std::nullopt;
  return token;
}

Status TakeBearer(const Metadata& metadata, std::optional<std::string_view>* token) {
  token->reset();
  for (const Metadata::Entry& entry : metadata) {
    if (entry.key != "authorization") continue;
    if (token->has_value()) {
      return MakeStatus(StatusCode::kUnauthenticated,
                        "there are two of 'authorization': send one");
    }
    *token = ParseBearer(entry.value);
    if (!token->has_value()) {
      return MakeStatus(StatusCode::kUnauthenticated,
                        "'authorization' is not \"Bearer TOKEN\", with a token of RFC 6750");
    }
  }
  return OkStatus();
}

}  // namespace penstock::guards
