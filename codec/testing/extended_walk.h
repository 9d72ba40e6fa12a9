// The extensions of extended.proto, all of them: decoded and looked through, or made the program's
// own, at any depth.
#ifndef PENSTOCK_CODEC_TESTING_EXTENDED_WALK_H_
#define PENSTOCK_CODEC_TESTING_EXTENDED_WALK_H_

#include "penstock/codec/extension.h"

#include "codec/testing/extended.penstock.h"

namespace penstock::codec::testing {

// Calls visit(ids...) with all extensions of Item.
template <typename Visit>
auto WithItemExtensions(Visit visit) {
  using namespace extended;  // NOLINT(build/namespaces)
  return visit(a_double, a_float, an_int32, an_int64, a_uint32, a_uint64, a_sint32, a_sint64,
               a_fixed32, a_fixed64, an_sfixed32, an_sfixed64, a_bool, a_string, some_bytes, a_mood,
               a_part, agroup, default_int32, default_uint64, default_double, default_bool,
               default_string, default_bytes, default_mood, doubles, floats, int32s, int64s,
               uint32s, uint64s, sint32s, sint64s, fixed32s, fixed64s, sfixed32s, sfixed64s, bools,
               strings, blobs, moods, parts, agroups, packed_doubles, packed_int32s, packed_int64s,
               packed_sint32s, packed_sint64s, packed_bools, packed_moods, packed_fixed32s, far,
               a_set, needy, Item::Review::best_review, Item::Review::reviews,
               Item::Review::star_count);
}

// Whether every extension decodes and lacks nothing: what Protocol Buffers say when they parse.
template <typename M>
bool IsWhole(const M&) {
  return true;
}
bool IsWhole(const extended::Part& part);
bool IsWhole(const extended::AGroup& group);
bool IsWhole(const extended::Set& set);
bool IsWhole(const extended::Item& item);
bool IsWhole(const extended::Holder& holder);

// Sets every extension that is there to what it is.
template <typename M>
void Touch(M&) {}
void Touch(extended::Part& part);
void Touch(extended::AGroup& group);
void Touch(extended::Set& set);
void Touch(extended::Item& item);
void Touch(extended::Holder& holder);

}  // namespace penstock::codec::testing

#endif  // PENSTOCK_CODEC_TESTING_EXTENDED_WALK_H_
