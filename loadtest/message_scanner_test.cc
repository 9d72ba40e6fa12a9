#include "penstock/loadtest/message_scanner.h"

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "penstock/wire/testing/any_split.h"

namespace penstock::loadtest {
namespace {

std::string Message(size_t bytes) {
  std::string text(wire::kMessagePrefixBytes, '\0');
  wire::StoreMessagePrefix(reinterpret_cast<uint8_t*>(text.data()),
                           {0, static_cast<uint32_t>(bytes)});
  return text + std::string(bytes, 'x');
}

TEST(MessageScanner, CountsMessagesHoweverTheyAreCut) {
  const std::string text = Message(3) + Message(0) + Message(0) + Message(300) + Message(1);
  wire::ForEachSplit(wire::AsBytes(text), [](std::span<const wire::Bytes> pieces) {
    MessageScanner scanner;
    uint64_t count = 0;
    for (const wire::Bytes piece : pieces) count += scanner.Scan(piece);
    EXPECT_EQ(count, 5u);
    EXPECT_TRUE(scanner.between_messages());
  });
}

TEST(MessageScanner, KnowsThatTheLastMessageIsCutOff) {
  const std::string text = Message(3);
  for (size_t bytes = 1; bytes < text.size(); ++bytes) {
    MessageScanner scanner;
    EXPECT_EQ(scanner.Scan(wire::AsBytes(text.substr(0, bytes))), 0u);
    EXPECT_FALSE(scanner.between_messages()) << bytes;
  }
}

}  // namespace
}  // namespace penstock::loadtest
