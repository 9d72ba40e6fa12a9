#include "penstock/server/first_bytes.h"

#include <algorithm>
#include <cstddef>

#include "penstock/http2/frame.h"

namespace penstock::server {
namespace {

constexpr size_t kMethodBytesMax = 16;

// "GET /", "POST /", "OPTIONS *": capitals, then a blank.
bool LooksLikeHttp1(std::string_view text) {
  const size_t blank = text.substr(0, kMethodBytesMax).find(' ');
  if (blank == std::string_view::npos || blank == 0) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(blank),
                     [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

Spoken DetectSpoken(wire::Bytes bytes) {
  const std::string_view text = wire::AsString(bytes);
  const size_t compared = std::min(text.size(), http2::kClientPreface.size());
  if (text.substr(0, compared) == http2::kClientPreface.substr(0, compared)) return Spoken::kHttp2;
  if (LooksLikeHttp1(text)) return Spoken::kHttp1;
  // A TLS record of type handshake (22), major version 3.
  if (bytes.size() >= 2 && bytes[0] == 0x16 && bytes[1] == 0x03) return Spoken::kTls;
  return Spoken::kUnknown;
}

std::string_view RefusalOf(Spoken spoken) {
  switch (spoken) {
    case Spoken::kHttp1:
      return "HTTP/1.1 400 Bad Request\r\n"
             "content-type: text/plain; charset=utf-8\r\n"
             "content-length: 147\r\n"
             "connection: close\r\n"
             "\r\n"
             "This port speaks gRPC over cleartext HTTP/2, and you spoke HTTP/1.1. "
             "Use a gRPC client with insecure credentials, "
             "or: curl --http2-prior-knowledge\n";
    case Spoken::kTls:
      return {"\x15\x03\x01\x00\x02\x02\x28", 7};  // alert: fatal, handshake_failure
    case Spoken::kHttp2:
    case Spoken::kUnknown:
      break;
  }
  return {};
}

}  // namespace penstock::server
