// Identity: who calls, as a guard has found it, for the handler and the access log:
//
//     if (const Identity* who = call.Get<Identity>()) Log(who->ToString());     // "token:anna"
//
// Its kind is a part of it: what one issuer of names calls "anna" another one may, too. In text
// they are parted by a colon: "token:anna", "uri:spiffe://prod/billing", "dns:billing.prod",
// "cn:billing", "sha256:" and a certificate's fingerprint.
#ifndef PENSTOCK_SERVER_GUARDS_IDENTITY_H_
#define PENSTOCK_SERVER_GUARDS_IDENTITY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

enum class IdentityKind : uint8_t {
  kToken,       // whoever verified the token says the name
  kUri,         // the others are names in a certificate that the server has verified
  kDnsName,
  kCommonName,
  kFingerprint,
};

// Ownership: views; of a call's it lives as long as the call.
struct Identity {
  IdentityKind kind = IdentityKind::kToken;
  std::string_view name;

  friend bool operator==(const Identity&, const Identity&) = default;
  // "token", "uri", "dns", "cn", "sha256"
  std::string_view KindText() const;
  std::string ToString() const;
};

// The other way: nothing without a kind that is known, and a name. A view of `text`.
std::optional<Identity> ParseIdentity(std::string_view text);

}  // namespace penstock

#endif  // PENSTOCK_SERVER_GUARDS_IDENTITY_H_
