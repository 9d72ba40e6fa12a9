#include "tests/connectconformance/tls.h"

#include <string>

namespace penstock::connectconformance {
namespace {

namespace pb = connectrpc::conformance::v1;

wire::TestCertificate CertificateOf(const pb::TLSCreds& credentials) {
  return {std::string(credentials.cert()), std::string(credentials.key())};
}

}  // namespace

wire::TlsServerOptions TlsOf(const pb::ServerCompatRequest& wanted,
                             const wire::CertificateFolder& folder) {
  wire::TlsServerOptions tls;
  tls.certificates = {folder.Write("server", CertificateOf(wanted.server_creds()))};
  if (!wanted.client_tls_cert().empty()) {
    tls.client_ca = folder.WriteFile("clients.pem", wanted.client_tls_cert());
    tls.client_certificates = wire::ClientCertificates::kRequire;
  }
  return tls;
}

wire::TlsClientOptions TlsOf(const pb::ClientCompatRequest& wanted,
                             const wire::CertificateFolder& folder) {
  wire::TlsClientOptions tls;
  tls.enabled = true;
  tls.ca = folder.WriteFile("servers.pem", wanted.server_tls_cert());
  if (wanted.has_client_tls_creds()) {
    tls.own = folder.Write("client", CertificateOf(wanted.client_tls_creds()));
  }
  return tls;
}

}  // namespace penstock::connectconformance
