#include "penstock/rpc/raw_message.h"

#include <gtest/gtest.h>

#include <string>

#include "penstock/rpc/message_writer.h"

namespace penstock {
namespace {

std::string Written(const RawMessage& message) {
  const rpc::MessageWriter writer(message);
  std::string octets(writer.byte_size(), '\0');
  uint8_t* const target = reinterpret_cast<uint8_t*>(octets.data());
  EXPECT_EQ(writer.SerializeTo(target), target + octets.size());
  return octets;
}

TEST(RawMessage, IsEmptyWhenNew) {
  wire::Arena arena;
  const RawMessage message(&arena);
  EXPECT_TRUE(message.bytes().empty());
  EXPECT_EQ(Written(message), "");
}

TEST(RawMessage, ViewsWhatItIsToldToAndCopiesTheRest) {
  wire::Arena arena;
  std::string octets("a\0b", 3);
  RawMessage viewing(&arena), copying(&arena), parsed(&arena), kept(&arena);
  viewing.View(octets);
  copying.Copy(octets);
  ASSERT_TRUE(parsed.MergeFromBytes(wire::AsBytes(octets), codec::StringRule::kAlias).ok());
  ASSERT_TRUE(kept.MergeFromBytes(wire::AsBytes(octets), codec::StringRule::kCopy).ok());
  for (const RawMessage* message : {&viewing, &copying, &parsed, &kept}) {
    EXPECT_EQ(Written(*message), octets);
  }
  octets[0] = 'z';
  EXPECT_EQ(viewing.text(), octets);
  EXPECT_EQ(parsed.text(), octets);
  EXPECT_EQ(copying.text(), std::string_view("a\0b", 3));
  EXPECT_EQ(kept.text(), std::string_view("a\0b", 3));
}

}  // namespace
}  // namespace penstock
