#include "penstock/wire/scratch_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace penstock::wire {
namespace {

void Write(ScratchBuffer& buffer, const std::string& text) {
  Bytes rest = AsBytes(text);
  while (!rest.empty()) {
    const MutableBytes room = buffer.Room();
    ASSERT_FALSE(room.empty());
    const size_t piece = std::min(room.size(), rest.size());
    std::memcpy(room.data(), rest.data(), piece);
    buffer.Commit(piece);
    rest = rest.subspan(piece);
  }
}

TEST(ScratchBuffer, HoldsWhatWasWrittenHoweverMuch) {
  ScratchBuffer buffer;
  for (const size_t bytes : {1u, 4095u, 4096u, 4097u, 100'000u, 5u}) {
    SCOPED_TRACE(bytes);
    buffer.Begin(1 << 20);
    EXPECT_EQ(buffer.size(), 0u);
    const std::string text(bytes, static_cast<char>('a' + bytes % 26));
    Write(buffer, text.substr(0, bytes / 2));
    Write(buffer, text.substr(bytes / 2));
    EXPECT_TRUE(AsString(buffer.bytes()) == text);
  }
}

TEST(ScratchBuffer, HasNoRoomPastItsBound) {
  ScratchBuffer buffer;
  for (const size_t bytes_max : {size_t{10'000}, size_t{10}, size_t{0}}) {
    SCOPED_TRACE(bytes_max);
    buffer.Begin(bytes_max);
    size_t taken = 0;
    for (MutableBytes room = buffer.Room(); !room.empty(); room = buffer.Room()) {
      taken += room.size();
      buffer.Commit(room.size());
    }
    EXPECT_EQ(taken, bytes_max);
    EXPECT_EQ(buffer.size(), bytes_max);
  }
}

TEST(ScratchBuffer, GrowsWithWhatIsWrittenAndNotWithItsBound) {
  ScratchBuffer buffer;
  buffer.Begin(size_t{1} << 40);
  Write(buffer, std::string(10'000, 'x'));
  EXPECT_LE(buffer.capacity_bytes(), 20'000u);
}

TEST(ScratchBuffer, KeepsTheMemoryOfUsualMessagesOnly) {
  ScratchBuffer buffer;
  buffer.Begin(1 << 20);
  std::memset(buffer.RoomFor(ScratchBuffer::kIdleBytesMax), 'x', ScratchBuffer::kIdleBytesMax);
  buffer.Trim();
  EXPECT_EQ(buffer.capacity_bytes(), ScratchBuffer::kIdleBytesMax);
  buffer.RoomFor(ScratchBuffer::kIdleBytesMax + 1);
  buffer.Trim();
  EXPECT_EQ(buffer.capacity_bytes(), 0u);
}

}  // namespace
}  // namespace penstock::wire
