// What may be wrong with an HPACK header block.
//
// Every error but kHeaderListTooLarge leaves the dynamic tables of both ends unlike each other and
// so ends the connection with COMPRESSION_ERROR; kHeaderListTooLarge is a matter of one stream.
//
// Spec: RFC 9113 §4.3, RFC 7541 §2.3.3, §4.2, §5.1, §5.2
#ifndef PENSTOCK_HTTP2_HPACK_ERROR_H_
#define PENSTOCK_HTTP2_HPACK_ERROR_H_

#include <cstdint>
#include <string_view>

namespace penstock::http2 {

enum class [[nodiscard]] HpackError : uint8_t {
  kOk,
  kHeaderListTooLarge,  // stream error: the block was decoded to its end, its fields dropped
  kTruncated,
  kIntegerTooLarge,
  kIndexZero,
  kIndexBeyondTable,
  kHuffmanPadding,
  kHuffmanEndOfString,
  kSizeUpdateNotAtStart,
  kSizeUpdateTooMany,
  kSizeUpdateTooLarge,
  kSizeUpdateMissing,
};

// True for what must be answered with GOAWAY(COMPRESSION_ERROR).
constexpr bool IsConnectionError(HpackError error) {
  return error > HpackError::kHeaderListTooLarge;
}

// A static text fit for GOAWAY's debug data and for logs.
std::string_view TextOf(HpackError error);

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_HPACK_ERROR_H_
