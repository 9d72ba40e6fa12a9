// Peers that ask much and take little: closed windows, sockets that are not read.
#include "penstock/http2/frame.h"
#include "penstock/tests/attack/attack.h"
#include "penstock/tests/attack/hostile_peer.h"

namespace penstock::attack {
namespace {

using http2::SettingId;
using http2::testing::Data;
using http2::testing::WindowUpdate;

constexpr uint32_t kStreams = 100;  // what the server allows at once

// Answers leave in pieces of one octet, as the windows are opened.
std::string DataDribble(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello({{SettingId::kInitialWindowSize, 1}});
  const std::string message = CallMessage(std::string(10'000, 'x'));
  for (uint32_t i = 0; i < kStreams; ++i) {
    const uint32_t id = 2 * i + 1;
    peer.Sends(CallHead(id), Data(id, message).End());
  }
  for (int round = 0; round < 50; ++round) {
    std::string updates;
    for (uint32_t i = 0; i < kStreams; ++i) updates += peer.Encoded(WindowUpdate(2 * i + 1, 1));
    if (!peer.SendsBytes(updates)) break;
  }
  return peer.Verdict();
}

// As many answers as may be open wait for a window that stays shut.
std::string StalledStreams(const std::string& address) {
  HostilePeer peer(address);
  peer.Hello({{SettingId::kInitialWindowSize, 0}});
  const std::string message = CallMessage(std::string(10'000, 'x'));
  for (uint32_t i = 0; i < kStreams; ++i) {
    const uint32_t id = 2 * i + 1;
    if (!peer.Sends(CallHead(id), Data(id, message).End())) break;
  }
  return peer.Verdict();
}

// HTTP/2's windows are open wide, TCP's is not: the server must stop reading what it could not
// answer. Read at last, every request has its answer.
std::string TcpWindowZero(const std::string& address) {
  HostilePeer peer(address, 4096);
  peer.Hello({{SettingId::kInitialWindowSize, 0x7fff'ffff}});
  peer.Sends(WindowUpdate(0, 0x7fff'0000));
  peer.set_reads(false);
  const std::string message = CallMessage(std::string(16'000, 'x'));
  uint32_t asked = 0;
  while (asked < 4000 && !peer.was_stuck()) {
    const uint32_t id = 2 * asked + 1;
    const std::string request = peer.Encoded(CallHead(id)) + peer.Encoded(Data(id, message).End());
    if (!peer.SendsBytes(request) && !peer.was_stuck()) break;
    ++asked;
  }
  const bool paused = peer.was_stuck();
  peer.HearAgain();
  peer.HearUntil([&] { return peer.streams_ended() >= asked || peer.said_goaway(); });
  return (paused ? "PAUSED, then " : "NEVER PAUSED, then ") + peer.Verdict();
}

constexpr Attack kAttacks[] = {
    // How many of its WINDOW_UPDATEs let DATA out is a matter of how they arrive.
    {"data_dribble", "answers taken octet by octet",
     "(OPEN|GOAWAY ENHANCE_YOUR_CALM window_updates_base)", &DataDribble},
    {"stalled_streams", "a hundred answers that are never let out", "OPEN", &StalledStreams},
    {"tcp_window_zero", "answers asked for and not read",
     "PAUSED, then OPEN;( \\d+ x (RST_STREAM REFUSED_STREAM|grpc-status 0),?)+", &TcpWindowZero},
};

}  // namespace

std::span<const Attack> WindowAttacks() { return kAttacks; }

}  // namespace penstock::attack
