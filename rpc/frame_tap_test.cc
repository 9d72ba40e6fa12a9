#include "penstock/rpc/frame_tap.h"

#include <gtest/gtest.h>

#include <string>

#include "penstock/wire/slab_pool.h"

namespace penstock::rpc {
namespace {

using http2::FrameType;

std::string FrameOf(FrameType type, uint32_t stream_id, const std::string& payload) {
  std::string octets(http2::kFrameHeaderBytes, '\0');
  http2::StoreFrameHeader(reinterpret_cast<uint8_t*>(octets.data()),
                          {static_cast<uint32_t>(payload.size()), type, 0, stream_id});
  return octets + payload;
}

std::string Written(const FrameTap& tap) {
  std::string text;
  for (const FrameTap::Record& record : tap.records()) {
    text += record.is_sent ? ">" : "<";
    text += std::to_string(static_cast<int>(record.header.type)) + ":" +
            std::to_string(record.header.stream_id) + ":" +
            std::to_string(record.header.payload_bytes) + ":" + std::to_string(record.detail) + " ";
  }
  return text;
}

const std::string kSome = FrameOf(FrameType::kData, 1, std::string(20, 'x')) +
                          FrameOf(FrameType::kData, 1, "") +
                          FrameOf(FrameType::kRstStream, 3, std::string("\0\0\0\x08", 4)) +
                          FrameOf(static_cast<FrameType>(119), 0, "ab");

TEST(FrameTap, FindsReceivedFramesHoweverTheyAreCut) {
  wire::SlabPool pool;
  const wire::OutputChain output(&pool);
  for (size_t cut = 0; cut <= kSome.size(); ++cut) {
    FrameTap tap(kTimeNever);
    tap.Begin(output, true);
    tap.OnReceived(wire::AsBytes(std::string_view(kSome).substr(0, cut)), 1);
    tap.OnReceived(wire::AsBytes(std::string_view(kSome).substr(cut)), 1);
    ASSERT_EQ(Written(tap), "<0:1:20:2021161080 <0:1:0:0 <3:3:4:8 <119:0:2:0 ") << cut;
  }
}

TEST(FrameTap, BeginsWithAWholeFrame) {
  wire::SlabPool pool;
  const wire::OutputChain output(&pool);
  FrameTap tap(kTimeNever);
  tap.Begin(output, false);
  tap.OnReceived(wire::AsBytes(std::string_view("the rest of one")), 1);
  tap.NoteReceivedWhole();
  tap.OnReceived(wire::AsBytes(std::string_view(kSome)), 1);
  EXPECT_EQ(tap.records().size(), 4u);
}

TEST(FrameTap, FindsWhatIsAppendedToTheOutputOnce) {
  wire::SlabPool pool;
  wire::OutputChain output(&pool);
  output.Append(wire::AsBytes(std::string_view(kSome)));
  FrameTap tap(kTimeNever);
  tap.Begin(output, true);
  const std::string ping = FrameOf(FrameType::kPing, 0, "12345678");
  output.Append(wire::AsBytes(std::string_view(ping)));
  tap.OnOutput(output, 1);
  tap.OnOutput(output, 1);
  output.Consume(5);
  output.Append(wire::AsBytes(std::string_view(ping)));
  tap.OnOutput(output, 1);
  EXPECT_EQ(Written(tap), ">6:0:8:825373492 >6:0:8:825373492 ");
  // Taken before anybody could look.
  output.Append(wire::AsBytes(std::string_view(kSome)));
  output.Consume(output.size() - 1);
  tap.OnOutput(output, 1);
  output.Append(wire::AsBytes(std::string_view(ping)));
  tap.OnOutput(output, 1);
  EXPECT_EQ(tap.records().size(), 3u);
}

// As windows of 2 KiB bring it about, in an output of a megabyte.
TEST(FrameTap, LeavesNoneOutHoweverManyPiecesTheOutputHas) {
  wire::SlabPool pool(128);
  wire::OutputChain output(&pool);
  FrameTap tap(kTimeNever);
  tap.Begin(output, true);
  const std::string frame = FrameOf(FrameType::kData, 1, std::string(50, 'x'));
  for (const size_t count : {1'000, 1}) {
    for (size_t i = 0; i < count; ++i) output.Append(wire::AsBytes(std::string_view(frame)));
    tap.OnOutput(output, 1);
  }
  EXPECT_EQ(tap.records().size(), 1'001u);
  for (const FrameTap::Record& record : tap.records()) ASSERT_EQ(record.header.payload_bytes, 50u);
}

TEST(FrameTap, KeepsSoManyAndForSoLong) {
  wire::SlabPool pool;
  const wire::OutputChain output(&pool);
  FrameTap tap(5);
  tap.Begin(output, true);
  const std::string empty = FrameOf(FrameType::kData, 1, "");
  for (size_t i = 0; i < FrameTap::kRecordsMax + 7; ++i) {
    tap.OnReceived(wire::AsBytes(std::string_view(empty)), 5);
  }
  tap.OnReceived(wire::AsBytes(std::string_view(empty)), 6);
  EXPECT_EQ(tap.records().size(), FrameTap::kRecordsMax);
  EXPECT_EQ(tap.left_out_count(), 7u);
}

}  // namespace
}  // namespace penstock::rpc
