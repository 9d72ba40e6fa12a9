#include "penstock/wire/tls_failure.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "penstock/wire/tls_certificate.h"

namespace penstock::wire {
namespace {

// Records begin with their type: change_cipher_spec to application_data.
// Spec: RFC 8446 §5.1
constexpr uint8_t kRecordTypeMin = 20;
constexpr uint8_t kRecordTypeMax = 23;
// Where a frame of HTTP/2 has its type, and those that a server may begin with.
// Spec: RFC 9113 §4.1, §6
constexpr size_t kFrameTypeAt = 3;
constexpr uint8_t kSettings = 4;
constexpr uint8_t kGoAway = 7;

bool LooksLikeHttp2(Bytes first) {
  return first.size() > kFrameTypeAt && first[0] == 0 &&
         (first[kFrameTypeAt] == kSettings || first[kFrameTypeAt] == kGoAway);
}

std::string Named(int alert) {
  return std::string(" (alert ") + SSL_alert_desc_string_long(alert) + ")";
}

std::string DescribeRefusedCertificate(bool is_server, int alert) {
  if (is_server) {
    return "the client does not take this server's certificate" + Named(alert) +
           ": give the client the CA that issued it, and call the server by a name in it";
  }
  return "the server does not take our certificate" + Named(alert) +
         ": is it issued by the CA that the server trusts, and still valid?";
}

}  // namespace

std::string DescribePlaintext(bool is_server, Bytes first) {
  if (first.empty() || (first[0] >= kRecordTypeMin && first[0] <= kRecordTypeMax)) return "";
  if (is_server) return "the client does not speak TLS";
  const char* const hint = " (use insecure credentials, or a TLS port)";
  if (LooksLikeHttp2(first)) return std::string("the peer spoke plaintext HTTP/2") + hint;
  if (AsString(first).starts_with("HTTP/")) {
    return std::string("the peer spoke plaintext HTTP/1.1") + hint;
  }
  return std::string("the peer does not speak TLS") + hint;
}

std::string DescribeAlert(bool is_server, int alert) {
  switch (alert) {
    case SSL_AD_NO_APPLICATION_PROTOCOL:
      return "the peer does not speak HTTP/2 over TLS" + Named(alert) +
             ": gRPC needs ALPN h2; is it a gRPC port?";
    case SSL_AD_CERTIFICATE_REQUIRED:
      return "the server requires a client certificate" + Named(alert) +
             ": set the certificate and key that the client shows";
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
      return DescribeRefusedCertificate(is_server, alert);
    case SSL_AD_HANDSHAKE_FAILURE:
      return "the peer refuses the handshake" + Named(alert) +
             (is_server ? ": no version or cipher suite of TLS in common?"
                        : ": is it a plaintext port, does it want a client certificate, or have "
                          "we no cipher suite in common?");
    case SSL_AD_PROTOCOL_VERSION:
      return "no version of TLS in common" + Named(alert) + ": this end speaks 1.2 and 1.3";
    default:
      return "the peer ended the handshake" + Named(alert);
  }
}

std::string DescribeError(bool is_server, unsigned long error) {
  const int reason = ERR_GET_REASON(error);
  if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET) {
    return DescribeAlert(is_server, reason - SSL_AD_REASON_OFFSET);
  }
  switch (reason) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "the client shows no certificate, and this server requires one";
    case SSL_R_NO_SHARED_CIPHER:
      return "no cipher suite in common: of TLS 1.2 only those with ECDHE and AEAD are taken";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_WRONG_VERSION_NUMBER:
      return "no version of TLS in common: this end speaks 1.2 and 1.3";
    default:
      break;
  }
  const char* text = ERR_reason_error_string(error);
  return text != nullptr ? std::string("TLS is broken: ") + text : "TLS is broken";
}

std::string DescribeVerification(bool is_server, X509_STORE_CTX* store,
                                 const std::string& wanted) {
  const std::string whose = is_server ? "the client's certificate" : "the server's certificate";
  const X509* certificate = X509_STORE_CTX_get_current_cert(store);
  const int error = X509_STORE_CTX_get_error(store);
  const std::string why = X509_verify_cert_error_string(error);
  if (certificate == nullptr) return whose + " does not verify: " + why;
  const std::string named = "the certificate of '" + SubjectOf(certificate) + "'";
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return named + " expired on " + TextOf(X509_get0_notAfter(certificate)) +
             ": renew it, or check the clock of this machine";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return named + " is valid from " + TextOf(X509_get0_notBefore(certificate)) +
             " on: check the clocks of both machines";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return whose + " is for " + HostsOf(certificate) + ", not for " + wanted +
             ": call it by a name in its certificate, or say which one with server_name";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return named + " was issued by '" + IssuerOf(certificate) +
             "', which is not among those that are trusted (" +
             (is_server ? "client_ca" : "ca, or the system's") + " says who is)";
    default:
      return named + " does not verify: " + why;
  }
}

std::string DescribeEarlyEnd(bool is_server) {
  return is_server ? "the client closed the connection during the handshake: does it trust this "
                     "server's certificate?"
                   : "the peer closed the connection during the handshake: is it a TLS port?";
}

}  // namespace penstock::wire
