// LinesCodec: "application/grpc+lines": a line "number=value" for each field that is present, as in
//
//     1=apples
//     2=3
//
// An example of codec::Codec: it knows messages by their layouts alone, and serves any that has
// nothing but single strings and int32s.
#ifndef PENSTOCK_EXAMPLES_CODECS_LINES_CODEC_H_
#define PENSTOCK_EXAMPLES_CODECS_LINES_CODEC_H_

#include <string>
#include <string_view>

#include "penstock/codec/codec.h"

namespace examples {

class LinesCodec final : public penstock::codec::Codec {
 public:
  std::string_view subtype() const override { return "lines"; }

  penstock::codec::CodecResult Parse(penstock::wire::Bytes input,
                                     const penstock::codec::MessageClass& its_class,
                                     penstock::codec::MessageHead& message) const override;
  penstock::codec::CodecResult Serialize(const penstock::codec::MessageHead& message,
                                         const penstock::codec::MessageClass& its_class,
                                         std::string& output) const override;
};

}  // namespace examples

#endif  // PENSTOCK_EXAMPLES_CODECS_LINES_CODEC_H_
