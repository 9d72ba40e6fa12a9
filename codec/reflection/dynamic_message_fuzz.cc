// Any octets as descriptors, and any octets as messages of what they describe: an error, or types
// whose messages survive a round trip.
//
// The first octet says how much of the rest, in 256ths, is the FileDescriptorSet.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/codec/reflection/dynamic_message.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

namespace {

using penstock::codec::StringRule;
namespace reflection = penstock::codec::reflection;
namespace wire = penstock::wire;

constexpr size_t kMessagesMax = 50;  // of one input, so that it takes no longer than another

void RoundTrip(const reflection::MessageType& type, wire::Bytes input) {
  reflection::DynamicMessage message(type);
  const auto result = message.ParseFrom(input, StringRule::kAlias);
  (void)message.ref().InitializationErrorString();
  if (!result.ok()) {
    PENSTOCK_CHECK(result.offset <= input.size(), "errors name a place in the input");
    return;
  }
  const reflection::DynamicMessage copy = message;
  PENSTOCK_CHECK(copy == message, "a copy equals its original");
  const std::string octets = message.SerializeAsString();
  PENSTOCK_CHECK(octets.size() == message.ByteSize(), "ByteSize says what is written");
  reflection::DynamicMessage again(type);
  PENSTOCK_CHECK(again.ParseFrom(wire::AsBytes(octets)).ok(), "what we write, we read");
  PENSTOCK_CHECK(again == message, "a round trip loses nothing");
  for (const reflection::Field& field : type.fields()) {
    if (field.singular()) (void)message.ref().Get(field);
    message.ref().ClearField(field);
    PENSTOCK_CHECK(!message.ref().Has(field), "what was cleared is gone");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const wire::Bytes rest(data + 1, size - 1);
  const size_t set_bytes = rest.size() * data[0] / 255;
  reflection::DescriptorPool pool;
  std::string error;
  const bool ok = pool.AddFileSet(wire::AsString(rest.first(set_bytes)), &error);
  PENSTOCK_CHECK(ok == error.empty(), "what is refused gets a reason");
  const reflection::DynamicTypes types(pool);
  size_t left = kMessagesMax;
  for (const auto* file : pool.files()) {
    PENSTOCK_CHECK(pool.AddFile(pool.OctetsOf(*file), &error) == file, "a file may come again");
    for (const auto& message : file->messages) {
      if (message->is_map_entry || left-- == 0) return 0;
      RoundTrip(types.TypeOf(*message), rest.subspan(set_bytes));
    }
  }
  return 0;
}
