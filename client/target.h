// Target: whom to call.
//
//     127.0.0.1:50051   [::1]:50051   host:50051   dns:///host:50051
//     unix:/run/app.sock   unix-abstract:app   inproc:app
//     static:10.0.0.1:50051,10.0.0.2:50051
#ifndef PENSTOCK_CLIENT_TARGET_H_
#define PENSTOCK_CLIENT_TARGET_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/reactor/address.h"

namespace penstock::client {

struct Target {
  std::vector<reactor::Address> addresses;  // connections take turns
  std::string authority;                    // of the first, for :authority
};

// Host names are asked of the system's resolver, which blocks. nullopt: `*why` is a sentence.
std::optional<Target> ResolveTarget(std::string_view text, std::string* why);

// "host" of "host:443", "::1" of "[::1]:443".
std::string HostOf(std::string_view authority);

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_TARGET_H_
