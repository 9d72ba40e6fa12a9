// Headers as connectconformance has them, and metadata: each made of the other. There names are in
// any case, and the values of -bin keys are base64.
#ifndef PENSTOCK_TESTS_CONNECTCONFORMANCE_HEADERS_H_
#define PENSTOCK_TESTS_CONNECTCONFORMANCE_HEADERS_H_

#include <string>
#include <string_view>
#include <vector>

#include "penstock/rpc/metadata.h"
#include "penstock/rpc/status.h"

#include "connectrpc/conformance/v1/conformance.penstock.h"

namespace penstock::connectconformance {

// One for each key; its values in their order.
std::vector<connectrpc::conformance::v1::Header> HeadersOf(const Metadata& metadata);

// False: it is no base64.
bool FromBase64(std::string_view encoded, std::string* octets);

std::string LowerCased(std::string_view name);

// Calls `add(key, value)`, which says whether it took them, for each value of each header.
template <typename Headers, typename Add>
Status AddEach(const Headers& headers, const Add& add) {
  for (const connectrpc::conformance::v1::Header& header : headers) {
    const std::string key = LowerCased(header.name());
    for (std::string_view value : header.value()) {
      std::string decoded;
      if (IsBinaryKey(key)) {
        if (!FromBase64(value, &decoded)) {
          return MakeStatus(StatusCode::kInvalidArgument, "a -bin header is not base64");
        }
        value = decoded;
      }
      if (!add(key, value)) {
        return MakeStatus(StatusCode::kInvalidArgument, "a header that may not be sent: " + key);
      }
    }
  }
  return OkStatus();
}

}  // namespace penstock::connectconformance

#endif  // PENSTOCK_TESTS_CONNECTCONFORMANCE_HEADERS_H_
