// The dashboard's files, which are part of the binary, each compressed by gzip: penstock_embed
// makes assets.cc of them.
#ifndef PENSTOCK_SERVER_ADMIN_ASSETS_H_
#define PENSTOCK_SERVER_ADMIN_ASSETS_H_

#include <span>

#include "penstock/wire/embedded_file.h"

namespace penstock::server {

std::span<const wire::EmbeddedFile> Assets();

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_ASSETS_H_
