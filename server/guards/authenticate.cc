#include "penstock/server/guards/authenticate.h"

#include <cxxabi.h>

#include <cstdlib>
#include <typeinfo>
#include <utility>

#include "penstock/rpc/interceptor.h"

namespace penstock::guards {
namespace {

// The first name of a certificate for which `fn` is true: of its URIs, DNS names, common name and
// fingerprint, in this order.
template <typename Function>
std::optional<Identity> FindName(const PeerIdentity& peer, Function&& fn) {
  if (peer.empty()) return std::nullopt;
  for (const auto& [kind, names] : {std::pair(IdentityKind::kUri, &peer.uris),
                                    std::pair(IdentityKind::kDnsName, &peer.dns_names)}) {
    for (const std::string& name : *names) {
      if (const Identity identity{kind, name}; fn(identity)) return identity;
    }
  }
  const Identity common_name{IdentityKind::kCommonName, peer.common_name};
  if (!common_name.name.empty() && fn(common_name)) return common_name;
  const Identity fingerprint{IdentityKind::kFingerprint, peer.sha256_fingerprint};
  return fn(fingerprint) ? std::optional(fingerprint) : std::nullopt;
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
  if (!of_token && peer.empty()) {
    return rule.allows_anonymous() ? OkStatus() : RefuseUnknown(call, takes_tokens);
  }
  const auto is_allowed = [&rule](const Identity& identity) { return rule.Allows(identity); };
  std::optional<Identity> allowed = of_token;
  // Whoever forwards a token on a connection of its own does not lend its rights to it.
  if (!of_token) allowed = FindName(peer, is_allowed);
  if (of_token && !is_allowed(*of_token)) return RefuseKnown(call, *of_token);
  if (!allowed) {
    return RefuseKnown(call, *FindName(peer, [](const Identity&) { return true; }));
  }
  call.Set(*allowed);
  return OkStatus();
}

// A library that parses tokens may throw what it could not parse: of that only the type is said.
PENSTOCK_COLD Status StatusOfThrownVerifier(const Call& call) {
  int failed = 0;
  const std::type_info* const type = abi::__cxa_current_exception_type();
  char* const name =
      type == nullptr ? nullptr : abi::__cxa_demangle(type->name(), nullptr, nullptr, &failed);
  rpc::SayThrown(call, "a verifier of tokens", name != nullptr ? name : "something");
  std::free(name);
  return MakeStatus(StatusCode::kInternal, "the token could not be verified");
}

}  // namespace penstock::guards
