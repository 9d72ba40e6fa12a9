// zstd, by its own library.
#include <zstd.h>
#include <zstd_errors.h>

#include "penstock/wire/check.h"
#include "penstock/wire/compress.h"

namespace penstock::wire {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdCompressor final : public Compressor {
 public:
  explicit ZstdCompressor(int level) : level_(level) {}

  bool Compress(std::span<const Bytes> pieces, ScratchBuffer& output) override;
  DecompressResult Decompress(Bytes input, ScratchBuffer& output) override;

 private:
  bool BeginCompressing(size_t bytes);
  bool BeginDecompressing();

  const int level_;
  std::unique_ptr<ZSTD_CCtx, FreeContext> compressing_;
  std::unique_ptr<ZSTD_DCtx, FreeContext> decompressing_;
};

// `bytes`: how long the message is, which lets zstd choose a small context for a small message.
bool ZstdCompressor::BeginCompressing(size_t bytes) {
  if (PENSTOCK_UNLIKELY(compressing_ == nullptr)) {
    compressing_.reset(ZSTD_createCCtx());
    if (compressing_ == nullptr) return false;
    ZSTD_CCtx_setParameter(compressing_.get(), ZSTD_c_compressionLevel, level_);
  }
  ZSTD_CCtx_reset(compressing_.get(), ZSTD_reset_session_only);
  return !ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(compressing_.get(), bytes));
}

bool ZstdCompressor::BeginDecompressing() {
  if (PENSTOCK_UNLIKELY(decompressing_ == nullptr)) {
    decompressing_.reset(ZSTD_createDCtx());
    if (decompressing_ == nullptr) return false;
    ZSTD_DCtx_setParameter(decompressing_.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  }
  ZSTD_DCtx_reset(decompressing_.get(), ZSTD_reset_session_only);
  return true;
}

bool ZstdCompressor::Compress(std::span<const Bytes> pieces, ScratchBuffer& output) {
  size_t bytes = 0;
  for (const Bytes& piece : pieces) bytes += piece.size();
  if (!BeginCompressing(bytes)) return false;
  for (size_t i = 0; i <= pieces.size(); ++i) {
    const bool is_end = i == pieces.size();
    const Bytes piece = is_end ? Bytes() : pieces[i];
    ZSTD_inBuffer in{piece.data(), piece.size(), 0};
    size_t left = 0;
    do {
      const MutableBytes room = output.Room();
      if (room.empty()) return false;
      ZSTD_outBuffer out{room.data(), room.size(), 0};
      left = ZSTD_compressStream2(compressing_.get(), &out, &in,
                                  is_end ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left)) return false;
      output.Commit(out.pos);
    } while (is_end ? left != 0 : in.pos < in.size);
  }
  return true;
}

DecompressResult ResultOf(size_t zstd_error) {
  switch (ZSTD_getErrorCode(zstd_error)) {
    case ZSTD_error_frameParameter_windowTooLarge:
      return DecompressResult::kWindowTooLarge;
    case ZSTD_error_memory_allocation:
      return DecompressResult::kOutOfMemory;
    default:
      return DecompressResult::kCorrupt;
  }
}

// What the first frame announces need not be true, and costs nothing to say: it is believed as far
// as memory goes that is kept anyway. Where it is true, zstd needs no window of its own.
bool MakeAnnouncedRoom(Bytes input, ScratchBuffer& output) {
  const unsigned long long announced = ZSTD_getFrameContentSize(input.data(), input.size());
  if (announced == ZSTD_CONTENTSIZE_UNKNOWN || announced == ZSTD_CONTENTSIZE_ERROR) return true;
  if (announced >= output.bytes_max()) return false;
  if (announced <= ScratchBuffer::kIdleBytesMax) output.RoomFor(static_cast<size_t>(announced));
  return true;
}

DecompressResult ZstdCompressor::Decompress(Bytes input, ScratchBuffer& output) {
  if (!BeginDecompressing()) return DecompressResult::kOutOfMemory;
  if (!MakeAnnouncedRoom(input, output)) return DecompressResult::kTooLarge;
  ZSTD_inBuffer in{input.data(), input.size(), 0};
  unsigned frames_count = 0;
  for (;;) {
    const MutableBytes room = output.Room();
    if (room.empty()) return DecompressResult::kTooLarge;
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const size_t wanted = ZSTD_decompressStream(decompressing_.get(), &out, &in);
    if (ZSTD_isError(wanted)) {
      const bool is_behind =
          frames_count > 0 && ZSTD_getErrorCode(wanted) == ZSTD_error_prefix_unknown;
      return is_behind ? DecompressResult::kTrailing : ResultOf(wanted);
    }
    output.Commit(out.pos);
    if (output.size() == output.bytes_max()) return DecompressResult::kTooLarge;
    if (wanted == 0) {  // a frame has ended
      if (in.pos == in.size) return DecompressResult::kOk;
      if (++frames_count == kCompressedMembersMax) return DecompressResult::kTooManyMembers;
    } else if (in.pos == in.size && out.pos < out.size) {
      return DecompressResult::kTruncated;
    }
  }
}

}  // namespace

Compression Zstd(int level) {
  return {"zstd", [level] { return std::make_unique<ZstdCompressor>(level); }};
}

}  // namespace penstock::wire
