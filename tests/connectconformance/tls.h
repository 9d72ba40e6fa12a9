// What the runner hands over for TLS as octets, as the files that our options name.
//
//     std::optional<wire::CertificateFolder> folder;
//     if (wanted.use_tls()) options.tls = TlsOf(wanted, folder.emplace());
//
// Ownership: the files are the folder's, and are asked for whenever a connection begins.
#ifndef PENSTOCK_TESTS_CONNECTCONFORMANCE_TLS_H_
#define PENSTOCK_TESTS_CONNECTCONFORMANCE_TLS_H_

#include "penstock/wire/testing/certificates.h"
#include "penstock/wire/tls_options.h"

#include "connectrpc/conformance/v1/conformance.penstock.h"

namespace penstock::connectconformance {

// Of a server that is to use TLS. Clients must show a certificate where the runner gives theirs.
wire::TlsServerOptions TlsOf(const connectrpc::conformance::v1::ServerCompatRequest& wanted,
                             const wire::CertificateFolder& folder);

// Of a client that was given its server's certificate.
wire::TlsClientOptions TlsOf(const connectrpc::conformance::v1::ClientCompatRequest& wanted,
                             const wire::CertificateFolder& folder);

}  // namespace penstock::connectconformance

#endif  // PENSTOCK_TESTS_CONNECTCONFORMANCE_TLS_H_
