// The dashboard's files, which are part of the binary: embed.py makes assets.cc of them.
#ifndef PENSTOCK_SERVER_ADMIN_ASSETS_H_
#define PENSTOCK_SERVER_ADMIN_ASSETS_H_

#include <span>
#include <string_view>

namespace penstock::server {

struct Asset {
  std::string_view name;  // "dashboard.js"
  std::string_view gzip;  // its octets, compressed
};

std::span<const Asset> Assets();

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_ASSETS_H_
