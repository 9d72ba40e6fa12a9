// RequestReader: HTTP/1.1 requests out of octets, for a server that answers GET and HEAD and takes
// no content. No socket, no clock: octets in, requests out.
//
//     RequestReader reader;
//     while (!input.empty()) {
//       switch (reader.Receive(&input)) {                      // takes what it reads off the front
//         case RequestReader::Result::kMore: break;            // all taken, the head is not whole
//         case RequestReader::Result::kRequest: Answer(reader.request()); break;
//         case RequestReader::Result::kRefused: ...            // reader.refusal(), then close
//       }
//     }
//
// Limits: http1/limits.h. What is over them, or is no HTTP/1.1, is refused once, for good: what
//         stands behind it cannot be told apart from the next request.
// Spec:   RFC 9112 §2, §3, §5, §9.3; RFC 9110 §5.5, §7.2
#ifndef PENSTOCK_HTTP1_REQUEST_READER_H_
#define PENSTOCK_HTTP1_REQUEST_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/wire/bytes.h"

namespace penstock::http1 {

struct Request {
  bool is_head = false;     // HEAD; else GET
  bool keep_alive = false;  // the client will read another response on this connection
  std::string path;         // "/metrics", as it was sent; never empty
  std::string query;        // what follows '?', as it was sent
  std::string host;         // the Host field, or the authority of an absolute target
  // The Sec-Fetch-Site field: what a browser says of the page that asks: "cross-site", ...; of two
  // of them the last.
  std::string fetch_site;

  // Of "name=value&..." in the query, the first; percent-encoding is left as it is.
  std::string_view QueryValue(std::string_view name) const;
};

// What is wrong with a request: the status that says it, and a sentence for whoever sent it.
struct Refusal {
  int status = 0;
  const char* text = "";
};

class RequestReader {
 public:
  enum class Result : uint8_t { kMore, kRequest, kRefused };

  // Takes octets off the front of `*input`, no more than to the end of a head.
  [[nodiscard]] Result Receive(wire::Bytes* input);

  // After kRequest, until the next Receive().
  const Request& request() const { return request_; }
  // After kRefused.
  const Refusal& refusal() const { return refusal_; }
  // Part of a head has come.
  bool is_inside() const { return !head_.empty(); }

 private:
  Result Refuse(int status, const char* text);
  bool EndsHead() const;
  Result ParseHead();
  Result ParseRequestLine(std::string_view line);
  Result ParseTarget(std::string_view target);
  Result ParseField(std::string_view line);
  Result ParseKnownField(std::string_view name, std::string_view value);

  std::string head_;  // what has come of it
  size_t blank_lines_count_ = 0;
  size_t fields_count_ = 0;
  size_t hosts_count_ = 0;
  bool is_http10_ = false;
  Request request_;
  Refusal refusal_;
};

}  // namespace penstock::http1

#endif  // PENSTOCK_HTTP1_REQUEST_READER_H_
