#include "penstock/examples/http2_hello/url.h"

#include <algorithm>

namespace penstock::examples {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr std::string_view kDefaultPort = ":80";

bool HasPort(std::string_view authority) {
  const size_t colon = authority.rfind(':');
  return colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
}

}  // namespace

std::optional<Url> ParseUrl(std::string_view text, std::string* why) {
  if (text.starts_with("https://")) {
    *why = "there is no TLS yet: write http://HOST:PORT/PATH";
    return std::nullopt;
  }
  const auto is_blank = [](char c) { return c <= ' ' || c == '\x7F'; };
  if (!text.starts_with(kScheme) || std::any_of(text.begin(), text.end(), is_blank)) {
    *why = "a URL looks like http://HOST:PORT/PATH";
    return std::nullopt;
  }
  text.remove_prefix(kScheme.size());
  text = text.substr(0, text.find('#'));
  const size_t end = std::min(text.find_first_of("/?"), text.size());
  Url url;
  url.authority = text.substr(0, end);
  if (url.authority.empty() || url.authority.find('@') != std::string::npos) {
    *why = url.authority.empty() ? "it names no host" : "user names are not sent: leave out USER@";
    return std::nullopt;
  }
  url.address = url.authority;
  if (!HasPort(url.authority)) url.address += kDefaultPort;
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

}  // namespace penstock::examples
