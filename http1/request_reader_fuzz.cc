// Any octets are requests or a refusal, the same ones however they are cut, and what is kept of a
// head is bounded.
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/http1/limits.h"
#include "penstock/http1/request_reader.h"
#include "penstock/wire/check.h"

namespace penstock::http1 {
namespace {

std::string Read(wire::Bytes bytes, size_t piece_bytes) {
  RequestReader reader;
  std::string read;
  while (!bytes.empty()) {
    wire::Bytes piece = bytes.first(piece_bytes < bytes.size() ? piece_bytes : bytes.size());
    bytes = bytes.subspan(piece.size());
    while (!piece.empty()) {
      const RequestReader::Result result = reader.Receive(&piece);
      if (result == RequestReader::Result::kRefused) {
        return read + std::to_string(reader.refusal().status);
      }
      if (result == RequestReader::Result::kMore) continue;
      const Request& request = reader.request();
      PENSTOCK_CHECK(request.path.starts_with('/'), "a path is never empty");
      const size_t target_bytes = request.path.size() + request.query.size();
      PENSTOCK_CHECK(target_bytes < kHeadBytesMax, "a head is bounded");
      read += request.path + '?' + request.query + ' ' + request.host + '\n';
      static_cast<void>(request.QueryValue("a"));
    }
  }
  return read;
}

}  // namespace
}  // namespace penstock::http1

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const penstock::wire::Bytes input(bytes, size);
  const std::string whole = penstock::http1::Read(input, size + 1);
  PENSTOCK_CHECK(penstock::http1::Read(input, 1) == whole, "cuts change nothing");
  PENSTOCK_CHECK(penstock::http1::Read(input, 7) == whole, "cuts change nothing");
  return 0;
}
