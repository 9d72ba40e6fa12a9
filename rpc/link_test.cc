#include "penstock/rpc/link.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/http2/testing/frame_script.h"
#include "penstock/http2/workspace.h"
#include "penstock/reactor/shard_fixture.h"

namespace penstock::rpc {
namespace {

using http2::ErrorCode;
using http2::FrameType;
using http2::testing::Frame;
using http2::testing::Headers;
using http2::testing::Ping;
using http2::testing::SettingsFrame;
using reactor::IoMode;
using reactor::ModeName;
using reactor::Peer;
using Events = std::vector<std::string>;

// Writes down what its Link tells it, and answers nothing.
class RecordingSession {
 public:
  using Link = rpc::Link<RecordingSession>;

  RecordingSession(Link& link, Events* events) : link_(link), events_(*events) {}
  bool Admit(wire::Bytes bytes) { return bytes.size() >= 3; }
  void OnEvent(const http2::Event& event) {
    if (event.kind != http2::Event::Kind::kHead) return;
    event.stream->user = this;
    events_.push_back("head");
  }
  void OnBatchEnd() {}
  void OnConnectionEnd(const http2::Error& error) {
    events_.push_back(std::string("end: ") + error.text);
    link_.connection().ForEachUsed([this](http2::Stream& stream) {
      stream.user = nullptr;
      events_.push_back("stream dies");
    });
  }
  void OnClosed() {
    events_.push_back("closed");
    delete &link_;
  }

 private:
  Link& link_;
  Events& events_;
};

class LinkTest : public reactor::ShardTest {
 protected:
  // A server's link, and the client's end of its connection.
  Peer Accept(const http2::Limits& limits = {}) {
    workspace_ = std::make_unique<http2::Workspace>(&shard_->slabs());
    const auto [server, client] = reactor::TcpPair();
    link_ = new RecordingSession::Link(*shard_, http2::Role::kServer, limits, workspace_.get(), {},
                                       &events_);
    link_->Attach(shard_->Adopt(server, link_));
    return Peer(client);
  }
  void TearDown() override {
    shard_->Stop();
    shard_->Run();
    workspace_.reset();
    ShardTest::TearDown();
  }

  static std::string Preface() {
    return std::string(http2::kClientPreface) + Encode(SettingsFrame({}));
  }
  static std::string Encode(const Frame& frame) {
    http2::HpackEncoder encoder;
    return http2::testing::Encode(frame, encoder);
  }
  static std::string Pings(size_t count) {
    std::string bytes;
    for (size_t i = 0; i < count; ++i) bytes += Encode(Ping("12345678"));
    return bytes;
  }
  // What is sent until the link closes its half.
  std::vector<Frame> ReadToEnd(Peer& peer) {
    std::string bytes;
    bool ended = false;
    DriveUntil([&] {
      bytes += peer.ReadSome(1 << 20, &ended);
      return ended;
    });
    return http2::testing::FrameScanner(4096).Scan(bytes);
  }
  // After the handshake, of which the peer has read everything.
  Peer AcceptAndGreet(const http2::Limits& limits = {}) {
    Peer peer = Accept(limits);
    peer.WriteSome(Preface());
    DriveUntil([this] { return link_->connection().established(); });
    DriveIdle();
    EXPECT_NE(peer.ReadSome(), "");
    return peer;
  }

  Events events_;
  std::unique_ptr<http2::Workspace> workspace_;
  RecordingSession::Link* link_ = nullptr;
};

INSTANTIATE_ON_BOTH_RINGS(LinkTest);

// --- What the peer makes us say

// One receive buffer's worth of PINGs, 17 octets each, is answered before anything can be written.
TEST_P(LinkTest, OutputThatGrowsPastEightTimesItsLimitEndsTheConnection) {
  http2::Limits limits;
  limits.output_bytes_max = 17 * 50;
  limits.ping_strikes_max = 1000;
  Peer peer = AcceptAndGreet(limits);
  peer.WriteSome(Pings(400));
  const std::vector<Frame> frames = ReadToEnd(peer);
  ASSERT_EQ(frames.size(), 401u);
  EXPECT_EQ(frames.back(), http2::testing::GoAway(0, ErrorCode::kEnhanceYourCalm));
  EXPECT_EQ(frames.back().debug, "output_bytes_max");
  EXPECT_EQ(events_, Events{"end: closed"});
  peer.Close();
  DriveUntil([this] { return events_.size() == 2; });
}

TEST_P(LinkTest, OutputBelowEightTimesItsLimitIsOnlyWaitedFor) {
  http2::Limits limits;
  limits.output_bytes_max = 17 * 50;
  limits.ping_strikes_max = 1000;
  Peer peer = AcceptAndGreet(limits);
  std::string answers;
  peer.WriteSome(Pings(399));
  DriveUntil([&] { return (answers += peer.ReadSome()).size() == 399 * 17; });
  peer.WriteSome(Pings(1));
  DriveUntil([&] { return (answers += peer.ReadSome()).size() == 400 * 17; });
  EXPECT_EQ(events_, Events{});
}

// --- Closing

TEST_P(LinkTest, GoAwayFollowsSettings) {
  Peer peer = AcceptAndGreet();
  link_->Close(ErrorCode::kNoError, "bye");
  const std::vector<Frame> frames = ReadToEnd(peer);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0], http2::testing::GoAway(0, ErrorCode::kNoError));
  EXPECT_EQ(frames[0].debug, "bye");
}

TEST_P(LinkTest, BeforeThePeerWasAdmittedAClosingLinkSaysNothing) {
  for (const std::string_view first_bytes : {"", "PR"}) {
    SCOPED_TRACE(first_bytes);
    events_.clear();
    Peer peer = Accept();
    peer.WriteSome(first_bytes);
    DriveIdle();
    link_->Close(ErrorCode::kNoError, "bye");
    EXPECT_EQ(ReadToEnd(peer), std::vector<Frame>{});
    peer.Close();
    DriveUntil([this] { return events_.size() == 2; });
    EXPECT_EQ(events_, (Events{"end: closed", "closed"}));
  }
}

// --- Sockets that are aborted under their Link

TEST_P(LinkTest, AnAbortedSocketEndsTheConnectionOnceAndBeforeItIsClosed) {
  Peer peer = AcceptAndGreet();
  peer.WriteSome(Encode(Headers(1).Post("/x")));
  DriveUntil([this] { return !events_.empty(); });
  link_->socket().Abort();
  DriveUntil([this] { return events_.back() == "closed"; });
  EXPECT_EQ(events_, (Events{"head", "end: the connection was aborted", "stream dies", "closed"}));
}

TEST_P(LinkTest, AShardThatStopsEndsItsConnections) {
  Peer peer = AcceptAndGreet();
  peer.WriteSome(Encode(Headers(1).Post("/x")));
  DriveUntil([this] { return !events_.empty(); });
  shard_->Stop();
  shard_->Run();
  EXPECT_EQ(events_, (Events{"head", "end: the connection was aborted", "stream dies", "closed"}));
}

}  // namespace
}  // namespace penstock::rpc
