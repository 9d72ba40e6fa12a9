#include "penstock/wire/tls_context.h"

#include <openssl/err.h>
#include <openssl/pemerr.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstring>
#include <ctime>

#include "penstock/wire/check.h"
#include "penstock/wire/tls_certificate.h"
#include "penstock/wire/tls_engine.h"

namespace penstock::wire {
namespace {

// AES-128 first, whose SHA-256 is in hardware where AES is: with OpenSSL's own order and lists a
// server's handshake takes 240 us and not 220 (//wire:tls_bench, BM_HandshakeServer). Whoever has
// no AES in hardware prefers ChaCha20, and is given it.
// Spec: RFC 9113 §9.2.2, appendix A
constexpr const char* kSuitesOfTls12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kSuitesOfTls13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
// What is left out nobody has for gRPC, and OpenSSL looks each up in every handshake.
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr const char* kSignatures =
    "ECDSA+SHA256:RSA-PSS+SHA256:ed25519:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA384:RSA-PSS+SHA512:"
    "RSA+SHA256:RSA+SHA384:RSA+SHA512";
constexpr unsigned char kAlpnH2[] = {2, 'h', '2'};
// One is what a client that makes one connection at a time can use.
constexpr size_t kTicketsPerHandshake = 1;
constexpr char kSessionIdContext[] = "penstock";

// What OpenSSL says about a failure, which it then forgets.
std::string TakeReason() {
  const unsigned long error = ERR_peek_error();  // the first is the cause
  ERR_clear_error();
  const char* reason = nullptr;
  // "no start line" tells nobody that key and certificate were swapped.
  if (ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE) {
    reason = "there is none in it, in PEM: is it another file, or DER?";
  } else if (ERR_SYSTEM_ERROR(error)) {
    reason = std::strerror(ERR_GET_REASON(error));
  } else if (error != 0) {
    reason = ERR_reason_error_string(error);
  }
  return reason != nullptr ? reason : "OpenSSL does not say why";
}

std::string Trouble(const char* what, const std::string& path) {
  return std::string("cannot use the ") + what + " file " + path + ": " + TakeReason();
}

// One that nobody will trust is no reason not to serve: it may be renewed while the process runs.
void WarnOfExpired(const X509* certificate, const std::string& path) {
  const ASN1_TIME* const until = X509_get0_notAfter(certificate);
  if (X509_cmp_time(until, nullptr) > 0) return;
  std::fprintf(stderr,
               "penstock: the certificate in %s expired on %s: peers refuse it; put a new one in "
               "its place, no restart is needed\n",
               path.c_str(), TextOf(until).c_str());
}

// A key with a passphrase is refused: nobody sits there to type it.
int RefusePassphrase(char*, int, int, void*) { return 0; }

int SelectH2(SSL* ssl, const unsigned char** out, unsigned char* out_bytes,
             const unsigned char* in, unsigned int in_bytes, void*) {
  unsigned char* chosen = nullptr;
  const int result =
      SSL_select_next_proto(&chosen, out_bytes, kAlpnH2, sizeof kAlpnH2, in, in_bytes);
  *out = chosen;
  if (result == OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_OK;
  TlsEngine::Of(ssl).NoteNoAlpn();
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Where a client does not speak of ALPN at all, SelectH2() is not asked.
int RequireAlpn(SSL* ssl, int* alert, void*) {
  const unsigned char* extension = nullptr;
  size_t bytes = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation,
                                &extension, &bytes) == 1) {
    return SSL_CLIENT_HELLO_SUCCESS;
  }
  TlsEngine::Of(ssl).NoteNoAlpn();
  *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
  return SSL_CLIENT_HELLO_ERROR;
}

int ChooseByName(SSL* ssl, int*, void* argument) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_CTX* chosen = static_cast<const TlsContext*>(argument)->ForName(name);
  if (chosen != SSL_get_SSL_CTX(ssl)) SSL_set_SSL_CTX(ssl, chosen);
  return SSL_TLSEXT_ERR_OK;
}

// Not later than the time that certificates are verified at, which is now unless a test says so.
bool HasExpired(SSL* ssl, const X509* certificate) {
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
  time_t now = X509_VERIFY_PARAM_get_time(rules);
  const bool is_set =
      (X509_VERIFY_PARAM_get_flags(rules) & X509_V_FLAG_USE_CHECK_TIME) != 0;
  return X509_cmp_time(X509_get0_notAfter(certificate), is_set ? &now : nullptr) <= 0;
}

// A ticket carries the client's certificate, which OpenSSL does not look at again, and each session
// taken up is given a new one: without this a client that showed its certificate once could come
// back for ever. It has to show it anew, and is told what is wrong with it.
SSL_TICKET_RETURN JudgeTicket(SSL* ssl, SSL_SESSION* session, const unsigned char*, size_t,
                              SSL_TICKET_STATUS status, void*) {
  if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
  const X509* const certificate = SSL_SESSION_get0_peer(session);
  if (certificate != nullptr && HasExpired(ssl, certificate)) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
  return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

int OnNewSession(SSL* ssl, SSL_SESSION* session) {
  return TlsEngine::Of(ssl).TakeSession(session) ? 1 : 0;  // 1: ours now
}

bool UseClientCa(SSL_CTX* context, const TlsServerOptions& options, std::string* why) {
  int mode = SSL_VERIFY_NONE;
  if (options.client_certificates != ClientCertificates::kNone) {
    if (options.client_ca.empty()) {
      *why = "clients' certificates are asked for, but no client_ca says who issues them";
      return false;
    }
    mode = SSL_VERIFY_PEER;
  }
  if (options.client_certificates == ClientCertificates::kRequire) {
    if (options.allow_cleartext) {
      *why = "allow_cleartext lets clients in without the certificate that client_certificates "
             "requires; ask for it with kRequest until the last client speaks TLS";
      return false;
    }
    mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  SSL_CTX_set_verify(context, mode, &TlsEngine::OnVerify);
  if (mode == SSL_VERIFY_NONE) return true;
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(options.client_ca.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, options.client_ca.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    *why = Trouble("client CA", options.client_ca);
    return false;
  }
  SSL_CTX_set_client_CA_list(context, names);
  return true;
}

}  // namespace

TlsContext::~TlsContext() {
  for (SSL_CTX* context : contexts_) SSL_CTX_free(context);
}

SSL_CTX* TlsContext::Add() {
  SSL_CTX* context = SSL_CTX_new(is_server_ ? TLS_server_method() : TLS_client_method());
  PENSTOCK_CHECK(context != nullptr, "OpenSSL has memory for a context");
  contexts_.push_back(context);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  PENSTOCK_CHECK(SSL_CTX_set_cipher_list(context, kSuitesOfTls12) == 1 &&
                     SSL_CTX_set_ciphersuites(context, kSuitesOfTls13) == 1 &&
                     SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
                     SSL_CTX_set1_sigalgs_list(context, kSignatures) == 1,
                 "OpenSSL has the suites, groups and signatures");
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // An idle connection holds no buffers. What is sent is the chain of the file, and not what
  // OpenSSL makes up from whom we trust.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
  // Who is trusted is who is in the file, issued by somebody else or not.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_default_passwd_cb(context, &RefusePassphrase);
  SSL_CTX_set_info_callback(context, &TlsEngine::OnProgress);
  SSL_CTX_set_msg_callback(context, &TlsEngine::OnMessage);
  if (is_server_) {
    SSL_CTX_set_session_id_context(context,
                                   reinterpret_cast<const unsigned char*>(kSessionIdContext),
                                   sizeof kSessionIdContext - 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets alone
    SSL_CTX_set_num_tickets(context, kTicketsPerHandshake);
    SSL_CTX_set_session_ticket_cb(context, nullptr, &JudgeTicket, nullptr);
    SSL_CTX_set_alpn_select_cb(context, &SelectH2, nullptr);
    SSL_CTX_set_client_hello_cb(context, &RequireAlpn, nullptr);
    SSL_CTX_set_tlsext_servername_callback(context, &ChooseByName);
    SSL_CTX_set_tlsext_servername_arg(context, this);
  } else {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, &OnNewSession);
    SSL_CTX_set_alpn_protos(context, kAlpnH2, sizeof kAlpnH2);
  }
  return context;
}

bool TlsContext::UseFiles(SSL_CTX* context, const TlsFiles& files, std::string* why) {
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    *why = Trouble("certificate", files.certificate);
    return false;
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    *why = Trouble("key", files.key) + "; is it the key of " + files.certificate +
           ", and without a passphrase?";
    return false;
  }
  const X509* const certificate = SSL_CTX_get0_certificate(context);
  WarnOfExpired(certificate, files.certificate);
  const int64_t expires_at_s = SecondsOf(X509_get0_notAfter(certificate));
  if (expires_at_s_ == 0 || expires_at_s < expires_at_s_) expires_at_s_ = expires_at_s;
  return true;
}

std::shared_ptr<const TlsContext> TlsContext::LoadServer(const TlsServerOptions& options,
                                                         std::string* why) {
  const std::shared_ptr<TlsContext> loaded(new TlsContext(true));
  for (const TlsFiles& files : options.certificates) {
    SSL_CTX* context = loaded->Add();
    if (!loaded->UseFiles(context, files, why)) return nullptr;
    if (!UseClientCa(context, options, why)) return nullptr;
  }
  return loaded;
}

std::shared_ptr<const TlsContext> TlsContext::LoadClient(const TlsClientOptions& options,
                                                         std::string* why) {
  const std::shared_ptr<TlsContext> loaded(new TlsContext(false));
  SSL_CTX* context = loaded->Add();
  if (!options.own.certificate.empty() && !loaded->UseFiles(context, options.own, why)) {
    return nullptr;
  }
  if (options.insecure_skip_verification) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    return loaded;
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &TlsEngine::OnVerify);
  ERR_clear_error();
  if (options.ca.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, options.ca.c_str()) != 1) {
    *why = Trouble("CA", options.ca);
    return nullptr;
  }
  return loaded;
}

const char* TlsContext::LibraryVersion() { return OpenSSL_version(OPENSSL_VERSION); }

SSL_CTX* TlsContext::ForName(const char* server_name) const {
  for (SSL_CTX* context : contexts_) {
    if (X509_check_host(SSL_CTX_get0_certificate(context), server_name, std::strlen(server_name),
                        kTlsHostFlags, nullptr) == 1) {
      return context;
    }
  }
  return first();
}

}  // namespace penstock::wire
