// libnghttp2's HPACK behind the shapes of our tests: what others trust, to compare with.
//
//     Deflater deflater;
//     const Octets block = deflater.Encode(fields);
//     Inflater inflater;
//     if (inflater.Decode(block, decoded)) ...
#ifndef PENSTOCK_HTTP2_TESTING_NGHTTP2_HPACK_H_
#define PENSTOCK_HTTP2_TESTING_NGHTTP2_HPACK_H_

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "penstock/http2/hpack_testing.h"
#include "penstock/wire/check.h"

namespace penstock::http2::testing {

struct Deflater {
  Deflater() { PENSTOCK_CHECK(nghttp2_hd_deflate_new(&hd, 4096) == 0, "libnghttp2 has memory"); }
  ~Deflater() { nghttp2_hd_deflate_del(hd); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  Octets Encode(const Fields& fields) {
    std::vector<nghttp2_nv> pairs;
    for (const auto& field : fields) {
      const uint8_t flags = field.policy == IndexingPolicy::kNever ? NGHTTP2_NV_FLAG_NO_INDEX : 0;
      pairs.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(field.name.data())),
                       reinterpret_cast<uint8_t*>(const_cast<char*>(field.value.data())),
                       field.name.size(), field.value.size(), flags});
    }
    Octets block(nghttp2_hd_deflate_bound(hd, pairs.data(), pairs.size()));
    const ssize_t bytes =
        nghttp2_hd_deflate_hd(hd, block.data(), block.size(), pairs.data(), pairs.size());
    PENSTOCK_CHECK(bytes >= 0, "libnghttp2 encodes what it is given");
    block.resize(static_cast<size_t>(bytes));
    return block;
  }

  nghttp2_hd_deflater* hd;
};

struct Inflater {
  Inflater() { PENSTOCK_CHECK(nghttp2_hd_inflate_new(&hd) == 0, "libnghttp2 has memory"); }
  ~Inflater() { nghttp2_hd_inflate_del(hd); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // False when libnghttp2 refuses the block.
  bool Decode(const Octets& block, Fields& fields) {
    fields.clear();
    const uint8_t* at = block.data();
    size_t left = block.size();
    for (;;) {
      nghttp2_nv pair;
      int flags = 0;
      const ssize_t read = nghttp2_hd_inflate_hd2(hd, &pair, &flags, at, left, 1);
      if (read < 0) return false;
      at += read;
      left -= static_cast<size_t>(read);
      if (flags & NGHTTP2_HD_INFLATE_EMIT) {
        fields.push_back({std::string(reinterpret_cast<char*>(pair.name), pair.namelen),
                          std::string(reinterpret_cast<char*>(pair.value), pair.valuelen)});
      }
      if (flags & NGHTTP2_HD_INFLATE_FINAL) break;
      if (left == 0 && !(flags & NGHTTP2_HD_INFLATE_EMIT)) break;
    }
    nghttp2_hd_inflate_end_headers(hd);
    return true;
  }

  nghttp2_hd_inflater* hd;
};

}  // namespace penstock::http2::testing

#endif  // PENSTOCK_HTTP2_TESTING_NGHTTP2_HPACK_H_
