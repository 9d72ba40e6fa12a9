// What goes wrong in HTTP/2, as a value: whose fault, how far the damage reaches, and the code that
// the peer is told.
#ifndef PENSTOCK_HTTP2_ERROR_H_
#define PENSTOCK_HTTP2_ERROR_H_

#include <cstdint>
#include <string_view>

namespace penstock::http2 {

// Spec: RFC 9113 §7
enum class ErrorCode : uint32_t {
  kNoError = 0x0,
  kProtocolError = 0x1,
  kInternalError = 0x2,
  kFlowControlError = 0x3,
  kSettingsTimeout = 0x4,
  kStreamClosed = 0x5,
  kFrameSizeError = 0x6,
  kRefusedStream = 0x7,
  kCancel = 0x8,
  kCompressionError = 0x9,
  kConnectError = 0xa,
  kEnhanceYourCalm = 0xb,
  kInadequateSecurity = 0xc,
  kHttp11Required = 0xd,
};

// "PROTOCOL_ERROR" and so on; "unknown error code" for what the RFC does not name.
std::string_view ErrorCodeName(ErrorCode code);

// Spec: RFC 9113 §5.4: an error ends one stream (RST_STREAM) or the connection (GOAWAY).
enum class ErrorScope : uint8_t { kNone, kStream, kConnection };

enum class Initiator : uint8_t {
  kPeerFault,  // the peer broke a rule; this end resets
  kPeer,       // the peer reset, or said GOAWAY
  kLocal,      // the application asked for it, or this end cannot go on
};

struct [[nodiscard]] Error {
  ErrorScope scope = ErrorScope::kNone;
  Initiator initiator = Initiator::kPeerFault;
  ErrorCode code = ErrorCode::kNoError;
  const char* text = "";  // static; goes into the GOAWAY's debug data

  explicit operator bool() const { return scope != ErrorScope::kNone; }
};

constexpr Error StreamError(ErrorCode code, const char* text) {
  return {ErrorScope::kStream, Initiator::kPeerFault, code, text};
}

constexpr Error ConnectionError(ErrorCode code, const char* text) {
  return {ErrorScope::kConnection, Initiator::kPeerFault, code, text};
}

inline constexpr Error kNoFault{};

// Of a kStreamReset: the peer did nothing with the request, so that it may be made again, whatever
// it asks for. Either the peer said so, or its GOAWAY leaves the stream out.
// Spec: RFC 9113 §8.7
constexpr bool IsUnprocessed(const Error& error) {
  return error.initiator == Initiator::kPeer && error.code == ErrorCode::kRefusedStream;
}

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_ERROR_H_
