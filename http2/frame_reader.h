// FrameReader: cuts a byte stream, arriving in any pieces, into frames.
//
//     reader.Push(bytes);
//     while (reader.Next() == FrameReader::Result::kFrame) Use(reader.header(), reader.payload());
//
// DATA and unknown frames are handed out piece by piece as they arrive and never copied; all other
// frames are handed out whole, and copied only when they span two inputs.
//
// Ownership: views the input given to Push() until kNeedMore; holds one slab while a frame is cut,
//            and memory of its own for one that is larger than a slab, as it arrives.
// Limits:    payload_bytes_max per frame: kTooLarge, at its header.
// Spec:      RFC 9113 §4.1, §4.2
#ifndef PENSTOCK_HTTP2_FRAME_READER_H_
#define PENSTOCK_HTTP2_FRAME_READER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "penstock/http2/frame.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/endian.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::http2 {

class FrameReader {
 public:
  enum class Result : uint8_t {
    kNeedMore,  // the input is used up
    kFrame,     // header() and payload() hold a frame, or a piece of one
    kTooLarge,  // header() announces more than payload_bytes_max
  };

  explicit FrameReader(wire::SlabPool* pool) : pool_(pool) {}
  ~FrameReader() { ReleaseTail(); }
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  void set_payload_bytes_max(uint32_t bytes) { payload_bytes_max_ = bytes; }

  // The input before was used up: Next() said kNeedMore.
  void Push(wire::Bytes input) { input_ = input; }

  [[nodiscard]] Result Next();

  // The next frame is DATA of `stream_id` with no flag set, and nothing is cut before its payload.
  [[nodiscard]] bool next_is_plain_data(uint32_t stream_id) const {
    // A frame out of the tail keeps tail_bytes_ until Next().
    if ((piece_bytes_left_ | tail_bytes_) != 0 || input_.size() < kFrameHeaderBytes) return false;
    // Behind a part of the length: type, flags, and the id with its reserved bit.
    constexpr uint64_t kTypeFlagsAndId = 0x0000'ffff'7fff'ffff;
    static_assert(static_cast<uint8_t>(FrameType::kData) == 0);
    return (wire::LoadBig64(input_.data() + 1) & kTypeFlagsAndId) == stream_id;
  }
  // The payload of that frame, if it lies here whole and has 1..`payload_bytes_max` octets. Else
  // empty, and nothing is taken: Next() will. header() and payload() stay as they are.
  [[nodiscard]] wire::Bytes TakePlainData(int64_t payload_bytes_max) {
    const uint8_t* const frame = input_.data();
    const uint32_t payload_bytes = wire::LoadBig24(frame);
    if (payload_bytes == 0 || payload_bytes > payload_bytes_max ||
        payload_bytes > payload_bytes_max_ || payload_bytes > input_.size() - kFrameHeaderBytes) {
      return {};
    }
    input_ = input_.subspan(kFrameHeaderBytes + payload_bytes);
    return {frame + kFrameHeaderBytes, payload_bytes};
  }

  const FrameHeader& header() const { return header_; }
  // Whole payload, or the next piece of it; valid until Next().
  wire::Bytes payload() const { return payload_; }
  bool begins_frame() const { return begins_frame_; }
  bool ends_frame() const { return piece_bytes_left_ == 0; }

  // After kNeedMore: a frame that is handed out whole, or a frame's header, has begun and is kept
  // here. Whether header() is its header already. And how many there were, this one included.
  bool holds_cut_frame() const { return tail_ != nullptr; }
  bool cut_frame_has_header() const { return tail_bytes_ >= kFrameHeaderBytes; }
  uint32_t cut_frames_count() const { return cut_frames_count_; }

  // Takes up to `bytes` octets that are not frames (the client's preface), before any frame.
  wire::Bytes TakeRaw(size_t bytes) {
    const wire::Bytes raw = input_.first(bytes < input_.size() ? bytes : input_.size());
    input_ = input_.subspan(raw.size());
    return raw;
  }

 private:
  Result NextPiece();
  Result NextFromTail();
  Result BeginPieces();
  Result NextLarge(size_t frame_bytes);
  bool FillTail(size_t wanted_bytes);
  void ReleaseTail();

  wire::SlabPool* pool_;
  wire::Bytes input_;
  wire::Bytes payload_;
  FrameHeader header_;
  uint32_t piece_bytes_left_ = 0;  // of a frame handed out in pieces
  uint32_t payload_bytes_max_ = kFramePayloadBytesDefault;
  uint32_t tail_bytes_ = 0;
  uint32_t cut_frames_count_ = 0;
  bool begins_frame_ = false;
  bool tail_used_ = false;  // payload_ views the tail: release it at the next call
  wire::Slab* tail_ = nullptr;
  std::vector<uint8_t> large_;  // the frame so far, when a slab cannot hold it
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_FRAME_READER_H_
