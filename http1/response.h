// Response: what a server answers in HTTP/1.1, and its octets.
//
//     Response response{.content_type = "text/plain; charset=utf-8", .body = "ok\n"};
//     std::string octets = Serialize(response, {.is_head = false, .keep_alive = true});
//
// Spec: RFC 9112 §4, §6.2, §9.3
#ifndef PENSTOCK_HTTP1_RESPONSE_H_
#define PENSTOCK_HTTP1_RESPONSE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::http1 {

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
  // Further fields, of names and values that are good as they stand.
  std::vector<std::pair<std::string_view, std::string>> fields = {};
};

// Of the request that is answered.
struct ResponseMode {
  bool is_head = false;     // the body is announced, and not sent
  bool keep_alive = false;  // else the connection ends behind it
};

// "Not Found"; "" for what is not used here.
std::string_view ReasonOf(int status);

std::string Serialize(const Response& response, ResponseMode mode);

}  // namespace penstock::http1

#endif  // PENSTOCK_HTTP1_RESPONSE_H_
