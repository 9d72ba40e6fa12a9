// What a server's session has to do with TLS: whether it begins, and what is refused.
#include <memory>

#include "penstock/server/session.h"

namespace penstock::server {

bool Session::RefuseSpoken(Spoken spoken) {
  ++state_.counters.connections_refused;
  if (state_.tls == nullptr && spoken == Spoken::kTls) {
    state_.LogTls("it speaks TLS, and this server has no certificates: give it some, or let the "
                  "client use insecure credentials", link_.socket());
  } else if (state_.tls != nullptr && link_.tls() == nullptr) {
    state_.LogTls("it speaks cleartext on a TLS port: let the client use TLS credentials, or set "
                  "allow_cleartext", link_.socket());
  }
  link_.Refuse(RefusalOf(spoken, state_.tls != nullptr ? PortKind::kTls : PortKind::kCleartext));
  return false;
}

bool Session::AdmitOnTlsPort(Spoken spoken) {
  if (link_.tls() != nullptr) {
    ListHook<HandshakeTag>::Unlink();
    return spoken == Spoken::kHttp1 ? RefuseSpoken(spoken) : true;
  }
  if (spoken == Spoken::kTls) {
    BeginTls();
    return false;
  }
  const bool may_be_http2 = spoken == Spoken::kHttp2 || spoken == Spoken::kUnknown;
  return state_.options.tls.allow_cleartext && may_be_http2 ? true : RefuseSpoken(spoken);
}

void Session::BeginTls() {
  const wire::TlsServerOptions& options = state_.options.tls;
  wire::TlsWorkspace& workspace = state_.tls_workspace;
  if (workspace.handshakes_count >= options.handshakes_per_shard_max && !EndOldestHandshake()) {
    link_.connection().CountTrip(http2::Limit::kTlsHandshakes);
    return link_.Refuse("");
  }
  link_.BeginTls(
      std::make_unique<wire::TlsEngine>(&workspace, state_.tls->Current(state_.shard.now())),
      options.handshake_timeout_ns);
  state_.handshakes.PushBack(*this);
}

// Two octets hold a place until they time out: were it the newest that goes, some strangers would
// keep everybody out. An honest handshake takes a few round trips, and is among the newer ones.
PENSTOCK_COLD bool Session::EndOldestHandshake() {
  while (Session* oldest = state_.handshakes.PopFront()) {
    if (!oldest->link_.tls()->is_handshaking()) continue;
    oldest->link_.connection().CountTrip(http2::Limit::kTlsHandshakes);
    oldest->link_.Lose(http2::NameOf(http2::Limit::kTlsHandshakes));
    return true;
  }
  return false;
}

// The other way about, "https" on a cleartext port, is what a proxy says that ended the TLS.
// Spec: RFC 9113 §8.3.1
bool Session::scheme_is_of_tls() const {
  const http2::HeaderField* const scheme = link_.connection().head().scheme;
  return scheme == nullptr || scheme->value == "https";
}

PENSTOCK_COLD void Session::RefuseScheme(http2::Stream& stream) {
  ++state_.counters.calls_failed;
  link_.connection().SendReset(stream, http2::ErrorCode::kProtocolError);
}

}  // namespace penstock::server
