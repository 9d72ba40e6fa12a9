// Any octets, cut in any way: FrameReader finds the frames that a parser of a few lines finds in
// the whole, up to the first that is too large. What it hands out in pieces is joined first; what
// must come whole comes whole.
//
// Input: options (see below), then steps of [length of a piece, the piece].
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "penstock/http2/frame.h"
#include "penstock/http2/frame_reader.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/slab_pool.h"
#include "penstock/wire/testing/fuzz_input.h"

namespace penstock::http2 {
namespace {

using Result = FrameReader::Result;

// DATA, and what HTTP/2 does not know. PRIORITY_UPDATE (RFC 9218) comes whole like all others.
bool MayComeInPieces(FrameType type) {
  return type == FrameType::kData ||
         (type > FrameType::kContinuation && type != FrameType::kPriorityUpdate);
}

struct FoundFrame {
  FrameHeader header;
  std::string payload;  // as far as it has come
  bool whole = false;
};

struct Found {
  std::vector<FoundFrame> frames;
  bool too_large = false;
};

// The reference: frames of `bytes`, the last perhaps unfinished.
Found Parse(wire::Bytes bytes, uint32_t payload_bytes_max) {
  Found found;
  while (bytes.size() >= kFrameHeaderBytes) {
    FoundFrame frame;
    frame.header = LoadFrameHeader(bytes.data());
    found.too_large = frame.header.payload_bytes > payload_bytes_max;
    if (found.too_large) break;
    bytes = bytes.subspan(kFrameHeaderBytes);
    const wire::Bytes payload =
        bytes.first(std::min<size_t>(frame.header.payload_bytes, bytes.size()));
    frame.payload.assign(payload.begin(), payload.end());
    frame.whole = payload.size() == frame.header.payload_bytes;
    bytes = bytes.subspan(payload.size());
    found.frames.push_back(std::move(frame));
  }
  return found;
}

// All that the reader has to say now.
void ReadInto(FrameReader& reader, Found& found) {
  for (;;) {
    const Result result = reader.Next();
    if (result == Result::kNeedMore) return;
    if (result == Result::kTooLarge) {
      found.too_large = true;
      return;
    }
    const FrameHeader& header = reader.header();
    const bool piecewise = MayComeInPieces(header.type);
    if (reader.begins_frame()) {
      PENSTOCK_CHECK(found.frames.empty() || found.frames.back().whole, "a frame ends before");
      found.frames.push_back({header, "", false});
    }
    PENSTOCK_CHECK(piecewise || (reader.begins_frame() && reader.ends_frame()),
                   "control frames come whole");
    PENSTOCK_CHECK(!found.frames.empty(), "the first piece begins a frame");
    FoundFrame& frame = found.frames.back();
    PENSTOCK_CHECK(!frame.whole, "a piece belongs to a frame that lasts");
    frame.payload.append(reader.payload().begin(), reader.payload().end());
    frame.whole = reader.ends_frame();
  }
}

bool IsAlike(const FoundFrame& ours, const FoundFrame& theirs) {
  return ours.header.payload_bytes == theirs.header.payload_bytes &&
         ours.header.type == theirs.header.type && ours.header.flags == theirs.header.flags &&
         ours.header.stream_id == theirs.header.stream_id && ours.whole == theirs.whole &&
         ours.payload == theirs.payload;
}

// A frame that must come whole and has not is one that the reader has not spoken of.
void CheckAlike(const Found& ours, Found theirs) {
  if (!theirs.frames.empty() && !theirs.frames.back().whole) {
    const FrameType type = theirs.frames.back().header.type;
    if (!MayComeInPieces(type)) theirs.frames.pop_back();
  }
  PENSTOCK_CHECK(ours.too_large == theirs.too_large, "both find the frame too large");
  PENSTOCK_CHECK(ours.frames.size() == theirs.frames.size(), "both find as many frames");
  for (size_t i = 0; i < ours.frames.size(); ++i) {
    PENSTOCK_CHECK(IsAlike(ours.frames[i], theirs.frames[i]), "both find the same frame");
  }
}

}  // namespace
}  // namespace penstock::http2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  wire::testing::FuzzInput input(data, size);
  const uint8_t options = input.Byte();
  const uint32_t payload_bytes_max = (options & 1) != 0 ? 40 : 16'384;
  // Small slabs, so that frames grow larger than one.
  wire::SlabPool slabs((options & 2) != 0 ? 64 : wire::SlabPool::kSlabBytesDefault);
  http2::Found found;
  std::vector<uint8_t> all;
  {
    http2::FrameReader reader(&slabs);
    reader.set_payload_bytes_max(payload_bytes_max);
    while (!input.empty() && !found.too_large) {
      const wire::Bytes taken = input.Take(size_t{input.Byte()});
      // A copy of its own, so that reading beyond it, or after it is gone, is seen.
      const std::vector<uint8_t> piece(taken.begin(), taken.end());
      all.insert(all.end(), piece.begin(), piece.end());
      reader.Push(piece);
      http2::ReadInto(reader, found);
    }
  }
  http2::CheckAlike(found, http2::Parse(all, payload_bytes_max));
  return 0;
}
