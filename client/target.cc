#include "penstock/client/target.h"

#include <algorithm>

namespace penstock::client {
namespace {

constexpr std::string_view kDns = "dns:///";
constexpr std::string_view kStatic = "static:";
constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kUnixAbstract = "unix-abstract:";
constexpr std::string_view kInProcess = "inproc:";

// What gRPC calls an authority: the host and port as the user wrote them.
std::string AuthorityOf(std::string_view address) {
  const bool has_no_host = address.starts_with(kUnix) || address.starts_with(kUnixAbstract) ||
                           address.starts_with(kInProcess);
  return has_no_host ? "localhost" : std::string(address);
}

std::optional<std::string> ForeignScheme(std::string_view text) {
  const size_t end = text.find("://");
  if (end == std::string_view::npos || text.starts_with("unix://")) return std::nullopt;
  return std::string(text.substr(0, end));
}

}  // namespace

std::optional<Target> ResolveTarget(std::string_view text, std::string* why) {
  const std::string whole(text);
  std::vector<std::string_view> parts;
  if (text.starts_with(kStatic)) {
    text.remove_prefix(kStatic.size());
    while (!text.empty()) {
      const size_t comma = std::min(text.find(','), text.size());
      parts.push_back(text.substr(0, comma));
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
  } else {
    if (text.starts_with(kDns)) text.remove_prefix(kDns.size());
    if (const auto scheme = ForeignScheme(text)) {
      *why = "the target '" + whole + "' begins with " + *scheme + "://; write HOST:PORT, " +
             "dns:///HOST:PORT, unix:PATH, inproc:NAME or static:HOST:PORT,HOST:PORT";
      return std::nullopt;
    }
    parts.push_back(text);
  }
  if (parts.empty()) {
    *why = "the target '" + whole + "' names no address; write static:HOST:PORT,HOST:PORT";
    return std::nullopt;
  }
  Target target;
  for (const std::string_view part : parts) {
    std::string trouble;
    const std::optional<reactor::Address> address = reactor::Address::Resolve(part, &trouble);
    if (!address) {
      *why = "cannot use the target '" + whole + "': " + trouble;
      return std::nullopt;
    }
    target.addresses.push_back(*address);
  }
  target.authority = AuthorityOf(parts.front());
  return target;
}

std::string HostOf(std::string_view authority) {
  if (authority.starts_with('[')) return std::string(authority.substr(1, authority.find(']') - 1));
  return std::string(authority.substr(0, authority.rfind(':')));
}

}  // namespace penstock::client
