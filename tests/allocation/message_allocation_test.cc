// Parsing and serialising a message in an arena that is used again costs no heap allocation.
#include <gtest/gtest.h>

#include <string>

#include "penstock/codec/message.h"
#include "penstock/tests/allocation/counting_allocator.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/slab_pool.h"

#include "codec/testing/rich_proto3.penstock.h"

namespace penstock::test {
namespace {

using codec::testing::rich3::Rich;

std::string RichOnTheWire() {
  Rich message;
  message.set_a_string(std::string(100, 's'));
  message.mutable_inner()->mutable_again()->set_an_int32(4);
  message.set_choice_text("chosen");
  for (int i = 0; i < 20; ++i) {
    message.add_int64s(i * 1000);
    message.add_strings(std::string(static_cast<size_t>(i) * 5, 't'));
    message.add_inners()->set_text("in a repeated message");
    (*message.mutable_string_map())["key " + std::to_string(i)] = "value";
    (*message.mutable_inner_map())[std::to_string(i)].set_number(i);
  }
  return message.SerializeAsString() + "\xa2\x3f\x03xyz";  // and an unknown field
}

TEST(MessageAllocation, NoneInAnArenaThatIsUsedAgain) {
  const std::string wire = RichOnTheWire();
  wire::SlabPool pool;
  wire::Arena arena(&pool);
  std::string out(wire.size(), '\0');
  AllocationCount count;
  for (int call = 0; call < 1000; ++call) {
    if (call == 10) StartCountingHere(&count);
    Rich* message = arena.New<Rich>(&arena);
    const bool ok = message->ParseFrom(wire::AsBytes(wire)).ok();
    const size_t bytes = message->ByteSize();
    message->SerializeTo(reinterpret_cast<uint8_t*>(out.data()));
    arena.Reset();
    if (!ok || bytes != wire.size()) break;
    if (call == 999) out[0] = 'x';  // reached the end
  }
  StopCountingHere();
  EXPECT_EQ(out[0], 'x');
  EXPECT_EQ(count.allocations.load(), 0u);
}

}  // namespace
}  // namespace penstock::test
