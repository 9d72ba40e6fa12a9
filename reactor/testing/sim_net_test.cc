#include "penstock/reactor/testing/sim_net.h"

#include <errno.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "penstock/reactor/address.h"
#include "penstock/reactor/listener.h"
#include "penstock/reactor/shard.h"
#include "penstock/wire/output_chain.h"

namespace penstock::reactor {
namespace {

constexpr uint16_t kPort = 1000;
constexpr int kStepsMax = 100'000;

// Says something, or says again what it hears, and closes behind the peer.
class Talker final : public SocketHandler {
 public:
  explicit Talker(Shard& shard) : out_(&shard.slabs()) {}

  void Speak(Socket& socket, std::string_view words) {
    socket_ = &socket;
    out_.Append(wire::AsBytes(words));
    socket.MarkDirty();
  }
  void set_echo(Socket& socket) {
    socket_ = &socket;
    echoes_ = true;
  }

  void OnConnected(int error) override { error_ = error; }
  void OnReceived(wire::Bytes bytes) override {
    heard_.append(bytes.begin(), bytes.end());
    if (echoes_) Speak(*socket_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  void OnFlush() override { socket_->Send(out_); }
  void OnSent() override {}
  void OnReceiveEnd(int error) override {
    error_ = error;
    error == 0 ? socket_->CloseAfterSend() : socket_->Abort();
  }
  void OnClosed() override { closed_ = true; }

  const std::string& heard() const { return heard_; }
  int error() const { return error_; }
  bool closed() const { return closed_; }

 private:
  wire::OutputChain out_;
  Socket* socket_ = nullptr;
  std::string heard_;
  bool echoes_ = false;
  int error_ = -1;
  bool closed_ = false;
};

struct Modes {
  IoMode client;
  IoMode server;
};

// A client and an echoing server, each on a shard of its own.
class World final : public AcceptHandler {
 public:
  World(uint64_t seed, Modes modes) : net_(seed, &trace_) {
    net_.Open(client_, modes.client);
    net_.Open(server_, modes.server);
    listener_.Start();
    net_.Step(0);  // so that somebody listens
  }
  ~World() {
    for (Shard* shard : {&client_, &server_}) {
      net_.Leave(*shard);
      shard->Stop();
      shard->Run();
    }
  }

  SocketHandler* OnAccepted(Shard& shard, Socket& socket) override {
    accepted_ = std::make_unique<Talker>(shard);
    accepted_->set_echo(socket);
    accepted_socket_ = &socket;
    return accepted_.get();
  }

  Talker& Connect(uint16_t port) {
    std::string why;
    talker_ = std::make_unique<Talker>(client_);
    socket_ = &client_.Connect(
        *Address::Resolve("127.0.0.1:" + std::to_string(port), &why), talker_.get());
    return *talker_;
  }
  // False: too many steps, or nothing happens any more.
  template <typename Done>
  bool DriveUntil(Done done) {
    for (int i = 0; i < kStepsMax; ++i) {
      if (done()) return true;
      if (!net_.Step(kTimeNever)) return done();
    }
    return false;
  }

  SimTrace trace_;
  SimNet net_;
  Shard client_{{.index = 0, .simulation = &net_}};
  Shard server_{{.index = 1, .simulation = &net_}};
  Placement placement_{{&server_}};
  Listener listener_{server_, net_.Listen(kPort), placement_, *this};
  std::unique_ptr<Talker> talker_;
  std::unique_ptr<Talker> accepted_;
  Socket* socket_ = nullptr;
  Socket* accepted_socket_ = nullptr;
};

class SimNetTest : public ::testing::TestWithParam<Modes> {};
INSTANTIATE_TEST_SUITE_P(Modes, SimNetTest,
                         ::testing::Values(Modes{IoMode::kEpoll, IoMode::kEpoll},
                                           Modes{IoMode::kEpoll, IoMode::kUring},
                                           Modes{IoMode::kUring, IoMode::kEpoll},
                                           Modes{IoMode::kUring, IoMode::kUring}));

std::string Words(size_t bytes) {
  std::string words;
  for (size_t i = 0; i < bytes; ++i) words += static_cast<char>(i * 31 + i / 256);
  return words;
}

SimFaults Hostile() {
  SimFaults faults;
  faults.short_send = faults.short_receive = 700;
  faults.no_buffer = faults.late_send = 200;
  faults.delay_ns_max = 5 * kNsPerMs;
  faults.stall = 20;
  faults.stall_ns_max = kNsPerSecond;
  faults.room_bytes = 3'000;
  return faults;
}

TEST_P(SimNetTest, WhatIsSentArrivesAndIsAnswered) {
  World world(1, GetParam());
  Talker& talker = world.Connect(kPort);
  talker.Speak(*world.socket_, "hello");
  EXPECT_TRUE(world.DriveUntil([&] { return talker.heard() == "hello"; }));
  EXPECT_EQ(talker.error(), 0);
}

TEST_P(SimNetTest, FaultsThatAreNoResetLoseNothing) {
  const std::string words = Words(100'000);
  for (uint64_t seed = 0; seed < 10; ++seed) {
    World world(seed, GetParam());
    world.net_.faults() = Hostile();
    Talker& talker = world.Connect(kPort);
    talker.Speak(*world.socket_, words);
    EXPECT_TRUE(world.DriveUntil([&] { return talker.heard().size() >= words.size(); })) << seed;
    EXPECT_EQ(talker.heard(), words) << seed;
    EXPECT_FALSE(world.net_.has_overslept()) << seed;
  }
}

TEST_P(SimNetTest, WhereNobodyListensConnectingIsRefused) {
  World world(1, GetParam());
  Talker& talker = world.Connect(kPort + 1);
  EXPECT_TRUE(world.DriveUntil([&] { return talker.closed(); }));
  EXPECT_EQ(talker.error(), ECONNREFUSED);
}

TEST_P(SimNetTest, AResetReachesBothEnds) {
  World world(1, GetParam());
  Talker& talker = world.Connect(kPort);
  talker.Speak(*world.socket_, "hello");
  ASSERT_TRUE(world.DriveUntil([&] { return talker.heard() == "hello"; }));
  world.net_.ResetAll(ECONNRESET);
  EXPECT_TRUE(world.DriveUntil([&] { return talker.closed() && world.accepted_->closed(); }));
  EXPECT_EQ(talker.error(), ECONNRESET);
  EXPECT_EQ(world.accepted_->error(), ECONNRESET);
}

TEST_P(SimNetTest, AHalfThatEndsIsReadToItsEnd) {
  World world(1, GetParam());
  Talker& talker = world.Connect(kPort);
  talker.Speak(*world.socket_, "hello");
  ASSERT_TRUE(world.DriveUntil([&] { return talker.heard() == "hello"; }));
  world.net_.faults().end_half = SimRandom::kAlways;
  talker.Speak(*world.socket_, "bye");
  EXPECT_TRUE(world.DriveUntil([&] { return talker.closed() && world.accepted_->closed(); }));
  EXPECT_EQ(world.accepted_->error(), 0);
}

TEST_P(SimNetTest, LastWordsArriveBeforeTheEnd) {
  World world(1, GetParam());
  Talker& talker = world.Connect(kPort);
  talker.Speak(*world.socket_, "bye");
  world.socket_->CloseAfterSend();
  EXPECT_FALSE(talker.closed());
  ASSERT_TRUE(world.DriveUntil([&] { return talker.closed(); }));
  EXPECT_EQ(world.accepted_, nullptr);  // it had not been connected yet

  Talker& second = world.Connect(kPort);
  ASSERT_TRUE(world.DriveUntil([&] { return second.error() == 0; }));
  second.Speak(*world.socket_, "bye");
  world.socket_->CloseAfterSend();
  EXPECT_TRUE(world.DriveUntil([&] { return second.closed() && world.accepted_->closed(); }));
  EXPECT_EQ(world.accepted_->heard(), "bye");
  EXPECT_EQ(world.accepted_->error(), 0);
}

TEST_P(SimNetTest, TimePassesToTheNextTimerWhereAllSleep) {
  World world(1, GetParam());
  bool fired = false;
  Timer timer([](void* flag, TimeNs) { *static_cast<bool*>(flag) = true; }, &fired);
  world.client_.timers().Schedule(timer, 3600 * kNsPerSecond);
  EXPECT_TRUE(world.DriveUntil([&] { return fired; }));
  EXPECT_GE(world.net_.Now(), 3600 * kNsPerSecond);
  EXPECT_LT(world.net_.Now(), 3601 * kNsPerSecond);
  EXPECT_FALSE(world.DriveUntil([] { return false; }));  // nothing happens any more
}

TEST_P(SimNetTest, OneSeedIsOneRun) {
  const auto run = [](uint64_t seed) {
    World world(seed, GetParam());
    world.net_.faults() = Hostile();
    Talker& talker = world.Connect(kPort);
    talker.Speak(*world.socket_, Words(10'000));
    EXPECT_TRUE(world.DriveUntil([&] { return talker.heard().size() >= 10'000; }));
    return world.trace_.hash();
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

}  // namespace
}  // namespace penstock::reactor
