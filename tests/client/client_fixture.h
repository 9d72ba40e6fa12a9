// ClientTest: a fixture with a shard that turns on the test's thread, for the client, and a real
// Server on threads of its own. Run with each way of talking to the kernel.
//
//     TEST_P(ClientTest, ...) {
//       StartServer();
//       client::Channel channel(shard(), address());
//       Run(SayHello(...));                    // a coroutine, to its end
//     }
#ifndef PENSTOCK_TESTS_CLIENT_CLIENT_FIXTURE_H_
#define PENSTOCK_TESTS_CLIENT_CLIENT_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "penstock/client/stub.h"
#include "penstock/reactor/shard.h"
#include "penstock/server/server.h"
#include "penstock/tests/client/run_on_shard.h"

#include "tests/client/echo.client.h"
#include "tests/client/echo.server.h"

namespace penstock::test::client {

using penstock::client::CallOptions;
using penstock::client::Scope;
using penstock::client::Channel;
using penstock::client::ChannelOptions;
using penstock::client::ChannelState;

class ClientTest : public ::testing::TestWithParam<reactor::IoMode> {
 protected:
  using Say = std::function<Status(Call&, const Text&, Text&)>;

  void SetUp() override {
    reactor::ShardOptions options;
    options.io = GetParam();
    shard_ = std::make_unique<reactor::Shard>(options);
    std::string why;
    if (shard_->Open(&why)) return;
    shard_.reset();
    const char* ci = std::getenv("CI");
    // Nothing but io_uring itself excuses, and in CI not even that.
    const bool is_refused = why.find("io_uring") != std::string::npos;
    if (is_refused && (ci == nullptr || std::string(ci) != "true")) {
      GTEST_SKIP() << "SKIPPED: no io_uring here: " << why;
    }
    FAIL() << why;
  }

  void TearDown() override {
    if (shard_ != nullptr) {
      shard_->Stop();
      shard_->Run();
      EXPECT_EQ(shard_->connections_count(), 0u);
    }
    if (server_ != nullptr) server_->Stop();
  }

  // Echo.Say does what `say` does, or answers what it was sent.
  void StartServer(Say say = {}, std::string listen = "127.0.0.1:0") {
    ServerOptions options;
    options.listen = {std::move(listen)};
    options.shards = 1;
    options.io = GetParam();
    if (change_options_) change_options_(options);
    server_ = std::make_unique<Server>(options);
    server_->registry().Handle(Echo::Say, [say](Call& call, const Text& request, Text& reply) {
      if (say) return say(call, request, reply);
      reply = request;
      return OkStatus();
    });
    if (register_more_) register_more_(server_->registry());
    const Status status = server_->Start();
    ASSERT_TRUE(status.ok()) << status;
  }
  void StopServer() { server_->Stop(); }
  const server::ServerCounters& server_counters() const { return server_->counters(); }
  const std::string& address() const { return server_->addresses().front(); }

  reactor::Shard* shard() { return shard_.get(); }
  // Turns until the task has ended.
  void Run(Task<void> task) { RunOnShard(*shard_, std::move(task)); }
  // One call, and what became of it.
  StatusOr<std::string> SayTo(Channel& channel, std::string_view text,
                              const CallOptions& options = CallOptions::Default());

  // Before StartServer().
  std::function<void(Registry&)> register_more_;
  std::function<void(ServerOptions&)> change_options_;

 private:
  std::unique_ptr<reactor::Shard> shard_;
  std::unique_ptr<Server> server_;
};

#define INSTANTIATE_CLIENT_TEST(Fixture)                                                \
  INSTANTIATE_TEST_SUITE_P(                                                             \
      Io, Fixture, ::testing::Values(reactor::IoMode::kUring, reactor::IoMode::kEpoll), \
      [](const auto& io) { return io.param == reactor::IoMode::kUring ? "uring" : "epoll"; })

}  // namespace penstock::test::client

#endif  // PENSTOCK_TESTS_CLIENT_CLIENT_FIXTURE_H_
