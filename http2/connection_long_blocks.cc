// Header blocks that are out of the ordinary: above one frame, above what the peer takes, promises.
#include <algorithm>
#include <vector>

#include "penstock/http2/connection.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::http2 {

// A block that may not fit one frame, or the peer's MAX_HEADER_LIST_SIZE.
PENSTOCK_COLD bool Connection::WriteLongHeaderBlock(Stream& stream, uint8_t frame_flags,
                                                    std::span<const OutgoingField> fields) {
  if (!PeerTakes(fields)) {
    FailLocally(stream);
    return false;
  }
  WriteBlockInFrames({0, FrameType::kHeaders, frame_flags, stream.id}, 0, fields);
  return true;
}

// The setting advises (RFC 9113 §10.5.1), but a peer that takes less ends the whole connection for
// what it calls too much: better to lose the one stream.
bool Connection::PeerTakes(std::span<const OutgoingField> fields) const {
  size_t list_bytes = 0;
  for (const OutgoingField& field : fields) {
    list_bytes += field.name.size() + field.value.size() + kFieldOverheadBytes;
  }
  return list_bytes <= peer_settings_.header_list_bytes_max;
}

// HEADERS or PUSH_PROMISE (with a promised id), then CONTINUATION.
PENSTOCK_COLD void Connection::WriteBlockInFrames(FrameHeader frame, uint32_t promised_id,
                                                  std::span<const OutgoingField> fields) {
  size_t bound = HpackEncoder::kBlockBytesMax + kStreamIdBytes;
  for (const OutgoingField& field : fields) {
    bound += HpackEncoder::EncodedBytesMax(field.name.size(), field.value.size());
  }
  std::vector<uint8_t> block(bound);
  uint8_t* end = block.data();
  if (promised_id != 0) {
    wire::StoreBig32(end, promised_id);
    end += kStreamIdBytes;
  }
  end = encoder_.BeginBlock(end);
  for (const OutgoingField& field : fields) {
    end = encoder_.Encode(end, field.name, field.value, field.indexing);
  }
  wire::Bytes rest(block.data(), end);
  do {
    const wire::Bytes part = rest.first(std::min<size_t>(rest.size(), kFramePayloadBytesDefault));
    rest = rest.subspan(part.size());
    if (rest.empty()) frame.flags |= flags::kEndHeaders;
    frame.payload_bytes = static_cast<uint32_t>(part.size());
    StoreFrameHeader(output_.Reserve(kFrameHeaderBytes), frame);
    output_.Commit(kFrameHeaderBytes);
    output_.Append(part);
    frame.type = FrameType::kContinuation;
    frame.flags = 0;
  } while (!rest.empty());
}

}  // namespace penstock::http2
