// What the source of a generated message needs: the parser, the writer, and default instances.
#ifndef PENSTOCK_CODEC_GENERATED_H_
#define PENSTOCK_CODEC_GENERATED_H_

#include "penstock/codec/message.h"
#include "penstock/codec/parser.h"
#include "penstock/codec/writer.h"

namespace penstock::codec {

// Holds the empty message that getters of absent messages give. Made at compile time, never
// destroyed.
template <typename M>
union DefaultInstance {
  constexpr DefaultInstance() : message() {}
  constexpr ~DefaultInstance() {}
  M message;
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_GENERATED_H_
