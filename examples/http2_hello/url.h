// Url: the parts of "http://HOST[:PORT][/PATH][?QUERY]" that a request needs.
#ifndef PENSTOCK_EXAMPLES_HTTP2_HELLO_URL_H_
#define PENSTOCK_EXAMPLES_HTTP2_HELLO_URL_H_

#include <optional>
#include <string>
#include <string_view>

namespace penstock::examples {

struct Url {
  std::string authority;  // as it was written: what `:authority` carries
  std::string address;    // with the port: what is connected to
  std::string target;     // path and query: what `:path` carries
};

// nullopt: `*why` says what is wrong with `text`, and what to write instead.
// Spec: RFC 3986; a fragment is dropped, user names are refused (RFC 9113 §8.3.1)
std::optional<Url> ParseUrl(std::string_view text, std::string* why);

}  // namespace penstock::examples

#endif  // PENSTOCK_EXAMPLES_HTTP2_HELLO_URL_H_
