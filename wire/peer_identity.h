// PeerIdentity: who the other end of a TLS connection is, by the certificate that it has shown and
// that was verified. Empty where it showed none, or the connection is cleartext.
//
//     if (call.peer_identity().HasUri("spiffe://prod/billing")) ...
//
// Ownership: lives as long as its connection, and the calls on it.
#ifndef PENSTOCK_WIRE_PEER_IDENTITY_H_
#define PENSTOCK_WIRE_PEER_IDENTITY_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::wire {

struct PeerIdentity {
  std::string common_name;  // of the subject
  // Subject alternative names by kind. Names with a NUL in them are left out: they are attempts to
  // pass for somebody else.
  std::vector<std::string> dns_names;
  std::vector<std::string> uris;
  std::vector<std::string> emails;
  std::vector<std::string> ip_addresses;  // "10.0.0.1", "2001:db8:0:0:0:0:0:1"
  // SHA-256 of the certificate (DER): 64 hexadecimal digits, lower case. Never empty with one.
  std::string sha256_fingerprint;

  bool empty() const { return sha256_fingerprint.empty(); }
  bool HasDnsName(std::string_view name) const { return Contains(dns_names, name); }
  bool HasUri(std::string_view uri) const { return Contains(uris, uri); }

  // Of a peer that showed no certificate.
  static const PeerIdentity& None() {
    static const PeerIdentity kNone;
    return kNone;
  }

 private:
  static bool Contains(const std::vector<std::string>& all, std::string_view one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  }
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_PEER_IDENTITY_H_
