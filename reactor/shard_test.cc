#include "penstock/reactor/shard.h"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "penstock/reactor/shard_fixture.h"

namespace penstock::reactor {
namespace {

class ShardLoopTest : public ShardTest {};

// ---- The mailbox. Shards sleep without bound here, so that a lost wake-up hangs the test.

TEST_P(ShardLoopTest, ThreadsWakeASleepingShard) {
  constexpr int kThreads = 4;
  constexpr uint64_t kLetters = 5'000;
  Shard shard(Options());
  std::string why;
  ASSERT_TRUE(shard.Start(&why)) << why;
  std::atomic<uint64_t> sum{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (uint64_t value = 1; value <= kLetters; ++value) {
        const auto add = [](void* context, uint64_t n) {
          static_cast<std::atomic<uint64_t>*>(context)->fetch_add(n);
          static_cast<std::atomic<uint64_t>*>(context)->notify_all();
        };
        while (!shard.Post(add, &sum, value)) std::this_thread::yield();
        // Now and then wait for it, so that the shard falls asleep between.
        if (value % 100 == 0) {
          for (uint64_t seen = sum; seen < value; seen = sum) sum.wait(seen);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const uint64_t want = kThreads * kLetters * (kLetters + 1) / 2;
  for (uint64_t seen = sum; seen != want; seen = sum) sum.wait(seen);
  shard.Stop();
  shard.Join();
  EXPECT_EQ(shard.stats().letters, kThreads * kLetters);
  EXPECT_GT(shard.stats().wakeups, 0u);
}

// Two shards throw one letter to and fro; each sleeps while the other has it.
struct Game {
  Shard* shards[2];
  std::atomic<uint64_t> left;
  static void Hit(void* context, uint64_t side) {
    Game* const game = static_cast<Game*>(context);
    EXPECT_EQ(Shard::Current(), game->shards[side]);
    if (game->left.fetch_sub(1) > 1) {
      EXPECT_TRUE(game->shards[1 - side]->Post(&Game::Hit, game, 1 - side));
    } else {
      game->left.notify_all();
    }
  }
};

void Play(const ShardOptions& left, const ShardOptions& right, ShardStats stats[2]) {
  Shard first(left);
  Shard second(right);
  std::string why;
  ASSERT_TRUE(first.Start(&why)) << why;
  ASSERT_TRUE(second.Start(&why)) << why;
  constexpr uint64_t kHits = 2'000;
  Game game{{&first, &second}, kHits};
  ASSERT_TRUE(first.Post(&Game::Hit, &game, 0));
  for (uint64_t seen = game.left; seen != 0; seen = game.left) game.left.wait(seen);
  first.Stop();
  second.Stop();
  first.Join();
  second.Join();
  stats[0] = first.stats();
  stats[1] = second.stats();
  EXPECT_EQ(stats[0].letters + stats[1].letters, kHits);
}

TEST_P(ShardLoopTest, ShardsWakeEachOther) {
  ShardStats stats[2];
  Play(Options(0), Options(1), stats);
  for (const ShardStats& each : stats) {
    EXPECT_GT(uring() ? each.wakeups_sent_ring : each.wakeups_sent_event, 0u);
    EXPECT_EQ(uring() ? each.wakeups_sent_event : each.wakeups_sent_ring, 0u);
  }
}

TEST_P(ShardLoopTest, ShardsOfDifferentKindsWakeEachOther) {
  ShardOptions other = Options(1);
  other.io = uring() ? IoMode::kEpoll : IoMode::kUring;
  ShardStats stats[2];
  Play(Options(0), other, stats);
}

TEST_P(ShardLoopTest, APostToOneselfRunsWithoutAWakeUp) {
  struct Twice {
    Shard* shard;
    int count = 0;
  } twice{shard_.get()};
  const auto run = [](void* context, uint64_t again) {
    auto* t = static_cast<Twice*>(context);
    ++t->count;
    if (again != 0)
      EXPECT_TRUE(t->shard->Post([](void* c, uint64_t) { ++static_cast<Twice*>(c)->count; }, t));
  };
  ASSERT_TRUE(shard_->Post(run, &twice, 1));
  DriveUntil([&] { return twice.count == 2; });
  EXPECT_EQ(shard_->stats().wakeups, 0u);
}

struct CountingCollector final : Collector {
  void Collect() override {
    if (leaving != nullptr) leaving->Unlink();
    ++count;
    count.notify_all();
  }
  Collector* leaving = nullptr;
  std::atomic<int> count{0};
};

TEST_P(ShardLoopTest, AskingWakesAndVisitsEveryCollector) {
  constexpr int kTimes = 500;
  Shard shard(Options());
  CountingCollector first, last;
  shard.collectors().PushBack(first);
  shard.collectors().PushBack(last);
  std::string why;
  ASSERT_TRUE(shard.Start(&why)) << why;
  for (int times = 0; times < kTimes; ++times) {
    shard.AskCollectors();
    last.count.wait(times);  // so that the shard falls asleep between
  }
  shard.Stop();
  shard.Join();
  EXPECT_EQ(first.count, kTimes);
  EXPECT_EQ(last.count, kTimes);
}

TEST_P(ShardLoopTest, ACollectorMayMakeAnotherLeave) {
  CountingCollector first, last;
  first.leaving = &last;
  shard_->collectors().PushBack(first);
  shard_->collectors().PushBack(last);
  for (int times = 1; times <= 2; ++times) {
    shard_->AskCollectors();
    shard_->Turn(kTimeNever);
    EXPECT_EQ(first.count, times);
    EXPECT_EQ(last.count, 0);
  }
}

// ---- Timers and work

TEST_P(ShardLoopTest, TimersFireAndNeverEarly) {
  struct Probe {
    TimeNs fired_at = 0;
    Timer timer{[](void* context, TimeNs now) { static_cast<Probe*>(context)->fired_at = now; },
                this};
  } probes[5];
  for (int i = 0; i < 5; ++i) {
    shard_->timers().Schedule(probes[i].timer, ReadClock() + i * 3 * kNsPerMs + i * 100);
  }
  // Sleeping without bound: only the timers wake it.
  while (probes[4].fired_at == 0) shard_->Turn(kTimeNever);
  for (const Probe& probe : probes) EXPECT_GE(probe.fired_at, probe.timer.when());
  EXPECT_EQ(shard_->stats().timers, 5u);
  EXPECT_LE(shard_->stats().turns, 5u * 4);
}

TEST_P(ShardLoopTest, QueuedWorkKeepsTheShardAwake) {
  int count = 0;
  struct Again {
    Shard* shard;
    int* count;
    Runnable runnable{[](void* context) {
                        auto* self = static_cast<Again*>(context);
                        if (++*self->count < 10) self->shard->run_queue().Push(self->runnable);
                      },
                      this};
  } again{shard_.get(), &count};
  shard_->run_queue().Push(again.runnable);
  for (int i = 0; i < 10; ++i) shard_->Turn(kTimeNever);
  EXPECT_EQ(count, 10);
  EXPECT_EQ(shard_->stats().waits, 0u);
}

TEST_P(ShardLoopTest, AnIdleShardSleeps) {
  Shard shard(Options());
  std::string why;
  ASSERT_TRUE(shard.Start(&why)) << why;
  shard.Stop();
  shard.Join();
  EXPECT_LE(shard.stats().turns, 4u);
}

TEST_P(ShardLoopTest, StopAlsoEndsConnectionsThatAreStillOnTheirWay) {
  const auto [server, client] = TcpPair();
  RecordingHandler handler(*shard_);
  PostAdopt(*shard_, server, handler);
  shard_->Stop();
  shard_->Run();
  EXPECT_TRUE(handler.closed);
  ::close(client);
}

// 0 is "no connection" wherever an id is asked for.
TEST_P(ShardLoopTest, IdsOfConnectionsCountFromOneBehindTheShardsIndex) {
  for (const int index : {0, 3}) {
    SCOPED_TRACE(index);
    DestroyShard();
    MakeShard(Options(index));
    const auto [first, first_peer] = Connection();
    const auto [second, second_peer] = Connection();
    const uint64_t of_shard = static_cast<uint64_t>(index) << 48;
    EXPECT_EQ(first->socket->id(), of_shard | 1);
    EXPECT_EQ(second->socket->id(), of_shard | 2);
  }
}

// ---- The end

TEST_P(ShardLoopTest, LettersAreRefusedOnceRunHasEnded) {
  const auto count = [](void* context, uint64_t) { ++*static_cast<int*>(context); };
  int ran = 0;
  EXPECT_TRUE(shard_->Post(count, &ran));
  shard_->Stop();
  EXPECT_TRUE(shard_->Post(count, &ran)) << "it has not ended yet";
  EXPECT_FALSE(shard_->ending());
  shard_->Run();
  EXPECT_EQ(ran, 2);
  EXPECT_TRUE(shard_->ending());
  EXPECT_FALSE(shard_->Post(count, &ran));
  shard_->Run();
  EXPECT_EQ(ran, 2);
}

TEST_P(ShardLoopTest, LettersThatWereTakenRunHoweverLateTheyCame) {
  constexpr int kThreads = 3;
  for (int round = 0; round < 20; ++round) {
    ShardOptions options = Options();
    options.mailbox_letters_max = 64;
    Shard shard(options);
    std::string why;
    ASSERT_TRUE(shard.Start(&why)) << why;
    std::atomic<uint64_t> taken{0};
    std::atomic<uint64_t> ran{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        const auto count = [](void* context, uint64_t) {
          auto* const letters = static_cast<std::atomic<uint64_t>*>(context);
          if (++*letters == 100) letters->notify_all();
        };
        while (!shard.ending()) taken += shard.Post(count, &ran);
      });
    }
    for (uint64_t seen = ran; seen < 100; seen = ran) ran.wait(seen);
    shard.Stop();
    for (std::thread& thread : threads) thread.join();
    shard.Join();
    EXPECT_EQ(ran, taken);
  }
}

TEST_P(ShardLoopTest, AConnectionPostedToAShardThatEndsIsClosedOrRefused) {
  for (int round = 0; round < 50; ++round) {
    Shard shard(Options());
    std::string why;
    ASSERT_TRUE(shard.Start(&why)) << why;
    const auto [server, client] = TcpPair();
    RecordingHandler handler(shard);
    std::thread stopper([&shard] { shard.Stop(); });
    const auto adopt = [](void* context, uint64_t fd) {
      auto* const h = static_cast<RecordingHandler*>(context);
      h->socket = &h->shard().Adopt(static_cast<int>(fd), h);
    };
    const bool is_taken = shard.Post(adopt, &handler, static_cast<uint64_t>(server));
    stopper.join();
    shard.Join();
    EXPECT_EQ(handler.closed, is_taken);
    if (!is_taken) ::close(server);
    ::close(client);
  }
}

TEST_P(ShardLoopTest, SystemCallsPerTurn) {
  auto [handler, peer] = Connection(/*echo=*/true);
  peer.WriteSome("x");
  DriveUntil([&] { return peer.ReadSome() == "x"; });
  DriveIdle();
  const ShardStats before = shard_->stats();
  peer.WriteSome("y");
  std::string text;
  DriveUntil([&] { return (text += peer.ReadSome()) == "y"; });
  const uint64_t turns = shard_->stats().turns - before.turns;
  const uint64_t calls = shard_->stats().system_calls - before.system_calls;
  // io_uring: the turn's own call. epoll: recv and sendmsg besides.
  EXPECT_EQ(calls, turns + (uring() ? 0 : 2));
}

TEST_P(ShardLoopTest, ACpuThatIsNotThereIsASentence) {
  ShardOptions options = Options();
  options.cpu = 1'000;
  Shard shard(options);
  std::string why;
  EXPECT_FALSE(shard.Start(&why));
  EXPECT_EQ(why,
            "cannot run on cpu 1000: this process may not use it; see /proc/self/status, "
            "Cpus_allowed_list");
}

TEST_P(ShardLoopTest, RunsOnTheCpuAskedFor) {
  ShardOptions options = Options();
  options.cpu = ::sched_getcpu();
  Shard shard(options);
  std::string why;
  ASSERT_TRUE(shard.Start(&why)) << why;
  std::atomic<int> cpu{-1};
  ASSERT_TRUE(shard.Post(
      [](void* context, uint64_t) { *static_cast<std::atomic<int>*>(context) = ::sched_getcpu(); },
      &cpu));
  while (cpu == -1) std::this_thread::yield();
  EXPECT_EQ(cpu, options.cpu);
  shard.Stop();
  shard.Join();
}

INSTANTIATE_ON_BOTH_RINGS(ShardLoopTest);

}  // namespace
}  // namespace penstock::reactor
