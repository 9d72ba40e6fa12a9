#include "penstock/rpc/frame_tap.h"

#include <algorithm>
#include <span>

#include "penstock/wire/endian.h"

namespace penstock::rpc {

void FrameTap::Begin(const wire::OutputChain& output, bool received_whole) {
  received_.in_step = received_whole;
  sent_.in_step = true;
  output_seen_bytes_ = output.consumed_bytes() + output.size();
}

void FrameTap::OnReceived(wire::Bytes bytes, TimeNs now) {
  if (received_.in_step) Follow(received_, false, bytes, now);
}

void FrameTap::OnOutput(const wire::OutputChain& output, TimeNs now) {
  const uint64_t at = output.consumed_bytes();
  const uint64_t end = at + output.size();
  // A send under way may have taken what was appended in this turn already. What is left ends with
  // a whole frame: from there on it is in step again.
  if (at > output_seen_bytes_) {
    BeginAnew();
    output_seen_bytes_ = end;
    return;
  }
  // Small windows make many small pieces.
  std::array<wire::Bytes, 64> pieces;
  while (output_seen_bytes_ < end) {
    const size_t count = output.GatherBehind(output_seen_bytes_ - at, pieces);
    for (const wire::Bytes piece : std::span(pieces).first(count)) {
      Follow(sent_, true, piece, now);
      output_seen_bytes_ += piece.size();
    }
  }
}

void FrameTap::BeginAnew() {
  sent_ = {};
  sent_.in_step = true;
}

void FrameTap::Follow(Cutter& cutter, bool is_sent, wire::Bytes bytes, TimeNs now) {
  while (!bytes.empty()) {
    const size_t skipped = std::min(cutter.skip_bytes, bytes.size());
    cutter.skip_bytes -= skipped;
    bytes = bytes.subspan(skipped);
    // Header first; how much of the payload is of interest is known behind it.
    const size_t wanted_bytes =
        cutter.head_bytes < http2::kFrameHeaderBytes
            ? http2::kFrameHeaderBytes
            : http2::kFrameHeaderBytes +
                  std::min<size_t>(4, http2::LoadFrameHeader(cutter.head.data()).payload_bytes);
    const size_t taken = std::min(wanted_bytes - cutter.head_bytes, bytes.size());
    std::copy_n(bytes.data(), taken, cutter.head.data() + cutter.head_bytes);
    cutter.head_bytes += taken;
    bytes = bytes.subspan(taken);
    if (cutter.head_bytes < http2::kFrameHeaderBytes) continue;
    const size_t payload_bytes = http2::LoadFrameHeader(cutter.head.data()).payload_bytes;
    const size_t detail_bytes = std::min<size_t>(4, payload_bytes);
    if (cutter.head_bytes < http2::kFrameHeaderBytes + detail_bytes) continue;
    Note(cutter, is_sent, now);
    cutter.skip_bytes = payload_bytes - detail_bytes;
    cutter.head_bytes = 0;
  }
}

void FrameTap::Note(const Cutter& cutter, bool is_sent, TimeNs now) {
  if (is_over(now)) return;
  if (records_.size() >= kRecordsMax) {
    ++left_out_count_;
    return;
  }
  Record record{.at = now,
                .is_sent = is_sent,
                .header = http2::LoadFrameHeader(cutter.head.data())};
  if (record.header.payload_bytes >= 4) {
    record.detail = wire::LoadBig32(cutter.head.data() + http2::kFrameHeaderBytes);
  }
  records_.push_back(record);
}

}  // namespace penstock::rpc
