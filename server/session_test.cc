// Sessions whose connection ends in a way that no peer can bring about.
#include "penstock/server/session.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "penstock/http2/testing/frame_script.h"
#include "penstock/reactor/shard_fixture.h"
#include "penstock/rpc/request_head.h"

#include "server/testing/echo.server.h"

namespace penstock::server {
namespace {

using reactor::IoMode;
using reactor::ModeName;
using reactor::Peer;

// A shard's part of a server, and a client that sends the beginnings of three requests: one head,
// one with a deadline, and one with half of a long message, which the call's arena holds.
class SessionTest : public reactor::ShardTest {
 protected:
  static constexpr uint64_t kCalls = 3;

  void SetUp() override {
    ShardTest::SetUp();
    registry_.Handle(test::Echo::Say, [this](Call&, const test::Text&, test::Text&) {
      ++handled_count_;
      return OkStatus();
    });
    state_ = std::make_unique<ShardState>(shard_.get(), &options_, &registry_);
    const auto [server, client] = reactor::TcpPair();
    peer_ = Peer(client);
    link_ = new Session::Link(*shard_, http2::Role::kServer, options_.http2, &state_->workspace,
                              rpc::MeaningOfRequests(&state_->routes), state_.get());
    link_->Attach(shard_->Adopt(server, link_));
    SendHalfRequests();
  }
  // Then ~Shard() checks that every slab of the calls is back, and AddressSanitizer the rest.
  void TearDown() override {
    shard_->Stop();
    shard_->Run();
    state_.reset();
    ShardTest::TearDown();
  }

  void SendHalfRequests() {
    using http2::testing::Headers;
    http2::HpackEncoder encoder;
    const auto head = [](uint32_t id) {
      return Headers(id)
          .Post("/penstock.test.Echo/Say")
          .Field("te", "trailers")
          .Field("content-type", "application/grpc");
    };
    std::string bytes(http2::kClientPreface);
    bytes += Encode(http2::testing::SettingsFrame({}), encoder);
    bytes += Encode(head(1), encoder);
    bytes += Encode(head(3).Field("grpc-timeout", "1H"), encoder);
    bytes += Encode(head(5), encoder);
    const std::string prefix("\0\0\1\0\0", 5);  // 65,536 octets follow
    bytes += Encode(http2::testing::Data(5, prefix + std::string(5'000, 'x')), encoder);
    size_t written = 0;
    DriveUntil([&] {
      written += peer_.WriteSome(std::string_view(bytes).substr(written));
      return shard_->stats().received_bytes == bytes.size();
    });
    ASSERT_EQ(state_->counters.calls_started, kCalls);
    ASSERT_EQ(state_->counters.calls_cancelled, 0u);
  }
  void ExpectAllCancelled() {
    EXPECT_EQ(state_->counters.calls_cancelled, kCalls);
    EXPECT_EQ(state_->counters.calls_ok + state_->counters.calls_failed, 0u);
    EXPECT_EQ(shard_->timers().NextWake(), kTimeNever) << "of a deadline";
    EXPECT_TRUE(state_->sessions.empty());
    EXPECT_EQ(handled_count_, 0);
  }

  ServerOptions options_;
  Registry registry_;
  int handled_count_ = 0;
  std::unique_ptr<ShardState> state_;
  Peer peer_;
  Session::Link* link_ = nullptr;
};

INSTANTIATE_ON_BOTH_RINGS(SessionTest);

TEST_P(SessionTest, CallsAreCancelledWhenTheShardStops) {
  shard_->Stop();
  shard_->Run();
  ExpectAllCancelled();
}

TEST_P(SessionTest, CallsAreCancelledWhenTheSocketIsAborted) {
  link_->socket().Abort();
  DriveUntil([this] { return shard_->connections_count() == 0; });
  ExpectAllCancelled();
}

TEST_P(SessionTest, CallsAreCancelledOnceWhenAClosingSocketIsAborted) {
  link_->Close(http2::ErrorCode::kNoError, "");
  EXPECT_EQ(state_->counters.calls_cancelled, kCalls);
  link_->socket().Abort();
  DriveUntil([this] { return shard_->connections_count() == 0; });
  ExpectAllCancelled();
}

}  // namespace
}  // namespace penstock::server
