// Authenticate: an interceptor that finds out who calls, by a bearer token, by the certificate that
// was shown in the TLS handshake, or by both, and lets pass whom a MethodPolicy lets pass.
//
//     server.registry().Intercept(Authenticate(policy));                        // certificates
//     server.registry().Intercept(Authenticate(policy, *TokenFile::Load(...)));  // and tokens
//
// Tokens are verified by any class with this method, which every shard calls, all at once:
//
//     StatusOr<Identity> Verify(Call& call, std::string_view token);
//
// It does not block. Its error is the answer of the call: UNAUTHENTICATED for a token that is not
// good, UNAVAILABLE where that cannot be said now. What it says goes to the caller: nothing of the
// token. The name that it answers lives as long as the call: in call.arena(), say.
//
// What it throws is INTERNAL, and only its type is said on standard error.
//
// Behind it the call has an Identity: that by which it may be made. A token decides alone where one
// came, whatever the certificate may: a gateway that forwards the tokens of others does not lend
// them its rights. Without a token it is the first name of the certificate that may: its URIs, DNS
// names, common name, fingerprint. Who may call without being known, and is not, has none.
//
// Server::Start() refuses to run where no method is what a pattern of the policy is for.
//
// UNAUTHENTICATED: it is not known who calls, or the token is not good, even where none would have
// been needed. PERMISSION_DENIED: it is known, and may not.
//
// Spec: gRPC statuscodes.md
#ifndef PENSTOCK_SERVER_GUARDS_AUTHENTICATE_H_
#define PENSTOCK_SERVER_GUARDS_AUTHENTICATE_H_

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "penstock/rpc/call.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/status_or.h"
#include "penstock/server/guards/bearer.h"
#include "penstock/server/guards/identity.h"
#include "penstock/server/guards/method_policy.h"
#include "penstock/wire/check.h"

namespace penstock {

template <typename T>
concept TokenVerifier = requires(T& verifier, Call& call, std::string_view token) {
  { verifier.Verify(call, token) } -> std::same_as<StatusOr<Identity>>;
};

// Certificates alone: `authorization` is not looked at, and is the handler's.
struct NoTokens {};

namespace guards {

// The end of Before(): the token's identity, if there was one, and the certificate's.
Status JudgeCaller(const MethodPolicy& policy, Call& call, std::optional<Identity> of_token,
                   bool takes_tokens);

// INTERNAL, for what a catch (...) has hold of.
Status StatusOfThrownVerifier(const Call& call);

}  // namespace guards

template <typename Verifier = NoTokens>
class Authenticate {
 public:
  static constexpr bool kTakesTokens = !std::is_same_v<Verifier, NoTokens>;
  static_assert(!kTakesTokens || TokenVerifier<Verifier>,
                "it has StatusOr<Identity> Verify(Call& call, std::string_view token)");

  // A policy whose status() is not OK ends the program.
  explicit Authenticate(MethodPolicy policy, Verifier verifier = Verifier())
      : policy_(std::move(policy)), verifier_(std::move(verifier)) {
    PENSTOCK_CHECK(policy_.status().ok(), std::string(MessageOf(policy_.status())).c_str());
  }

  Status Before(Call& call) {
    std::optional<Identity> of_token;
    if constexpr (kTakesTokens) {
      std::optional<std::string_view> token;
      Status status = guards::TakeBearer(call.metadata(), &token);
      if (!status.ok()) return status;
      if (token) {
        const StatusOr<Identity> verified = Verify(call, *token);
        if (!verified.ok()) return verified.status();
        of_token = *verified;
      }
    }
    return guards::JudgeCaller(policy_, call, of_token, kTakesTokens);
  }

  // For Server::Start().
  Status CheckMethods(const Registry& registry) const { return policy_.CheckMethods(registry); }

 private:
  StatusOr<Identity> Verify(Call& call, std::string_view token) {
    try {
      return verifier_.Verify(call, token);
    } catch (...) {
      return guards::StatusOfThrownVerifier(call);
    }
  }

  MethodPolicy policy_;
  Verifier verifier_;
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_GUARDS_AUTHENTICATE_H_
