// How servers end: by a signal, by a request, by Drain() and Stop(), with calls under way.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/task.h"
#include "penstock/server/server.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

constexpr UnaryMethod<Text, Text> kHold{"/penstock.test.Drain/Hold"};
constexpr UnaryMethod<Text, Text> kBlock{"/penstock.test.Drain/Block"};

// Hold is a coroutine that rests until release_ or the call's end, and says which; Block does not
// care how its call stands, on a worker.
class ServerDrainTest : public ServerTest {
 protected:
  ServerDrainTest() {
    options_.http2.ping_strikes_max = UINT32_MAX;  // PINGs are how the tests pass time
    options_.workers = 1;
    options_.drain_grace_ns = 60 * kNsPerSecond;
    register_more_ = [this](Registry& registry) {
      registry.Handle(kHold, [this](Call& call, const Text&) { return Hold(call); });
      registry.Handle(
          kBlock,
          [this](Call&, const Text&, Text&) {
            ++begun_count_;
            while (!released_) std::this_thread::yield();
            return OkStatus();
          },
          RunOn::kWorkers);
    };
  }

  uint32_t Begin(TestClient& client, std::string_view path) {
    const int before_count = begun_count_;
    const uint32_t id = client.Open(TestClient::Head(path));
    client.Send(id, FramedText(""), http2::EndStream::kYes);
    client.Ping();
    while (begun_count_ == before_count) std::this_thread::yield();
    return id;
  }
  // Until the drain has told the client.
  static void AwaitGoAway(TestClient& client) {
    while (!client.goaway()) client.Ping();
  }

  std::atomic<int> begun_count_{0};
  std::atomic<bool> released_{false};
  Shared<Status> ended_with_;

 private:
  Task<StatusOr<Text>> Hold(Call& call) {
    ++begun_count_;
    while (!released_ && !call.cancelled()) {
      const Status slept = co_await Sleep(call, kNsPerMs);
      if (!slept.ok()) ended_with_.Set(MakeStatus(slept.code(), MessageOf(slept)));
    }
    Text reply;
    reply.set_text("held");
    co_return reply;
  }
};
INSTANTIATE_SERVER_TEST(ServerDrainTest);

TEST_P(ServerDrainTest, ACallUnderWayEndsBeforeTheServerDoes) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = Begin(client, kHold.path);
  std::thread drain([this] { server().Drain(kTimeNever); });
  AwaitGoAway(client);
  EXPECT_TRUE(server().draining());
  released_ = true;
  EXPECT_EQ(client.Wait(id).status(), 0);
  client.WaitForClose();
  client.socket().Close();
  drain.join();
  EXPECT_EQ(Stop().calls_ok, 1u);
}

TEST_P(ServerDrainTest, WhoConnectedBeforeIsServedThoughItSpeaksLate) {
  START_SERVER();
  TestClient early(address());
  Begin(early, kHold.path);
  TestClient late(address());  // has said nothing, and the server may not have accepted it yet
  ExpectServes(address());     // but has by now
  std::thread drain([this] { server().Drain(); });
  AwaitGoAway(early);
  EXPECT_EQ(TextOf(late.Call(kSay, FramedText("late"))), "late");
  released_ = true;
  for (TestClient* client : {&early, &late}) {
    client->WaitForClose();
    client->socket().Close();
  }
  drain.join();
}

TEST_P(ServerDrainTest, AfterTheGraceCallsAreNamedAndCutOff) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = Begin(client, kHold.path);
  testing::internal::CaptureStderr();
  std::thread drain([this] { server().Drain(50 * kNsPerMs); });
  EXPECT_FALSE(client.Wait(id).ended);
  client.socket().Close();
  drain.join();
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("draining: 1 connection, 1 call, 1 s left"), std::string::npos) << said;
  EXPECT_NE(said.find("drain: /penstock.test.Drain/Hold from 127.0.0.1:"), std::string::npos)
      << said;
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kUnavailable) << ended_with_.Get();
  EXPECT_EQ(Stop().calls_cancelled, 1u);
}

TEST_P(ServerDrainTest, AnyNumberOfThreadsMayEndItAtOnce) {
  options_.shards = 2;
  START_SERVER();
  TestClient client(address());
  ExpectServes(address());
  const uint32_t id = Begin(client, kHold.path);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([this] { server().Drain(); });
  threads.emplace_back([this] { server().Run(); });
  AwaitGoAway(client);
  threads.emplace_back([this] { server().Stop(); });  // cuts the drain short
  EXPECT_FALSE(client.Wait(id).ended);
  client.socket().Close();
  for (std::thread& thread : threads) thread.join();
  server().Drain();
  server().Run();
  EXPECT_EQ(Stop().calls_cancelled, 1u);
}

TEST_P(ServerDrainTest, WhatHasDrainedMayStartAgainAndServes) {
  options_.reflection = false;
  START_SERVER();
  server().Drain();
  EXPECT_EQ(server().health().Find(""), HealthStatus::kNotServing);
  EXPECT_TRUE(server().draining());
  const Status status = server().Start();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(server().health().Find(""), HealthStatus::kServing);
  EXPECT_FALSE(server().draining());
  ExpectServes(server().addresses().back());
}

TEST_P(ServerDrainTest, RunEndsWhenAHandlerAsksForIt) {
  act_ = [this](Call&, const Text&, Text&) {
    server().RequestDrain();
    return OkStatus();
  };
  START_SERVER();
  std::vector<DrainCause> causes;
  server().OnDrain([&](DrainCause cause) {
    EXPECT_TRUE(server().draining());
    EXPECT_EQ(server().health().Find(""), HealthStatus::kNotServing);
    causes.push_back(cause);
  });
  EXPECT_FALSE(server().draining());
  std::thread client([this] {
    TestClient asks(address());
    EXPECT_EQ(asks.Call(kAct, FramedText("")).status(), 0);
    asks.WaitForClose();
  });
  server().Run();
  client.join();
  EXPECT_EQ(causes, std::vector<DrainCause>{DrainCause::kStop});
}

TEST_P(ServerDrainTest, ASignalDrainsAndTheSecondEndsAtOnce) {
  START_SERVER();
  const std::string where = address();
  std::thread client_thread([&] {
    TestClient client(where);
    const uint32_t id = Begin(client, kHold.path);
    ::kill(::getpid(), SIGTERM);
    AwaitGoAway(client);
    ::kill(::getpid(), SIGINT);
    EXPECT_FALSE(client.Wait(id).ended);
  });
  server().Run();  // the grace is a minute
  client_thread.join();
  EXPECT_EQ(Stop().calls_cancelled, 1u);
}

TEST_P(ServerDrainTest, ForTheDelayNewConnectionsAreServed) {
  options_.drain_delay_ns = 60 * kNsPerSecond;
  START_SERVER();
  std::thread drain([this] { server().Drain(); });
  while (!server().draining()) std::this_thread::yield();
  ExpectServes(address());
  server().Stop();
  drain.join();
}

TEST_P(ServerDrainTest, OfAServerThatDoesNotStartIsNothing) {
  START_SERVER();
  ServerOptions options = options_;
  options.listen = {address()};
  Server second(options);
  std::atomic<bool> over{false};
  std::thread drains([&] {
    while (!over) second.Drain();
  });
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(second.Start().ok());
  over = true;
  drains.join();
  second.Run();
  ExpectServes(address());
}

// What the process says on standard error, as it says it.
class StderrReader {
 public:
  StderrReader() {
    EXPECT_EQ(::pipe(ends_), 0);
    kept_ = ::dup(STDERR_FILENO);
    ::dup2(ends_[1], STDERR_FILENO);
    ::close(ends_[1]);
  }
  ~StderrReader() {
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
    ::close(ends_[0]);
  }
  // Waits for it; the test's own timeout is the bound.
  void Await(std::string_view text) {
    std::string said;
    char buffer[256];
    while (said.find(text) == std::string::npos) {
      const ssize_t count = ::read(ends_[0], buffer, sizeof(buffer));
      ASSERT_GT(count, 0);
      said.append(buffer, static_cast<size_t>(count));
    }
  }

 private:
  int ends_[2];
  int kept_ = -1;
};

// It takes as long as the farewell and the patience: once is enough.
class ServerDrainOnceTest : public ServerDrainTest {};
INSTANTIATE_TEST_SUITE_P(Io, ServerDrainOnceTest, ::testing::Values(reactor::IoMode::kEpoll));

TEST_P(ServerDrainOnceTest, AWorkersHandlerThatDoesNotEndIsNamed) {
  START_SERVER();
  StderrReader said;
  TestClient client(address());
  Begin(client, kBlock.path);
  std::thread drain([this] { server().Drain(0); });
  said.Await("the handler of /penstock.test.Drain/Block has not ended after ");
  released_ = true;
  drain.join();
}

TEST_P(ServerDrainOnceTest, ASecondSignalEndsTheProcessWhereAHandlerKeepsItsThread) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto die = [this] {
    Start();
    std::thread client_thread([this] {
      TestClient client(address());
      Begin(client, kBlock.path);
      ::kill(::getpid(), SIGTERM);
      AwaitGoAway(client);
      ::kill(::getpid(), SIGTERM);
      client.WaitForClose();
    });
    server().Run();
  };
  EXPECT_EXIT(die(), ::testing::KilledBySignal(SIGTERM),
              "the handler of /penstock.test.Drain/Block has not ended after ");
}

}  // namespace
}  // namespace penstock::test
