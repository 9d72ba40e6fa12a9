#include "penstock/http2/hpack_error.h"

namespace penstock::http2 {

std::string_view TextOf(HpackError error) {
  switch (error) {
    case HpackError::kOk:
      return "no error";
    case HpackError::kHeaderListTooLarge:
      return "header list too large";
    case HpackError::kTruncated:
      return "header block ends inside a field";
    case HpackError::kIntegerTooLarge:
      return "HPACK integer above 32 bits";
    case HpackError::kIndexZero:
      return "HPACK index 0";
    case HpackError::kIndexBeyondTable:
      return "HPACK index beyond the tables";
    case HpackError::kHuffmanPadding:
      return "Huffman padding is not up to 7 one bits";
    case HpackError::kHuffmanEndOfString:
      return "Huffman end-of-string symbol inside a string";
    case HpackError::kSizeUpdateNotAtStart:
      return "HPACK table size update behind a field";
    case HpackError::kSizeUpdateTooMany:
      return "more than two HPACK table size updates in a block";
    case HpackError::kSizeUpdateTooLarge:
      return "HPACK table size update above SETTINGS_HEADER_TABLE_SIZE";
    case HpackError::kSizeUpdateMissing:
      return "no HPACK table size update after SETTINGS_HEADER_TABLE_SIZE shrank";
  }
  return "unknown HPACK error";
}

}  // namespace penstock::http2
