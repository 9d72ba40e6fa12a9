// Any octets, parsed as messages of every shape: an error or a message that survives a round trip.
#include <cstddef>
#include <cstdint>
#include <string>

#include "penstock/codec/message.h"
#include "penstock/codec/testing/extended_walk.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

#include "codec/testing/everything.penstock.h"
#include "codec/testing/extended.penstock.h"
#include "codec/testing/rich_proto2.penstock.h"
#include "codec/testing/rich_proto3.penstock.h"

namespace {

template <typename M>
void RoundTrip(penstock::wire::Bytes input) {
  M message;
  const auto result = message.ParseFrom(input, penstock::codec::StringRule::kAlias);
  if (!result.ok()) {
    PENSTOCK_CHECK(result.offset <= input.size(), "errors name a place in the input");
    return;
  }
  const M copy = message;
  PENSTOCK_CHECK(copy == message, "a copy equals its original");
  const std::string wire = message.SerializeAsString();
  PENSTOCK_CHECK(wire.size() == message.ByteSize(), "ByteSize says what is written");
  M again;
  PENSTOCK_CHECK(again.ParseFrom(penstock::wire::AsBytes(wire)).ok(), "what we write, we read");
  PENSTOCK_CHECK(again == message, "a round trip loses nothing");
}

// The same, and once more with every extension set to what it is.
template <typename M>
void ExtendedRoundTrip(penstock::wire::Bytes input) {
  namespace t = penstock::codec::testing;
  RoundTrip<M>(input);
  M message;
  if (!message.ParseFrom(input, penstock::codec::StringRule::kAlias).ok()) return;
  const bool is_whole = t::IsWhole(message);
  t::Touch(message);
  const std::string wire = message.SerializeAsString();
  PENSTOCK_CHECK(wire.size() == message.ByteSize(), "ByteSize says what is written");
  M again;
  PENSTOCK_CHECK(again.ParseFrom(penstock::wire::AsBytes(wire)).ok(), "what we write, we read");
  PENSTOCK_CHECK(!is_whole || t::IsWhole(again), "extensions that were set decode");
  PENSTOCK_CHECK(again == message, "a round trip loses nothing");
  PENSTOCK_CHECK(M(message) == message, "a copy equals its original");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace t = penstock::codec::testing;
  const penstock::wire::Bytes input(data, size);
  RoundTrip<t::Singular>(input);
  RoundTrip<t::Optional>(input);
  RoundTrip<t::Repeated>(input);
  RoundTrip<t::Choice>(input);
  RoundTrip<t::Tree>(input);
  RoundTrip<t::rich3::Rich>(input);
  RoundTrip<t::rich2::Rich>(input);
  RoundTrip<t::rich2::Needy>(input);
  ExtendedRoundTrip<t::extended::Item>(input);
  ExtendedRoundTrip<t::extended::Part>(input);
  ExtendedRoundTrip<t::extended::Set>(input);
  ExtendedRoundTrip<t::extended::Holder>(input);
  return 0;
}
