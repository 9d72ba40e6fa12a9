// Frames that cost their sender a few octets and the server an answer, an object or a turn.
#include "penstock/http2/frame.h"
#include "penstock/tests/attack/attack.h"
#include "penstock/tests/attack/hostile_peer.h"

namespace penstock::attack {
namespace {

using http2::FrameType;
using http2::SettingId;
using http2::testing::Data;
using http2::testing::Frame;
using http2::testing::Ping;
using http2::testing::Priority;
using http2::testing::RawFrame;
using http2::testing::SettingsFrame;
using http2::testing::WindowUpdate;

enum class Answers { kRead, kUnread };

// `piece` again and again, up to `bytes` of it.
void Flood(HostilePeer& peer, const std::string& piece, size_t bytes) {
  std::string batch;
  while (batch.size() < 16 * 1024) batch += piece;
  for (size_t sent = 0; sent < bytes && peer.SendsBytes(batch); sent += batch.size()) {
  }
}

constexpr size_t kFloodBytes = 4 << 20;

template <Answers kAnswers>
std::string FloodWith(const std::string& address, const Frame& frame) {
  HostilePeer peer(address, kAnswers == Answers::kUnread ? 4096 : 0);
  peer.Hello();
  peer.set_reads(kAnswers == Answers::kRead);
  Flood(peer, peer.Encoded(frame), kFloodBytes);
  return peer.Verdict();
}

template <Answers kAnswers>
std::string PingFlood(const std::string& address) {
  return FloodWith<kAnswers>(address, Ping("12345678"));
}

template <Answers kAnswers>
std::string SettingsFlood(const std::string& address) {
  return FloodWith<kAnswers>(address, SettingsFrame({}));
}

std::string SettingsOfManyEntries(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  Frame frame = SettingsFrame({{SettingId::kInitialWindowSize, 1}});
  while (frame.payload.size() < http2::kFramePayloadBytesDefault - 6) {
    frame.payload += SettingsFrame({{SettingId::kInitialWindowSize, 1}}).payload;
  }
  peer.Sends(frame);
  return peer.Verdict();
}

// Streams that were never opened, each made to depend on another.
std::string PriorityChurn(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  std::string churn;
  for (uint32_t id = 1; id < 2000; id += 2) churn += peer.Encoded(Priority(id, id + 2));
  Flood(peer, churn, kFloodBytes);
  return peer.Verdict();
}

std::string WindowUpdateFlood(const std::string& address) {
  return FloodWith<Answers::kRead>(address, WindowUpdate(0, 1));
}

std::string EmptyData(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  peer.Sends(CallHead(1));
  Flood(peer, peer.Encoded(Data(1, "")), kFloodBytes);
  return peer.Verdict();
}

std::string PaddedEmptyData(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  peer.Sends(CallHead(1));
  Flood(peer, peer.Encoded(Data(1, "").Padded(0)), kFloodBytes);
  return peer.Verdict();
}

std::string EmptyContinuations(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  peer.Sends(RawFrame(FrameType::kHeaders, 0, 1, ""));
  Flood(peer, peer.Encoded(RawFrame(FrameType::kContinuation, 0, 1, "")), kFloodBytes);
  return peer.VerdictAtEnd();
}

std::string EmptyHeaders(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  std::string batch;
  for (uint32_t id = 1; id < 100'000; id += 2) {
    batch += peer.Encoded(RawFrame(FrameType::kHeaders, http2::flags::kEndHeaders, id, ""));
    if (id % 500 != 1) continue;
    if (!peer.SendsBytes(batch)) break;
    batch.clear();
  }
  return peer.Verdict();
}

// An honest message cut as small as it can be: a server gathers it and serves the call.
std::string TinyData(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  peer.Sends(CallHead(1));
  const std::string message = CallMessage(std::string(60'000, 'x'));
  std::string frames;
  for (const char octet : message) frames += peer.Encoded(Data(1, {&octet, 1}));
  peer.SendsBytes(frames + peer.Encoded(Data(1, "").End()));
  peer.HearUntil([&] { return peer.streams_ended() >= 1; });
  return peer.Verdict();
}

constexpr Attack kAttacks[] = {
    {"ping_flood", "PINGs as fast as they go", "GOAWAY ENHANCE_YOUR_CALM too_many_pings",
     &PingFlood<Answers::kRead>},
    {"ping_flood_unread", "the same, and the acknowledgements are not read",
     "GOAWAY ENHANCE_YOUR_CALM too_many_pings", &PingFlood<Answers::kUnread>},
    {"settings_flood", "empty SETTINGS as fast as they go",
     "GOAWAY ENHANCE_YOUR_CALM settings_per_second_max", &SettingsFlood<Answers::kRead>},
    {"settings_flood_unread", "the same, and the acknowledgements are not read",
     "GOAWAY ENHANCE_YOUR_CALM settings_per_second_max", &SettingsFlood<Answers::kUnread>},
    {"settings_of_many_entries", "a SETTINGS frame of 2730 entries",
     "GOAWAY ENHANCE_YOUR_CALM settings_entries_max", &SettingsOfManyEntries},
    {"priority_churn", "PRIORITY on streams that were never opened",
     "GOAWAY ENHANCE_YOUR_CALM priorities_per_stream_max", &PriorityChurn},
    {"window_update_flood", "WINDOW_UPDATE of 1 on the connection",
     "GOAWAY ENHANCE_YOUR_CALM window_updates_base", &WindowUpdateFlood},
    {"empty_data", "empty DATA that ends nothing",
     "GOAWAY ENHANCE_YOUR_CALM (empty_frames_max|small_data_budget)", &EmptyData},
    {"padded_empty_data", "DATA of padding alone",
     "GOAWAY ENHANCE_YOUR_CALM (empty_frames_max|small_data_budget)", &PaddedEmptyData},
    {"empty_continuations", "a header block of endless empty CONTINUATIONs",
     "GOAWAY ENHANCE_YOUR_CALM (continuations_max|empty_frames_max)", &EmptyContinuations},
    {"empty_headers", "HEADERS with nothing in them, on ever new streams",
     "GOAWAY ENHANCE_YOUR_CALM fault_resets_burst; .*", &EmptyHeaders},
    {"tiny_data", "a message of 60,000 octets in DATA frames of one octet",
     "OPEN; 1 x grpc-status 0", &TinyData},
};

}  // namespace

std::span<const Attack> FloodAttacks() { return kAttacks; }

}  // namespace penstock::attack
