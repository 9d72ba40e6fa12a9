#include "penstock/http2/hpack_static_table.h"

#include <array>
#include <cstddef>

namespace penstock::http2 {
namespace {

constexpr HeaderField Entry(std::string_view name, std::string_view value,
                            FieldName token = FieldName::kOther) {
  return HeaderField{name, value, 0, token, false};
}

}  // namespace

constexpr HeaderField kStaticTable[kStaticTableEntries + 1] = {
    Entry("", "", FieldName::kInvalid),
    Entry(":authority", "", FieldName::kAuthority),
    Entry(":method", "GET", FieldName::kMethod),
    Entry(":method", "POST", FieldName::kMethod),
    Entry(":path", "/", FieldName::kPath),
    Entry(":path", "/index.html", FieldName::kPath),
    Entry(":scheme", "http", FieldName::kScheme),
    Entry(":scheme", "https", FieldName::kScheme),
    Entry(":status", "200", FieldName::kStatus),
    Entry(":status", "204", FieldName::kStatus),
    Entry(":status", "206", FieldName::kStatus),
    Entry(":status", "304", FieldName::kStatus),
    Entry(":status", "400", FieldName::kStatus),
    Entry(":status", "404", FieldName::kStatus),
    Entry(":status", "500", FieldName::kStatus),
    Entry("accept-charset", ""),
    Entry("accept-encoding", "gzip, deflate"),
    Entry("accept-language", ""),
    Entry("accept-ranges", ""),
    Entry("accept", ""),
    Entry("access-control-allow-origin", ""),
    Entry("age", ""),
    Entry("allow", ""),
    Entry("authorization", ""),
    Entry("cache-control", ""),
    Entry("content-disposition", ""),
    Entry("content-encoding", ""),
    Entry("content-language", ""),
    Entry("content-length", "", FieldName::kContentLength),
    Entry("content-location", ""),
    Entry("content-range", ""),
    Entry("content-type", "", FieldName::kContentType),
    Entry("cookie", "", FieldName::kCookie),
    Entry("date", ""),
    Entry("etag", ""),
    Entry("expect", ""),
    Entry("expires", ""),
    Entry("from", ""),
    Entry("host", "", FieldName::kHost),
    Entry("if-match", ""),
    Entry("if-modified-since", ""),
    Entry("if-none-match", ""),
    Entry("if-range", ""),
    Entry("if-unmodified-since", ""),
    Entry("last-modified", ""),
    Entry("link", ""),
    Entry("location", ""),
    Entry("max-forwards", ""),
    Entry("proxy-authenticate", ""),
    Entry("proxy-authorization", ""),
    Entry("range", ""),
    Entry("referer", ""),
    Entry("refresh", ""),
    Entry("retry-after", ""),
    Entry("server", ""),
    Entry("set-cookie", ""),
    Entry("strict-transport-security", ""),
    Entry("transfer-encoding", "", FieldName::kConnectionSpecific),
    Entry("user-agent", "", FieldName::kUserAgent),
    Entry("vary", ""),
    Entry("via", ""),
    Entry("www-authenticate", ""),
};

namespace {

// Names hashed by their length and three of their characters, open addressing.
constexpr uint32_t kBuckets = 256;

constexpr uint32_t BucketOf(std::string_view name) {
  const auto octet = [name](size_t at) { return uint32_t{static_cast<uint8_t>(name[at])}; };
  const uint32_t mix = octet(0) * 5 + octet(name.size() - 1) * 29 + octet(name.size() / 2) * 113;
  return (mix + static_cast<uint32_t>(name.size()) * 7) % kBuckets;
}

constexpr std::array<uint8_t, kBuckets> kNameIndices = [] {
  std::array<uint8_t, kBuckets> indices{};
  for (uint32_t index = 1; index <= kStaticTableEntries; ++index) {
    const std::string_view name = kStaticTable[index].name;
    uint32_t bucket = BucketOf(name);
    while (indices[bucket] != 0 && kStaticTable[indices[bucket]].name != name) {
      bucket = (bucket + 1) % kBuckets;
    }
    if (indices[bucket] == 0) indices[bucket] = static_cast<uint8_t>(index);
  }
  return indices;
}();

}  // namespace

uint32_t FindStaticName(std::string_view name) {
  if (name.empty()) return 0;
  uint32_t bucket = BucketOf(name);
  while (kNameIndices[bucket] != 0) {
    if (kStaticTable[kNameIndices[bucket]].name == name) return kNameIndices[bucket];
    bucket = (bucket + 1) % kBuckets;
  }
  return 0;
}

StaticMatch FindStatic(std::string_view name, std::string_view value) {
  const uint32_t first = FindStaticName(name);
  if (first == 0) return {};
  for (uint32_t index = first; index <= kStaticTableEntries; ++index) {
    if (kStaticTable[index].name != name) break;
    if (kStaticTable[index].value == value) return {index, true};
  }
  return {first, false};
}

}  // namespace penstock::http2
