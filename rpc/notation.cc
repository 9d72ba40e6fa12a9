#include "penstock/rpc/notation.h"

namespace penstock::rpc {

PENSTOCK_COLD Status StatusOfParseError(codec::ParseResult result) {
  return MakeStatus(StatusCode::kInternal,
                    "the message could not be parsed: " + codec::Describe(result));
}

PENSTOCK_COLD Status ReadByCodec(const Call& call, wire::Bytes octets,
                                 const codec::MessageClass& its_class,
                                 codec::MessageHead& message) {
  const codec::CodecResult read = call.content_codec()->Parse(octets, its_class, message);
  if (read.ok()) return OkStatus();
  return MakeStatus(StatusCode::kInternal, "the message could not be parsed: " + read.error);
}

PENSTOCK_COLD Status WriteByCodec(const Call& call, const codec::MessageClass& its_class,
                                  const codec::MessageHead& message, std::string& output) {
  const codec::CodecResult written = call.content_codec()->Serialize(message, its_class, output);
  if (written.ok()) return OkStatus();
  return MakeStatus(StatusCode::kInternal,
                    "the response could not be serialised: " + written.error);
}

}  // namespace penstock::rpc
