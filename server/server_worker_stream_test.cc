// Handlers that stream on workers: what they carry, and every way in which they end.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/server/testing/blocking_handlers.h"

namespace penstock::test {
namespace {

using http2::EndStream;
using http2::ErrorCode;

class ServerWorkerStreamTest : public BlockingTest {
 protected:
  // What a handler waits for when its call ends.
  struct Blocked {
    std::string_view name;
    std::string_view path;
    std::string_view order;
    bool in_write;
  };
  static constexpr Blocked kBlocked[] = {{"Collect in Next", kCollect.path, "a", false},
                                         {"Chat in Next", kChat.path, "a", false},
                                         {"Give in Write", kGive.path, "flood", true},
                                         {"Chat in Write", kChat.path, "flood", true}};

  // A client that gives no window, where the handler shall wait in Write(), and its call, whose
  // handler waits, or is about to; or the deadline has passed before.
  std::unique_ptr<TestClient> Block(const Blocked& blocked, uint32_t* id,
                                    const Fields& more = {}) {
    http2::Limits limits;
    if (blocked.in_write) limits.stream_window_bytes = 0;
    auto client = std::make_unique<TestClient>(address(), limits);
    client->Ping();
    const int before = begun_count_;
    *id = Begin(*client, blocked.path, FramedText(blocked.order), more);
    while (begun_count_ == before && !client->response(*id).ended) client->Ping();
    return client;
  }
};
INSTANTIATE_SERVER_TEST(ServerWorkerStreamTest);

std::string Messages(int count, size_t bytes) {
  std::string all;
  for (int i = 0; i < count; ++i) all += FramedText(std::string(bytes, 'm'));
  return all;
}

// --- What they carry

TEST_P(ServerWorkerStreamTest, EachKindAnswers) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& given = client.Call(kGive.path, FramedText(""));
  EXPECT_EQ(given.data, Messages(3, 10));
  EXPECT_EQ(given.status(), 0);
  const std::string three = FramedText("a") + FramedText("bb") + FramedText("");
  EXPECT_EQ(TextOf(client.Call(kCollect.path, three)), "a,bb,,");
  EXPECT_EQ(TextOf(client.Call(kCollect.path, "")), "");
  const TestResponse& chat = client.Call(kChat.path, three);
  EXPECT_EQ(chat.data, FramedText("a!") + FramedText("bb!") + FramedText("!"));
  EXPECT_EQ(chat.status(), 0);
  EXPECT_EQ(client.Call(kChat.path, "").data, "");
  EXPECT_EQ(Stop().calls_ok, 5u);
}

// Each answer is there before the next question.
TEST_P(ServerWorkerStreamTest, ReadsAndWritesInTurns) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kChat.path));
  std::string want;
  for (const char* text : {"a", "", "c"}) {
    client.Send(id, FramedText(text));
    want += FramedText(std::string(text) + "!");
    while (client.response(id).data.size() < want.size()) client.Ping();
    EXPECT_EQ(client.response(id).data, want);
  }
  client.Send(id, "", EndStream::kYes);
  EXPECT_EQ(client.Wait(id).status(), 0);
}

TEST_P(ServerWorkerStreamTest, LargeMessagesArriveWhole) {
  START_SERVER();
  TestClient client(address());
  const std::string large(300'000, 'x');
  std::string bytes, want;
  for (int i = 0; i < 20; ++i) {
    bytes += FramedText(large);
    want += FramedText(large + "!");
  }
  const TestResponse& response = client.Call(kChat.path, bytes);
  EXPECT_TRUE(response.data == want) << response.data.size() << " octets";
  EXPECT_EQ(response.status(), 0);
}

TEST_P(ServerWorkerStreamTest, ManySmallMessagesArriveInTheirOrder) {
  constexpr int kMessages = 30'000;
  START_SERVER();
  TestClient client(address());
  std::string bytes, want;
  for (int i = 0; i < kMessages; ++i) {
    bytes += FramedText(std::to_string(i));
    want += FramedText(std::to_string(i) + "!");
  }
  const TestResponse& response = client.Call(kChat.path, bytes);
  EXPECT_TRUE(response.data == want) << response.data.size() << " octets";
  EXPECT_EQ(response.status(), 0);
}

// --- How they end

TEST_P(ServerWorkerStreamTest, FailuresAndExceptionsAreStatuses) {
  START_SERVER();
  TestClient client(address());
  for (const std::string_view path : kStreamingPaths) {
    SCOPED_TRACE(path);
    const TestResponse& failed = client.Call(path, FramedText("fail"));
    EXPECT_TRUE(failed.trailers_only());
    EXPECT_EQ(failed.status(), 5);
    EXPECT_EQ(failed.status_message(), "there is none");
    const TestResponse& thrown = client.Call(path, FramedText("throw"));
    EXPECT_EQ(thrown.status(), 2);
    EXPECT_EQ(thrown.status_message().find("secret"), std::string::npos);
  }
  EXPECT_EQ(client.Call(kGive.path, Framed("\xff\xff")).status(), 13);
  EXPECT_EQ(Stop().calls_failed, 7u);
}

TEST_P(ServerWorkerStreamTest, AFailureStandsBehindWhatWasWritten) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = client.Call(kChat.path, FramedText("a") + FramedText("fail"));
  EXPECT_EQ(response.data, FramedText("a!"));
  EXPECT_EQ(response.status(), 5);
}

TEST_P(ServerWorkerStreamTest, WhatIsNoMessageFailsTheCall) {
  options_.message_bytes_max = 1'000;
  START_SERVER();
  const std::string good = FramedText("a");
  const struct {
    const char* name;
    std::string data;
    StatusCode want;
  } cases[] = {
      {"flag", Framed("x", 2), StatusCode::kInternal},
      {"too large", Framed(std::string(1'001, 'x')), StatusCode::kResourceExhausted},
      {"cut in the message", good.substr(0, 6), StatusCode::kInternal},
      {"does not parse", Framed("\x0a\x7f"), StatusCode::kInternal},
  };
  TestClient client(address());
  int count = 0;
  for (const auto& c : cases) {
    for (const std::string_view path : {kCollect.path, kChat.path}) {
      SCOPED_TRACE(c.name);
      const int before = read_count_;
      const uint32_t id = Begin(client, path, good);
      WaitUntil(client, read_count_, before + 1);
      client.Send(id, c.data, EndStream::kYes);
      EXPECT_EQ(client.Wait(id).status(), static_cast<int>(c.want));
      WaitUntilEnded(++count);
      EXPECT_EQ(ended_with_.Get().code(), c.want) << "the handler hears of it";
    }
  }
}

TEST_P(ServerWorkerStreamTest, AResetEndsWhatTheHandlerWaitsFor) {
  START_SERVER();
  int count = 0;
  for (const Blocked& blocked : kBlocked) {
    SCOPED_TRACE(blocked.name);
    uint32_t id = 0;
    const auto client = Block(blocked, &id);
    client->Reset(id, ErrorCode::kCancel);
    client->Flush();
    WaitUntilEnded(++count);
    EXPECT_EQ(ended_with_.Get().code(), StatusCode::kCancelled);
  }
  EXPECT_EQ(Stop().calls_cancelled, 4u);
}

TEST_P(ServerWorkerStreamTest, TheEndOfTheConnectionEndsWhatTheHandlerWaitsFor) {
  START_SERVER();
  int count = 0;
  for (const Blocked& blocked : kBlocked) {
    SCOPED_TRACE(blocked.name);
    uint32_t id = 0;
    Block(blocked, &id).reset();
    WaitUntilEnded(++count);
    EXPECT_EQ(ended_with_.Get().code(), StatusCode::kCancelled);
  }
}

TEST_P(ServerWorkerStreamTest, TheDeadlineEndsWhatTheHandlerWaitsFor) {
  START_SERVER();
  for (const Blocked& blocked : kBlocked) {
    SCOPED_TRACE(blocked.name);
    const int before = begun_count_;
    // On a busy machine it may pass before the handler begins; a longer one does not.
    for (int timeout_ms = 50; begun_count_ == before; timeout_ms *= 2) {
      uint32_t id = 0;
      const auto client =
          Block(blocked, &id, {{"grpc-timeout", std::to_string(timeout_ms) + "m"}});
      const TestResponse& response = client->Wait(id);
      // Who reads nothing does not read a status either.
      EXPECT_TRUE(response.status() == 4 || (blocked.in_write && response.reset.has_value()));
    }
    WaitUntilEnded(begun_count_);
    EXPECT_EQ(ended_with_.Get().code(), StatusCode::kDeadlineExceeded);
  }
}

TEST_P(ServerWorkerStreamTest, TheServersStopEndsWhatTheHandlerWaitsFor) {
  options_.workers = 4;
  START_SERVER();
  uint32_t id = 0;
  std::vector<std::unique_ptr<TestClient>> clients;
  for (const Blocked& blocked : kBlocked) clients.push_back(Block(blocked, &id));
  Stop();
  EXPECT_EQ(ended_count_, 4);
  EXPECT_EQ(ended_with_.Get().code(), StatusCode::kUnavailable);
}

TEST_P(ServerWorkerStreamTest, TheServersStopEndsTheCallsThatWaitForAWorker) {
  START_SERVER();
  TestClient client(address());
  (void)Begin(client, kCollect.path, FramedText("a"));
  WaitUntil(client, begun_count_, 1);
  (void)Begin(client, kCollect.path, FramedText("a"));
  client.Ping();
  Stop();
  EXPECT_EQ(begun_count_, ended_count_);
}

TEST_P(ServerWorkerStreamTest, MoreThanMayWaitAreRefused) {
  options_.worker_calls_waiting_max = 1;
  START_SERVER();
  TestClient client(address());
  const uint32_t first = Begin(client, kCollect.path, FramedText("a"));
  WaitUntil(client, begun_count_, 1);
  const uint32_t second = Begin(client, kChat.path, FramedText("b"));
  for (const std::string_view path : kStreamingPaths) {
    EXPECT_EQ(client.Call(path, FramedText("c")).status(), 8);
  }
  for (const uint32_t id : {first, second}) client.Send(id, "", EndStream::kYes);
  EXPECT_EQ(TextOf(client.Wait(first)), "a,");
  EXPECT_EQ(client.Wait(second).data, FramedText("b!"));
}

TEST_P(ServerWorkerStreamTest, WhatIsOverBeforeAWorkerIsFreeDoesNotBegin) {
  START_SERVER();
  TestClient client(address());
  const uint32_t first = Begin(client, kCollect.path, FramedText("hold"));
  WaitUntil(client, read_count_, 1);
  for (const std::string_view path : kStreamingPaths) {
    client.Reset(Begin(client, path, FramedText("a")), ErrorCode::kCancel);
    const uint32_t late = Begin(client, path, FramedText("a"), {{"grpc-timeout", "10m"}});
    EXPECT_EQ(client.Wait(late).status(), 4);
  }
  held_ = false;
  client.Send(first, "", EndStream::kYes);
  EXPECT_EQ(TextOf(client.Wait(first)), "hold,");
  EXPECT_EQ(TextOf(client.Call(kCollect.path, FramedText("b"))), "b,") << "it stood behind them";
  EXPECT_EQ(begun_count_, 2);
}

// What was on its way is dropped, and the connection's window does not shrink by it.
TEST_P(ServerWorkerStreamTest, MayEndBeforeItsClient) {
  options_.http2.connection_window_bytes = 200'000;
  options_.http2.stream_window_bytes = 100'000;
  START_SERVER();
  TestClient client(address());
  client.Ping();
  for (int i = 0; i < 10; ++i) {
    for (const char* what : {"stop", "fail", "throw"}) {
      SCOPED_TRACE(what);
      const uint32_t id = client.Open(TestClient::Head(kChat.path));
      client.Send(id, FramedText(what) + FramedText(std::string(90'000, 'x')));
      const int want = what[0] == 's' ? 0 : what[0] == 'f' ? 5 : 2;
      EXPECT_EQ(client.WaitForReset(id).reset, ErrorCode::kNoError) << "behind the trailers";
      EXPECT_EQ(client.response(id).status(), want);
    }
  }
  const std::string large(150'000, 'y');
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText(large))), large);
}

}  // namespace
}  // namespace penstock::test
