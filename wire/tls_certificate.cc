#include "penstock/wire/tls_certificate.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <memory>

namespace penstock::wire {
namespace {

constexpr size_t kIpv4Octets = 4;
constexpr size_t kIpv6Octets = 16;

std::string TextOf(const ASN1_STRING* text) {
  unsigned char* utf8 = nullptr;
  const int bytes = ASN1_STRING_to_UTF8(&utf8, text);
  if (bytes < 0) return "";
  std::string result(reinterpret_cast<const char*>(utf8), static_cast<size_t>(bytes));
  OPENSSL_free(utf8);
  return result.find('\0') == std::string::npos ? result : "";
}

std::string CommonNameOf(const X509_NAME* name) {
  const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (index < 0) return "";
  return TextOf(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
}

std::string NameOf(const X509_NAME* name) {
  std::string text = CommonNameOf(name);
  if (!text.empty()) return Printable(text);
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
  if (X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE) < 0) return "";
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(out.get(), &bytes);
  return Printable(std::string(bytes, static_cast<size_t>(count)));
}

std::string AddressOf(const ASN1_OCTET_STRING* address) {
  const unsigned char* octets = ASN1_STRING_get0_data(address);
  const size_t count = static_cast<size_t>(ASN1_STRING_length(address));
  std::string text;
  char piece[8];
  if (count == kIpv4Octets) {
    for (size_t i = 0; i < count; ++i) {
      std::snprintf(piece, sizeof piece, i == 0 ? "%d" : ".%d", octets[i]);
      text += piece;
    }
  } else if (count == kIpv6Octets) {
    for (size_t i = 0; i < count; i += 2) {
      std::snprintf(piece, sizeof piece, i == 0 ? "%x" : ":%x", octets[i] << 8 | octets[i + 1]);
      text += piece;
    }
  }
  return text;
}

void AddName(const GENERAL_NAME* name, PeerIdentity* identity) {
  const auto add = [](std::vector<std::string>& names, std::string text) {
    if (!text.empty()) names.push_back(std::move(text));
  };
  switch (name->type) {
    case GEN_DNS:
      return add(identity->dns_names, TextOf(name->d.dNSName));
    case GEN_URI:
      return add(identity->uris, TextOf(name->d.uniformResourceIdentifier));
    case GEN_EMAIL:
      return add(identity->emails, TextOf(name->d.rfc822Name));
    case GEN_IPADD:
      return add(identity->ip_addresses, AddressOf(name->d.iPAddress));
    default:
      return;
  }
}

std::string FingerprintOf(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int bytes = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &bytes) != 1) return "";
  std::string text;
  for (unsigned int i = 0; i < bytes; ++i) {
    char pair[3];
    std::snprintf(pair, sizeof pair, "%02x", digest[i]);
    text += pair;
  }
  return text;
}

}  // namespace

PeerIdentity IdentityOf(const X509* certificate) {
  PeerIdentity identity;
  identity.common_name = CommonNameOf(X509_get_subject_name(certificate));
  identity.sha256_fingerprint = FingerprintOf(certificate);
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    AddName(sk_GENERAL_NAME_value(names, i), &identity);
  }
  GENERAL_NAMES_free(names);
  return identity;
}

std::string SubjectOf(const X509* certificate) {
  return NameOf(X509_get_subject_name(certificate));
}

std::string IssuerOf(const X509* certificate) { return NameOf(X509_get_issuer_name(certificate)); }

std::string HostsOf(const X509* certificate) {
  const PeerIdentity identity = IdentityOf(certificate);
  std::string text;
  for (const auto* names : {&identity.dns_names, &identity.ip_addresses}) {
    for (const std::string& name : *names) text += (text.empty() ? "" : ", ") + name;
  }
  return Printable(text.empty() ? "no host" : text);
}

int64_t SecondsOf(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

std::string TextOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable time";
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text;
}

std::string Printable(std::string text) {
  constexpr char kDelete = 0x7f;
  for (char& octet : text) {
    if (static_cast<unsigned char>(octet) < ' ' || octet == kDelete) octet = '?';
  }
  return text;
}

}  // namespace penstock::wire
