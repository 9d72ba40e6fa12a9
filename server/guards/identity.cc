#include "penstock/server/guards/identity.h"

namespace penstock {
namespace {

constexpr struct {
  IdentityKind kind;
  std::string_view text;
} kKinds[] = {{IdentityKind::kToken, "token"},
              {IdentityKind::kUri, "uri"},
              {IdentityKind::kDnsName, "dns"},
              {IdentityKind::kCommonName, "cn"},
              {IdentityKind::kFingerprint, "sha256"}};

}  // namespace

std::string_view Identity::KindText() const {
  for (const auto& each : kKinds) {
    if (each.kind == kind) return each.text;
  }
  return "unknown";
}

std::string Identity::ToString() const {
  return std::string(KindText()).append(":").append(name);
}

std::optional<Identity> ParseIdentity(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return std::nullopt;
  for (const auto& each : kKinds) {
    if (each.text == text.substr(0, colon)) return Identity{each.kind, text.substr(colon + 1)};
  }
  return std::nullopt;
}

}  // namespace penstock
