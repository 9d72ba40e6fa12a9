// GOAWAY, both ways.
#include <algorithm>
#include <cstring>
#include <functional>

#include "penstock/http2/connection.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::http2 {
namespace {

constexpr size_t kDebugBytesMax = 1024;

}  // namespace

Error Connection::ReceiveGoAway(Event* event) {
  const FrameHeader& frame = reader_.header();
  if (frame.stream_id != 0) return ConnectionError(ErrorCode::kProtocolError, "GOAWAY on a stream");
  if (frame.payload_bytes < 8) {
    return ConnectionError(ErrorCode::kFrameSizeError, "GOAWAY is shorter than 8 octets");
  }
  const uint32_t last_id = wire::LoadBig32(reader_.payload().data()) & kStreamIdMax;
  if (last_id > peer_goaway_id_) {
    return ConnectionError(ErrorCode::kProtocolError, "GOAWAY raises its last stream id");
  }
  if (goaway_received_) {
    if (const Error error = MeterGlitch()) return error;
  }
  peer_goaway_id_ = last_id;
  goaway_received_ = detour_ = true;
  FindUnprocessed();
  event->kind = Event::Kind::kGoAway;
  event->error = {ErrorScope::kConnection, Initiator::kPeer,
                  static_cast<ErrorCode>(wire::LoadBig32(reader_.payload().data() + 4)), "GOAWAY"};
  event->data = reader_.payload().subspan(8);
  return kNoFault;
}

// Notes the streams of ours that the peer's GOAWAY leaves out, to be told in their order.
void Connection::FindUnprocessed() {
  unprocessed_ids_.clear();
  streams_.ForEach([this](const Stream& stream) {
    if (IsLocal(stream.id) && stream.id > peer_goaway_id_) unprocessed_ids_.push_back(stream.id);
  });
  std::sort(unprocessed_ids_.begin(), unprocessed_ids_.end(), std::greater<>());
}

void Connection::SendShutdownNotice(std::string_view debug) {
  if (goaway_id_ < kStreamIdMax) return;  // the final one was sent
  WriteGoAway(kStreamIdMax, ErrorCode::kNoError, debug.substr(0, kDebugBytesMax));
}

void Connection::SendGoAway(ErrorCode code, std::string_view debug) {
  // It never rises again: RFC 9113 §6.8. To a server it is the last promised stream.
  goaway_id_ = std::min(goaway_id_, peer_last_id_);
  WriteGoAway(goaway_id_, code, debug.substr(0, kDebugBytesMax));
}

void Connection::WriteGoAway(uint32_t last_id, ErrorCode code, std::string_view debug) {
  const auto payload_bytes = static_cast<uint32_t>(8 + debug.size());
  uint8_t* frame = output_.Reserve(kFrameHeaderBytes + payload_bytes);
  uint8_t* at = StoreFrameHeader(frame, {payload_bytes, FrameType::kGoAway, 0, 0});
  wire::StoreBig32(at, last_id);
  wire::StoreBig32(at + 4, static_cast<uint32_t>(code));
  if (!debug.empty()) std::memcpy(at + 8, debug.data(), debug.size());
  output_.Commit(kFrameHeaderBytes + payload_bytes);
}

}  // namespace penstock::http2
