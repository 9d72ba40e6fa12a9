// gzip and deflate, by zlib.
#include <zlib.h>

#include <algorithm>
#include <climits>

#include "penstock/wire/check.h"
#include "penstock/wire/compress.h"

namespace penstock::wire {
namespace {

constexpr int kWindowBits = 15;       // the largest, so that every stream can be read
constexpr int kGzipWindowBits = 16;   // added: the gzip format instead of zlib's
constexpr int kMemoryLevel = 8;       // zlib's own choice
constexpr size_t kStepBytesMax = UINT_MAX;  // z_stream counts in unsigned int

class ZlibCompressor final : public Compressor {
 public:
  ZlibCompressor(bool is_gzip, int level)
      : window_bits_(kWindowBits + (is_gzip ? kGzipWindowBits : 0)),
        members_max_(is_gzip ? kCompressedMembersMax : 1),
        level_(level) {}
  ~ZlibCompressor() override {
    if (deflates_) deflateEnd(&deflating_);
    if (inflates_) inflateEnd(&inflating_);
  }
  ZlibCompressor(const ZlibCompressor&) = delete;
  ZlibCompressor& operator=(const ZlibCompressor&) = delete;

  bool Compress(std::span<const Bytes> pieces, ScratchBuffer& output) override;
  DecompressResult Decompress(Bytes input, ScratchBuffer& output) override;

 private:
  bool BeginDeflating();
  bool BeginInflating();
  // Inflates until the member ends, and cuts it off *input.
  DecompressResult InflateMember(Bytes* input, ScratchBuffer& output);

  const int window_bits_;
  const unsigned members_max_;
  const int level_;
  z_stream deflating_{};
  z_stream inflating_{};
  bool deflates_ = false;
  bool inflates_ = false;
};

// zlib does not write to its input, whatever its type says.
void SetInput(z_stream* stream, Bytes input) {
  stream->next_in = const_cast<Bytef*>(input.data());
  stream->avail_in = static_cast<uInt>(std::min(input.size(), kStepBytesMax));
}

MutableBytes SetOutput(z_stream* stream, ScratchBuffer& output) {
  const MutableBytes room = output.Room();
  stream->next_out = room.data();
  stream->avail_out = static_cast<uInt>(std::min(room.size(), kStepBytesMax));
  return room;
}

bool ZlibCompressor::BeginDeflating() {
  if (PENSTOCK_LIKELY(deflates_)) return deflateReset(&deflating_) == Z_OK;
  deflates_ = deflateInit2(&deflating_, level_, Z_DEFLATED, window_bits_, kMemoryLevel,
                           Z_DEFAULT_STRATEGY) == Z_OK;
  return deflates_;
}

bool ZlibCompressor::BeginInflating() {
  if (PENSTOCK_LIKELY(inflates_)) return inflateReset(&inflating_) == Z_OK;
  inflates_ = inflateInit2(&inflating_, window_bits_) == Z_OK;
  return inflates_;
}

bool ZlibCompressor::Compress(std::span<const Bytes> pieces, ScratchBuffer& output) {
  if (!BeginDeflating()) return false;
  for (size_t i = 0; i <= pieces.size(); ++i) {
    Bytes piece = i < pieces.size() ? pieces[i] : Bytes();
    const int flush = i < pieces.size() ? Z_NO_FLUSH : Z_FINISH;
    int result = Z_OK;
    do {
      SetInput(&deflating_, piece);
      const MutableBytes room = SetOutput(&deflating_, output);
      if (room.empty()) return false;
      const uInt room_bytes = deflating_.avail_out;
      result = deflate(&deflating_, flush);
      if (result == Z_STREAM_ERROR) return false;
      output.Commit(room_bytes - deflating_.avail_out);
      piece = piece.subspan(static_cast<size_t>(deflating_.next_in - piece.data()));
    } while (flush == Z_FINISH ? result != Z_STREAM_END : !piece.empty());
  }
  return true;
}

DecompressResult ZlibCompressor::InflateMember(Bytes* input, ScratchBuffer& output) {
  if (!BeginInflating()) return DecompressResult::kOutOfMemory;
  for (;;) {
    SetInput(&inflating_, *input);
    const MutableBytes room = SetOutput(&inflating_, output);
    if (room.empty()) return DecompressResult::kTooLarge;
    const uInt room_bytes = inflating_.avail_out;
    const int result = inflate(&inflating_, Z_NO_FLUSH);
    output.Commit(room_bytes - inflating_.avail_out);
    *input = input->last(input->size() - static_cast<size_t>(inflating_.next_in - input->data()));
    if (result == Z_STREAM_END) return DecompressResult::kOk;
    if (result == Z_MEM_ERROR) return DecompressResult::kOutOfMemory;
    if (result != Z_OK && result != Z_BUF_ERROR) return DecompressResult::kCorrupt;
    // It would go on, and there is room.
    if (input->empty() && inflating_.avail_out != 0) return DecompressResult::kTruncated;
  }
}

DecompressResult ZlibCompressor::Decompress(Bytes input, ScratchBuffer& output) {
  for (unsigned members = 0; members < members_max_; ++members) {
    DecompressResult result = InflateMember(&input, output);
    // What stands behind a whole member, and is none itself, is not a member gone bad.
    if (members > 0 && result == DecompressResult::kCorrupt) result = DecompressResult::kTrailing;
    if (result != DecompressResult::kOk) return result;
    if (output.size() == output.bytes_max()) return DecompressResult::kTooLarge;
    if (input.empty()) return DecompressResult::kOk;
  }
  return members_max_ == 1 ? DecompressResult::kTrailing : DecompressResult::kTooManyMembers;
}

}  // namespace

Compression Gzip(int level) {
  return {"gzip", [level] { return std::make_unique<ZlibCompressor>(true, level); }};
}

Compression Deflate(int level) {
  return {"deflate", [level] { return std::make_unique<ZlibCompressor>(false, level); }};
}

}  // namespace penstock::wire
