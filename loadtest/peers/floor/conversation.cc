#include "penstock/loadtest/peers/floor/conversation.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "penstock/loadtest/peers/floor/replies.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::loadtest::floor {
namespace {

using http2::FrameHeader;
using http2::FrameType;
using http2::kFrameHeaderBytes;
using namespace std::string_view_literals;

constexpr uint32_t kWindowBytesMax = 0x7fff'ffff;
constexpr uint32_t kWindowBytesDefault = 65'535;
// Credited in one piece when so much was received: half of what a window can be.
constexpr uint32_t kCreditBytes = 1u << 30;

constexpr uint16_t kHeaderTableSize = 1;
constexpr uint16_t kInitialWindowSize = 4;
constexpr size_t kWindowUpdateBytes = 4;
constexpr uint32_t kTableBytesDefault = 4096;

// HelloReply{message: "Hello world"} behind its message prefix.
constexpr std::string_view kMessage = "\x00\x00\x00\x00\x0d\x0a\x0bHello world"sv;

uint8_t* StoreFrame(uint8_t* at, FrameType type, uint8_t flags, uint32_t stream_id,
                    std::string_view payload) {
  at = http2::StoreFrameHeader(at, {static_cast<uint32_t>(payload.size()), type, flags, stream_id});
  std::memcpy(at, payload.data(), payload.size());
  return at + payload.size();
}

// Inlined with each of the constant blocks.
PENSTOCK_ALWAYS_INLINE void StoreReply(Output& output, uint32_t stream_id, const Blocks& blocks) {
  uint8_t* at = output.Extend(3 * kFrameHeaderBytes + blocks.head.size() + kMessage.size() +
                              blocks.trailers.size());
  at = StoreFrame(at, FrameType::kHeaders, http2::flags::kEndHeaders, stream_id, blocks.head);
  at = StoreFrame(at, FrameType::kData, 0, stream_id, kMessage);
  StoreFrame(at, FrameType::kHeaders, http2::flags::kEndHeaders | http2::flags::kEndStream,
             stream_id, blocks.trailers);
}

}  // namespace

Conversation::Conversation(Mode mode) {
  if (mode == Mode::kCopy) copier_.emplace();
  uint8_t* at = output_.Extend(kFrameHeaderBytes + http2::kSettingBytes);
  at = http2::StoreFrameHeader(at, {http2::kSettingBytes, FrameType::kSettings, 0, 0});
  wire::StoreBig16(at, kInitialWindowSize);
  wire::StoreBig32(at + 2, kWindowBytesMax);
  Credit(kWindowBytesMax - kWindowBytesDefault);
}

void Conversation::Receive(wire::Bytes octets) {
  const uint8_t* at = octets.data();
  const uint8_t* const end = at + octets.size();
  if (PENSTOCK_UNLIKELY(preface_left_ > 0)) {
    const size_t skipped = std::min(preface_left_, octets.size());
    preface_left_ -= skipped;
    at += skipped;
  }
  while (at < end) {
    if (!in_payload_) {
      at = ReceiveHeader(at, end);
      if (!in_payload_) break;
    }
    const uint32_t taken =
        static_cast<uint32_t>(std::min<size_t>(payload_left_, static_cast<size_t>(end - at)));
    if (frame_.type == FrameType::kData) {
      if (PENSTOCK_UNLIKELY(copier_.has_value())) {
        copier_->ReceiveData(frame_.stream_id, {at, taken});
      }
    } else if (frame_.type != FrameType::kHeaders) {
      const size_t kept = std::min<size_t>(taken, control_.size() - control_count_);
      std::memcpy(control_.data() + control_count_, at, kept);
      control_count_ += kept;
    }
    at += taken;
    payload_left_ -= taken;
    if (payload_left_ > 0) break;
    in_payload_ = false;
    EndFrame();
  }
  Continue();
}

// Returns what follows; in_payload_ says whether the header is whole.
const uint8_t* Conversation::ReceiveHeader(const uint8_t* at, const uint8_t* end) {
  const size_t left = static_cast<size_t>(end - at);
  if (PENSTOCK_LIKELY(header_count_ == 0 && left >= kFrameHeaderBytes)) {
    frame_ = http2::LoadFrameHeader(at);
    at += kFrameHeaderBytes;
  } else {
    const size_t taken = std::min(kFrameHeaderBytes - header_count_, left);
    std::memcpy(header_.data() + header_count_, at, taken);
    header_count_ += taken;
    at += taken;
    if (header_count_ < kFrameHeaderBytes) return at;
    header_count_ = 0;
    frame_ = http2::LoadFrameHeader(header_.data());
  }
  payload_left_ = frame_.payload_bytes;
  control_count_ = 0;
  in_payload_ = true;
  return at;
}

void Conversation::EndFrame() {
  switch (frame_.type) {
    case FrameType::kHeaders:
      // Trailers of a request are not told apart: gRPC has none.
      if (PENSTOCK_UNLIKELY(copier_.has_value())) copier_->ReceiveHead(frame_.stream_id);
      if (frame_.has(http2::flags::kEndStream)) Reply();
      return;
    case FrameType::kData:
      uncredited_bytes_ += frame_.payload_bytes;
      if (PENSTOCK_UNLIKELY(uncredited_bytes_ >= kCreditBytes)) {
        Credit(uncredited_bytes_);
        uncredited_bytes_ = 0;
      }
      if (frame_.has(http2::flags::kEndStream)) Reply();
      return;
    case FrameType::kSettings:
      if (!frame_.has(http2::flags::kAck)) ReceiveSettings();
      return;
    case FrameType::kPing:
      if (!frame_.has(http2::flags::kAck) && frame_.payload_bytes == http2::kPingBytes) {
        StoreFrame(output_.Extend(kFrameHeaderBytes + http2::kPingBytes), FrameType::kPing,
                   http2::flags::kAck, 0, wire::AsString({control_.data(), http2::kPingBytes}));
      }
      return;
    case FrameType::kWindowUpdate:
      if (copier_.has_value() && control_count_ >= kWindowUpdateBytes) {
        copier_->ReceiveCredit(frame_.stream_id,
                               wire::LoadBig32(control_.data()) & kWindowBytesMax);
      }
      return;
    case FrameType::kRstStream:
      if (copier_.has_value()) copier_->ReceiveReset(frame_.stream_id);
      return;
    default:  // nothing that a client needs an answer to
      return;
  }
}

void Conversation::Reply() {
  ++answered_count_;
  if (PENSTOCK_UNLIKELY(copier_.has_value())) return copier_->ReceiveEnd(frame_.stream_id);
  if (PENSTOCK_LIKELY(indexed_)) return StoreReply(output_, frame_.stream_id, kIndexed);
  if (!may_index_) return StoreReply(output_, frame_.stream_id, kLiteral);
  StoreReply(output_, frame_.stream_id, kInserting);
  indexed_ = true;
}

void Conversation::ReceiveSettings() {
  for (size_t i = 0; i + http2::kSettingBytes <= control_count_; i += http2::kSettingBytes) {
    const uint16_t name = wire::LoadBig16(control_.data() + i);
    const uint32_t value = wire::LoadBig32(control_.data() + i + 2);
    if (name == kHeaderTableSize && value < kTableBytesDefault) {
      may_index_ = false;
      indexed_ = false;
    } else if (name == kInitialWindowSize && copier_.has_value()) {
      copier_->ReceiveInitialWindow(value & kWindowBytesMax);
    }
  }
  http2::StoreFrameHeader(output_.Extend(kFrameHeaderBytes),
                          {0, FrameType::kSettings, http2::flags::kAck, 0});
}

void Conversation::Credit(uint32_t bytes) {
  uint8_t* const at = output_.Extend(kFrameHeaderBytes + sizeof(uint32_t));
  wire::StoreBig32(
      http2::StoreFrameHeader(at, {sizeof(uint32_t), FrameType::kWindowUpdate, 0, 0}), bytes);
}

}  // namespace penstock::loadtest::floor
