// Any octets, parsed as messages of every shape by Protocol Buffers and by us: the same verdict,
// and the same message.
#include <cstddef>
#include <cstdint>
#include <string>

#include "google/protobuf/stubs/logging.h"

#include "penstock/codec/message.h"
#include "penstock/codec/testing/random_message.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

#include "codec/testing/google/rich_proto2.pb.h"
#include "codec/testing/google/rich_proto3.pb.h"
#include "codec/testing/rich_proto2.penstock.h"
#include "codec/testing/rich_proto3.penstock.h"

namespace penstock::codec::testing {
namespace {

// Unknown fields are kept as they came here, and written anew there: so what each side wrote is
// read and written by theirs once more before the two are compared.
template <typename Ours, typename Theirs>
void Compare(const std::string& octets) {
  Theirs theirs;
  const bool accepted = theirs.ParseFromString(octets);
  Ours ours;
  const ParseResult result = ours.ParseFrom(wire::AsBytes(octets));
  PENSTOCK_CHECK(result.ok() == accepted, "both give the same verdict");
  PENSTOCK_CHECK(result.offset <= octets.size(), "errors name a place in the input");
  if (!accepted) return;
  Theirs from_ours;
  PENSTOCK_CHECK(from_ours.ParseFromString(ours.SerializeAsString()), "they read what we write");
  Theirs from_theirs;
  PENSTOCK_CHECK(from_theirs.ParseFromString(SerializeSorted(theirs)), "and what they write");
  PENSTOCK_CHECK(SerializeSorted(from_ours) == SerializeSorted(from_theirs),
                 "both have the same message");
}

}  // namespace
}  // namespace penstock::codec::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace own = penstock::codec::testing;
  static const google::protobuf::LogSilencer silencer;  // it logs each message it refuses
  const std::string octets(reinterpret_cast<const char*>(data), size);
  own::Compare<own::rich3::Rich, own::google_proto3::Rich>(octets);
  own::Compare<own::rich2::Rich, own::google_proto2::Rich>(octets);
  own::Compare<own::rich2::Needy, own::google_proto2::Needy>(octets);
  return 0;
}
