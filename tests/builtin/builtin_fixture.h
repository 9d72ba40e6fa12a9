// BuiltinTest: a fixture with a Server of two shards that greets, and a shard for a client that
// turns on the test's thread.
//
//     TEST_F(BuiltinTest, ...) {
//       StartServer();
//       Run(AskSomething(channel(), server()));    // a coroutine, to its end
//     }
#ifndef PENSTOCK_TESTS_BUILTIN_BUILTIN_FIXTURE_H_
#define PENSTOCK_TESTS_BUILTIN_BUILTIN_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "penstock/client/stub.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/task.h"
#include "penstock/server/server.h"
#include "penstock/tests/client/run_on_shard.h"

#include "examples/helloworld/helloworld.server.h"

namespace penstock::test {

class BuiltinTest : public ::testing::Test {
 protected:
  BuiltinTest() : shard_(reactor::ShardOptions{.io = reactor::IoMode::kEpoll}) {
    options_.listen = {"127.0.0.1:0"};
    options_.shards = 2;
    options_.io = reactor::IoMode::kEpoll;
    std::string why;
    EXPECT_TRUE(shard_.Open(&why)) << why;
  }

  ~BuiltinTest() override {
    channel_.reset();
    shard_.Stop();
    shard_.Run();
    if (server_ != nullptr) server_->Stop();
  }

  // What stands before Start() is the test's.
  Server& MakeServer() {
    server_ = std::make_unique<Server>(options_);
    server_->registry().Handle(
        helloworld::Greeter::SayHello,
        [](Call&, const helloworld::HelloRequest& request, helloworld::HelloReply& reply) {
          if (request.name() == "fail") return MakeStatus(StatusCode::kAborted, "as you like");
          reply.set_message(request.name());
          return OkStatus();
        });
    return *server_;
  }
  void StartServer() {
    if (server_ == nullptr) MakeServer();
    const Status status = server_->Start();
    ASSERT_TRUE(status.ok()) << status;
    channel_.emplace(&shard_, server_->addresses().front());
  }

  Server& server() { return *server_; }
  penstock::client::Channel* channel() { return &*channel_; }
  reactor::Shard* shard() { return &shard_; }
  // Turns until the task has ended.
  void Run(Task<void> task) { client::RunOnShard(shard_, std::move(task)); }

  ServerOptions options_;  // before MakeServer()

 private:
  reactor::Shard shard_;
  std::unique_ptr<Server> server_;
  std::optional<penstock::client::Channel> channel_;
};

}  // namespace penstock::test

#endif  // PENSTOCK_TESTS_BUILTIN_BUILTIN_FIXTURE_H_
