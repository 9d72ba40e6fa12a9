// Fetch: one GET over one HTTP/2 connection, on a shard of its own.
//
//     const FetchResult result = Fetch(url, {}, [](std::string_view piece) { ... });
//     if (!result.error.empty()) ...
#ifndef PENSTOCK_EXAMPLES_HTTP2_HELLO_FETCH_H_
#define PENSTOCK_EXAMPLES_HTTP2_HELLO_FETCH_H_

#include <functional>
#include <string>
#include <string_view>

#include "penstock/examples/http2_hello/url.h"
#include "penstock/reactor/io_mode.h"
#include "penstock/wire/time.h"

namespace penstock::examples {

struct FetchOptions {
  reactor::IoMode io = reactor::IoMode::kAuto;
  bool head = false;  // HEAD instead of GET
  TimeNs timeout_ns = 10 * kNsPerSecond;
  // How long the connection is kept after the response, unless the server ends it: what it says
  // then (a PING, SETTINGS) still gets its answer.
  TimeNs linger_ns = 0;
};

struct FetchResult {
  int status = 0;     // 0: no response has come
  std::string error;  // empty: the whole response has come
};

// Blocks until the response is whole or has failed. `on_body` gets the body piece by piece, as it
// comes; the pieces are gone afterwards.
FetchResult Fetch(const Url& url, const FetchOptions& options,
                  const std::function<void(std::string_view)>& on_body);

}  // namespace penstock::examples

#endif  // PENSTOCK_EXAMPLES_HTTP2_HELLO_FETCH_H_
