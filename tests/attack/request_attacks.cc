// What a single request may hold that a careless server trips over.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/http2/frame.h"
#include "penstock/tests/attack/attack.h"
#include "penstock/tests/attack/hostile_peer.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/compress.h"
#include "penstock/wire/endian.h"
#include "penstock/wire/scratch_buffer.h"

namespace penstock::attack {
namespace {

using http2::testing::Data;
using http2::testing::Frame;

std::string Framed(std::string_view message, char flag = 0) {
  std::string framed(5, flag);
  wire::StoreBig32(reinterpret_cast<uint8_t*>(framed.data()) + 1,
                   static_cast<uint32_t>(message.size()));
  return framed.append(message);
}

// DATA frames of the largest size, the last with END_STREAM.
void SendsMessage(HostilePeer& peer, uint32_t id, std::string_view bytes) {
  const size_t frame_bytes = http2::kFramePayloadBytesDefault;
  while (bytes.size() > frame_bytes) {
    peer.Sends(Data(id, bytes.substr(0, frame_bytes)));
    bytes.remove_prefix(frame_bytes);
  }
  peer.Sends(Data(id, bytes).End());
}

std::string VerdictAfter(HostilePeer& peer, size_t streams) {
  peer.HearUntil([&] { return peer.streams_ended() >= streams || peer.said_goaway(); });
  return peer.Verdict();
}

// What is compressed, says its flag: by nothing that is named, or it is nothing of the kind.
std::string CompressedMessage(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  const std::string zeroes = Framed(std::string(1 << 20, '\0'), 1);
  peer.Sends(CallHead(1));
  SendsMessage(peer, 1, zeroes);
  peer.Sends(CallHead(3).Field("grpc-encoding", "gzip"));
  SendsMessage(peer, 3, zeroes);
  return VerdictAfter(peer, 2);
}

constexpr size_t kBombBytes = 64 * 1024 * 1024;

// Zeroes, compressed to a thousandth of their size or less.
std::string MakeBomb(const wire::Compression& compression, size_t bytes = kBombBytes) {
  const std::vector<uint8_t> zeroes(bytes);
  const wire::Bytes piece = zeroes;
  wire::ScratchBuffer packed;
  packed.Begin(bytes);
  PENSTOCK_CHECK(compression.make()->Compress({&piece, 1}, packed), "zeroes can be compressed");
  return Framed(wire::AsString(packed.bytes()), 1);
}

// Of each encoding that the server takes one message of many times its limit.
std::string DecompressionBomb(const std::string& address) {
  struct Bomb {
    const char* encoding;
    std::string message;
  };
  static const Bomb kBombs[] = {{"gzip", MakeBomb(wire::Gzip())},
                                {"deflate", MakeBomb(wire::Deflate())},
                                {"zstd", MakeBomb(wire::Zstd())}};
  HostilePeer peer(address);
  peer.Hello();
  uint32_t id = 1;
  for (const Bomb& bomb : kBombs) {
    peer.Sends(CallHead(id).Field("grpc-encoding", bomb.encoding));
    SendsMessage(peer, id, bomb.message);
    id += 2;
  }
  return VerdictAfter(peer, std::size(kBombs));
}

// 50 messages of nearly the limit, all in one piece: 10 kB that become 200 MB.
std::string ManyDecompressionBombs(const std::string& address) {
  constexpr uint32_t kBombs = 50;
  static const std::string bomb = MakeBomb(wire::Zstd(), 4'000'000);
  HostilePeer peer(address);
  peer.Hello();
  std::string said;
  for (uint32_t i = 0; i < kBombs; ++i) {
    said += peer.Encoded(CallHead(2 * i + 1).Field("grpc-encoding", "zstd"));
    said += peer.Encoded(Data(2 * i + 1, bomb).End());
  }
  peer.SendsBytes(said);
  return VerdictAfter(peer, kBombs);
}

// A prefix that promises 4 GB is refused before a byte of it is kept.
std::string HugeMessage(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  peer.Sends(CallHead(1), Data(1, std::string_view("\0\xff\xff\xff\xff", 5)));
  return VerdictAfter(peer, 1);
}

constexpr std::string_view kPaths[] = {
    "helloworld.Greeter/SayHello",
    "",
    "*",
    "//helloworld.Greeter/SayHello",
    "/helloworld.Greeter//SayHello",
    "/helloworld.Greeter/SayHello/",
    "/x/../helloworld.Greeter/SayHello",
    "/./helloworld.Greeter/SayHello",
    "/helloworld.Greeter/SayHello?x=1",
    "/helloworld.Greeter/SayHello#x",
    "/helloworld.Greeter/Say%48ello",
    "/HELLOWORLD.Greeter/SayHello",
    "http://x/helloworld.Greeter/Say",
    "\\helloworld.Greeter\\SayHello",
};

std::string PathTricks(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  const std::string message = CallMessage("x");
  uint32_t id = 1;
  for (const std::string_view path : kPaths) {
    peer.Sends(CallHead(id, path), Data(id, message).End());
    id += 2;
  }
  return VerdictAfter(peer, std::size(kPaths));
}

std::string BadBinaryMetadata(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  const std::string message = CallMessage("x");
  peer.Sends(CallHead(1).Field("x-trace-bin", "!!!not base64"), Data(1, message).End());
  peer.Sends(CallHead(3).Field("x-trace-bin", "QUJD"), Data(3, message).End());
  return VerdictAfter(peer, 2);
}

std::string ProtobufCall(const std::string& address, std::string_view message) {
  HostilePeer peer(address);
  peer.Hello();
  peer.Sends(CallHead(1));
  SendsMessage(peer, 1, Framed(message));
  return VerdictAfter(peer, 1);
}

// Unknown groups inside one another: field 15, wire type 3.
std::string DeepProtobuf(const std::string& address) {
  return ProtobufCall(address, std::string(1'000'000, '\x7b'));
}

// A string that promises 2 GB and ends.
std::string HugeProtobufField(const std::string& address) {
  return ProtobufCall(address, "\x0a\xff\xff\xff\xff\x07x");
}

std::string EndlessProtobufVarint(const std::string& address) {
  return ProtobufCall(address, std::string(10'000, '\xff'));
}

// A million unknown fields of two octets each: kept as they came, not as objects.
std::string ManyUnknownFields(const std::string& address) {
  std::string message;
  while (message.size() < 2'000'000) message += "\x78\x01";
  return ProtobufCall(address, message);
}

constexpr Attack kAttacks[] = {
    {"compressed_message", "messages that say they are compressed, and are not",
     "OPEN; 2 x grpc-status 13", &CompressedMessage},
    {"decompression_bomb", "messages of 64 MiB, compressed to a thousandth of it",
     "OPEN; 3 x grpc-status 8", &DecompressionBomb},
    {"many_decompression_bombs", "50 messages that become 200 MB, in one piece",
     "OPEN; 50 x grpc-status 13", &ManyDecompressionBombs},
    {"huge_message", "a message of 4 GB, announced", "OPEN; 1 x grpc-status 8.*", &HugeMessage},
    {"path_tricks", "paths that are nearly those of a method",
     "OPEN;(?!.*grpc-status 0)( \\d+ x (RST_STREAM PROTOCOL_ERROR|grpc-status 12|status 40\\d),?)+",
     &PathTricks},
    {"bad_binary_metadata", "a -bin field that is not base64",
     "OPEN; 1 x grpc-status 0, 1 x (grpc-status 13|RST_STREAM PROTOCOL_ERROR)", &BadBinaryMetadata},
    {"deep_protobuf", "a million groups inside one another", "OPEN; 1 x grpc-status 13",
     &DeepProtobuf},
    {"huge_protobuf_field", "a string of 2 GB, announced", "OPEN; 1 x grpc-status 13",
     &HugeProtobufField},
    {"endless_protobuf_varint", "a varint of 10,000 octets", "OPEN; 1 x grpc-status 13",
     &EndlessProtobufVarint},
    {"many_unknown_fields", "a million unknown fields", "OPEN; 1 x grpc-status 0",
     &ManyUnknownFields},
};

}  // namespace

std::span<const Attack> RequestAttacks() { return kAttacks; }

}  // namespace penstock::attack
