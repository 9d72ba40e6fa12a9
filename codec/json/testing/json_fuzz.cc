// Any text, read as messages of every shape: a fault with a sentence, or a message that survives
// being printed and read, and being serialised and parsed.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/codec/json/json.h"
#include "penstock/codec/message.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

#include "codec/json/testing/known.penstock.h"
#include "codec/testing/rich_proto2.penstock.h"
#include "codec/testing/rich_proto3.penstock.h"

namespace {

namespace json = penstock::codec::json;

template <typename M>
void RoundTrip(std::string_view text, const json::JsonParseOptions& options) {
  M message;
  const json::JsonStatus status = json::FromJson(text, &message, options);
  if (!status.ok()) return;
  for (const bool pretty : {false, true}) {
    std::string printed;
    const json::JsonStatus print_status = json::ToJson(message, &printed, {.pretty = pretty});
    PENSTOCK_CHECK(print_status.ok(), print_status.message().c_str());
    M again;
    const json::JsonStatus again_status = json::FromJson(printed, &again);
    PENSTOCK_CHECK(again_status.ok(), again_status.message().c_str());
    PENSTOCK_CHECK(again == message, "a round trip loses nothing");
  }
  M from_wire;
  const std::string wire = message.SerializeAsString();
  PENSTOCK_CHECK(from_wire.ParseFrom(penstock::wire::AsBytes(wire)).ok(), "the wire carries it");
  PENSTOCK_CHECK(from_wire == message, "and loses nothing");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bool ignore_unknown_fields : {false, true}) {
    const json::JsonParseOptions options = {.ignore_unknown_fields = ignore_unknown_fields};
    RoundTrip<json::testing::known::Known>(text, options);
    RoundTrip<penstock::codec::testing::rich3::Rich>(text, options);
    RoundTrip<penstock::codec::testing::rich2::Rich>(text, options);
  }
  return 0;
}
