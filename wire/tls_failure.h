// Why a handshake failed, as a sentence with what to do about it.
//
// Ownership: of what is given, nothing.
#ifndef PENSTOCK_WIRE_TLS_FAILURE_H_
#define PENSTOCK_WIRE_TLS_FAILURE_H_

#include <openssl/x509.h>

#include <string>

#include "penstock/wire/bytes.h"

namespace penstock::wire {

// What the peer said in plain, or "" if its first octets, or none, are TLS's.
std::string DescribePlaintext(bool is_server, Bytes first);

// The peer ended a handshake with this alert.
// Spec: RFC 8446 §6.2
std::string DescribeAlert(bool is_server, int alert);

// OpenSSL's own verdict, as ERR_get_error() has it.
std::string DescribeError(bool is_server, unsigned long error);

// A certificate that does not verify. `wanted`: the server's name, "" on a server.
std::string DescribeVerification(bool is_server, X509_STORE_CTX* store, const std::string& wanted);

// The handshake just stops.
std::string DescribeEarlyEnd(bool is_server);

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_TLS_FAILURE_H_
