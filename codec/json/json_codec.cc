#include "penstock/codec/json/json_codec.h"

namespace penstock::codec::json {
namespace {

CodecResult Unknown(const MessageClass& its_class) {
  return {"the codec for JSON was not told of " + std::string(its_class.full_name)};
}

}  // namespace

CodecResult JsonCodec::Parse(wire::Bytes input, const MessageClass& its_class,
                             MessageHead& message) const {
  const reflection::MessageType* type = types_.FindType(its_class.full_name);
  if (type == nullptr) return Unknown(its_class);
  const reflection::MessageRef read(message, *type);
  return {FromJson(wire::AsString(input), read, parse_).message()};
}

CodecResult JsonCodec::Serialize(const MessageHead& message, const MessageClass& its_class,
                                 std::string& output) const {
  const reflection::MessageType* type = types_.FindType(its_class.full_name);
  if (type == nullptr) return Unknown(its_class);
  return {ToJson(reflection::ConstMessageRef(message, *type), &output, print_).message()};
}

}  // namespace penstock::codec::json
