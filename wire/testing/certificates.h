// Certificates for tests, made when they are asked for: no key is ever stored in the repository.
//
//     TestAuthority ca("test CA");
//     const TestCertificate server = ca.Issue({.common_name = "server"});
//     CertificateFolder folder;
//     options.certificates = {folder.Write("server", server)};
//     options.client_ca = folder.WriteFile("ca.pem", ca.pem());
#ifndef PENSTOCK_WIRE_TESTING_CERTIFICATES_H_
#define PENSTOCK_WIRE_TESTING_CERTIFICATES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/wire/tls_options.h"

struct evp_pkey_st;
struct x509_st;

namespace penstock::wire {

struct TestSubject {
  std::string common_name = "server";
  // As OpenSSL writes subjectAltName; empty: none.
  std::string names = "DNS:localhost,IP:127.0.0.1";
  // A DNS name behind them as it is, for what cannot be written there; empty: none.
  std::string raw_dns_name = "";
  int64_t valid_from_s = -3600;  // from now
  int64_t valid_until_s = 3600;
  bool rsa = false;  // 2,048 bits; else P-256
};

struct TestCertificate {
  std::string certificate_pem;
  std::string key_pem;
};

class TestAuthority {
 public:
  explicit TestAuthority(std::string common_name);
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  TestCertificate Issue(const TestSubject& subject) const;
  const std::string& pem() const { return pem_; }

 private:
  evp_pkey_st* key_;
  x509_st* certificate_;
  std::string pem_;
};

// A folder of its own, gone with it.
class CertificateFolder {
 public:
  CertificateFolder();
  ~CertificateFolder();
  CertificateFolder(const CertificateFolder&) = delete;
  CertificateFolder& operator=(const CertificateFolder&) = delete;

  const std::string& path() const { return path_; }
  // NAME.pem and NAME.key, over what was there.
  TlsFiles Write(const std::string& name, const TestCertificate& certificate) const;
  std::string WriteFile(const std::string& name, std::string_view content) const;

 private:
  std::string path_;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_TESTING_CERTIFICATES_H_
