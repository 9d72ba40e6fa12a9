// Streams that end before they cost their sender anything: reset by the client (rapid reset), or by
// a server that was given cause (MadeYouReset).
#include "penstock/http2/frame.h"
#include "penstock/tests/attack/attack.h"
#include "penstock/tests/attack/hostile_peer.h"

namespace penstock::attack {
namespace {

using http2::ErrorCode;
using http2::FrameType;
using http2::SettingId;
using http2::testing::Data;
using http2::testing::Frame;
using http2::testing::Headers;
using http2::testing::Priority;
using http2::testing::RawFrame;
using http2::testing::RstStream;
using http2::testing::WindowUpdate;

// A server of ours has had enough well before.
constexpr uint32_t kStreamsMax = 20'000;
// The bound of what a connection may reset, in streams.
constexpr uint32_t kResetsBound = 2000;

// Streams one after the other, `frames(id)` on each, until the server will have no more.
template <typename FramesOf>
void EachStream(HostilePeer& peer, const FramesOf& frames) {
  std::string batch;
  for (uint32_t i = 0; i < kStreamsMax; ++i) {
    batch += frames(2 * i + 1);
    if (i % 64 != 63) continue;
    if (!peer.SendsBytes(batch)) return;
    batch.clear();
  }
}

// The verdict, and whether it came in time: GOAWAY says how many streams had been seen.
std::string VerdictInTime(HostilePeer& peer) {
  const std::string verdict = peer.Verdict();
  const uint32_t streams = (peer.last_stream_id() + 1) / 2;
  return peer.said_goaway() && streams > kResetsBound
             ? "LATE, after " + std::to_string(streams) + " streams: " + verdict
             : verdict;
}

std::string RapidReset(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  EachStream(peer, [&](uint32_t id) {
    return peer.Encoded(CallHead(id)) + peer.Encoded(RstStream(id, ErrorCode::kCancel));
  });
  return VerdictInTime(peer);
}

// The answer is held back by the window, so that the stream lives until it is reset.
std::string RapidResetOfWholeRequests(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello({{SettingId::kInitialWindowSize, 0}});
  const std::string message = CallMessage("x");
  EachStream(peer, [&](uint32_t id) {
    return peer.Encoded(CallHead(id)) + peer.Encoded(Data(id, message).End()) +
           peer.Encoded(RstStream(id, ErrorCode::kCancel));
  });
  return VerdictInTime(peer);
}

// Each answer makes the server write RST_STREAM, and nobody reads it.
std::string ResetFloodUnread(const std::string& address) {
  HostilePeer peer(address, 4096);
  peer.Hello();
  peer.set_reads(false);
  EachStream(peer, [&](uint32_t id) {
    return peer.Encoded(Headers(id).Field(":method", "POST").Field(":scheme", "http"));
  });
  return VerdictInTime(peer);
}

std::string PastConcurrentStreams(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello();
  EachStream(peer, [&](uint32_t id) { return peer.Encoded(CallHead(id)); });
  return peer.Verdict();
}

// --- MadeYouReset: the call has begun, then the server must reset it.

// HEADERS must be encoded in the order they are sent, which HPACK's tables follow. `+` may take its
// operands in any order, so the octets are appended.
template <typename TriggerOf>
std::string MadeYouReset(const std::string& address, const TriggerOf& trigger) {
  HostilePeer peer(address);
  peer.Hello();
  EachStream(peer, [&](uint32_t id) {
    std::string bytes = peer.Encoded(CallHead(id));
    bytes += trigger(peer, id);
    return bytes;
  });
  return VerdictInTime(peer);
}

// The same with a whole request, whose answer the window holds back.
template <typename TriggerOf>
std::string MadeYouResetAtEnd(const std::string& address, const TriggerOf& trigger) {
  HostilePeer peer(address);
  peer.Hello({{SettingId::kInitialWindowSize, 0}});
  const std::string message = CallMessage("x");
  EachStream(peer, [&](uint32_t id) {
    std::string bytes = peer.Encoded(CallHead(id)) + peer.Encoded(Data(id, message).End());
    bytes += trigger(peer, id);
    return bytes;
  });
  return VerdictInTime(peer);
}

std::string ByWindowUpdateOfZero(const std::string& address) {
  return MadeYouReset(
      address, [](HostilePeer& peer, uint32_t id) { return peer.Encoded(WindowUpdate(id, 0)); });
}

std::string ByWindowOverflow(const std::string& address) {
  return MadeYouReset(address, [](HostilePeer& peer, uint32_t id) {
    return peer.Encoded(WindowUpdate(id, 0x7fff'ffff));
  });
}

std::string ByPriorityOfWrongLength(const std::string& address) {
  return MadeYouReset(address, [](HostilePeer& peer, uint32_t id) {
    return peer.Encoded(RawFrame(FrameType::kPriority, 0, id, "four"));
  });
}

std::string ByPriorityOnItself(const std::string& address) {
  return MadeYouReset(
      address, [](HostilePeer& peer, uint32_t id) { return peer.Encoded(Priority(id, id)); });
}

std::string ByDataAfterEnd(const std::string& address) {
  return MadeYouResetAtEnd(
      address, [](HostilePeer& peer, uint32_t id) { return peer.Encoded(Data(id, "more")); });
}

std::string ByHeadersAfterEnd(const std::string& address) {
  return MadeYouResetAtEnd(
      address, [](HostilePeer& peer, uint32_t id) { return peer.Encoded(CallHead(id).End()); });
}

constexpr std::string_view kTooManyResets =
    "GOAWAY ENHANCE_YOUR_CALM (resets_received_burst|resets_share_percent_max)";
constexpr std::string_view kTooManyFaults =
    "GOAWAY ENHANCE_YOUR_CALM (fault_resets_burst|too_many_early_resets); .*";

constexpr Attack kAttacks[] = {
    {"rapid_reset", "HEADERS and RST_STREAM, again and again", kTooManyResets, &RapidReset},
    {"rapid_reset_of_whole_requests", "the same with requests that were handled", kTooManyResets,
     &RapidResetOfWholeRequests},
    {"reset_flood_unread", "malformed requests; the RST_STREAMs are not read", kTooManyFaults,
     &ResetFloodUnread},
    {"past_concurrent_streams", "ever more open streams",
     "GOAWAY ENHANCE_YOUR_CALM glitches_burst; \\d+ x RST_STREAM REFUSED_STREAM",
     &PastConcurrentStreams},
    {"made_you_reset_window_update_of_zero", "WINDOW_UPDATE of 0 on each stream", kTooManyFaults,
     &ByWindowUpdateOfZero},
    {"made_you_reset_window_overflow", "WINDOW_UPDATE beyond 2^31-1 on each stream", kTooManyFaults,
     &ByWindowOverflow},
    {"made_you_reset_priority_length", "PRIORITY of four octets on each stream", kTooManyFaults,
     &ByPriorityOfWrongLength},
    {"made_you_reset_priority_on_itself", "PRIORITY of each stream on itself", kTooManyFaults,
     &ByPriorityOnItself},
    {"made_you_reset_data_after_end", "DATA after END_STREAM on each stream", kTooManyFaults,
     &ByDataAfterEnd},
    {"made_you_reset_headers_after_end", "HEADERS after END_STREAM on each stream", kTooManyFaults,
     &ByHeadersAfterEnd},
};

}  // namespace

std::span<const Attack> ResetAttacks() { return kAttacks; }

}  // namespace penstock::attack
