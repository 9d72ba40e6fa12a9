// What only io_uring can do to us: each way in which it ends an operation, runs out of something or
// answers late.
#include "penstock/reactor/uring_ring.h"

#include <errno.h>
#include <sys/socket.h>

#include <string>
#include <thread>

#include "penstock/reactor/operation.h"
#include "penstock/reactor/shard_fixture.h"
#include "penstock/reactor/uring_features.h"

namespace penstock::reactor {
namespace {

int RefuseWith(int error) { return -error; }

class UringTest : public ShardTest {
 protected:
  void MakeUring(const RingOptions& ring) {
    ShardOptions options = Options();
    options.ring = ring;
    options.ring.sleep_ns_max = kTimeNever;
    MakeShard(options);
  }
  const UringRing& ring() const { return static_cast<const UringRing&>(shard_->ring()); }

  // Sends to every peer at once and reads until each has its text back.
  void EchoOnAll(std::vector<Peer>& peers, size_t bytes) {
    std::vector<std::string> back(peers.size());
    std::vector<size_t> written(peers.size());
    const std::string text = Pattern(bytes);
    DriveUntil([&] {
      bool all = true;
      for (size_t i = 0; i < peers.size(); ++i) {
        written[i] += peers[i].WriteSome(std::string_view(text).substr(written[i], 50'000));
        back[i] += peers[i].ReadSome();
        all = all && back[i].size() >= bytes;
      }
      return all;
    });
    for (const std::string& each : back) EXPECT_TRUE(each == text);
  }
  std::vector<Peer> EchoConnections(int count) {
    std::vector<Peer> peers;
    for (int i = 0; i < count; ++i) peers.push_back(Connection(/*echo=*/true).second);
    return peers;
  }
};

// ---- Running out

TEST_P(UringTest, OutOfBuffersAReceiveIsArmedAgainOnceTheyAreBack) {
  MakeUring({.recv_buffer_count = 4, .recv_buffer_bytes = 512});
  std::vector<Peer> peers = EchoConnections(20);
  EchoOnAll(peers, 50'000);
  EXPECT_GT(shard_->stats().no_buffers, 0u);
  // Armed at once it would end at once: a loop of completions without a byte.
  EXPECT_LT(shard_->stats().no_buffers, shard_->stats().receives);
}

TEST_P(UringTest, OneGreedyConnectionDoesNotStarveAnother) {
  MakeUring({.recv_buffer_count = 4, .recv_buffer_bytes = 512});
  auto [greedy, greedy_peer] = Connection();
  auto [modest, modest_peer] = Connection();
  const std::string flood = Pattern(100'000);
  for (int i = 0; i < 20; ++i) {
    greedy_peer.WriteSome(flood);
    modest_peer.WriteSome("x");
    const size_t want = static_cast<size_t>(i) + 1;
    const uint64_t turns = shard_->stats().turns;
    DriveUntil([&, h = modest] {
      greedy_peer.WriteSome(flood);
      return h->received.size() == want;
    });
    EXPECT_LT(shard_->stats().turns, turns + 50);
  }
  EXPECT_GT(shard_->stats().no_buffers, 0u);
  EXPECT_GE(greedy->received.size(), 20u * 512);
}

TEST_P(UringTest, AFullCompletionQueueLosesNothing) {
  MakeUring({.sq_entries = 2, .cq_entries = 4});
  std::vector<Peer> peers = EchoConnections(50);
  EchoOnAll(peers, 30'000);
  EXPECT_GT(shard_->stats().cq_overflows, 0u);
  EXPECT_GT(shard_->stats().receive_rearms, 0u) << "a multishot receive ends with the room";
}

TEST_P(UringTest, AFullSubmissionQueueIsSubmittedEarly) {
  MakeUring({.sq_entries = 4, .cq_entries = 1024});
  std::vector<Peer> peers = EchoConnections(50);
  EchoOnAll(peers, 1000);
  EXPECT_GT(shard_->stats().sq_full, 0u);
}

// ---- Counting

// A ping-pong with a shard on a thread of its own: each round is one receive and one send.
constexpr uint64_t kRounds = 200;

void PlayPingPong(const ShardOptions& options, ShardStats* stats) {
  Shard shard(options);
  std::string why;
  ASSERT_TRUE(shard.Start(&why)) << why;
  const auto [server, client] = TcpPair();
  RecordingHandler handler(shard, /*echo=*/true);
  PostAdopt(shard, server, handler);
  for (uint64_t i = 0; i < kRounds; ++i) {
    char c = 'x';
    ASSERT_EQ(::send(client, &c, 1, 0), 1);
    ASSERT_EQ(::recv(client, &c, 1, 0), 1);
  }
  shard.Stop();
  shard.Join();
  ::close(client);
  EXPECT_TRUE(handler.closed);
  EXPECT_EQ(shard.stats().receives, kRounds);
  EXPECT_EQ(shard.stats().sends, kRounds);
  *stats = shard.stats();
}

TEST_P(UringTest, ASendsCompletionCostsNoTurn) {
  ShardStats stats;
  PlayPingPong(Options(), &stats);
  EXPECT_LE(stats.turns, kRounds + 20);
  EXPECT_LE(stats.system_calls, kRounds + 30);
}

TEST_P(UringTest, ASendsCompletionCostsATurnWhereItIsNotToBeWaitedFor) {
  ShardOptions options = Options();
  options.ring.quiet_send_wait_ns_max = 0;
  ShardStats stats;
  PlayPingPong(options, &stats);
  EXPECT_GT(stats.turns, kRounds + 20);
}

TEST_P(UringTest, AnswersToManyConnectionsShareOneSystemCall) {
  constexpr size_t kConnections = 50;
  std::vector<Peer> peers = EchoConnections(kConnections);
  EchoOnAll(peers, 1);
  DriveIdle();
  for (Peer& peer : peers) peer.WriteSome("x");
  const uint64_t receives = shard_->stats().receives;
  const uint64_t calls = shard_->stats().system_calls;
  DriveUntil([&] { return shard_->stats().receives == receives + kConnections; });
  DriveIdle();  // twenty calls of its own
  EXPECT_LE(shard_->stats().system_calls, calls + 20 + 10);
  for (Peer& peer : peers) DriveUntil([&] { return peer.ReadSome() == "x"; });
}

// The completion of a send that is cut short is counted as one that needs no turn. What ends the
// wait for another is the bound alone: the peer says nothing, and there is no timer. Without it the
// test hangs.
TEST_P(UringTest, ASendThatWasCutShortIsFollowedUpThoughNothingElseHappens) {
  auto [handler, peer] = Connection();
  const int room = 4096;
  ASSERT_EQ(::setsockopt(handler->socket->fd(), SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)), 0);
  ASSERT_EQ(::setsockopt(peer.fd(), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
  const std::string text = Pattern(60'000);
  handler->Write(text);
  std::string got;
  shard_->Turn(kTimeNever);  // flushes
  const uint64_t sends = shard_->stats().sends;
  shard_->Turn(kTimeNever);  // submits and waits
  EXPECT_GT(shard_->stats().sends_blocked, 0u);
  EXPECT_EQ(shard_->stats().sends, sends + 1);
  DriveUntil([&] { return (got += peer.ReadSome()).size() == text.size(); });
  EXPECT_TRUE(got == text);
}

// ---- Late answers

// Another ring rings at ours with the tag of a connection that is gone.
TEST_P(UringTest, CompletionsOfAClosedConnectionAreDropped) {
  auto [gone, gone_peer] = Connection();
  gone->socket->Abort();
  DriveUntil([&, h = gone] { return h->closed; });
  auto [next, next_peer] = Connection();  // has the slot now, in another generation

  io_uring other;
  ASSERT_EQ(io_uring_queue_init(8, &other, 0), 0);
  for (OperationKind kind :
       {OperationKind::kReceive, OperationKind::kSend, OperationKind::kConnect}) {
    io_uring_sqe* entry = io_uring_get_sqe(&other);
    io_uring_prep_msg_ring(entry, shard_->ring().message_fd(), 0, Operation{kind, 0, 0}.Pack(), 0);
  }
  ASSERT_EQ(io_uring_submit(&other), 3);
  DriveUntil([&] { return shard_->stats().stale_completions == 3; });
  io_uring_queue_exit(&other);
  EXPECT_EQ(next->received, "");
  next_peer.WriteSome("alive");
  DriveUntil([&, h = next] { return h->received == "alive"; });
}

// ---- Set-up

TEST_P(UringTest, TakesTheBestFlagsThisKernelGrants) {
  EXPECT_NE(ring().setup_flags() & IORING_SETUP_DEFER_TASKRUN, 0u);
  EXPECT_NE(ring().setup_flags() & IORING_SETUP_SINGLE_ISSUER, 0u);
}

TEST_P(UringTest, OlderKernelsGetFewerFlagsAndWorkAsWell) {
  const auto without_defer = [](unsigned entries, io_uring* ring, io_uring_params* params) {
    if ((params->flags & IORING_SETUP_DEFER_TASKRUN) != 0) return -EINVAL;
    return io_uring_queue_init_params(entries, ring, params);
  };
  const auto plain = [](unsigned entries, io_uring* ring, io_uring_params* params) {
    const uint32_t known = IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE;
    if ((params->flags & ~known) != 0) return -EINVAL;
    return io_uring_queue_init_params(entries, ring, params);
  };
  for (auto init : {+without_defer, +plain}) {
    MakeUring({.queue_init = init});
    EXPECT_EQ(ring().setup_flags() & IORING_SETUP_DEFER_TASKRUN, 0u);
    std::vector<Peer> peers = EchoConnections(10);
    EchoOnAll(peers, 100'000);
  }
}

TEST_P(UringTest, MemoryThatTheKernelStillHoldsIsWaitedFor) {
  static int refusals_left;
  refusals_left = 3;
  MakeUring({.queue_init = [](unsigned entries, io_uring* ring, io_uring_params* params) {
    if (refusals_left-- > 0) return -ENOMEM;
    return io_uring_queue_init_params(entries, ring, params);
  }});
  EXPECT_EQ(refusals_left, -1);
  std::vector<Peer> peers = EchoConnections(1);
  EchoOnAll(peers, 1000);
}

TEST_P(UringTest, ARefusalIsASentenceAndAutoTakesEpoll) {
  struct {
    int (*init)(unsigned, io_uring*, io_uring_params*);
    const char* want;
  } const cases[] = {
      {[](unsigned, io_uring*, io_uring_params*) { return RefuseWith(EPERM); },
       "io_uring_setup: EPERM: disabled by kernel.io_uring_disabled or a seccomp profile "
       "(Docker's default)"},
      {[](unsigned, io_uring*, io_uring_params*) { return RefuseWith(ENOSYS); },
       "io_uring_setup: ENOSYS: this kernel has no io_uring, or a sandbox hides it"},
      {[](unsigned, io_uring*, io_uring_params*) { return RefuseWith(ENOMEM); },
       "io_uring_setup: ENOMEM: not enough memory may be locked; raise RLIMIT_MEMLOCK (ulimit -l)"},
      {[](unsigned, io_uring*, io_uring_params*) { return RefuseWith(EINVAL); },
       "io_uring_setup: EINVAL: this kernel's io_uring is too old; Linux 6.0 is needed"},
  };
  for (const auto& each : cases) {
    ShardOptions options;
    options.ring.queue_init = each.init;
    std::string why;
    options.io = IoMode::kUring;
    EXPECT_FALSE(Shard(options).Open(&why));
    EXPECT_EQ(why, each.want);
    options.io = IoMode::kAuto;
    Shard shard(options);
    ASSERT_TRUE(shard.Open(&why));
    EXPECT_EQ(shard.io(), IoMode::kEpoll);
    EXPECT_EQ(shard.io_reason(), std::string(each.want) + "; using epoll");
    EXPECT_EQ(DescribeUring(options.ring), each.want);
  }
}

TEST_P(UringTest, AutoTakesUringWithoutAWord) {
  ShardOptions options;
  std::string why;
  Shard shard(options);
  ASSERT_TRUE(shard.Open(&why));
  EXPECT_EQ(shard.io(), IoMode::kUring);
  EXPECT_EQ(shard.io_reason(), "");
  EXPECT_TRUE(DescribeUring().starts_with(kUringFeaturesNeeded)) << DescribeUring();
}

INSTANTIATE_TEST_SUITE_P(Ring, UringTest, ::testing::Values(IoMode::kUring), ModeName);

}  // namespace
}  // namespace penstock::reactor
