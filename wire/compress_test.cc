#include "penstock/wire/compress.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace penstock::wire {
namespace {

using Result = DecompressResult;
using namespace std::string_literals;

constexpr size_t kLimit = 4 * 1024 * 1024;

const std::vector<Compression>& All() {
  static const std::vector<Compression> all = {Gzip(), Deflate(), Zstd()};
  return all;
}

// As a message of at most `limit` octets is decompressed.
struct Unpacked {
  Result result;
  std::string text;
};
Unpacked Unpack(Compressor& compressor, std::string_view packed, size_t limit = kLimit) {
  // A copy of its own, so that a sanitizer sees who reads past the end.
  const std::vector<uint8_t> input(packed.begin(), packed.end());
  ScratchBuffer buffer;
  buffer.Begin(limit + 1);
  const Result result = compressor.Decompress(input, buffer);
  EXPECT_LE(buffer.size(), limit + 1);
  return {result, result == Result::kOk ? std::string(AsString(buffer.bytes())) : ""};
}

std::string Pack(Compressor& compressor, std::span<const Bytes> pieces) {
  ScratchBuffer buffer;
  buffer.Begin(SIZE_MAX);
  EXPECT_TRUE(compressor.Compress(pieces, buffer));
  return std::string(AsString(buffer.bytes()));
}
std::string Pack(Compressor& compressor, std::string_view text) {
  const Bytes piece = AsBytes(text);
  return Pack(compressor, {&piece, 1});
}

// Compresses somewhat.
std::string Text(size_t bytes) {
  std::string text;
  for (uint32_t seed = 1; text.size() < bytes; seed = seed * 1664525u + 1013904223u) {
    text += "word" + std::to_string(seed >> 24);
  }
  return text.substr(0, bytes);
}

std::string Noise(size_t bytes) {
  std::string noise(bytes, '\0');
  uint32_t seed = 7;
  for (char& octet : noise) {
    seed = seed * 1664525u + 1013904223u;
    octet = static_cast<char>(seed >> 24);
  }
  return noise;
}

std::vector<std::string> Messages() {
  return {"",
          "x",
          "hello hello hello",
          Text(4096),
          Text(70'000),
          Noise(1000),
          Noise(300'000),
          Text(1 << 20),
          std::string(kLimit, 'z')};
}

TEST(Compress, WhatWasCompressedComesBack) {
  for (const Compression& compression : All()) {
    const auto compressor = compression.make();  // one for all of them
    for (const std::string& message : Messages()) {
      SCOPED_TRACE(compression.name + ", " + std::to_string(message.size()) + " octets");
      const Unpacked unpacked = Unpack(*compressor, Pack(*compressor, message));
      EXPECT_EQ(unpacked.result, Result::kOk);
      EXPECT_TRUE(unpacked.text == message);
    }
  }
}

TEST(Compress, PiecesAreOneMessage) {
  const std::string text = Text(200'000);
  const Bytes all = AsBytes(text);
  const Bytes pieces[] = {all.first(1), {}, all.subspan(1, 99'999), all.subspan(100'000), {}};
  for (const Compression& compression : All()) {
    SCOPED_TRACE(compression.name);
    const auto compressor = compression.make();
    EXPECT_TRUE(Unpack(*compressor, Pack(*compressor, pieces)).text == text);
    EXPECT_EQ(Unpack(*compressor, Pack(*compressor, std::span<const Bytes>())).text, "");
  }
}

TEST(Compress, StopsWhereTheResultWouldNotBeWorthIt) {
  const std::string noise = Noise(10'000), text = Text(10'000);
  for (const Compression& compression : All()) {
    SCOPED_TRACE(compression.name);
    const auto compressor = compression.make();
    ScratchBuffer buffer;
    for (const auto& [message, fits] : {std::pair{&noise, false}, std::pair{&text, true}}) {
      const Bytes piece = AsBytes(*message);
      buffer.Begin(message->size());
      EXPECT_EQ(compressor->Compress({&piece, 1}, buffer), fits);
      EXPECT_LE(buffer.size(), message->size());
    }
  }
}

// --- As others write and read it

std::string ZlibsOwn(std::string_view text) {
  uLongf bytes = compressBound(text.size());
  std::string packed(bytes, '\0');
  EXPECT_EQ(compress2(reinterpret_cast<Bytef*>(packed.data()), &bytes,
                      reinterpret_cast<const Bytef*>(text.data()), text.size(), 9),
            Z_OK);
  packed.resize(bytes);
  return packed;
}

std::string ZstdsOwn(std::string_view text, int level = 5) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), level));
  return packed;
}

TEST(Compress, ReadsAndWritesWhatZlibDoes) {
  const auto deflate = Deflate().make();
  for (const std::string& message : Messages()) {
    SCOPED_TRACE(message.size());
    EXPECT_TRUE(Unpack(*deflate, ZlibsOwn(message)).text == message);
    const std::string packed = Pack(*deflate, message);
    std::string text(message.size() + 1, '\0');
    uLongf bytes = text.size();
    ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(text.data()), &bytes,
                         reinterpret_cast<const Bytef*>(packed.data()), packed.size()),
              Z_OK);
    text.resize(bytes);
    EXPECT_TRUE(text == message);
  }
}

TEST(Compress, ReadsAndWritesWhatZstdDoes) {
  const auto zstd = Zstd().make();
  for (const std::string& message : Messages()) {
    SCOPED_TRACE(message.size());
    for (const int level : {-5, 1, 19}) {
      if (level == 19 && message.size() > 500'000) continue;  // takes seconds
      EXPECT_TRUE(Unpack(*zstd, ZstdsOwn(message, level)).text == message) << level;
    }
    const std::string packed = Pack(*zstd, message);
    std::string text(message.size() + 1, '\0');
    text.resize(ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size()));
    EXPECT_TRUE(text == message);
  }
}

// "hello hello hello", by Python's gzip and zlib modules.
const std::string kPythonsGzip =
    "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\0\x80\x88\xf9\xe5"
    "\x11\0\0\0"s;
const std::string kPythonsZlib =
    "\x78\x9c\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\0\x3a\x2e\x06\x7d"s;
// The same with a file name, as the program gzip writes it.
const std::string kNamedGzip =
    "\x1f\x8b\x08\x08\0\0\0\0\x02\x03name\0\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\0\x80\x88\xf9\xe5"
    "\x11\0\0\0"s;

TEST(Compress, ReadsWhatPythonWrites) {
  EXPECT_EQ(Unpack(*Gzip().make(), kPythonsGzip).text, "hello hello hello");
  EXPECT_EQ(Unpack(*Gzip().make(), kNamedGzip).text, "hello hello hello");
  EXPECT_EQ(Unpack(*Deflate().make(), kPythonsZlib).text, "hello hello hello");
}

TEST(Compress, OneFormatIsNotAnother) {
  EXPECT_EQ(Unpack(*Gzip().make(), kPythonsZlib).result, Result::kCorrupt);
  EXPECT_EQ(Unpack(*Deflate().make(), kPythonsGzip).result, Result::kCorrupt);
  EXPECT_EQ(Unpack(*Zstd().make(), kPythonsGzip).result, Result::kCorrupt);
  // Deflate without zlib's frame, which some call "deflate".
  EXPECT_EQ(Unpack(*Deflate().make(), kPythonsZlib.substr(2)).result, Result::kCorrupt);
}

// --- Wrong input

TEST(Compress, EveryCutIsAnError) {
  for (const Compression& compression : All()) {
    const auto compressor = compression.make();
    const std::string packed = Pack(*compressor, Text(5000));
    for (size_t bytes = 0; bytes < packed.size(); ++bytes) {
      SCOPED_TRACE(compression.name + " cut at " + std::to_string(bytes));
      ASSERT_EQ(Unpack(*compressor, packed.substr(0, bytes)).result, Result::kTruncated);
    }
    EXPECT_EQ(Unpack(*compressor, packed).text, Text(5000)) << "and the next one is read";
  }
}

TEST(Compress, WhatStandsBehindTheEndIsAnError) {
  for (const Compression& compression : All()) {
    SCOPED_TRACE(compression.name);
    const auto compressor = compression.make();
    const std::string packed = Pack(*compressor, "message");
    EXPECT_EQ(Unpack(*compressor, packed + "and something else").result, Result::kTrailing);
    EXPECT_NE(Unpack(*compressor, packed + "!").result, Result::kOk);
    EXPECT_NE(Unpack(*compressor, packed + '\0').result, Result::kOk);
  }
}

TEST(Compress, AWrongChecksumIsAnError) {
  std::string gzip = kPythonsGzip, zlib = kPythonsZlib;
  gzip[gzip.size() - 6] ^= 1;
  zlib[zlib.size() - 2] ^= 1;
  EXPECT_EQ(Unpack(*Gzip().make(), gzip).result, Result::kCorrupt);
  EXPECT_EQ(Unpack(*Deflate().make(), zlib).result, Result::kCorrupt);
  gzip = kPythonsGzip;
  gzip[gzip.size() - 1] ^= 1;  // the length
  EXPECT_EQ(Unpack(*Gzip().make(), gzip).result, Result::kCorrupt);
}

TEST(Compress, EveryErrorHasItsWords) {
  EXPECT_STREQ(Describe(Result::kCorrupt), "is corrupt");
  for (int i = 0; i <= static_cast<int>(Result::kOutOfMemory); ++i) {
    EXPECT_STRNE(Describe(static_cast<Result>(i)), "");
  }
}

// --- Limits

TEST(Compress, ExactlyTheLimitPassesAndOneMoreDoesNot) {
  for (const Compression& compression : All()) {
    const auto compressor = compression.make();
    for (const size_t bytes : {size_t{0}, size_t{1}, size_t{5000}, size_t{1} << 20}) {
      SCOPED_TRACE(compression.name + ", " + std::to_string(bytes) + " octets");
      EXPECT_EQ(Unpack(*compressor, Pack(*compressor, Text(bytes)), bytes).result, Result::kOk);
      EXPECT_EQ(Unpack(*compressor, Pack(*compressor, Text(bytes + 1)), bytes).result,
                Result::kTooLarge);
    }
  }
}

TEST(Compress, ABombStopsAtTheLimitInTimeAndMemory) {
  const std::string zeros = [] {
    const auto zstd = Zstd().make();
    const std::string megabyte(1 << 20, '\0');
    const std::vector<Bytes> pieces(1 << 8, AsBytes(megabyte));
    return Pack(*zstd, pieces);
  }();
  ScratchBuffer buffer;
  for (const Compression& compression : All()) {
    SCOPED_TRACE(compression.name);
    const auto compressor = compression.make();
    const std::string bomb = compression.name == "zstd"
                                 ? zeros
                                 : Pack(*compressor, std::string(64 << 20, '\0'));
    EXPECT_LT(bomb.size(), size_t{400'000});
    buffer.Begin(1'000'001);
    EXPECT_EQ(compressor->Decompress(AsBytes(bomb), buffer), Result::kTooLarge);
    EXPECT_LE(buffer.capacity_bytes(), 1'000'001u);
  }
}

TEST(Compress, MembersMayFollowOneAnotherUpToTheirLimit) {
  for (const Compression& compression : {Gzip(), Zstd()}) {
    SCOPED_TRACE(compression.name);
    const auto compressor = compression.make();
    const std::string member = Pack(*compressor, "ab"), empty = Pack(*compressor, "");
    EXPECT_EQ(Unpack(*compressor, member + empty + member).text, "abab");
    EXPECT_EQ(Unpack(*compressor, member + member, 3).result, Result::kTooLarge);
    std::string many;
    for (unsigned i = 0; i < kCompressedMembersMax; ++i) many += empty;
    EXPECT_EQ(Unpack(*compressor, many).result, Result::kOk);
    EXPECT_EQ(Unpack(*compressor, many + empty).result, Result::kTooManyMembers);
  }
}

TEST(Compress, ZlibsFormatHasOneMember) {
  const auto deflate = Deflate().make();
  EXPECT_EQ(Unpack(*deflate, Pack(*deflate, "a") + Pack(*deflate, "b")).result, Result::kTrailing);
}

// Text() in a frame that says it needs so large a window, and does not say how long it is.
std::string FrameWithWindow(int window_log) {
  const std::string text = Text(1000);
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string packed(10'000, '\0');
  ZSTD_outBuffer out{packed.data(), packed.size(), 0};
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  // In two steps, or zstd would know the length.
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush);
  EXPECT_EQ(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end), 0u);
  ZSTD_freeCCtx(context);
  return packed.substr(0, out.pos);
}

TEST(Compress, AZstdWindowPastTheLimitIsRefused) {
  const auto zstd = Zstd().make();
  EXPECT_EQ(Unpack(*zstd, FrameWithWindow(kZstdWindowLogMax)).text, Text(1000));
  EXPECT_EQ(Unpack(*zstd, FrameWithWindow(kZstdWindowLogMax + 1)).result, Result::kWindowTooLarge);
  EXPECT_EQ(Unpack(*zstd, FrameWithWindow(10)).text, Text(1000)) << "and the next one is read";
}

TEST(Compress, WhatAZstdFrameAnnouncesTakesNoMemory) {
  // A frame header that announces 1,000,000 octets, and no block behind it.
  const std::string lie = "\x28\xb5\x2f\xfd\xa0\x40\x42\x0f\0"s;
  ASSERT_EQ(ZSTD_getFrameContentSize(lie.data(), lie.size()), 1'000'000u);
  ScratchBuffer buffer;
  buffer.Begin(kLimit + 1);
  EXPECT_EQ(Zstd().make()->Decompress(AsBytes(lie), buffer), Result::kTruncated);
  EXPECT_LE(buffer.capacity_bytes(), ScratchBuffer::kIdleBytesMax);
}

}  // namespace
}  // namespace penstock::wire
