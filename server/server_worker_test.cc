// Handlers on worker threads: what they may do that a shard's may not, and how they end.
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using http2::EndStream;

constexpr UnaryMethod<Text, Text> kWork{"/penstock.test.Workers/Work"};

// The text says what Work() does: "block" waits for release_; "work" works until the call is over;
// "fail" and "throw" end it so; all else it echoes, with its thread, its peer and its metadata.
class ServerWorkerTest : public ServerTest {
 protected:
  ServerWorkerTest() {
    options_.http2.ping_strikes_max = UINT32_MAX;  // PINGs are how the tests pass time
    options_.shards = 1;
    options_.workers = 1;
    act_ = [this](Call&, const Text& request, Text& reply) {
      shard_thread_.Set(std::this_thread::get_id());
      reply.set_text(request.text());
      return OkStatus();
    };
    register_more_ = [this](Registry& registry) {
      registry.Handle(
          kWork,
          [this](Call& call, const Text& request, Text& reply) {
            return Work(call, request.text(), reply);
          },
          RunOn::kWorkers);
    };
  }

  Status Work(Call& call, std::string_view order, Text& reply) {
    ++begun_count_;
    worker_thread_.Set(std::this_thread::get_id());
    if (order == "block") release_.wait();
    if (order == "work") {
      while (!call.cancelled()) std::this_thread::yield();
      ended_with_.Set(call.cancel_status());
    }
    ++ended_count_;
    if (order == "fail") return MakeStatus(StatusCode::kNotFound, "not here");
    if (order == "throw") throw std::runtime_error("a secret");
    peer_.Set(call.peer());
    for (const Metadata::Entry& entry : call.metadata()) {
      (void)call.initial_metadata().Add("x-first", entry.value);
      (void)call.trailing_metadata().Add("x-last", entry.value);
    }
    reply.set_text(order);
    return OkStatus();
  }

  uint32_t Begin(TestClient& client, std::string_view order, const Fields& more = {}) {
    const uint32_t id = client.Open(TestClient::Head(kWork.path, more));
    client.Send(id, FramedText(std::string(order)), EndStream::kYes);
    return id;
  }
  static void WaitUntil(TestClient& client, const std::atomic<int>& count, int want) {
    while (count < want) client.Ping();
  }

  std::latch release_{1};
  std::atomic<int> begun_count_{0};
  std::atomic<int> ended_count_{0};
  Shared<std::thread::id> shard_thread_;
  Shared<std::thread::id> worker_thread_;
  Shared<std::string> peer_;
  Shared<Status> ended_with_;
};
INSTANTIATE_SERVER_TEST(ServerWorkerTest);

TEST_P(ServerWorkerTest, HandlersRunOnAThreadOfTheirOwn) {
  START_SERVER();
  EXPECT_NE(server().Describe().find("1 shard, 1 worker"), std::string::npos);
  TestClient client(address());
  EXPECT_EQ(TextOf(client.Call(kWork.path, FramedText("a"))), "a");
  EXPECT_EQ(client.Call(kAct, FramedText("b")).status(), 0);
  EXPECT_NE(worker_thread_.Get(), std::thread::id());
  EXPECT_NE(worker_thread_.Get(), shard_thread_.Get());
  EXPECT_TRUE(peer_.Get().starts_with("127.0.0.1:")) << peer_.Get();
}

TEST_P(ServerWorkerTest, OneThatBlocksHoldsUpNoShard) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = Begin(client, "block");
  WaitUntil(client, begun_count_, 1);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.Call(kSay, FramedText("x")).status(), 0);
  EXPECT_FALSE(client.response(id).ended);
  release_.count_down();
  EXPECT_EQ(TextOf(client.Wait(id)), "block");
}

TEST_P(ServerWorkerTest, MetadataGoesBothWays) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.Call(kWork.path, FramedText("a"), {{"x-user", "anna"}});
  EXPECT_EQ(response.Field("x-first"), "anna");
  EXPECT_EQ(response.Field("x-last"), "anna");
}

TEST_P(ServerWorkerTest, FailuresAndExceptionsAreStatuses) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& failed = client.Call(kWork.path, FramedText("fail"));
  EXPECT_EQ(failed.status(), 5);
  EXPECT_EQ(failed.status_message(), "not here");
  const TestResponse& thrown = client.Call(kWork.path, FramedText("throw"));
  EXPECT_EQ(thrown.status(), 2);
  EXPECT_EQ(thrown.status_message().find("secret"), std::string::npos);
  EXPECT_EQ(client.Call(kWork.path, Framed("\xff\xff")).status(), 13);
}

TEST_P(ServerWorkerTest, WhoeverGivesUpIsHeardOf) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = Begin(client, "work");
  WaitUntil(client, begun_count_, 1);
  client.Reset(id, http2::ErrorCode::kCancel);
  WaitUntil(client, ended_count_, 1);
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kCancelled);
  EXPECT_EQ(TextOf(client.Call(kWork.path, FramedText("next"))), "next");
}

TEST_P(ServerWorkerTest, TheDeadlineIsTheAnswerWhateverTheHandlerDoes) {
  START_SERVER();
  TestClient client(address());
  // On a busy machine it may pass before the handler begins; a longer one does not.
  for (int timeout_ms = 20; begun_count_ == 0; timeout_ms *= 2) {
    const std::string timeout = std::to_string(timeout_ms) + "m";
    EXPECT_EQ(client.Wait(Begin(client, "work", {{"grpc-timeout", timeout}})).status(), 4);
  }
  TestClient other(address());
  WaitUntil(other, ended_count_, begun_count_);
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kDeadlineExceeded);
}

TEST_P(ServerWorkerTest, MoreThanMayWaitAreRefused) {
  options_.worker_calls_waiting_max = 1;
  START_SERVER();
  TestClient client(address());
  const uint32_t first = Begin(client, "block");
  WaitUntil(client, begun_count_, 1);
  const uint32_t second = Begin(client, "a");
  const TestResponse& third = client.Call(kWork.path, FramedText("b"));
  EXPECT_EQ(third.status(), 8);
  EXPECT_NE(third.status_message().find("worker_calls_waiting_max"), std::string::npos);
  release_.count_down();
  EXPECT_EQ(client.Wait(first).status(), 0);
  EXPECT_EQ(client.Wait(second).status(), 0);
  EXPECT_EQ(begun_count_, 2);
}

TEST_P(ServerWorkerTest, WhatIsOverBeforeAWorkerIsFreeDoesNotBegin) {
  START_SERVER();
  TestClient client(address());
  const uint32_t first = Begin(client, "block");
  WaitUntil(client, begun_count_, 1);
  client.Reset(Begin(client, "a"), http2::ErrorCode::kCancel);
  const uint32_t late = Begin(client, "b", {{"grpc-timeout", "10m"}});
  EXPECT_EQ(client.Wait(late).status(), 4);
  release_.count_down();
  EXPECT_EQ(TextOf(client.Wait(first)), "block");
  EXPECT_EQ(TextOf(client.Call(kWork.path, FramedText("c"))), "c") << "it stood behind them";
  EXPECT_EQ(begun_count_, 2);
}

TEST_P(ServerWorkerTest, StopsWithHandlersAtWorkAndWaiting) {
  START_SERVER();
  TestClient client(address());
  (void)Begin(client, "work");
  WaitUntil(client, begun_count_, 1);
  (void)Begin(client, "work");
  client.Ping();
  server().Stop();
  EXPECT_EQ(begun_count_, ended_count_);
}

}  // namespace
}  // namespace penstock::test
