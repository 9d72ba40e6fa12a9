#include "penstock/rpc/message_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "penstock/wire/message_prefix.h"
#include "penstock/wire/slab_pool.h"
#include "penstock/wire/testing/any_split.h"

namespace penstock::rpc {
namespace {

using Fault = MessageQueue::Fault;
using Texts = std::vector<std::string>;

constexpr uint32_t kBytesMax = 4 * 1024 * 1024;

std::string Framed(std::string_view message, uint8_t flag = 0) {
  uint8_t prefix[wire::kMessagePrefixBytes];
  wire::StoreMessagePrefix(prefix, {flag, static_cast<uint32_t>(message.size())});
  return std::string(wire::AsString(prefix)).append(message);
}

class MessageQueueTest : public ::testing::Test {
 protected:
  Fault Append(std::string_view bytes) { return queue_.Append(wire::AsBytes(bytes)); }
  static Texts TakeAll(MessageQueue& queue) {
    Texts texts;
    while (!queue.empty()) texts.emplace_back(wire::AsString(queue.Take()));
    return texts;
  }
  // Of what lies here; see the header.
  size_t MemoryMax(const MessageQueue& queue) const {
    return MessageQueue::kMemoryFactor * (queue.bytes() + queue.under_way_bytes()) +
           MessageQueue::kMemorySlabs * slabs_.payload_bytes();
  }
  size_t MemoryMax() const { return MemoryMax(queue_); }

  wire::SlabPool slabs_;
  MessageMemory memory_{&slabs_};
  MessageQueue queue_{&memory_, kBytesMax};
};

TEST_F(MessageQueueTest, FindsMessagesHoweverTheirDataIsCut) {
  const std::string large(40'000, 'l');
  const struct {
    const char* name;
    std::string bytes;
    Texts want;
    bool at_boundary;
  } cases[] = {
      {"one", Framed("hello"), {"hello"}, true},
      {"an empty one", Framed(""), {""}, true},
      {"several", Framed("a") + Framed("") + Framed("ccc"), {"a", "", "ccc"}, true},
      {"half a prefix", Framed("a") + std::string(3, '\0'), {"a"}, false},
      {"a prefix alone", Framed("a") + Framed("b").substr(0, 5), {"a"}, false},
      {"half a message", Framed("a") + Framed("bcd").substr(0, 7), {"a"}, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    wire::ForEachSplit(wire::AsBytes(c.bytes), [&](std::span<const wire::Bytes> pieces) {
      MessageQueue queue(&memory_, kBytesMax);
      size_t fed_bytes = 0;
      for (const wire::Bytes piece : pieces) {
        EXPECT_EQ(queue.Append(piece), Fault::kNone);
        fed_bytes += piece.size();
        EXPECT_EQ(queue.bytes() + queue.under_way_bytes(), fed_bytes);
      }
      EXPECT_EQ(queue.at_boundary(), c.at_boundary);
      EXPECT_EQ(queue.count(), c.want.size());
      EXPECT_EQ(TakeAll(queue), c.want);
      EXPECT_EQ(queue.bytes(), 0u);
    });
  }
}

TEST_F(MessageQueueTest, AMessageMayBeLargerThanASlab) {
  std::string bytes;
  Texts want;
  for (const size_t size : {16'000, 16'400, 16'468, 16'469, 16'500, 100'000, 3, 1'000'000}) {
    want.emplace_back(size, static_cast<char>('a' + want.size()));
    bytes += Framed(want.back());
  }
  for (const size_t piece : {size_t{1'000}, size_t{8'192}, bytes.size()}) {
    SCOPED_TRACE(piece);
    // Without the blocks of the round before, which may be used at once.
    wire::SlabPool slabs;
    MessageMemory memory{&slabs};
    MessageQueue queue(&memory, kBytesMax);
    for (size_t at = 0; at < bytes.size(); at += piece) {
      ASSERT_EQ(queue.Append(wire::AsBytes(std::string_view(bytes).substr(at, piece))),
                Fault::kNone);
      ASSERT_LE(queue.memory_bytes(), 2 * MemoryMax(queue));
    }
    EXPECT_EQ(TakeAll(queue), want);
    queue.LetGo();
    EXPECT_EQ(queue.memory_bytes(), 0u);
    EXPECT_EQ(memory.large_bytes, 0u);
  }
}

TEST_F(MessageQueueTest, FaultsAreSaidAtThePrefixAndStay) {
  const struct {
    const char* name;
    std::string prefix;
    Fault want;
  } cases[] = {
      {"flag 2", std::string("\x02\0\0\0\x01", 5), Fault::kBadFlag},
      {"flag 255", std::string("\xff\0\0\0\x01", 5), Fault::kBadFlag},
      {"compressed", std::string("\x01\0\0\0\x01", 5), Fault::kCompressed},
      {"one too long", std::string("\0\0\0\0\x0b", 5), Fault::kTooLarge},
      {"far too long", std::string("\0\xff\xff\xff\xff", 5), Fault::kTooLarge},
      {"the longest", std::string("\0\0\0\0\x0a", 5), Fault::kNone},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    MessageQueue queue(&memory_, 10);
    ASSERT_EQ(queue.Append(wire::AsBytes(Framed("good"))), Fault::kNone);
    EXPECT_EQ(queue.Append(wire::AsBytes(c.prefix)), c.want);
    EXPECT_EQ(queue.Append(wire::AsBytes("more")), c.want);
    EXPECT_EQ(queue.count(), 1u);
  }
}

TEST_F(MessageQueueTest, APrefixAloneTakesNoMoreThanItsFirstRoom) {
  ASSERT_EQ(Append(std::string("\0\0\x40\0\0", 5)), Fault::kNone);  // 4 MiB will follow
  EXPECT_LE(queue_.memory_bytes(), 20u * 1024);
  queue_.Drop();
  EXPECT_EQ(memory_.large_bytes, 0u);
}

// Whole messages fill the stock again and again, whoever takes from it.
TEST_F(MessageQueueTest, PrefixesAndAnOctetEachHoldNoIdleBlocks) {
  const std::string whole = Framed(std::string(kBytesMax, 'x'));
  std::vector<std::unique_ptr<MessageQueue>> slow;
  for (size_t i = 0; i < 20; ++i) {
    for (size_t at = 0; at < whole.size(); at += 16'384) {
      ASSERT_EQ(Append(std::string_view(whole).substr(at, 16'384)), Fault::kNone);
      ASSERT_LE(queue_.memory_bytes(), 20 * 1024 + 16 * (at + 16'384));
    }
    EXPECT_EQ(queue_.Take().size(), kBytesMax);
    queue_.LetGo();
    slow.push_back(std::make_unique<MessageQueue>(&memory_, kBytesMax));
    for (const size_t bytes : {wire::kMessagePrefixBytes, size_t{1}}) {
      ASSERT_EQ(slow.back()->Append(wire::AsBytes(whole).first(bytes)), Fault::kNone);
    }
    EXPECT_LE(memory_.large_bytes, slow.size() * 20 * 1024);
  }
}

// A window full of the smallest messages, of the worst size for slabs, and of others.
TEST_F(MessageQueueTest, MemoryIsBoundByOctetsWhateverTheirMessages) {
  constexpr size_t kWindowBytes = 1024 * 1024;
  for (const size_t size : {0, 1, 100, 5'000, 8'235, 8'236, 16'000, 16'467, 16'468, 20'000}) {
    SCOPED_TRACE(size);
    const std::string framed = Framed(std::string(size, 'x'));
    while (queue_.bytes() + framed.size() <= kWindowBytes) {
      ASSERT_EQ(Append(framed), Fault::kNone);
      ASSERT_LE(queue_.memory_bytes(), MemoryMax());
    }
    while (!queue_.empty()) {
      (void)queue_.Take();
      ASSERT_LE(queue_.memory_bytes(), MemoryMax());
    }
    queue_.LetGo();
    EXPECT_EQ(queue_.memory_bytes(), 0u);
    EXPECT_EQ(slabs_.slabs_lent_count(), 0u);
  }
}

TEST_F(MessageQueueTest, WhatWasTakenStaysUntilTheNext) {
  ASSERT_EQ(Append(Framed("first")), Fault::kNone);
  const wire::Bytes first = queue_.Take();
  ASSERT_EQ(Append(Framed("second") + Framed("third").substr(0, 7)), Fault::kNone);
  EXPECT_EQ(wire::AsString(first), "first");
  EXPECT_EQ(wire::AsString(queue_.Take()), "second");
  queue_.LetGo();  // the third lies behind it, and is not whole
  ASSERT_EQ(Append("ird"), Fault::kNone);
  EXPECT_EQ(wire::AsString(queue_.Take()), "third");
}

TEST_F(MessageQueueTest, WhatWasTakenOutlivesTheRest) {
  ASSERT_EQ(Append(Framed("first") + Framed("second") + Framed(std::string(50'000, 'x'))),
            Fault::kNone);
  const wire::Bytes first = queue_.Take();
  queue_.Drop();
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(wire::AsString(first), "first");
  EXPECT_EQ(slabs_.slabs_lent_count(), 1u);
  EXPECT_EQ(memory_.large_bytes, 0u);
  queue_.LetGo();
  EXPECT_EQ(slabs_.slabs_lent_count(), 0u);
}

TEST_F(MessageQueueTest, WhatIsUnderWayIsDroppedAsWell) {
  const std::string small = Framed("abc").substr(0, 6);
  const std::string large = Framed(std::string(50'000, 'x')).substr(0, 30'000);
  for (const std::string& bytes : {small, large}) {
    ASSERT_EQ(Append(Framed("whole") + bytes), Fault::kNone);
    queue_.Drop();
    EXPECT_TRUE(queue_.empty());
    EXPECT_TRUE(queue_.at_boundary());
    EXPECT_EQ(queue_.memory_bytes(), 0u);
  }
}

}  // namespace
}  // namespace penstock::rpc
