#include "penstock/http2/hpack_field.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace penstock::http2 {
namespace {

// Whether each octet may stand in a field name (behind a pseudo-header's colon).
constexpr std::array<bool, 256> kNameOctets = [] {
  std::array<bool, 256> allowed{};
  for (int octet = 0x21; octet < 0x7f; ++octet) {
    allowed[static_cast<size_t>(octet)] = !(octet >= 'A' && octet <= 'Z') && octet != ':';
  }
  return allowed;
}();

bool IsValidName(std::string_view name) {
  if (!name.empty() && name.front() == ':') name.remove_prefix(1);
  if (name.empty()) return false;
  bool valid = true;
  for (const char c : name) valid &= kNameOctets[static_cast<uint8_t>(c)];
  return valid;
}

}  // namespace

FieldName FieldNameOf(std::string_view name) {
  switch (name.size()) {
    case 2:
      if (name == "te") return FieldName::kTe;
      break;
    case 4:
      if (name == "host") return FieldName::kHost;
      break;
    case 5:
      if (name == ":path") return FieldName::kPath;
      break;
    case 6:
      if (name == "cookie") return FieldName::kCookie;
      break;
    case 7:
      if (name == ":method") return FieldName::kMethod;
      if (name == ":scheme") return FieldName::kScheme;
      if (name == ":status") return FieldName::kStatus;
      if (name == "upgrade") return FieldName::kConnectionSpecific;
      break;
    case 8:
      if (name == "priority") return FieldName::kPriority;
      break;
    case 9:
      if (name == ":protocol") return FieldName::kProtocol;
      break;
    case 10:
      if (name == ":authority") return FieldName::kAuthority;
      if (name == "user-agent") return FieldName::kUserAgent;
      if (name == "connection" || name == "keep-alive") return FieldName::kConnectionSpecific;
      break;
    case 11:
      if (name == "grpc-status") return FieldName::kGrpcStatus;
      break;
    case 12:
      if (name == "grpc-timeout") return FieldName::kGrpcTimeout;
      if (name == "content-type") return FieldName::kContentType;
      if (name == "grpc-message") return FieldName::kGrpcMessage;
      break;
    case 13:
      if (name == "grpc-encoding") return FieldName::kGrpcEncoding;
      break;
    case 14:
      if (name == "content-length") return FieldName::kContentLength;
      break;
    case 16:
      if (name == "proxy-connection") return FieldName::kConnectionSpecific;
      break;
    case 17:
      if (name == "transfer-encoding") return FieldName::kConnectionSpecific;
      break;
    case 20:
      if (name == "grpc-accept-encoding") return FieldName::kGrpcAcceptEncoding;
      break;
  }
  if (!IsValidName(name)) return FieldName::kInvalid;
  return name.front() == ':' ? FieldName::kUnknownPseudo : FieldName::kOther;
}

bool IsValidFieldValue(std::string_view value) {
  // Eight octets at a time: is any below 0x0E (a superset of what is refused)?
  constexpr uint64_t kOnes = 0x0101010101010101;
  const char* at = value.data();
  size_t left = value.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t octets;
    std::memcpy(&octets, at, 8);
    if (((octets - kOnes * 0x0e) & ~octets & kOnes * 0x80) != 0) break;
  }
  for (; left != 0; ++at, --left) {
    if (*at == '\0' || *at == '\r' || *at == '\n') return false;
  }
  return true;
}

}  // namespace penstock::http2
