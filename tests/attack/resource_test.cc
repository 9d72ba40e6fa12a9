// Attacks whose harm is in what the server holds meanwhile: memory, processor time, descriptors,
// handlers.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "penstock/http2/frame.h"
#include "penstock/tests/attack/hostile_peer.h"
#include "penstock/tests/attack/under_attack.h"

namespace penstock::attack {
namespace {

using http2::FrameType;
using http2::SettingId;
using http2::testing::Data;
using http2::testing::RawFrame;
using http2::testing::WindowUpdate;

constexpr size_t kMiB = 1 << 20;

class ResourceTest : public ::testing::Test {
 protected:
  void SetUp() override { PENSTOCK_ATTACK_NEEDS(server_); }
  void TearDown() override {
    if (!server_.started()) return;
    server_.ExpectServes();
    server_.ExpectCleanStop();
  }

  const std::string& address() { return server_.target().address(); }

  UnderAttack server_{AttackedIo()};
};

// A request of 100 empty fields, one octet each: cheap to send, dear to keep. Its answer is held
// back by the window.
std::string ThinRequest(HostilePeer& peer, uint32_t id) {
  std::string block = peer.Encoded(CallHead(id)).substr(http2::kFrameHeaderBytes);
  block.append(100, static_cast<char>(0x80 | 32));
  const std::string message = CallMessage(std::string(100, 'x'));
  return peer.Encoded(RawFrame(FrameType::kHeaders, http2::flags::kEndHeaders, id, block)) +
         peer.Encoded(Data(id, message).End());
}

TEST_F(ResourceTest, TheHttp2BombOf10MbHoldsLessThan100Mib) {
  constexpr size_t kConnections = 10;
  constexpr size_t kBytesEach = 1'000'000;
  const size_t before_bytes = server_.target().resident_bytes();
  std::vector<std::unique_ptr<HostilePeer>> peers;
  for (size_t i = 0; i < kConnections; ++i) {
    auto& peer = *peers.emplace_back(std::make_unique<HostilePeer>(address()));
    peer.Hello({{SettingId::kInitialWindowSize, 0}});
    size_t sent_bytes = 0;
    for (uint32_t id = 1; sent_bytes < kBytesEach; id += 2) {
      const std::string request = ThinRequest(peer, id);
      sent_bytes += request.size();
      if (!peer.SendsBytes(request)) break;
    }
    for (uint32_t id = 1; id < 200; id += 2) {
      if (!peer.Sends(WindowUpdate(id, 1))) break;
    }
    const std::string verdict = peer.Verdict();
    EXPECT_TRUE(verdict.starts_with("OPEN") || verdict.starts_with("GOAWAY ENHANCE_YOUR_CALM"))
        << verdict;
  }
  if (kMemoryIsTrue) {
    EXPECT_LT(server_.target().resident_bytes(), before_bytes + 100 * kMiB);
  }
}

TEST_F(ResourceTest, APeerThatDoesNotReadHoldsFewMegabytes) {
  const size_t before_bytes = server_.target().resident_bytes();
  HostilePeer peer(address(), 4096);
  peer.Hello({{SettingId::kInitialWindowSize, 0x7fff'ffff}});
  peer.Sends(WindowUpdate(0, 0x7fff'0000));
  peer.set_reads(false);
  const std::string message = CallMessage(std::string(16'000, 'x'));
  for (uint32_t id = 1; !peer.was_stuck() && id < 20'000; id += 2) {
    peer.SendsBytes(peer.Encoded(CallHead(id)) + peer.Encoded(Data(id, message).End()));
  }
  EXPECT_TRUE(peer.was_stuck());
  // output_bytes_max is 1 MiB; as much again may be queued in a hundred streams.
  if (kMemoryIsTrue) {
    EXPECT_LT(server_.target().resident_bytes(), before_bytes + 8 * kMiB);
  }
}

TEST_F(ResourceTest, AHundredContinuationFloodsCostLessThan5MsEach) {
  constexpr int kConnections = 100;
  const int64_t before_ns = server_.target().cpu_ns();
  const std::string fragment(1024, '0');
  for (int i = 0; i < kConnections; ++i) {
    HostilePeer peer(address());
    peer.Hello();
    peer.Sends(RawFrame(FrameType::kHeaders, http2::flags::kEndStream, 1, fragment));
    for (int n = 0; n < 100; ++n) peer.Sends(RawFrame(FrameType::kContinuation, 0, 1, fragment));
    EXPECT_EQ(peer.VerdictAtEnd(), "GOAWAY ENHANCE_YOUR_CALM continuations_max");
  }
  EXPECT_LT(server_.target().cpu_ns() - before_ns, kConnections * 5'000'000);
}

TEST_F(ResourceTest, TheNinthContinuationClosesTheConnection) {
  HostilePeer peer(address());
  peer.Hello();
  peer.Sends(RawFrame(FrameType::kHeaders, http2::flags::kEndStream, 1, "x"));
  for (int i = 0; i < 9; ++i) peer.Sends(RawFrame(FrameType::kContinuation, 0, 1, "x"));
  EXPECT_EQ(peer.VerdictAtEnd(), "GOAWAY ENHANCE_YOUR_CALM continuations_max");
}

TEST_F(ResourceTest, EightContinuationsAreServed) {
  HostilePeer peer(address());
  peer.Hello();
  peer.Sends(CallHead(1).CutAfter({9, 9, 9, 9, 9, 1, 1, 1}), Data(1, CallMessage("x")).End());
  peer.HearUntil([&] { return peer.streams_ended() >= 1; });
  EXPECT_EQ(peer.Verdict(), "OPEN; 1 x grpc-status 0");
}

// accept(2) fails with EMFILE: who comes then is closed at once, and the listener lives.
TEST(DescriptorsTest, TheListenerOutlivesTheirLack) {
  constexpr size_t kDescriptors = 40;
  constexpr size_t kConnections = 50;
  UnderAttack server(AttackedIo(), kDescriptors);
  PENSTOCK_ATTACK_NEEDS(server);
  std::vector<int> sockets;
  for (size_t i = 0; i < kConnections; ++i) {
    sockets.push_back(ConnectTo(server.target().address()));
  }
  // The last came when all had been used up: it hears its end, before time-outs make room.
  char octet;
  const timeval patience{8, 0};
  ::setsockopt(sockets.back(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  EXPECT_EQ(::recv(sockets.back(), &octet, 1, 0), 0);
  // And the first is still there.
  EXPECT_EQ(::recv(sockets.front(), &octet, 1, MSG_DONTWAIT), -1);
  for (const int fd : sockets) ::close(fd);
  server.ExpectServes();
  server.ExpectCleanStop();
}

}  // namespace
}  // namespace penstock::attack
