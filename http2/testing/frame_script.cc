#include "penstock/http2/testing/frame_script.h"

#include <algorithm>

#include "gtest/gtest.h"

#include "penstock/wire/bytes.h"
#include "penstock/wire/endian.h"

namespace penstock::http2::testing {
namespace {

std::string Big16(uint16_t value) {
  std::string text(2, '\0');
  wire::StoreBig16(reinterpret_cast<uint8_t*>(text.data()), value);
  return text;
}

std::string Framed(FrameType type, uint8_t frame_flags, uint32_t id, std::string_view payload) {
  std::string bytes(kFrameHeaderBytes, '\0');
  StoreFrameHeader(reinterpret_cast<uint8_t*>(bytes.data()),
                   {static_cast<uint32_t>(payload.size()), type, frame_flags, id});
  return bytes.append(payload);
}

std::string EncodeFields(const Frame& frame, HpackEncoder& encoder) {
  size_t room = HpackEncoder::kBlockBytesMax;
  for (const auto& [name, value] : frame.fields) {
    room += HpackEncoder::EncodedBytesMax(name.size(), value.size());
  }
  std::string block(room, '\0');
  auto* begin = reinterpret_cast<uint8_t*>(block.data());
  uint8_t* at = encoder.BeginBlock(begin);
  for (const auto& [name, value] : frame.fields) at = encoder.Encode(at, name, value);
  block.resize(static_cast<size_t>(at - begin));
  return block;
}

bool HasBlock(FrameType type) {
  return type == FrameType::kHeaders || type == FrameType::kPushPromise;
}

std::string EncodeBlock(const Frame& frame, HpackEncoder& encoder) {
  const std::string block = frame.fields.empty() ? frame.payload : EncodeFields(frame, encoder);
  std::string bytes;
  size_t at = 0;
  for (size_t i = 0; i <= frame.fragments.size(); ++i) {
    const bool last = i == frame.fragments.size();
    std::string part = last ? block.substr(at) : block.substr(at, frame.fragments[i]);
    at += part.size();
    uint8_t frame_flags = i == 0 ? frame.flags : uint8_t{0};
    if (last) frame_flags |= flags::kEndHeaders;
    if (i == 0 && frame.depends_on >= 0) {
      part = Big32(static_cast<uint32_t>(frame.depends_on)) + '\x0f' + part;
      frame_flags |= flags::kPriority;
    }
    if (i == 0 && frame.type == FrameType::kPushPromise) part = Big32(frame.promised_id) + part;
    if (i == 0 && frame.pad_bytes >= 0) {
      part = static_cast<char>(frame.pad_bytes) + part;
      part.append(static_cast<size_t>(frame.pad_bytes), '\0');
      frame_flags |= flags::kPadded;
    }
    bytes +=
        Framed(i == 0 ? frame.type : FrameType::kContinuation, frame_flags, frame.stream_id, part);
  }
  return bytes;
}

}  // namespace

std::string Big32(uint32_t value) {
  std::string text(4, '\0');
  wire::StoreBig32(reinterpret_cast<uint8_t*>(text.data()), value);
  return text;
}

Frame& Frame::End() {
  flags |= http2::flags::kEndStream;
  return *this;
}

Frame& Frame::Field(std::string_view name, std::string_view value) {
  fields.emplace_back(name, value);
  return *this;
}

Frame& Frame::Post(std::string_view path) {
  return Field(":method", "POST").Field(":scheme", "http").Field(":path", path);
}

Frame& Frame::Get(std::string_view path) {
  return Field(":method", "GET").Field(":scheme", "http").Field(":path", path);
}

Frame& Frame::Status(std::string_view code) { return Field(":status", code); }

Frame& Frame::Padded(int bytes) {
  pad_bytes = bytes;
  return *this;
}

Frame& Frame::DependsOn(uint32_t id) {
  depends_on = id;
  return *this;
}

Frame& Frame::CutAfter(std::initializer_list<size_t> bytes) {
  fragments.assign(bytes);
  return *this;
}

bool Frame::operator==(const Frame& other) const {
  return type == other.type && flags == other.flags && stream_id == other.stream_id &&
         promised_id == other.promised_id && payload == other.payload && fields == other.fields;
}

Frame RawFrame(FrameType type, uint8_t flags, uint32_t id, std::string_view payload) {
  Frame frame;
  frame.type = type;
  frame.flags = flags;
  frame.stream_id = id;
  frame.payload = payload;
  frame.raw = true;
  return frame;
}

Frame Headers(uint32_t id) {
  Frame frame = RawFrame(FrameType::kHeaders, 0, id, "");
  frame.raw = false;
  return frame;
}
Frame PushPromise(uint32_t id, uint32_t promised_id) {
  Frame frame = Headers(id);
  frame.type = FrameType::kPushPromise;
  frame.promised_id = promised_id;
  return frame;
}
Frame Data(uint32_t id, std::string_view payload) {
  return RawFrame(FrameType::kData, 0, id, payload);
}
Frame RstStream(uint32_t id, ErrorCode code) {
  return RawFrame(FrameType::kRstStream, 0, id, Big32(static_cast<uint32_t>(code)));
}
Frame WindowUpdate(uint32_t id, uint32_t bytes) {
  return RawFrame(FrameType::kWindowUpdate, 0, id, Big32(bytes));
}
Frame Priority(uint32_t id, uint32_t depends_on) {
  return RawFrame(FrameType::kPriority, 0, id, Big32(depends_on) + '\x0f');
}
Frame PriorityUpdate(uint32_t prioritized_id, std::string_view text) {
  return RawFrame(FrameType::kPriorityUpdate, 0, 0, Big32(prioritized_id).append(text));
}
Frame SettingsFrame(std::initializer_list<std::pair<SettingId, uint32_t>> entries) {
  std::string payload;
  for (const auto& [id, value] : entries) {
    payload += Big16(static_cast<uint16_t>(id)) + Big32(value);
  }
  return RawFrame(FrameType::kSettings, 0, 0, payload);
}
Frame SettingsAck() { return RawFrame(FrameType::kSettings, flags::kAck, 0, ""); }
Frame Ping(std::string_view eight_octets) { return RawFrame(FrameType::kPing, 0, 0, eight_octets); }
Frame PingAck(std::string_view eight_octets) {
  return RawFrame(FrameType::kPing, flags::kAck, 0, eight_octets);
}
Frame GoAway(uint32_t last_id, ErrorCode code) {
  return RawFrame(FrameType::kGoAway, 0, 0, Big32(last_id) + Big32(static_cast<uint32_t>(code)));
}

std::string Encode(const Frame& frame, HpackEncoder& encoder) {
  if (HasBlock(frame.type) && !frame.raw) return EncodeBlock(frame, encoder);
  if (frame.pad_bytes < 0) {
    return Framed(frame.type, frame.flags, frame.stream_id, frame.payload);
  }
  std::string padded = static_cast<char>(frame.pad_bytes) + frame.payload;
  padded.append(static_cast<size_t>(frame.pad_bytes), '\0');
  return Framed(frame.type, frame.flags | flags::kPadded, frame.stream_id, padded);
}

void PrintTo(const Frame& frame, std::ostream* out) {
  static constexpr std::string_view kNames[] = {
      "DATA",         "HEADERS", "PRIORITY", "RST_STREAM",    "SETTINGS",
      "PUSH_PROMISE", "PING",    "GOAWAY",   "WINDOW_UPDATE", "CONTINUATION"};
  const auto type = static_cast<size_t>(frame.type);
  *out << (type < std::size(kNames) ? kNames[type] : "unknown type") << " on " << frame.stream_id;
  if (frame.promised_id != 0) *out << " of " << frame.promised_id;
  if (frame.flags != 0) *out << " flags " << int{frame.flags};
  for (const auto& [name, value] : frame.fields) *out << " \"" << name << ": " << value << '"';
  const bool is_number = frame.payload.size() == 4;
  if (is_number) {
    *out << " value " << wire::LoadBig32(wire::AsBytes(frame.payload).data());
  } else if (frame.payload.size() <= 40) {
    *out << ' ' << ::testing::PrintToString(frame.payload);
  } else {
    *out << ' ' << frame.payload.size() << " octets";
  }
  if (!frame.debug.empty()) *out << " (" << frame.debug << ')';
}

std::vector<Frame> FrameScanner::Scan(std::string_view bytes) {
  rest_.append(bytes);
  std::vector<Frame> frames;
  std::string_view left = rest_;
  while (left.size() >= kFrameHeaderBytes) {
    const FrameHeader header = LoadFrameHeader(wire::AsBytes(left).data());
    if (left.size() < kFrameHeaderBytes + header.payload_bytes) break;
    Add(header, left.substr(kFrameHeaderBytes, header.payload_bytes), &frames);
    left.remove_prefix(kFrameHeaderBytes + header.payload_bytes);
  }
  rest_ = std::string(left);
  return frames;
}

void FrameScanner::Add(const FrameHeader& header, std::string_view payload,
                       std::vector<Frame>* frames) {
  Frame frame = RawFrame(header.type, header.flags & flags::kEndStream, header.stream_id, payload);
  EXPECT_EQ(header.type == FrameType::kContinuation, in_block_) << "a header block is interrupted";
  if (header.type == FrameType::kGoAway) {
    frame.debug = frame.payload.substr(8);
    frame.payload.resize(8);
  }
  if (header.type == FrameType::kPushPromise) {
    frame.promised_id = wire::LoadBig32(wire::AsBytes(frame.payload).data());
    frame.payload.erase(0, kStreamIdBytes);
  }
  if (!HasBlock(header.type) && header.type != FrameType::kContinuation) {
    return frames->push_back(std::move(frame));
  }
  if (in_block_) {
    EXPECT_EQ(header.stream_id, block_.stream_id);
    block_.payload += payload;
    ++block_.continuations_count;
  } else {
    block_ = std::move(frame);
  }
  in_block_ = !header.has(flags::kEndHeaders);
  if (in_block_) return;
  EXPECT_EQ(decoder_.Decode(wire::AsBytes(block_.payload), fields_, {1u << 30, 1u << 20}),
            HpackError::kOk);
  for (const HeaderField& field : fields_) block_.Field(field.name, field.value);
  block_.payload.clear();
  frames->push_back(std::move(block_));
}

}  // namespace penstock::http2::testing
