// What one connection may have received in a turn, and that nothing is lost or overtaken where the
// rest waits for the next one.
#include <sys/socket.h>

#include <string>
#include <string_view>

#include "penstock/reactor/shard_fixture.h"

namespace penstock::reactor {
namespace {

constexpr uint32_t kTurnBytesMax = 100'000;
constexpr size_t kFloodBytes = 800'000;

class TurnBudgetTest : public ShardTest {
 protected:
  void SetUp() override {
    ShardOptions options = Options();
    options.ring.receive_bytes_per_turn_max = kTurnBytesMax;
    MakeShard(options);
  }
  // The buffer that reaches the bound is handled whole.
  size_t turn_bytes_max() const {
    return kTurnBytesMax - 1 + (uring() ? RingOptions().recv_buffer_bytes : 64 * 1024);
  }
  // Sends more than some turns may deliver, and returns it.
  std::string Flood(Peer& peer, const RecordingHandler& handler) {
    DriveIdle();  // receiving has begun
    const int bytes = 4 * 1024 * 1024;
    EXPECT_EQ(::setsockopt(peer.fd(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)), 0);
    EXPECT_EQ(::setsockopt(handler.socket->fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
    std::string text = Pattern(kFloodBytes);
    text.resize(peer.WriteSome(text));
    EXPECT_GT(text.size(), 3 * turn_bytes_max());
    return text;
  }
  void ExpectSomeKept() {
    if (uring()) EXPECT_GT(shard_->stats().receives_kept, 0u);
  }
};
INSTANTIATE_ON_BOTH_RINGS(TurnBudgetTest);

TEST_P(TurnBudgetTest, ATurnDeliversNoMoreAndNothingSleepsWhileThereIsMore) {
  auto [handler, peer] = Connection();
  const std::string text = Flood(peer, *handler);
  int turns_count = 0;
  while (handler->received.size() < text.size()) {
    const size_t before_bytes = handler->received.size();
    shard_->Turn(kTimeNever);
    EXPECT_LE(handler->received.size() - before_bytes, turn_bytes_max());
    ASSERT_LT(++turns_count, 1000);
  }
  EXPECT_TRUE(handler->received == text);
  ExpectSomeKept();
}

TEST_P(TurnBudgetTest, AQuietConnectionBesideAFloodIsHandledInTheSameTurnOrTheNext) {
  auto [greedy, greedy_peer] = Connection();
  auto [quiet, quiet_peer] = Connection();
  const std::string text = Flood(greedy_peer, *greedy);
  quiet_peer.WriteSome("quiet");
  shard_->Turn(0);
  shard_->Turn(0);
  EXPECT_EQ(quiet->received, "quiet");
  EXPECT_LE(greedy->received.size(), 2 * turn_bytes_max());
  ExpectSomeKept();
  DriveUntil([&, h = greedy] { return h->received.size() == text.size(); });
  EXPECT_TRUE(greedy->received == text);
}

TEST_P(TurnBudgetTest, ABudgetIsOfOneTurnAndOfOneConnection) {
  auto [first, first_peer] = Connection();
  auto [second, second_peer] = Connection();
  DriveIdle();
  const std::string text = Pattern(30'000);
  for (int i = 1; i <= 10; ++i) {
    const size_t want = text.size() * static_cast<size_t>(i);
    first_peer.WriteSome(text);
    second_peer.WriteSome(text);
    DriveUntil([&, f = first, s = second] {
      return f->received.size() == want && s->received.size() == want;
    });
  }
  EXPECT_EQ(shard_->stats().receives_kept, 0u);
}

TEST_P(TurnBudgetTest, TheEndComesBehindWhatWaits) {
  auto [handler, peer] = Connection();
  const std::string text = Flood(peer, *handler);
  peer.HalfClose();
  DriveUntil([h = handler] { return h->receive_ended; });
  EXPECT_TRUE(handler->received == text);
  EXPECT_EQ(handler->receive_error, 0);
  ExpectSomeKept();
}

TEST_P(TurnBudgetTest, AnAbortedConnectionDropsWhatWaits) {
  auto [handler, peer] = Connection();
  Flood(peer, *handler);
  shard_->Turn(0);
  const size_t received_bytes = handler->received.size();
  ExpectSomeKept();
  handler->socket->Abort();
  DriveUntil([h = handler] { return h->closed; });
  EXPECT_EQ(handler->received.size(), received_bytes);
}

TEST_P(TurnBudgetTest, AHandlerMayAbortWhileWhatWaitedIsDelivered) {
  auto [handler, peer] = Connection();
  Flood(peer, *handler);
  shard_->Turn(0);
  ExpectSomeKept();
  RecordingHandler* const h = handler;
  h->on_received = [h] { h->socket->Abort(); };
  DriveUntil([h] { return h->closed; });
}

TEST_P(TurnBudgetTest, APauseHoldsBackNoMoreThanIsDeliveredAnywayAndLosesNothing) {
  auto [handler, peer] = Connection();
  const std::string text = Flood(peer, *handler);
  shard_->Turn(0);
  ExpectSomeKept();
  handler->socket->PauseReceive();
  DriveIdle();
  const size_t received_bytes = handler->received.size();
  DriveIdle();
  EXPECT_EQ(handler->received.size(), received_bytes);
  handler->socket->ResumeReceive();
  DriveUntil([&, h = handler] { return h->received.size() >= text.size(); });
  EXPECT_TRUE(handler->received == text);
}

TEST_P(TurnBudgetTest, AClosingConnectionLingersOverWhatWaits) {
  auto [handler, peer] = Connection();
  Flood(peer, *handler);
  shard_->Turn(0);
  ExpectSomeKept();
  handler->Write("goodbye");
  handler->socket->CloseAfterSend();
  std::string text;
  bool ended = false;
  int error = 0;
  DriveUntil([&] {
    text += peer.ReadSome(1 << 20, &ended, &error);
    return ended || error != 0;
  });
  EXPECT_EQ(text, "goodbye");
  EXPECT_EQ(error, 0);
  peer.Close();
  DriveUntil([h = handler] { return h->closed; });
}

// TearDown() sees every connection closed and every slab back.
TEST_P(TurnBudgetTest, AShardMayEndWhileSomethingWaits) {
  auto [handler, peer] = Connection();
  Flood(peer, *handler);
  shard_->Turn(0);
  ExpectSomeKept();
  EXPECT_FALSE(handler->closed);
}

// Every receive buffer waits with one connection's octets: the other one's turn comes all the same.
TEST_P(TurnBudgetTest, ConnectionsShareFewBuffersThoughOneOfThemKeepsThem) {
  ShardOptions options = Options();
  options.ring.recv_buffer_count = 4;
  options.ring.recv_buffer_bytes = 512;
  options.ring.receive_bytes_per_turn_max = 1;
  MakeShard(options);
  auto [greedy, greedy_peer] = Connection();
  auto [modest, modest_peer] = Connection();
  const std::string text = Flood(greedy_peer, *greedy);
  for (size_t want = 1; want <= 20; ++want) {
    modest_peer.WriteSome("x");
    const uint64_t turns = shard_->stats().turns;
    DriveUntil([&, h = modest] { return h->received.size() == want; });
    EXPECT_LT(shard_->stats().turns, turns + 50);
  }
  DriveUntil([&, h = greedy] { return h->received.size() == text.size(); });
  EXPECT_TRUE(greedy->received == text);
}

}  // namespace
}  // namespace penstock::reactor
