// The entries of a map in the order of their keys: how JSON and text format print them, so that
// equal messages give equal text.
#ifndef PENSTOCK_CODEC_JSON_SORTED_ENTRIES_H_
#define PENSTOCK_CODEC_JSON_SORTED_ENTRIES_H_

#include <vector>

#include "penstock/codec/reflection/message_ref.h"

namespace penstock::codec::json {

// Ownership: as the entries themselves.
std::vector<reflection::MapEntry> SortedEntries(reflection::ConstMessageRef message,
                                                const reflection::Field& map);

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_SORTED_ENTRIES_H_
