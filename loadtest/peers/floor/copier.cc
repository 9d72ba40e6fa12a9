#include "penstock/loadtest/peers/floor/copier.h"

#include <algorithm>
#include <utility>

#include "penstock/loadtest/peers/floor/replies.h"

namespace penstock::loadtest::floor {

using http2::FrameType;

void Copier::ReceiveHead(uint32_t stream_id) {
  Stream& stream = streams_[stream_id];
  stream.window_bytes = initial_window_bytes_;
  if (stream.body.capacity() == 0 && !bodies_.empty()) {
    stream.body = std::move(bodies_.back());
    bodies_.pop_back();
  }
}

void Copier::ReceiveData(uint32_t stream_id, wire::Bytes octets) {
  const auto found = streams_.find(stream_id);
  if (found == streams_.end()) return;
  std::vector<uint8_t>& body = found->second.body;
  const size_t kept = std::min(octets.size(), kBodyBytesMax - body.size());
  body.insert(body.end(), octets.begin(), octets.begin() + static_cast<ptrdiff_t>(kept));
}

void Copier::ReceiveEnd(uint32_t stream_id) {
  const auto found = streams_.find(stream_id);
  if (found == streams_.end() || std::exchange(found->second.ended, true)) return;
  ended_.push_back(stream_id);
}

void Copier::ReceiveCredit(uint32_t stream_id, uint32_t bytes) {
  if (stream_id == 0) {
    window_bytes_ += bytes;
  } else if (const auto found = streams_.find(stream_id); found != streams_.end()) {
    found->second.window_bytes += bytes;
  }
}

// Spec: RFC 9113 §6.9.2: open streams' windows move by the difference.
void Copier::ReceiveInitialWindow(uint32_t bytes) {
  const int64_t difference = int64_t{bytes} - initial_window_bytes_;
  initial_window_bytes_ = bytes;
  for (auto& [id, stream] : streams_) stream.window_bytes += difference;
}

void Copier::Write(Output& output) {
  wants_output_ = false;
  // Each once: who stays has no window, or waits for room.
  for (size_t left = ended_.size(); left > 0 && !wants_output_; --left) {
    const uint32_t stream_id = ended_.front();
    ended_.pop_front();
    const auto found = streams_.find(stream_id);
    if (found == streams_.end()) continue;  // reset
    if (!WriteReply(stream_id, found->second, output)) {
      ended_.push_back(stream_id);
      continue;
    }
    found->second.body.clear();
    bodies_.push_back(std::move(found->second.body));
    streams_.erase(found);
  }
}

// True: all of it is written.
bool Copier::WriteReply(uint32_t stream_id, Stream& stream, Output& output) {
  if (!std::exchange(stream.head_written, true)) {
    AppendFrame(output, FrameType::kHeaders, http2::flags::kEndHeaders, stream_id,
                wire::AsBytes(kLiteral.head));
  }
  while (stream.written_bytes < stream.body.size()) {
    if (output.size() >= kOutputBytesMax) {
      wants_output_ = true;
      return false;
    }
    const int64_t window = std::min(stream.window_bytes, window_bytes_);
    if (window <= 0) return false;
    const size_t taken = std::min({size_t{http2::kFramePayloadBytesDefault},
                                   static_cast<size_t>(window),
                                   stream.body.size() - stream.written_bytes});
    AppendFrame(output, FrameType::kData, 0, stream_id,
                wire::Bytes(stream.body).subspan(stream.written_bytes, taken));
    stream.written_bytes += taken;
    stream.window_bytes -= static_cast<int64_t>(taken);
    window_bytes_ -= static_cast<int64_t>(taken);
  }
  AppendFrame(output, FrameType::kHeaders, http2::flags::kEndHeaders | http2::flags::kEndStream,
              stream_id, wire::AsBytes(kLiteral.trailers));
  return true;
}

}  // namespace penstock::loadtest::floor
