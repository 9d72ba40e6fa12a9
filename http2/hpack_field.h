// A header field as HPACK delivers it, and the small vocabulary of names that HTTP/2 and gRPC act
// upon. The name is recognised, and name and value are checked, once: when an entry enters the
// dynamic table, or for each literal. A field hit by its index costs no look at its bytes.
//
// Spec:       RFC 9113 §8.2.1 (field validity), §8.2.2 (connection-specific fields)
// Ownership:  HeaderField's views belong to whoever made it; see FieldList
#ifndef PENSTOCK_HTTP2_HPACK_FIELD_H_
#define PENSTOCK_HTTP2_HPACK_FIELD_H_

#include <cstdint>
#include <string_view>

namespace penstock::http2 {

// Pseudo-header fields stand first, so that IsPseudo is one comparison.
enum class FieldName : uint8_t {
  kMethod,
  kScheme,
  kAuthority,
  kPath,
  kStatus,
  kProtocol,
  kUnknownPseudo,
  kOther,
  kContentType,
  kContentLength,
  kTe,
  kUserAgent,
  kHost,
  kConnectionSpecific,  // connection, keep-alive, proxy-connection, transfer-encoding, upgrade
  kCookie,
  kPriority,
  kGrpcTimeout,
  kGrpcEncoding,
  kGrpcAcceptEncoding,
  kGrpcStatus,
  kGrpcMessage,
  kInvalid,  // the name or the value is malformed: RFC 9113 §8.2.1, a stream error
};

constexpr bool IsPseudo(FieldName token) { return token <= FieldName::kUnknownPseudo; }

struct HeaderField {
  std::string_view name;
  std::string_view value;
  uint64_t meaning = 0;  // what the FieldClassifier said; 0 without one
  FieldName token = FieldName::kOther;
  bool never_indexed = false;  // RFC 7541 §7.1.3: a proxy must not index it either
};

// What the application makes of a field (the route of a `:path`, the codec of a content-type). Its
// answer is remembered with the dynamic table's entry, so that it is asked once per entry and not
// once per request. It is not asked about kInvalid fields, whose meaning is 0.
struct FieldClassifier {
  uint64_t (*classify)(void* context, FieldName token, std::string_view name,
                       std::string_view value) = nullptr;
  void* context = nullptr;

  uint64_t Ask(FieldName token, std::string_view name, std::string_view value) const {
    if (classify == nullptr || token == FieldName::kInvalid) return 0;
    return classify(context, token, name, value);
  }
};

// What a field adds to the size of a header list or of a table. Spec: RFC 7541 §4.1
inline constexpr uint32_t kFieldOverheadBytes = 32;

// The token of `name`: kInvalid for an empty name and for one with upper case, bytes 0x00-0x20 or
// 0x7F-0xFF, or a colon anywhere but in front.
FieldName FieldNameOf(std::string_view name);

// False for a value with NUL, CR or LF. A blank or tab at either end, which RFC 9113 §8.2.1 forbids
// as well, is let pass: gRPC clients send them (docs/decisions/0005).
bool IsValidFieldValue(std::string_view value);

// The token of the whole field: that of its name, or kInvalid when the value is malformed.
inline FieldName FieldTokenOf(FieldName name_token, std::string_view value) {
  return IsValidFieldValue(value) ? name_token : FieldName::kInvalid;
}

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_HPACK_FIELD_H_
