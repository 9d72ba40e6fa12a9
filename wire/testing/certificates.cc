#include "penstock/wire/testing/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "penstock/wire/check.h"

namespace penstock::wire {
namespace {

constexpr unsigned int kRsaBits = 2048;
constexpr int64_t kAuthoritySeconds = 24 * 3600;
constexpr long kVersion3 = 2;

EVP_PKEY* NewKey(bool rsa) {
  EVP_PKEY* key = rsa ? EVP_RSA_gen(kRsaBits) : EVP_EC_gen("P-256");
  PENSTOCK_CHECK(key != nullptr, "OpenSSL makes a key");
  return key;
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  PENSTOCK_CHECK(extension != nullptr, "the extension's value is good");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Behind the names that there are.
void AddDnsName(X509* certificate, const std::string& text) {
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  if (names == nullptr) names = GENERAL_NAMES_new();
  ASN1_IA5STRING* value = ASN1_IA5STRING_new();
  ASN1_STRING_set(value, text.data(), static_cast<int>(text.size()));
  GENERAL_NAME* name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, GEN_DNS, value);
  sk_GENERAL_NAME_push(names, name);
  const int is_added =
      X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_REPLACE);
  PENSTOCK_CHECK(is_added == 1, "a certificate takes any name");
  GENERAL_NAMES_free(names);
}

X509* NewCertificate(const std::string& common_name, EVP_PKEY* key, int64_t from_s,
                     int64_t until_s) {
  static std::atomic<long> serial{1};
  X509* certificate = X509_new();
  X509_set_version(certificate, kVersion3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate), until_s);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
  return certificate;
}

template <typename Write>
std::string Pem(Write write) {
  BIO* out = BIO_new(BIO_s_mem());
  write(out);
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(out, &bytes);
  std::string text(bytes, static_cast<size_t>(count));
  BIO_free(out);
  return text;
}

}  // namespace

TestAuthority::TestAuthority(std::string common_name)
    : key_(NewKey(false)),
      certificate_(NewCertificate(common_name, key_, -kAuthoritySeconds, kAuthoritySeconds)) {
  X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
  AddExtension(certificate_, certificate_, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate_, certificate_, NID_subject_key_identifier, "hash");
  X509_sign(certificate_, key_, EVP_sha256());
  pem_ = Pem([this](BIO* out) { PEM_write_bio_X509(out, certificate_); });
}

TestAuthority::~TestAuthority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

TestCertificate TestAuthority::Issue(const TestSubject& subject) const {
  EVP_PKEY* key = NewKey(subject.rsa);
  X509* certificate =
      NewCertificate(subject.common_name, key, subject.valid_from_s, subject.valid_until_s);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
  if (!subject.names.empty()) {
    AddExtension(certificate, certificate_, NID_subject_alt_name, subject.names);
  }
  if (!subject.raw_dns_name.empty()) AddDnsName(certificate, subject.raw_dns_name);
  X509_sign(certificate, key_, EVP_sha256());
  TestCertificate issued;
  issued.certificate_pem = Pem([&](BIO* out) { PEM_write_bio_X509(out, certificate); });
  issued.key_pem = Pem([&](BIO* out) {
    PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  X509_free(certificate);
  EVP_PKEY_free(key);
  return issued;
}

CertificateFolder::CertificateFolder() {
  const char* parent = std::getenv("TEST_TMPDIR");
  path_ = std::string(parent != nullptr ? parent : "/tmp") + "/certificates-XXXXXX";
  PENSTOCK_CHECK(::mkdtemp(path_.data()) != nullptr, "a test may make a folder");
}

CertificateFolder::~CertificateFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

TlsFiles CertificateFolder::Write(const std::string& name,
                                  const TestCertificate& certificate) const {
  return {WriteFile(name + ".pem", certificate.certificate_pem),
          WriteFile(name + ".key", certificate.key_pem)};
}

std::string CertificateFolder::WriteFile(const std::string& name, std::string_view content) const {
  std::string file_path = path_ + "/" + name;
  std::ofstream file(file_path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  PENSTOCK_CHECK(file.good(), "a test may write into its folder");
  return file_path;
}

}  // namespace penstock::wire
