#include "penstock/http2/frame_reader.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/wire/slab_pool.h"
#include "penstock/wire/testing/any_split.h"

namespace penstock::http2 {
namespace {

using Result = FrameReader::Result;

struct Frame {
  int type;
  uint32_t stream_id;
  std::string payload;
  bool operator==(const Frame&) const = default;
};

std::string Framed(FrameType type, uint32_t id, const std::string& payload) {
  std::string bytes(kFrameHeaderBytes, '\0');
  StoreFrameHeader(reinterpret_cast<uint8_t*>(bytes.data()),
                   {static_cast<uint32_t>(payload.size()), type, 0, id});
  return bytes + payload;
}

// Reads all that is there; pieces of a frame are joined. The last result is kNeedMore or kTooLarge.
Result ReadAll(FrameReader& reader, std::vector<Frame>* frames) {
  for (;;) {
    const Result result = reader.Next();
    if (result != Result::kFrame) return result;
    if (reader.begins_frame()) {
      frames->push_back({static_cast<int>(reader.header().type), reader.header().stream_id, ""});
    }
    frames->back().payload += wire::AsString(reader.payload());
    if (reader.ends_frame()) {
      EXPECT_EQ(frames->back().payload.size(), reader.header().payload_bytes);
    }
  }
}

TEST(FrameReader, FramesAreTheSameAtAnySplit) {
  const std::string wire =
      Framed(FrameType::kSettings, 0, "") + Framed(FrameType::kData, 1, "hello") +
      Framed(FrameType::kHeaders, 3, "block") + Framed(FrameType{0x77}, 5, "of no known type") +
      Framed(FrameType::kData, 1, "") + Framed(FrameType::kPing, 0, "12345678");
  const std::vector<Frame> want = {{4, 0, ""},      {0, 1, "hello"},
                                   {1, 3, "block"}, {0x77, 5, "of no known type"},
                                   {0, 1, ""},      {6, 0, "12345678"}};
  wire::ForEachSplit(wire::AsBytes(wire), [&](std::span<const wire::Bytes> pieces) {
    wire::SlabPool pool;
    FrameReader reader(&pool);
    std::vector<Frame> frames;
    for (const wire::Bytes piece : pieces) {
      reader.Push(piece);
      EXPECT_EQ(ReadAll(reader, &frames), Result::kNeedMore);
    }
    EXPECT_EQ(frames, want);
    EXPECT_EQ(pool.slabs_lent_count(), 0u) << "an idle reader holds no slab";
  });
}

TEST(FrameReader, DataAndUnknownFramesComePieceByPiece) {
  for (const FrameType type : {FrameType::kData, FrameType{0xff}}) {
    wire::SlabPool pool;
    FrameReader reader(&pool);
    const std::string wire = Framed(type, 1, "hello");
    reader.Push(wire::AsBytes(std::string_view(wire).substr(0, 11)));
    ASSERT_EQ(reader.Next(), Result::kFrame);
    EXPECT_EQ(wire::AsString(reader.payload()), "he");
    EXPECT_TRUE(reader.begins_frame());
    EXPECT_FALSE(reader.ends_frame());
    EXPECT_EQ(reader.Next(), Result::kNeedMore);
    reader.Push(wire::AsBytes(std::string_view(wire).substr(11)));
    ASSERT_EQ(reader.Next(), Result::kFrame);
    EXPECT_EQ(wire::AsString(reader.payload()), "llo");
    EXPECT_FALSE(reader.begins_frame());
    EXPECT_TRUE(reader.ends_frame());
    EXPECT_EQ(pool.slabs_lent_count(), 0u);
  }
}

TEST(FrameReader, ADataFrameIsAnnouncedByItsHeaderAlone) {
  wire::SlabPool pool;
  FrameReader reader(&pool);
  const std::string wire = Framed(FrameType::kData, 1, "hello");
  reader.Push(wire::AsBytes(std::string_view(wire).substr(0, kFrameHeaderBytes)));
  ASSERT_EQ(reader.Next(), Result::kFrame);
  EXPECT_TRUE(reader.begins_frame());
  EXPECT_FALSE(reader.ends_frame());
  EXPECT_TRUE(reader.payload().empty());
}

TEST(FrameReader, AFrameAboveTheLimitIsRefusedAtItsHeader) {
  for (const FrameType type : {FrameType::kData, FrameType::kHeaders, FrameType{0x30}}) {
    const std::string wire = Framed(type, 1, std::string(101, 'x')).substr(0, kFrameHeaderBytes);
    wire::ForEachSplit(wire::AsBytes(wire), [](std::span<const wire::Bytes> pieces) {
      wire::SlabPool pool;
      FrameReader reader(&pool);
      reader.set_payload_bytes_max(100);
      std::vector<Frame> frames;
      Result result = Result::kNeedMore;
      for (const wire::Bytes piece : pieces) {
        reader.Push(piece);
        result = ReadAll(reader, &frames);
      }
      EXPECT_EQ(result, Result::kTooLarge);
      EXPECT_TRUE(frames.empty());
    });
  }
}

TEST(FrameReader, AFrameOfTheLimitPasses) {
  wire::SlabPool pool;
  FrameReader reader(&pool);
  const std::string wire = Framed(FrameType::kHeaders, 1, std::string(16'384, 'x'));
  std::vector<Frame> frames;
  for (const size_t cut : {size_t{0}, size_t{5}, size_t{9}, size_t{10}, wire.size() - 1}) {
    reader.Push(wire::AsBytes(std::string_view(wire).substr(0, cut)));
    EXPECT_EQ(ReadAll(reader, &frames), Result::kNeedMore);
    reader.Push(wire::AsBytes(std::string_view(wire).substr(cut)));
    EXPECT_EQ(ReadAll(reader, &frames), Result::kNeedMore);
  }
  EXPECT_EQ(frames.size(), 5u);
}

TEST(FrameReader, AFrameLargerThanASlabIsTakenInPiecesToo) {
  wire::SlabPool pool;
  const std::string wire = Framed(FrameType::kHeaders, 1, std::string(50'000, 'x')) +
                           Framed(FrameType::kPing, 0, "12345678");
  for (const size_t cut : {size_t{0}, size_t{5}, size_t{9}, size_t{20'000}, wire.size() - 20}) {
    FrameReader reader(&pool);
    reader.set_payload_bytes_max(60'000);
    std::vector<Frame> frames;
    reader.Push(wire::AsBytes(std::string_view(wire).substr(0, cut)));
    EXPECT_EQ(ReadAll(reader, &frames), Result::kNeedMore);
    reader.Push(wire::AsBytes(std::string_view(wire).substr(cut)));
    EXPECT_EQ(ReadAll(reader, &frames), Result::kNeedMore);
    EXPECT_EQ(frames, (std::vector<Frame>{{1, 1, std::string(50'000, 'x')}, {6, 0, "12345678"}}));
    EXPECT_EQ(pool.slabs_lent_count(), 0u);
  }
}

TEST(FrameReader, RawOctetsAreTakenBeforeFrames) {
  wire::SlabPool pool;
  FrameReader reader(&pool);
  const std::string wire = "PRI" + Framed(FrameType::kPing, 0, "12345678");
  reader.Push(wire::AsBytes(wire));
  EXPECT_EQ(wire::AsString(reader.TakeRaw(3)), "PRI");
  ASSERT_EQ(reader.Next(), Result::kFrame);
  EXPECT_EQ(wire::AsString(reader.payload()), "12345678");
  EXPECT_TRUE(reader.TakeRaw(3).empty());
}

}  // namespace
}  // namespace penstock::http2
