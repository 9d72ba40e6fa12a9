// JsonCodec: messages of calls as JSON, "application/grpc+json".
//
//     server.registry().AddCodec(json::JsonCodec::Of<HelloRequest, HelloReply>());
//
// It knows the messages of all files that declare one of the classes it is made of, and of what
// those import; a call with any other message is answered INTERNAL, with its name.
//
// Only those who make one link JSON and the descriptors of these files.
#ifndef PENSTOCK_CODEC_JSON_JSON_CODEC_H_
#define PENSTOCK_CODEC_JSON_JSON_CODEC_H_

#include <memory>
#include <string>
#include <string_view>

#include "penstock/codec/codec.h"
#include "penstock/codec/json/json.h"
#include "penstock/codec/reflection/generated_types.h"

namespace penstock::codec::json {

class JsonCodec final : public Codec {
 public:
  template <typename... Messages>
  static std::unique_ptr<const JsonCodec> Of(const JsonParseOptions& parse = {},
                                             const JsonPrintOptions& print = {}) {
    (static_cast<void>(reflection::TypeOf<Messages>()), ...);
    return std::make_unique<JsonCodec>(reflection::GeneratedTypes(), parse, print);
  }

  // Ownership: `types`, and what the options refer to, outlive the codec.
  JsonCodec(const reflection::TypeSource& types, const JsonParseOptions& parse,
            const JsonPrintOptions& print)
      : types_(types), parse_(parse), print_(print) {}

  std::string_view subtype() const override { return "json"; }
  CodecResult Parse(wire::Bytes input, const MessageClass& its_class,
                    MessageHead& message) const override;
  CodecResult Serialize(const MessageHead& message, const MessageClass& its_class,
                        std::string& output) const override;

 private:
  const reflection::TypeSource& types_;
  const JsonParseOptions parse_;
  const JsonPrintOptions print_;
};

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_JSON_CODEC_H_
