// The shard of a program that is a client.
#include "penstock/client/main_shard.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "penstock/reactor/testing/memory_net.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/tests/client/client_fixture.h"

namespace penstock::test::client {
namespace {

using penstock::client::MainShard;

class MainShardTest : public ClientTest {
 protected:
  static reactor::ShardOptions Shard() {
    reactor::ShardOptions options;
    options.io = GetParam();
    return options;
  }
};
INSTANTIATE_CLIENT_TEST(MainShardTest);

Task<Status> Ask(CallScope& scope, const EchoClient& echo, std::string* heard) {
  Text request;
  request.set_text(*heard + "!");
  const Text reply = co_await Try(co_await echo.Say(scope, request));
  heard->assign(reply.text());
  co_return OkStatus();
}

Task<Status> SleepForEver(CallScope& scope) {
  co_await Try(co_await Sleep(scope, kTimeNever));
  co_return OkStatus();
}

Task<Status> NoteTime(CallScope& scope, TimeNs* when) {
  *when = scope.now();
  co_return OkStatus();
}

reactor::ShardOptions OnNet(reactor::MemoryNet* net) {
  reactor::ShardOptions options;
  options.simulation = net;
  return options;
}

Task<Status> Throw() {
  throw std::runtime_error("no");
  co_return OkStatus();
}

TEST_P(MainShardTest, RunsOneTaskAfterAnother) {
  StartServer();
  MainShard main_shard(Shard());
  Channel channel(&main_shard.shard(), address());
  const EchoClient echo(&channel);
  std::string heard = "a";
  EXPECT_TRUE(main_shard.Run(Ask(main_shard.scope(), echo, &heard)).ok());
  EXPECT_TRUE(main_shard.Run(Ask(main_shard.scope(), echo, &heard)).ok());
  EXPECT_EQ(heard, "a!!");
}

TEST_P(MainShardTest, AnswersWhatTheTaskAnswers) {
  MainShard main_shard(Shard());
  Channel channel(&main_shard.shard(), "unix-abstract:penstock-nobody-is-here");
  const EchoClient echo(&channel);
  std::string heard;
  EXPECT_EQ(main_shard.Run(Ask(main_shard.scope(), echo, &heard)).code(),
            StatusCode::kUnavailable);
}

TEST_P(MainShardTest, ThrowsWhatTheTaskThrows) {
  MainShard main_shard(Shard());
  EXPECT_THROW((void)main_shard.Run(Throw()), std::runtime_error);
}

// How long a program took since the last task is no part of the next one's timeouts.
TEST(MainShardTime, IsThatOfTheMomentWhenTheTaskBegins) {
  reactor::MemoryNet net;
  MainShard main_shard(OnNet(&net));
  for (int i = 0; i < 2; ++i) {
    net.Advance(6 * kNsPerSecond);
    TimeNs began_at = 0;
    EXPECT_TRUE(main_shard.Run(NoteTime(main_shard.scope(), &began_at)).ok());
    EXPECT_EQ(began_at, net.Now());
  }
}

TEST(MainShardTime, ATimeoutSetOutsideOfATaskCountsFromThen) {
  reactor::MemoryNet net;
  MainShard main_shard(OnNet(&net));
  net.Advance(6 * kNsPerSecond);
  main_shard.scope().SetTimeout(5 * kNsPerSecond);
  EXPECT_EQ(main_shard.scope().deadline(), net.Now() + 5 * kNsPerSecond);
}

TEST_P(MainShardTest, ASignalCancelsWhatWaits) {
  for (const int signal : {SIGINT, SIGTERM}) {
    MainShard main_shard(Shard());
    main_shard.CancelOnSignals();
    ASSERT_EQ(::kill(::getpid(), signal), 0);
    const Status status = main_shard.Run(SleepForEver(main_shard.scope()));
    EXPECT_EQ(status.code(), StatusCode::kCancelled);
    EXPECT_EQ(MessageOf(status), "interrupted");
  }
}

rlimit NoDescriptors() { return {0, 0}; }

// As `ulimit -n 6` brings it about.
TEST_P(MainShardTest, OutOfDescriptorsItSaysSo) {
  EXPECT_EXIT(
      {
        MainShard main_shard(Shard());
        const rlimit none = NoDescriptors();
        ::setrlimit(RLIMIT_NOFILE, &none);
        main_shard.CancelOnSignals();
        const Status status = main_shard.Run(SleepForEver(main_shard.scope()));
        std::fprintf(stderr, "%s", std::string(MessageOf(status)).c_str());
        std::_Exit(status.code() == StatusCode::kUnavailable ? 0 : 1);
      },
      ::testing::ExitedWithCode(0),
      "SIGINT and SIGTERM cannot be waited for: too many open files; raise RLIMIT_NOFILE");
}

TEST_P(MainShardTest, TheSecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        MainShard main_shard(Shard());
        main_shard.CancelOnSignals();
        ::kill(::getpid(), SIGINT);
        (void)main_shard.Run(SleepForEver(main_shard.scope()));
        ::kill(::getpid(), SIGINT);
        for (;;) ::pause();
      },
      ::testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace penstock::test::client
