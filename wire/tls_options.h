// What the two ends of TLS are told: certificates by file name, and whom to trust. Of the C++
// standard library alone, so that options that mention it link no TLS.
//
//     ServerOptions options;
//     options.tls.certificates = {{"server.pem", "server.key"}};
//
// All files are PEM, and are read again when they have changed: see wire/tls_credentials.h and
// docs/tls.md.
#ifndef PENSTOCK_WIRE_TLS_OPTIONS_H_
#define PENSTOCK_WIRE_TLS_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "penstock/wire/time.h"

namespace penstock::wire {

// One certificate of our own.
struct TlsFiles {
  std::string certificate;  // the leaf first, then its chain
  std::string key;          // without a passphrase
};

// How often at most files are asked whether they have changed.
inline constexpr TimeNs kTlsReloadNsDefault = 10 * kNsPerSecond;

enum class ClientCertificates : uint8_t {
  kNone,     // not asked for
  kRequest,  // one that is shown must be good; Call::peer_identity() says whose, or is empty
  kRequire,  // who shows none is refused in the handshake
};

struct TlsServerOptions {
  // Empty: the server speaks cleartext only. With several, the client's SNI chooses the first whose
  // names it is among; the first of all serves the others.
  std::vector<TlsFiles> certificates;
  // Who may have issued clients' certificates; needed unless client_certificates is kNone.
  std::string client_ca;
  ClientCertificates client_certificates = ClientCertificates::kNone;
  // The same port takes cleartext HTTP/2 too, told apart by the first octets. For a migration.
  bool allow_cleartext = false;

  // From the first octet of a handshake to its end. Past it the connection is closed.
  TimeNs handshake_timeout_ns = 10 * kNsPerSecond;
  // Handshakes under way on one shard at once. Past it the oldest makes room for a new one.
  uint32_t handshakes_per_shard_max = 1024;
  TimeNs reload_ns = kTlsReloadNsDefault;

  bool enabled() const { return !certificates.empty(); }
};

struct TlsClientOptions {
  bool enabled = false;
  // Who may have issued the server's certificate; empty: those whom the system trusts.
  std::string ca;
  // What the client shows to a server that asks; empty: nothing.
  TlsFiles own;
  // The name that the server's certificate must have, and SNI; empty: the host of the authority.
  std::string server_name;
  // Takes any certificate of anybody: whoever is on the way can read and change everything. For a
  // laptop.
  bool insecure_skip_verification = false;
  TimeNs reload_ns = kTlsReloadNsDefault;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_TLS_OPTIONS_H_
