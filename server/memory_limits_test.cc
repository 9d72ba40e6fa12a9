// What a shard closes when its memory is short, at the bounds and on a driven clock.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/http2/limit.h"
#include "penstock/http2/testing/frame_script.h"
#include "penstock/reactor/shard_fixture.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/rpc/request_head.h"
#include "penstock/server/session.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::server {
namespace {

using http2::Limit;
using http2::testing::Headers;
using reactor::IoMode;
using reactor::ModeName;
using reactor::Peer;

constexpr UnaryMethod<RawMessage, RawMessage> kTake{"/penstock.test.Raw/Take"};

class MemoryLimitsTest : public reactor::ShardTest {
 protected:
  void SetUp() override {
    ShardTest::SetUp();
    registry_.Handle(kTake, [](Call&, const RawMessage&, RawMessage&) { return OkStatus(); });
    state_ = std::make_unique<ShardState>(shard_.get(), &options_, &registry_);
  }
  void TearDown() override {
    shard_->Stop();
    shard_->Run();
    state_.reset();
    ShardTest::TearDown();
  }

  struct Client {
    Peer peer;
    Session::Link* link;
  };
  // Says hello, and then perhaps more.
  Client& Connect(const std::string& more = "") {
    const auto [server, client] = reactor::TcpPair();
    auto* link =
        new Session::Link(*shard_, http2::Role::kServer, options_.http2, &state_->workspace,
                          rpc::MeaningOfRequests(&state_->routes), state_.get());
    link->Attach(shard_->Adopt(server, link));
    clients_.push_back(std::make_unique<Client>(Client{Peer(client), link}));
    http2::HpackEncoder encoder;
    std::string hello(http2::kClientPreface);
    hello += Encode(http2::testing::SettingsFrame({}), encoder);
    hello += Encode(
        http2::testing::RawFrame(http2::FrameType::kSettings, http2::flags::kAck, 0, ""), encoder);
    clients_.back()->peer.WriteSome(hello + more);
    DriveIdle();
    return *clients_.back();
  }
  // Without its end it leaves the stream open.
  static std::string Request(bool is_whole) {
    http2::HpackEncoder encoder;
    return is_whole ? Encode(Headers(1).Get("/").End(), encoder)
                    : Encode(Headers(1).Get("/"), encoder);
  }
  // The most that memory may be for `percent` of it to be in use, plus `more`.
  void SetMemory(uint32_t percent, uint64_t more) {
    options_.shard_memory_bytes_max = state_->memory_bytes() * 100 / percent + more;
  }
  uint64_t TripsOf(Limit limit) const { return state_->workspace.limit_trips[limit]; }
  static bool IsClosing(const Client& client) { return client.link->socket().closing(); }
  // All that the server said to it, up to the end.
  std::string LastWords(Client& client) {
    std::string text;
    bool ended = false;
    DriveUntil([&] {
      text += client.peer.ReadSome(1 << 20, &ended);
      return ended;
    });
    return text;
  }

  ServerOptions options_;
  Registry registry_;
  std::unique_ptr<ShardState> state_;
  std::vector<std::unique_ptr<Client>> clients_;
};
INSTANTIATE_ON_BOTH_RINGS(MemoryLimitsTest);

// What ends a GOAWAY: the code, and the name of the limit.
std::string NoErrorBecauseOf(Limit limit) { return std::string(4, '\0') + http2::NameOf(limit); }

TEST_P(MemoryLimitsTest, TheOldestIdleConnectionIsClosedFirstAndNoMoreThanItTakes) {
  const Client& busy = Connect(Request(/*is_whole=*/false));
  Client& oldest = Connect();
  const Client& youngest = Connect();
  SetMemory(95, 1);
  state_->RelieveMemory(shard_->now());
  EXPECT_EQ(TripsOf(Limit::kMemoryIdle), 0u);
  SetMemory(95, 0);
  state_->RelieveMemory(shard_->now());
  DriveIdle();  // the farewell is out
  state_->RelieveMemory(shard_->now());  // what is closing counts as gone
  EXPECT_EQ(TripsOf(Limit::kMemoryIdle), 1u);
  EXPECT_FALSE(IsClosing(busy));
  EXPECT_TRUE(IsClosing(oldest));
  EXPECT_FALSE(IsClosing(youngest));
  EXPECT_TRUE(LastWords(oldest).ends_with(NoErrorBecauseOf(Limit::kMemoryIdle)));
}

TEST_P(MemoryLimitsTest, AConnectionWithAnOpenStreamStaysHoweverShortMemoryIs) {
  const Client& busy = Connect(Request(/*is_whole=*/false));
  ASSERT_EQ(busy.link->connection().streams_open_count(), 1u);
  const Client& idle = Connect(Request(/*is_whole=*/true));
  ASSERT_EQ(idle.link->connection().streams_open_count(), 0u);
  options_.shard_memory_bytes_max = 1;
  state_->RelieveMemory(shard_->now());
  EXPECT_FALSE(IsClosing(busy));
  EXPECT_TRUE(IsClosing(idle));
}

TEST_P(MemoryLimitsTest, AConnectionThatNeverHadAStreamIsClosedInTimeWhenMemoryIsShort) {
  Client& without = Connect();
  const Client& had_one = Connect(Request(/*is_whole=*/true));
  const TimeNs due = without.link->session().opened_at() + 60 * kNsPerSecond;
  SetMemory(75, 1);
  state_->RelieveMemory(due);
  EXPECT_FALSE(IsClosing(without)) << "memory is not short";
  SetMemory(75, 0);
  state_->RelieveMemory(due - 1);
  EXPECT_FALSE(IsClosing(without));
  state_->RelieveMemory(due);
  EXPECT_TRUE(IsClosing(without));
  EXPECT_EQ(TripsOf(Limit::kIdleWithoutStream), 1u);
  EXPECT_TRUE(LastWords(without).ends_with(NoErrorBecauseOf(Limit::kIdleWithoutStream)));
  // By then memory is not short any more; with less of it the other one stays as well.
  SetMemory(90, 0);
  state_->RelieveMemory(due + 3600 * kNsPerSecond);
  EXPECT_FALSE(IsClosing(had_one));
}

TEST_P(MemoryLimitsTest, AMessageUnderWayCountsAndIsGivenBackWithItsCall) {
  constexpr uint32_t kMessageBytes = 1024 * 1024;
  constexpr size_t kArrivedBytes = 64 * 1024;
  std::string begun(kArrivedBytes, 'm');
  wire::StoreMessagePrefix(reinterpret_cast<uint8_t*>(begun.data()), {0, kMessageBytes});
  http2::HpackEncoder encoder;
  std::string request =
      Encode(Headers(1).Post(kTake.path).Field("content-type", "application/grpc"), encoder);
  for (size_t at = 0; at < begun.size(); at += http2::kFramePayloadBytesDefault) {
    request += Encode(http2::testing::Data(1, begun.substr(at, http2::kFramePayloadBytesDefault)),
                      encoder);
  }
  Connect();
  const uint64_t before = state_->memory_bytes();
  Client& client = Connect(request);
  const uint64_t session_bytes = state_->memory_bytes() - before;
  EXPECT_GE(session_bytes, kArrivedBytes);
  EXPECT_LT(session_bytes, kMessageBytes) << "no more than follows what has arrived";
  client.peer.WriteSome(Encode(
      http2::testing::RawFrame(http2::FrameType::kRstStream, 0, 1, std::string(4, '\0')), encoder));
  DriveIdle();
  EXPECT_EQ(shard_->slabs().large().lent_bytes(), 0u);
}

TEST_P(MemoryLimitsTest, WhileMemoryIsShortItIsLookedAtEachSecond) {
  const Client& client = Connect();
  SetMemory(75, 0);
  state_->WatchMemory();
  shard_->timers().Expire(shard_->now() + 10 * kNsPerMs);
  EXPECT_FALSE(IsClosing(client));
  EXPECT_TRUE(state_->memory_timer.scheduled());
  // Nothing comes from anybody; a second after the other the clock reaches the bound.
  for (int s = 1; s <= 62; ++s) shard_->timers().Expire(shard_->now() + s * kNsPerSecond);
  EXPECT_TRUE(IsClosing(client));
  EXPECT_EQ(TripsOf(Limit::kIdleWithoutStream), 1u);
}

TEST_P(MemoryLimitsTest, MemoryThatIsEnoughIsNotLookedAt) {
  Connect();
  SetMemory(75, 1);
  state_->WatchMemory();
  EXPECT_FALSE(state_->memory_timer.scheduled());
  EXPECT_FALSE(state_->workspace.refuses_streams);
}

}  // namespace
}  // namespace penstock::server
