// HPACK bombs, endless header blocks and integers, and what tables may be talked into.
#include "penstock/http2/frame.h"
#include "penstock/tests/attack/attack.h"
#include "penstock/tests/attack/hostile_peer.h"

namespace penstock::attack {
namespace {

using http2::FrameType;
using http2::SettingId;
using http2::testing::Data;
using http2::testing::Frame;
using http2::testing::RawFrame;

constexpr uint8_t kWhole = http2::flags::kEndHeaders | http2::flags::kEndStream;
// Representations of RFC 7541 §6 and entries of its appendix A.
constexpr char kIndexed = '\x80';
constexpr char kFirstDynamic = static_cast<char>(kIndexed | 62);
constexpr char kEmptyCookie = static_cast<char>(kIndexed | 32);

Frame Block(uint32_t id, std::string_view block) {
  return RawFrame(FrameType::kHeaders, kWhole, id, block);
}

// A block of `bytes` octets over as many frames as may be.
std::string BlockInFrames(HostilePeer& peer, uint32_t id, std::string_view block) {
  const size_t frame_bytes = http2::kFramePayloadBytesDefault;
  std::string frames;
  for (size_t at = 0; at < block.size(); at += frame_bytes) {
    const auto ends =
        static_cast<uint8_t>(at + frame_bytes >= block.size() ? http2::flags::kEndHeaders : 0);
    const auto end_stream = static_cast<uint8_t>(at == 0 ? http2::flags::kEndStream : 0);
    frames += peer.Encoded(RawFrame(at == 0 ? FrameType::kHeaders : FrameType::kContinuation,
                                    ends | end_stream, id, block.substr(at, frame_bytes)));
  }
  return frames;
}

template <size_t kFragmentBytes>
std::string ContinuationFlood(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  // Zeroes are Huffman's 11111000: a literal that never ends is the dearest to decode.
  const std::string fragment(kFragmentBytes, '0');
  peer.Sends(RawFrame(FrameType::kHeaders, http2::flags::kEndStream, 1, fragment));
  const std::string more = peer.Encoded(RawFrame(FrameType::kContinuation, 0, 1, fragment));
  for (int i = 0; i < 2000 && peer.SendsBytes(more); ++i) {
  }
  return peer.VerdictAtEnd();
}

// An entry of 4000 octets, then as many references to it as a block holds.
std::string FatBomb(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  std::string block = peer.Encoded(CallHead(1).Field("x-fat", std::string(4000, 'x')));
  block.erase(0, http2::kFrameHeaderBytes);
  block.append(60'000, kFirstDynamic);
  peer.SendsBytes(BlockInFrames(peer, 1, block));
  peer.HearUntil([&] { return peer.streams_ended() >= 1 || peer.said_goaway(); });
  return peer.Verdict();
}

std::string ThinBomb(const std::string& address, std::string_view crumb) {
  HostilePeer peer(address);
  peer.Hello();
  std::string block = peer.Encoded(CallHead(1));
  block.erase(0, http2::kFrameHeaderBytes);
  while (block.size() < 60'000) block += crumb;
  peer.SendsBytes(BlockInFrames(peer, 1, block));
  peer.HearUntil([&] { return peer.streams_ended() >= 1 || peer.said_goaway(); });
  return peer.Verdict();
}

std::string ThinBombOfCookies(const std::string& address) {
  return ThinBomb(address, std::string_view(&kEmptyCookie, 1));
}

std::string ThinBombOfEmptyValues(const std::string& address) {
  // Literals without indexing: the name "a", no value.
  return ThinBomb(address, std::string_view("\0\1a\0", 4));
}

// Names of no octets are malformed, however many there are.
std::string EmptyNames(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  std::string block = peer.Encoded(CallHead(1));
  block.erase(0, http2::kFrameHeaderBytes);
  for (int i = 0; i < 100; ++i) block.append("\0\0\0", 3);
  peer.Sends(Block(1, block));
  peer.HearUntil([&] { return peer.streams_ended() >= 1; });
  return peer.Verdict();
}

std::string EndlessInteger(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  peer.Sends(Block(1, "\xff" + std::string(16'000, '\x80')));
  return peer.Verdict();
}

// A literal that promises 4 GB.
std::string HugeString(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  peer.Sends(Block(1, std::string_view("\x40\x01x\x7f\x80\xff\xff\xff\x0f", 9)));
  return peer.Verdict();
}

std::string HugeTableUpdate(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  peer.Sends(Block(1, "\x3f\xff\xff\xff\x0f"));
  return peer.Verdict();
}

// A table whose entries change with every request.
std::string TableChurn(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  const std::string message = CallMessage("x");
  constexpr uint32_t kCalls = 500;
  std::string batch;
  for (uint32_t i = 0; i < kCalls; ++i) {
    const uint32_t id = 2 * i + 1;
    const std::string value = std::to_string(i) + std::string(3000, 'y');
    batch += peer.Encoded(CallHead(id).Field("x-churn", value));
    batch += peer.Encoded(Data(id, message).End());
    if (i % 50 != 49) continue;
    peer.SendsBytes(batch);
    batch.clear();
    peer.HearUntil([&] { return peer.streams_ended() >= i + 1; });
  }
  return peer.Verdict();
}

// What a refused request put into the table stays there: the next one means what it says.
std::string RefusedBlockStillCounts(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  peer.Sends(CallHead(1).Field("Not-Lower-Case", "x").Field("x-after", "y").End());
  peer.Sends(CallHead(3).Field("x-after", "y"), Data(3, CallMessage("x")).End());
  peer.HearUntil([&] { return peer.streams_ended() >= 2; });
  return peer.Verdict();
}

// The server's own encoder must not follow.
std::string HugePeerTable(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello({{SettingId::kHeaderTableSize, 0xffff'ffff}});
  for (uint32_t id = 1; id < 400; id += 2) {
    peer.Sends(CallHead(id, "/no.Such/Method" + std::to_string(id)), Data(id, "").End());
  }
  peer.HearUntil([&] { return peer.streams_ended() >= 200; });
  return peer.Verdict();
}

// No answer fits what this peer takes, so that each is reset, after the call was handled.
std::string TinyPeerHeaderList(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello({{SettingId::kMaxHeaderListSize, 1}});
  const std::string message = CallMessage("x");
  for (uint32_t id = 1; id < 4000; id += 2) {
    if (!peer.Sends(CallHead(id), Data(id, message).End())) break;
  }
  return peer.Verdict();
}

constexpr Attack kAttacks[] = {
    {"continuation_flood", "a header block of endless CONTINUATIONs of 1 KiB",
     "GOAWAY ENHANCE_YOUR_CALM (continuations_max|header_block_bytes_max)",
     &ContinuationFlood<1024>},
    {"continuation_flood_large", "the same with frames as large as may be",
     "GOAWAY ENHANCE_YOUR_CALM (continuations_max|header_block_bytes_max)",
     &ContinuationFlood<http2::kFramePayloadBytesDefault>},
    {"hpack_bomb_fat", "60,000 references to a field of 4000 octets",
     "GOAWAY ENHANCE_YOUR_CALM header_list_close_factor", &FatBomb},
    {"hpack_bomb_thin_cookies", "60,000 empty cookies of one octet each",
     "GOAWAY ENHANCE_YOUR_CALM header_list_close_factor", &ThinBombOfCookies},
    {"hpack_bomb_thin_fields", "15,000 fields without a value",
     "GOAWAY ENHANCE_YOUR_CALM header_list_close_factor", &ThinBombOfEmptyValues},
    {"header_names_empty", "a hundred fields without a name", "OPEN; 1 x RST_STREAM PROTOCOL_ERROR",
     &EmptyNames},
    {"hpack_endless_integer", "an integer of 16,000 septets", "GOAWAY COMPRESSION_ERROR .*",
     &EndlessInteger},
    {"hpack_huge_string", "a string that promises 4 GB", "GOAWAY COMPRESSION_ERROR .*",
     &HugeString},
    {"hpack_huge_table_update", "a table update beyond what was granted",
     "GOAWAY COMPRESSION_ERROR .*", &HugeTableUpdate},
    {"hpack_table_churn", "requests that evict the whole table each", "OPEN; 500 x grpc-status 0",
     &TableChurn},
    {"hpack_refused_block", "a malformed request that fills the table",
     "OPEN; 1 x RST_STREAM PROTOCOL_ERROR, 1 x grpc-status 0", &RefusedBlockStillCounts},
    {"huge_peer_table", "SETTINGS_HEADER_TABLE_SIZE of 4 GB", "OPEN; 200 x grpc-status 12",
     &HugePeerTable},
    {"tiny_peer_header_list", "SETTINGS_MAX_HEADER_LIST_SIZE of 1",
     "GOAWAY ENHANCE_YOUR_CALM fault_resets_burst; .*", &TinyPeerHeaderList},
};

}  // namespace

std::span<const Attack> HeaderAttacks() { return kAttacks; }

}  // namespace penstock::attack
