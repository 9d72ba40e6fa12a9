#include "penstock/codec/json/sorted_entries.h"

#include <algorithm>

namespace penstock::codec::json {

using reflection::MapEntry;
using reflection::ValueKind;

namespace {

bool KeyIsLess(const MapEntry& a, const MapEntry& b) {
  switch (a.key.kind()) {
    case ValueKind::kInt32:
      return a.key.int32() < b.key.int32();
    case ValueKind::kInt64:
      return a.key.int64() < b.key.int64();
    case ValueKind::kUint32:
      return a.key.uint32() < b.key.uint32();
    case ValueKind::kUint64:
      return a.key.uint64() < b.key.uint64();
    case ValueKind::kBool:
      return a.key.boolean() < b.key.boolean();
    default:
      return a.key.text() < b.key.text();
  }
}

}  // namespace

std::vector<MapEntry> SortedEntries(reflection::ConstMessageRef message,
                                    const reflection::Field& map) {
  std::vector<MapEntry> entries;
  entries.reserve(message.Size(map));
  for (const MapEntry& entry : message.Entries(map)) entries.push_back(entry);
  std::sort(entries.begin(), entries.end(), KeyIsLess);
  return entries;
}

}  // namespace penstock::codec::json
