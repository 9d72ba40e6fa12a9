// HPACK's static table: 61 fields known to everyone.
//
// Spec: RFC 7541 Appendix A
#ifndef PENSTOCK_HTTP2_HPACK_STATIC_TABLE_H_
#define PENSTOCK_HTTP2_HPACK_STATIC_TABLE_H_

#include <cstdint>
#include <string_view>

#include "penstock/http2/hpack_field.h"

namespace penstock::http2 {

inline constexpr uint32_t kStaticTableEntries = 61;

// By HPACK's index; [0] is empty.
extern const HeaderField kStaticTable[kStaticTableEntries + 1];

// The lowest index with that name, or 0. Entries of one name follow each other.
uint32_t FindStaticName(std::string_view name);

struct StaticMatch {
  uint32_t index = 0;  // 0: not even the name
  bool whole = false;  // name and value; else `index` gives the name alone
};
StaticMatch FindStatic(std::string_view name, std::string_view value);

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_HPACK_STATIC_TABLE_H_
