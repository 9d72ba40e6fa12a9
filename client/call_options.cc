#include "penstock/client/call_options.h"

#include "penstock/rpc/metadata.h"
#include "penstock/wire/arena.h"

namespace penstock::client {

const CallOptions& CallOptions::Default() {
  static const CallOptions options;
  return options;
}

bool CallOptions::AddMetadata(std::string_view key, std::string_view value) {
  wire::Arena arena;
  if (!Metadata(&arena).Add(key, value)) return false;
  metadata_.emplace_back(key, value);
  return true;
}

}  // namespace penstock::client
