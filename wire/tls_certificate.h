// What an X.509 certificate says, in strings.
//
// Ownership: of what is given, nothing.
#ifndef PENSTOCK_WIRE_TLS_CERTIFICATE_H_
#define PENSTOCK_WIRE_TLS_CERTIFICATE_H_

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <string>

#include "penstock/wire/peer_identity.h"

namespace penstock::wire {

// A certificate is for the hosts among its subject alternative names, and for no common name.
// Spec: RFC 9110 §4.3.4, RFC 9525 §6.3
inline constexpr unsigned kTlsHostFlags =
    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;

PeerIdentity IdentityOf(const X509* certificate);

// The subject's common name, or else all of it: "C=DE, O=Example". The issuer's.
std::string SubjectOf(const X509* certificate);
std::string IssuerOf(const X509* certificate);

// "a.example, b.example, 10.0.0.1": what a client may call the server by.
std::string HostsOf(const X509* certificate);

// Seconds since 1970; a time that cannot be told is 0.
int64_t SecondsOf(const ASN1_TIME* time);
// "2026-11-30 12:00:00 UTC"
std::string TextOf(const ASN1_TIME* time);

// For a line of a log: what strangers wrote moves no cursor.
std::string Printable(std::string text);

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_TLS_CERTIFICATE_H_
