// TlsContext: one end's certificates, trust and rules, as they were when the files were read. Many
// connections share it; TlsCredentials has the newest.
//
// The rules: TLS 1.2 and 1.3, ALPN h2 or no connection; of 1.2 only suites with ECDHE and AEAD; no
// compression, no renegotiation, no early data, no client authentication after the handshake.
// Sessions resume by tickets, whose keys go with the context: new files, new keys. A server takes
// none up whose client's certificate has expired since.
//
// Ownership: shared; a TlsEngine keeps its own alive.
// Threading: any, once it is loaded.
// Spec:      RFC 9113 §9.2, RFC 8740
#ifndef PENSTOCK_WIRE_TLS_CONTEXT_H_
#define PENSTOCK_WIRE_TLS_CONTEXT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "penstock/wire/tls_options.h"

struct ssl_ctx_st;

namespace penstock::wire {

class TlsContext {
 public:
  // Null: `*why` is a sentence that names the file.
  static std::shared_ptr<const TlsContext> LoadServer(const TlsServerOptions& options,
                                                      std::string* why);
  static std::shared_ptr<const TlsContext> LoadClient(const TlsClientOptions& options,
                                                      std::string* why);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // "OpenSSL 3.0.17 1 Jul 2025", as it is loaded.
  static const char* LibraryVersion();

  bool is_server() const { return is_server_; }
  // When the first of our own certificates expires, in seconds since 1970; 0: there is none.
  int64_t expires_at_s() const { return expires_at_s_; }

  // --- for TlsEngine
  // What connections begin with: of a server that of its first certificate.
  ssl_ctx_st* first() const { return contexts_.front(); }
  // The one for that name, which may be first().
  ssl_ctx_st* ForName(const char* server_name) const;

 private:
  explicit TlsContext(bool is_server) : is_server_(is_server) {}
  ssl_ctx_st* Add();
  bool UseFiles(ssl_ctx_st* context, const TlsFiles& files, std::string* why);

  const bool is_server_;
  int64_t expires_at_s_ = 0;
  std::vector<ssl_ctx_st*> contexts_;  // a server: one for each certificate
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_TLS_CONTEXT_H_
