#include "penstock/rpc/testing/fuzz_peer.h"

#include <errno.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::rpc::testing {
namespace {

using http2::FrameType;
using http2::testing::Frame;

constexpr size_t kFieldsMax = 12;
constexpr int kTimeShiftMax = 36;  // a minute and a bit
constexpr int kLeaveTurnsMax = 200;

// Low ids, and those of our own parity more often than not.
uint32_t StreamId(uint8_t octet) { return octet < 128 ? (octet % 16) * 2u + 1 : octet - 128u; }

std::string Framed(FrameType type, uint8_t flags, uint32_t id, std::string_view payload) {
  std::string bytes(http2::kFrameHeaderBytes, '\0');
  http2::StoreFrameHeader(reinterpret_cast<uint8_t*>(bytes.data()),
                          {static_cast<uint32_t>(payload.size()), type, flags, id});
  return bytes.append(payload);
}

}  // namespace

FuzzPeer::FuzzPeer(reactor::MemoryNet* net, reactor::Shard* shard, http2::Role role,
                   std::span<const MenuField> menu)
    : net_(*net), shard_(*shard), role_(role), menu_(menu) {
  // What the scanner finds wrong ends the fuzzer's run.
  GTEST_FLAG_SET(break_on_failure, true);
  Read();
}

void FuzzPeer::Greet() {
  if (role_ == http2::Role::kClient) Write(http2::kClientPreface);
  WriteFrame(FrameType::kSettings, 0, 0, "");
  WriteFrame(FrameType::kSettings, http2::flags::kAck, 0, "");
  Turn();
}

void FuzzPeer::TakeStep(wire::testing::FuzzInput& input) {
  const uint8_t step = input.Byte();
  switch ((step & 0x7f) % kSteps) {
    case kRaw:
      Write(input.TakeText(input.Short()));
      break;
    case kFrame: {
      const auto type = static_cast<FrameType>(input.Byte());
      const uint8_t flags = input.Byte();
      const uint32_t id = StreamId(input.Byte());
      WriteFrame(type, flags, id, input.TakeText(input.Short()));
      break;
    }
    case kHead:
      WriteHead(input);
      break;
    case kMessage:
      WriteMessage(input);
      break;
    case kWindow: {
      const uint8_t stream = input.Byte();
      const uint32_t id = stream == 255 ? 0 : StreamId(stream);
      WriteFrame(FrameType::kWindowUpdate, 0, id, http2::testing::Big32(input.Word()));
      break;
    }
    case kTime:
      net_.Advance(TimeNs{1} << (input.Byte() % kTimeShiftMax));
      break;
    case kRoom:
      net_.newest().set_room_bytes(input.Short());
      break;
    case kEnd:
      (input.Byte() & 1) != 0 ? net_.newest().Break(ECONNRESET) : net_.newest().EndWrite();
      break;
  }
  if ((step & 0x80) != 0) Turn();
}

void FuzzPeer::Leave() {
  // What ends with a connection may run in the turn behind it.
  for (int i = 0; i < kLeaveTurnsMax && (shard_.connections_count() > 0 || HasWork()); ++i) {
    for (size_t end = 0; end < net_.ends_count(); ++end) {
      net_.end(end).set_room_bytes(SIZE_MAX);
      net_.end(end).EndWrite();
    }
    Turn();
    net_.Advance(kNsPerSecond / 4);
  }
  PENSTOCK_CHECK(shard_.connections_count() == 0, "who leaves is let go");
  PENSTOCK_CHECK(!HasWork(), "handlers whose peer has left come to an end");
}

bool FuzzPeer::HasWork() const { return !shard_.run_queue().empty(); }

void FuzzPeer::Write(std::string_view bytes) {
  if (!bytes.empty()) net_.newest().Write(bytes);
}

void FuzzPeer::WriteFrame(FrameType type, uint8_t flags, uint32_t id, std::string_view payload) {
  Write(Framed(type, flags, id, payload));
}

void FuzzPeer::WriteHead(wire::testing::FuzzInput& input) {
  const uint8_t flags = input.Byte();
  const uint32_t id = StreamId(input.Byte());
  std::string block;
  for (size_t count = input.Byte() % kFieldsMax; count != 0; --count) {
    const auto [name, value] = menu_[input.Byte() % menu_.size()];
    const size_t room = http2::HpackEncoder::EncodedBytesMax(name.size(), value.size());
    std::string piece(room + http2::HpackEncoder::kBlockBytesMax, '\0');
    auto* const begin = reinterpret_cast<uint8_t*>(piece.data());
    const uint8_t* const end = encoder_.Encode(encoder_.BeginBlock(begin), name, value);
    block.append(piece, 0, static_cast<size_t>(end - begin));
  }
  WriteFrame(FrameType::kHeaders, flags ^ http2::flags::kEndHeaders, id, block);
}

void FuzzPeer::WriteMessage(wire::testing::FuzzInput& input) {
  const uint8_t flags = input.Byte();
  const uint32_t id = StreamId(input.Byte());
  const uint8_t lie = input.Byte();
  const std::string_view message = input.TakeText(input.Byte());
  std::string data(1, static_cast<char>(lie >> 7));
  data += http2::testing::Big32(static_cast<uint32_t>(message.size()) + (lie & 0x7f));
  WriteFrame(FrameType::kData, flags, id, data.append(message));
}

void FuzzPeer::Turn() {
  shard_.Turn(0);
  Read();
}

void FuzzPeer::Read() {
  if (net_.ends_count() == 0) return;
  if (connection_ != net_.ends_count()) {
    connection_ = net_.ends_count();
    encoder_ = http2::HpackEncoder();
    scanner_ = std::make_unique<http2::testing::FrameScanner>(4096);
    preface_bytes_left_ = role_ == http2::Role::kServer ? http2::kClientPreface.size() : 0;
    goaway_id_ = http2::kStreamIdMax;
    heard_.clear();
  }
  std::string said = net_.newest().TakeRead();
  if (said.starts_with("HTTP/1.1 ")) said.clear();  // a refusal
  const size_t of_preface = std::min(preface_bytes_left_, said.size());
  preface_bytes_left_ -= of_preface;
  for (const Frame& frame : scanner_->Scan(std::string_view(said).substr(of_preface))) {
    CheckFrame(frame);
  }
}

// A smaller HPACK table must be kept to, or no head of ours would be read. Spec: RFC 7541 §4.2
void FuzzPeer::ObeySettings(std::string_view payload) {
  const wire::Bytes bytes = wire::AsBytes(payload);
  for (size_t at = 0; at + http2::kSettingBytes <= bytes.size(); at += http2::kSettingBytes) {
    const auto id = static_cast<http2::SettingId>(wire::LoadBig16(bytes.data() + at));
    if (id != http2::SettingId::kHeaderTableSize) continue;
    encoder_.SetPeerTableBytesMax(wire::LoadBig32(bytes.data() + at + 2));
  }
}

// Spec: RFC 9113 §5.1, §6.8
void FuzzPeer::CheckFrame(const Frame& frame) {
  PENSTOCK_CHECK(frame.type <= FrameType::kContinuation, "a frame has a type");
  PENSTOCK_CHECK(frame.payload.size() <= http2::kFramePayloadBytesDefault, "a frame fits a peer");
  if (frame.type == FrameType::kGoAway) {
    const uint32_t last_id = wire::LoadBig32(wire::AsBytes(frame.payload).data());
    PENSTOCK_CHECK(last_id <= goaway_id_, "GOAWAY never raises its id");
    goaway_id_ = last_id;
  }
  if (frame.type == FrameType::kSettings) ObeySettings(frame.payload);
  const bool is_data = frame.type == FrameType::kData;
  const bool is_head = frame.type == FrameType::kHeaders;
  const bool is_reset = frame.type == FrameType::kRstStream;
  if (!is_data && !is_head && !is_reset) return;
  PENSTOCK_CHECK(frame.stream_id != 0, "a stream has an id");
  Heard& heard = heard_[frame.stream_id];
  PENSTOCK_CHECK(!heard.reset || is_reset, "after RST_STREAM nothing is sent");
  PENSTOCK_CHECK(!heard.ended || is_reset, "after END_STREAM nothing but RST_STREAM is sent");
  PENSTOCK_CHECK(!is_data || heard.head, "a head comes before DATA");
  heard.head |= is_head;
  heard.reset |= is_reset;
  heard.ended |= !is_reset && (frame.flags & http2::flags::kEndStream) != 0;
}

}  // namespace penstock::rpc::testing
