// Interceptors around handlers of each kind: what they see, what they change, and how they end.
#include <gtest/gtest.h>

#include <atomic>
#include <coroutine>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"
#include "penstock/rpc/writer.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using http2::EndStream;

constexpr UnaryMethod<Text, Text> kPlain{"/penstock.test.Intercepted/Plain"};
constexpr UnaryMethod<Text, Text> kLater{"/penstock.test.Intercepted/Later"};
constexpr ServerStreamingMethod<Text, Text> kStream{"/penstock.test.Intercepted/Stream"};
constexpr ClientStreamingMethod<Text, Text> kCollect{"/penstock.test.Intercepted/Collect"};
constexpr BidiStreamingMethod<Text, Text> kChat{"/penstock.test.Intercepted/Chat"};
// A plain function, and a coroutine of each kind.
constexpr std::string_view kPaths[] = {kPlain.path, kLater.path, kStream.path, kCollect.path,
                                       kChat.path};
constexpr TimeNs kLongNs = 3600 * kNsPerSecond;

// What was done to a call, in its order.
struct Trace {
  std::string text;
};

std::string& TraceOf(Call& call) {
  Trace* trace = call.Get<Trace>();
  return (trace != nullptr ? *trace : call.Set(Trace())).text;
}

class ServerInterceptorTest : public ServerTest {
 public:
  ServerInterceptorTest() {
    options_.http2.ping_strikes_max = UINT32_MAX;  // PINGs are how the tests pass time
    register_more_ = [this](Registry& registry) {
      // The test outlives the server, and so the lambdas.
      registry.Handle(kPlain, [this](Call& call, const Text& request, Text& reply) {
        return Plain(call, request, reply);
      });
      registry.Handle(kLater, [this](Call& call, const Text& request) {
        return Later(call, request);
      });
      registry.Handle(kStream, [this](Call& call, const Text& request, Writer<Text>& out) {
        return Stream(call, request, out);
      });
      registry.Handle(kCollect, [this](Call& call, Reader<Text>& in) { return Collect(call, in); });
      registry.Handle(kChat, [this](Call& call, Reader<Text>& in, Writer<Text>& out) {
        return Chat(call, in, out);
      });
      intercept_(registry);
    };
  }

  // What the request says is done: "fail", "throw", "sleep", "wait", "hang".
  Status Plain(Call& call, const Text& request, Text& reply) {
    ++handled_count_;
    TraceOf(call) += "h";
    if (request.text() == "fail") return MakeStatus(StatusCode::kNotFound, "there is none");
    if (request.text() == "throw") throw std::runtime_error("a secret");
    reply.set_text(request.text());
    return OkStatus();
  }
  Task<StatusOr<Text>> Later(Call& call, const Text& request) {
    co_await Try(co_await WaitAsTold(call, request));
    Text reply(&call.arena());
    const Status status = Plain(call, request, reply);
    if (!status.ok()) co_return status;
    co_return reply;
  }
  Task<Status> Stream(Call& call, const Text& request, Writer<Text>& out) {
    co_await Try(co_await WaitAsTold(call, request));
    Text reply(&call.arena());
    const Status status = Plain(call, request, reply);
    if (!status.ok()) co_return status;
    for (int i = 0; i < 3; ++i) co_await Try(co_await out.Write(reply));
    co_return OkStatus();
  }
  Task<StatusOr<Text>> Collect(Call& call, Reader<Text>& in) {
    Text reply(&call.arena());
    while (const Text* text = co_await Try(co_await in.Next())) {
      co_await Try(co_await WaitAsTold(call, *text));
      const Status status = Plain(call, *text, reply);
      if (!status.ok()) co_return status;
    }
    co_return reply;
  }
  Task<Status> Chat(Call& call, Reader<Text>& in, Writer<Text>& out) {
    Text reply(&call.arena());
    while (const Text* text = co_await Try(co_await in.Next())) {
      co_await Try(co_await WaitAsTold(call, *text));
      const Status status = Plain(call, *text, reply);
      if (!status.ok()) co_return status;
      co_await Try(co_await out.Write(reply));
    }
    co_return OkStatus();
  }
  Task<Status> WaitAsTold(Call& call, const Text& request) {
    const auto leave = [this](Call*) { --waiting_count_; };
    const std::unique_ptr<Call, decltype(leave)> guard(&call, leave);
    ++waiting_count_;
    // Of a library that knows nothing of cancellation.
    if (request.text() == "hang") co_await std::suspend_always();
    if (request.text() == "wait") co_return co_await Sleep(call, kLongNs);
    if (request.text() == "sleep") co_return co_await Sleep(call, 2 * kNsPerMs);
    co_return OkStatus();
  }

  // Notes how what stands behind it has ended.
  Task<Status> NoteEnd(Next next) {
    const Status status = co_await next();
    seen_.Set(status);
    ++after_count_;
    co_return status;
  }

  // Of a call of each kind.
  std::string Statuses(std::string_view request) {
    TestClient client(address());
    std::string all;
    for (const std::string_view path : kPaths) {
      const TestResponse& response = client.Call(path, FramedText(request));
      all += (all.empty() ? "" : " ") + std::to_string(response.status());
    }
    return all;
  }
  void WaitUntil(int waiting_count) {
    TestClient other(address());
    while (waiting_count_ != waiting_count) other.Ping();
  }

  std::function<void(Registry&)> intercept_ = [](Registry&) {};
  std::atomic<int> waiting_count_{0};
  std::atomic<int> after_count_{0};
  Shared<Status> seen_;
};
INSTANTIATE_SERVER_TEST(ServerInterceptorTest);

// A coroutine and a pair that write what they do into the call's trace.
class TracedTask {
 public:
  explicit TracedTask(std::string name) : name_(std::move(name)) {}
  Task<Status> operator()(Call& call, Next next) const {
    TraceOf(call) += name_ + "(";
    Status status = co_await next();
    TraceOf(call) += ")" + name_;
    co_return status;
  }

 private:
  std::string name_;
};

class TracedPair {
 public:
  explicit TracedPair(std::string name) : name_(std::move(name)) {}
  Status Before(Call& call) const {
    TraceOf(call) += name_ + "<";
    return OkStatus();
  }
  void After(Call& call, const Status&) const { TraceOf(call) += ">" + name_; }

 private:
  std::string name_;
};

// Outermost: the trace goes back in the trailers.
class TraceToTrailers {
 public:
  void After(Call& call, const Status&) const {
    (void)call.trailing_metadata().Add("x-trace", TraceOf(call));
  }
};

TEST_P(ServerInterceptorTest, TheyRunInTheirOrderAroundEachKind) {
  intercept_ = [](Registry& registry) {
    registry.Intercept(TraceToTrailers());
    registry.Intercept(TracedPair("a"));
    registry.Intercept(TracedTask("b"));
    registry.Intercept(TracedPair("c"));
    registry.Intercept(TracedPair("d"));
    registry.Intercept(TracedTask("e"));
    registry.Intercept(TracedPair("f"));
  };
  START_SERVER();
  TestClient client(address());
  for (const std::string_view path : kPaths) {
    SCOPED_TRACE(path);
    const TestResponse& response = client.Call(path, FramedText("sleep"));
    EXPECT_EQ(response.status(), 0);
    EXPECT_EQ(response.Field("x-trace"), "a<b(c<d<e(f<h>f)e>d>c)b>a");
  }
}

TEST_P(ServerInterceptorTest, PlainOnesLeaveAPlainFunctionInline) {
  intercept_ = [](Registry& registry) {
    registry.Intercept(TraceToTrailers());
    registry.Intercept(TracedPair("a"));
    registry.Intercept(TracedPair("b"));
    EXPECT_NE(registry.Find(kPlain.path)->run_inline, nullptr);
    EXPECT_EQ(registry.Find(kLater.path)->run_inline, nullptr);
  };
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(TextOf(client.Call(kPlain.path, FramedText("x"))), "x");
  for (const std::string_view path : kPaths) {
    SCOPED_TRACE(path);
    const TestResponse& response = client.Call(path, FramedText("sleep"));
    EXPECT_EQ(response.status(), 0);
    EXPECT_EQ(response.Field("x-trace"), "a<b<h>b>a");
  }
}

TEST_P(ServerInterceptorTest, RepliesArriveThroughThem) {
  intercept_ = [](Registry& registry) { registry.Intercept(TracedTask("a")); };
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(TextOf(client.Call(kPlain.path, FramedText("plain"))), "plain");
  EXPECT_EQ(TextOf(client.Call(kLater.path, FramedText("sleep"))), "sleep");
  EXPECT_EQ(TextOf(client.Call(kCollect.path, FramedText("a") + FramedText("b"))), "b");
  EXPECT_EQ(TextOf(client.Call(kLater.path, FramedText(""))), "") << "an empty message is one";
  const std::string large(1'000'000, 'x');
  EXPECT_EQ(TextOf(client.Call(kLater.path, FramedText(large))), large);
  EXPECT_EQ(Stop().calls_ok, 5u);
}

TEST_P(ServerInterceptorTest, OneThatRefusesKeepsTheCallFromTheHandler) {
  for (const auto& [plain, has_task] : {std::pair(true, false), {true, true}, {false, true}}) {
    SCOPED_TRACE(plain ? has_task ? "a pair" : "a pair among pairs" : "a coroutine");
    intercept_ = [plain, has_task](Registry& registry) {
      struct Refuse {
        Status Before(Call&) const { return MakeStatus(StatusCode::kUnauthenticated, "who?"); }
      };
      registry.Intercept(TraceToTrailers());
      registry.Intercept(TracedPair("a"));
      if (plain) {
        registry.Intercept(Refuse());
      } else {
        registry.Intercept([](Call&, Next) -> Task<Status> {
          co_return MakeStatus(StatusCode::kUnauthenticated, "who?");
        });
      }
      registry.Intercept(TracedPair("b"));
      if (has_task) registry.Intercept(TracedTask("c"));
    };
    START_SERVER();
    TestClient client(address());
    for (const std::string_view path : kPaths) {
      SCOPED_TRACE(path);
      const TestResponse& response = client.Call(path, FramedText("x"));
      EXPECT_EQ(response.status(), 16);
      EXPECT_EQ(response.status_message(), "who?");
      EXPECT_TRUE(response.trailers_only());
      EXPECT_EQ(response.Field("x-trace"), "a<>a");
    }
    EXPECT_EQ(handled_count_, 0);
    EXPECT_EQ(Stop().calls_failed, 5u);
  }
}

TEST_P(ServerInterceptorTest, TheySeeHowTheHandlerEnded) {
  intercept_ = [this](Registry& registry) {
    struct Note {
      void After(Call&, const Status& status) const { seen->Set(status); }
      Shared<Status>* seen;
    };
    registry.Intercept(Note{&seen_});
    registry.Intercept(TracedTask("a"));
  };
  START_SERVER();
  TestClient client(address());
  for (const std::string_view path : kPaths) {
    SCOPED_TRACE(path);
    EXPECT_EQ(client.Call(path, FramedText("fail")).status(), 5);
    EXPECT_EQ(seen_.Get().code(), StatusCode::kNotFound);
    EXPECT_EQ(client.Call(path, FramedText("throw")).status(), 2);
    EXPECT_EQ(seen_.Get().code(), StatusCode::kUnknown);
    EXPECT_EQ(client.Call(path, Framed("\x0a\x7f")).status(), 13);
    EXPECT_EQ(seen_.Get().code(), StatusCode::kInternal) << "a request that does not parse";
    EXPECT_EQ(client.Call(path, FramedText("x")).status(), 0);
    EXPECT_TRUE(seen_.Get().ok());
  }
}

TEST_P(ServerInterceptorTest, TheyMayChangeTheStatus) {
  intercept_ = [](Registry& registry) {
    registry.Intercept([](Call&, Next next) -> Task<Status> {
      const Status status = co_await next();
      if (status.ok()) co_return MakeStatus(StatusCode::kDataLoss, "on second thoughts");
      co_return MakeStatus(StatusCode::kInternal, "something failed");
    });
  };
  START_SERVER();
  EXPECT_EQ(Statuses("x"), "15 15 15 15 15");
  EXPECT_EQ(Statuses("fail"), "13 13 13 13 13");
  TestClient client(address());
  EXPECT_TRUE(client.Call(kLater.path, FramedText("x")).trailers_only()) << "no message";
}

TEST_P(ServerInterceptorTest, OkWithoutAMessageIsAFault) {
  intercept_ = [](Registry& registry) {
    registry.Intercept([](Call&, Next) -> Task<Status> { co_return OkStatus(); });
  };
  START_SERVER();
  EXPECT_EQ(Statuses("x"), "13 13 0 13 0") << "a stream may be empty";
}

TEST_P(ServerInterceptorTest, RunningTheRestTwiceIsAFault) {
  intercept_ = [](Registry& registry) {
    registry.Intercept([](Call&, Next next) -> Task<Status> {
      co_await Try(co_await next());
      co_return co_await next();
    });
  };
  START_SERVER();
  EXPECT_EQ(Statuses("x"), "13 13 13 13 13");
  EXPECT_EQ(handled_count_, 5) << "once each";
}

TEST_P(ServerInterceptorTest, WhatTheyThrowIsAStatusOfTheCall) {
  const auto expect_unknown = [this](auto interceptor, const char* name) {
    SCOPED_TRACE(name);
    intercept_ = [interceptor](Registry& registry) { registry.Intercept(interceptor); };
    START_SERVER();
    EXPECT_EQ(Statuses("x"), "2 2 2 2 2");
    EXPECT_EQ(Statuses("x"), "2 2 2 2 2") << "the server lives";
    Stop();
  };
  struct BeforeThrows {
    Status Before(Call&) const { throw std::runtime_error("a secret"); }
  };
  struct AfterThrows {
    void After(Call&, const Status&) const { throw std::runtime_error("a secret"); }
  };
  expect_unknown(BeforeThrows(), "Before");
  expect_unknown(AfterThrows(), "After");
  expect_unknown(
      [](Call&, Next next) -> Task<Status> {
        const Status status = co_await next();
        throw std::runtime_error("a secret");
        co_return status;
      },
      "behind next()");
  expect_unknown([](Call&, Next) -> Task<Status> { throw std::runtime_error("a secret"); },
                 "where the task is made");
}

TEST_P(ServerInterceptorTest, MetadataPassesBothWays) {
  intercept_ = [](Registry& registry) {
    registry.Intercept([](Call& call, Next next) -> Task<Status> {
      (void)call.initial_metadata().Add("x-user", call.metadata().Get("x-token").value_or("none"));
      const Status status = co_await next();
      (void)call.trailing_metadata().Add("x-code", std::to_string(status.raw_code()));
      co_return status;
    });
  };
  START_SERVER();
  TestClient client(address());
  for (const std::string_view path : kPaths) {
    SCOPED_TRACE(path);
    const uint32_t id = client.Open(TestClient::Head(path, {{"x-token", "anna"}}));
    client.Send(id, FramedText("x"), EndStream::kYes);
    const TestResponse& response = client.Wait(id);
    EXPECT_EQ(response.Field("x-user"), "anna");
    EXPECT_EQ(response.Field("x-code"), "0");
  }
}

TEST_P(ServerInterceptorTest, MessagesAreCounted) {
  intercept_ = [](Registry& registry) {
    struct Counts {
      void After(Call& call, const Status&) const {
        (void)call.trailing_metadata().Add(
            "x-counts", std::to_string(call.messages_received_count()) + " in, " +
                            std::to_string(call.messages_sent_count()) + " out");
      }
    };
    registry.Intercept(Counts());
  };
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(client.Call(kPlain.path, FramedText("x")).Field("x-counts"), "1 in, 1 out");
  EXPECT_EQ(client.Call(kPlain.path, FramedText("fail")).Field("x-counts"), "1 in, 0 out");
  EXPECT_EQ(client.Call(kLater.path, FramedText("x")).Field("x-counts"), "1 in, 1 out");
  EXPECT_EQ(client.Call(kStream.path, FramedText("x")).Field("x-counts"), "1 in, 3 out");
  const std::string three = FramedText("x") + FramedText("y") + FramedText("z");
  EXPECT_EQ(client.Call(kCollect.path, three).Field("x-counts"), "3 in, 1 out");
  EXPECT_EQ(client.Call(kChat.path, three).Field("x-counts"), "3 in, 3 out");
}

TEST_P(ServerInterceptorTest, ARequestLivesAsLongAsOneThatWaits) {
  intercept_ = [](Registry& registry) {
    registry.Intercept([](Call& call, Next next) -> Task<Status> {
      co_await Try(co_await Sleep(call, 2 * kNsPerMs));
      const Status status = co_await next();
      co_await Try(co_await Sleep(call, 2 * kNsPerMs));
      co_return status;
    });
  };
  START_SERVER();
  TestClient client(address());
  for (const std::string_view path : {kPlain.path, kLater.path, kCollect.path, kChat.path}) {
    EXPECT_EQ(TextOf(client.Call(path, FramedText("a request"))), "a request");
  }
  EXPECT_EQ(client.Call(kStream.path, FramedText("a request")).status(), 0);
}

TEST_P(ServerInterceptorTest, TheEndOfTheCallReachesHandlerAndInterceptor) {
  intercept_ = [this](Registry& registry) {
    registry.Intercept([this](Call&, Next next) { return NoteEnd(next); });
  };
  START_SERVER();
  TestClient client(address());
  for (const std::string_view path : {kLater.path, kStream.path, kCollect.path, kChat.path}) {
    SCOPED_TRACE(path);
    const uint32_t reset = client.Open(TestClient::Head(path));
    client.Send(reset, FramedText("wait"), EndStream::kYes);
    client.Flush();
    WaitUntil(1);
    client.Reset(reset, http2::ErrorCode::kCancel);
    client.Flush();
    WaitUntil(0);
    client.Ping();
    EXPECT_EQ(seen_.Get().code(), StatusCode::kCancelled);
    const uint32_t late = client.Open(TestClient::Head(path, {{"grpc-timeout", "20m"}}));
    client.Send(late, FramedText("wait"), EndStream::kYes);
    EXPECT_EQ(client.Wait(late).status(), 4);
    WaitUntil(0);
    client.Ping();
    EXPECT_EQ(seen_.Get().code(), StatusCode::kDeadlineExceeded);
  }
  EXPECT_EQ(after_count_, 8);
}

TEST_P(ServerInterceptorTest, WhatNeverGoesOnIsDestroyedWithTheServer) {
  for (const bool has_task : {true, false}) {
    SCOPED_TRACE(has_task);
    intercept_ = [has_task](Registry& registry) {
      if (has_task) registry.Intercept(TracedTask("a"));
      registry.Intercept(TracedPair("b"));
    };
    START_SERVER();
    TestClient client(address());
    client.Send(client.Open(TestClient::Head(kLater.path)), FramedText("hang"), EndStream::kYes);
    client.Flush();
    WaitUntil(1);
    EXPECT_EQ(Stop().calls_cancelled, 1u);
    EXPECT_EQ(waiting_count_, 0) << "its guards ran";
  }
}

TEST_P(ServerInterceptorTest, ThoseOfOneServiceLeaveTheOthersAlone) {
  intercept_ = [](Registry& registry) {
    registry.Intercept("penstock.test.Intercepted", [](Call&, Next) -> Task<Status> {
      co_return MakeStatus(StatusCode::kPermissionDenied, "no");
    });
  };
  START_SERVER();
  EXPECT_EQ(Statuses("x"), "7 7 7 7 7");
  ExpectServes(address());
}

TEST_P(ServerInterceptorTest, WhatIsNoCallIsNotSeen) {
  intercept_ = [this](Registry& registry) {
    registry.Intercept([this](Call&, Next next) { return NoteEnd(next); });
  };
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(client.Call("/penstock.test.Intercepted/Nothing", FramedText("x")).status(), 12);
  EXPECT_EQ(client.Call(kPlain.path, "").status(), 12) << "without a message";
  EXPECT_EQ(after_count_, 0);
}

}  // namespace

TEST(ServerInterceptor, AServiceWithoutMethodsIsAMistake) {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  Server server(options);
  server.registry().Intercept("helloworld.Greetre",
                              [](Call&, Next next) -> Task<Status> { co_return co_await next(); });
  const Status started = server.Start();
  EXPECT_EQ(started.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(MessageOf(started).find("\"helloworld.Greetre\""), std::string_view::npos);
}

}  // namespace penstock::test
