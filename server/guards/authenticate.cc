#include "penstock/server/guards/authenticate.h"

#include <vector>

namespace penstock::guards {
namespace {

std::optional<Identity> FirstName(const PeerIdentity& peer) {
  if (peer.empty()) return std::nullopt;
  if (!peer.uris.empty()) return Identity{IdentityKind::kUri, peer.uris.front()};
  if (!peer.dns_names.empty()) return Identity{IdentityKind::kDnsName, peer.dns_names.front()};
  if (!peer.common_name.empty()) return Identity{IdentityKind::kCommonName, peer.common_name};
  return Identity{IdentityKind::kFingerprint, peer.sha256_fingerprint};
}

// Any of its names will do.
bool AllowsCertificate(const MethodPolicy::Rule& rule, const PeerIdentity& peer) {
  if (peer.empty()) return false;
  const auto allows_one = [&rule](IdentityKind kind, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (rule.Allows({kind, name})) return true;
    }
    return false;
  };
  return rule.Allows({IdentityKind::kFingerprint, peer.sha256_fingerprint}) ||
         allows_one(IdentityKind::kUri, peer.uris) ||
         allows_one(IdentityKind::kDnsName, peer.dns_names) ||
         (!peer.common_name.empty() &&
          rule.Allows({IdentityKind::kCommonName, peer.common_name}));
}

PENSTOCK_COLD Status RefuseUnknown(const Call& call, bool takes_tokens) {
  std::string sentence(call.method());
  sentence += " needs to know who calls: ";
  sentence += takes_tokens ? "send 'authorization: Bearer TOKEN', or show a client certificate"
                           : "show a client certificate";
  return MakeStatus(StatusCode::kUnauthenticated, sentence);
}

PENSTOCK_COLD Status RefuseKnown(const Call& call, const Identity& identity) {
  return MakeStatus(StatusCode::kPermissionDenied,
                    identity.ToString() + " may not call " + std::string(call.method()));
}

}  // namespace

Status JudgeCaller(const MethodPolicy& policy, Call& call, std::optional<Identity> of_token,
                   bool takes_tokens) {
  const MethodPolicy::Rule& rule = policy.RuleOf(call.method());
  const PeerIdentity& peer = call.peer_identity();
  const std::optional<Identity> identity = of_token ? of_token : FirstName(peer);
  if (!identity) {
    return rule.allows_anonymous() ? OkStatus() : RefuseUnknown(call, takes_tokens);
  }
  if (!(of_token && rule.Allows(*of_token)) && !AllowsCertificate(rule, peer)) {
    return RefuseKnown(call, *identity);
  }
  call.Set(*identity);
  return OkStatus();
}

}  // namespace penstock::guards
