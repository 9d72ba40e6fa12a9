#include "penstock/server/first_bytes.h"

#include <algorithm>
#include <cstddef>

#include "penstock/http2/frame.h"

namespace penstock::server {
namespace {

// "PRI " is HTTP/2's alone; fewer letters may become a method of HTTP/1.1.
constexpr size_t kHttp2BytesMin = 4;

// "GET /", "OPTIONS *", "GET http://", "CONNECT host": capitals, a blank, the beginning of a target.
// Spec: RFC 9112 §3.2
Spoken DetectHttp1(std::string_view text) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto method_end = std::find_if_not(text.begin(), text.end(), is_capital);
  if (method_end == text.end()) {
    return text.size() < kFirstBytesMax ? Spoken::kUndecided : Spoken::kUnknown;
  }
  if (method_end == text.begin() || *method_end != ' ') return Spoken::kUnknown;
  const std::string_view method(text.begin(), method_end);
  const std::string_view target(method_end + 1, text.end());
  if (method == "CONNECT") return Spoken::kHttp1;
  if (target.empty()) return text.size() < kFirstBytesMax ? Spoken::kUndecided : Spoken::kHttp1;
  const bool is_target = target[0] == '/' || target[0] == '*' || target[0] == 'h';
  return is_target ? Spoken::kHttp1 : Spoken::kUnknown;
}

constexpr std::string_view kHttp1OnCleartext =
    "HTTP/1.1 400 Bad Request\r\n"
    "content-type: text/plain; charset=utf-8\r\n"
    "content-length: 147\r\n"
    "connection: close\r\n"
    "\r\n"
    "This port speaks gRPC over cleartext HTTP/2, and you spoke HTTP/1.1. "
    "Use a gRPC client with insecure credentials, "
    "or: curl --http2-prior-knowledge\n";

constexpr std::string_view kHttp1OnTls =
    "HTTP/1.1 400 Bad Request\r\n"
    "content-type: text/plain; charset=utf-8\r\n"
    "content-length: 136\r\n"
    "connection: close\r\n"
    "\r\n"
    "This port speaks gRPC over HTTP/2 and TLS, and you spoke HTTP/1.1. "
    "Use a gRPC client with TLS credentials, "
    "or: curl --http2 https://...\n";

// Fatal alerts, handshake_failure and unexpected_message: what a peer that speaks TLS understands,
// and what any port of TLS says to one that does not. The latter would understand SETTINGS and
// GOAWAY, too, but grpc-go takes them for a connection that was made, and makes the next one at
// once, again and again.
// Spec: RFC 8446 §6
constexpr std::string_view kHandshakeFailure("\x15\x03\x01\x00\x02\x02\x28", 7);
constexpr std::string_view kUnexpectedMessage("\x15\x03\x01\x00\x02\x02\x0a", 7);

}  // namespace

Spoken DetectSpoken(wire::Bytes bytes) {
  const std::string_view text = wire::AsString(bytes).substr(0, kFirstBytesMax);
  if (text.size() >= kHttp2BytesMin && http2::kClientPreface.starts_with(text)) {
    return Spoken::kHttp2;
  }
  // A TLS record of type handshake (22), major version 3.
  if (text[0] == '\x16') {
    if (text.size() == 1) return Spoken::kUndecided;
    return text[1] == '\x03' ? Spoken::kTls : Spoken::kUnknown;
  }
  return DetectHttp1(text);
}

std::string_view RefusalOf(Spoken spoken, PortKind port) {
  switch (spoken) {
    case Spoken::kHttp1:
      return port == PortKind::kTls ? kHttp1OnTls : kHttp1OnCleartext;
    case Spoken::kTls:
      return kHandshakeFailure;
    case Spoken::kHttp2:
      return kUnexpectedMessage;
    case Spoken::kUndecided:
    case Spoken::kUnknown:
      break;
  }
  return {};
}

}  // namespace penstock::server
