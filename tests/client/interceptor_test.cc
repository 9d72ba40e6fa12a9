// The same interceptor on both ends, around calls of each kind, on every sort of channel.
#include "penstock/rpc/interceptor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/task_group.h"
#include "penstock/rpc/tracing/request_id.h"
#include "penstock/rpc/tracing/trace.h"
#include "penstock/rpc/writer.h"
#include "penstock/tests/client/client_fixture.h"

namespace penstock::test::client {
namespace {

using penstock::client::BlockingChannel;
using penstock::client::Download;
using penstock::client::Duplex;
using penstock::client::ShardedChannel;
using penstock::client::Upload;

// Of both ends.
struct Tally {
  std::atomic<int> began_count{0};
  std::atomic<int> ok_count{0};
  std::atomic<int> failed_count{0};
  std::atomic<uint64_t> sent_count{0};
  std::atomic<uint64_t> received_count{0};

  void Begin(Call& call) {
    ++began_count;
    // How many of these the call has met.
    const std::string_view met = call.metadata().Get("x-met").value_or("0");
    const std::string now_met = std::to_string(std::stoi(std::string(met)) + 1);
    call.mutable_metadata().Remove("x-met");
    EXPECT_TRUE(call.mutable_metadata().Add("x-met", now_met));
  }
  void End(const Call& call, const Status& status) {
    ++(status.ok() ? ok_count : failed_count);
    sent_count += call.messages_sent_count();
    received_count += call.messages_received_count();
  }
};

class TallyPair {
 public:
  explicit TallyPair(Tally* tally) : tally_(*tally) {}
  Status Before(Call& call) const {
    tally_.Begin(call);
    return OkStatus();
  }
  void After(Call& call, const Status& status) const { tally_.End(call, status); }

 private:
  Tally& tally_;
};

class TallyTask {
 public:
  explicit TallyTask(Tally* tally) : tally_(*tally) {}
  Task<Status> operator()(Call& call, Next next) const {
    tally_.Begin(call);
    Status status = co_await next();
    tally_.End(call, status);
    co_return status;
  }

 private:
  Tally& tally_;
};

// --- The service

Status HasMetTwo(const Call& call) {
  return call.metadata().Get("x-met") == "2" ? OkStatus()
                                             : MakeStatus(StatusCode::kFailedPrecondition, "who?");
}
Task<Status> Repeat(Call& call, const Text& request, Writer<Text>& out) {
  for (int i = 0; i < 3; ++i) co_await Try(co_await out.Write(request));
  co_return HasMetTwo(call);
}
Task<StatusOr<Text>> Join(Call& call, Reader<Text>& in) {
  Text reply(&call.arena());
  while (const Text* next = co_await Try(co_await in.Next())) reply = *next;
  co_await Try(HasMetTwo(call));
  co_return reply;
}
Task<Status> Chat(Call& call, Reader<Text>& in, Writer<Text>& out) {
  while (const Text* next = co_await Try(co_await in.Next())) {
    co_await Try(co_await out.Write(*next));
  }
  co_return HasMetTwo(call);
}

// --- Calls of each kind, of "bye" twice where it streams; they end with OK

Task<void> SayOnce(EchoClient echo, Scope* scope) {
  Text text;
  text.set_text("bye");
  const StatusOr<Text> reply = co_await echo.Say(*scope, text);
  EXPECT_TRUE(reply.ok()) << reply.status();
}
Task<void> ReadThree(StreamsClient streams, Scope* scope) {
  Text text;
  text.set_text("bye");
  Download<Text> download = streams.Repeat(*scope, text);
  int count = 0;
  for (;;) {
    const StatusOr<const Text*> next = co_await download.Next();
    EXPECT_TRUE(next.ok()) << next.status();
    if (!next.ok() || *next == nullptr) break;
    ++count;
  }
  EXPECT_EQ(count, 3);
}
Task<void> WriteTwo(StreamsClient streams, Scope* scope) {
  Text text;
  text.set_text("bye");
  Upload<Text, Text> upload = streams.Join(*scope);
  for (int i = 0; i < 2; ++i) {
    const Status written = co_await upload.Write(text);
    EXPECT_TRUE(written.ok()) << written;
  }
  const StatusOr<Text> reply = co_await upload.Finish();
  EXPECT_TRUE(reply.ok()) << reply.status();
}
Task<void> TalkTwice(StreamsClient streams, Scope* scope) {
  Text text;
  text.set_text("bye");
  Duplex<Text, Text> chat = streams.Chat(*scope);
  for (int i = 0; i < 2; ++i) {
    const Status written = co_await chat.Write(text);
    EXPECT_TRUE(written.ok()) << written;
    const StatusOr<const Text*> next = co_await chat.Next();
    EXPECT_TRUE(next.ok() && *next != nullptr);
  }
  chat.CloseWrites();
  const StatusOr<const Text*> end = co_await chat.Next();
  EXPECT_TRUE(end.ok() && *end == nullptr) << end.status();
}

class InterceptorTest : public ClientTest {
 protected:
  // On the server, and in the options of the client.
  void Intercept(bool plain) {
    register_more_ = [this, plain](Registry& registry) {
      registry.Handle(Streams::Repeat, &Repeat);
      registry.Handle(Streams::Join, &Join);
      registry.Handle(Streams::Chat, &Chat);
      plain ? registry.Intercept(TallyPair(&tally_)) : registry.Intercept(TallyTask(&tally_));
    };
    plain ? options_.Intercept(TallyPair(&tally_)) : options_.Intercept(TallyTask(&tally_));
    StartServer([](Call& call, const Text&, Text&) { return HasMetTwo(call); });
  }

  Tally tally_;
  ChannelOptions options_;
};
INSTANTIATE_CLIENT_TEST(InterceptorTest);

TEST_P(InterceptorTest, TheSameOneServesBothEnds) {
  for (const bool plain : {true, false}) {
    SCOPED_TRACE(plain);
    options_ = ChannelOptions();
    Intercept(plain);
    const auto make_calls = [this](auto channel) {
      Scope scope(shard());
      Run(SayOnce(EchoClient(channel), &scope));
      Run(ReadThree(StreamsClient(channel), &scope));
      Run(WriteTwo(StreamsClient(channel), &scope));
      Run(TalkTwice(StreamsClient(channel), &scope));
    };
    {
      Channel channel(shard(), address(), options_);
      make_calls(&channel);
    }
    {
      ShardedChannel sharded(address(), options_);
      make_calls(&sharded);
    }
    StopServer();  // its interceptors have ended as well
    EXPECT_EQ(tally_.began_count.exchange(0), 16);
    EXPECT_EQ(tally_.ok_count.exchange(0), 16);
    EXPECT_EQ(tally_.failed_count, 0);
    // By kind, request and response: 1 + 1, 1 + 3, 2 + 1, 2 + 2; on two channels, each counted by
    // who sends it and by who receives it.
    EXPECT_EQ(tally_.sent_count.exchange(0), 26u);
    EXPECT_EQ(tally_.received_count.exchange(0), 26u);
  }
}

TEST_P(InterceptorTest, BlockingChannelsHaveThem) {
  for (const bool plain : {true, false}) {
    SCOPED_TRACE(plain);
    options_ = ChannelOptions();
    Intercept(plain);
    reactor::ShardOptions shard_options;
    shard_options.io = GetParam();
    BlockingChannel channel(address(), options_, shard_options);
    const StatusOr<Text> reply = EchoBlockingClient(&channel).Say(Text());
    EXPECT_TRUE(reply.ok()) << reply.status();
    StopServer();
    EXPECT_EQ(tally_.ok_count.exchange(0), 2);
  }
}

// What a call is made in: a call being served, a scope within it, a group of its tasks.
Task<Status> SayWithin(CallScope& scope, EchoClient echo) {
  Text text;
  text.set_text("bye");
  const StatusOr<Text> reply = co_await echo.Say(scope, text);
  co_return reply.status();
}
Task<void> SayInEach(Scope* served, EchoClient echo) {
  const Status in_call = co_await SayWithin(*served, echo);
  EXPECT_TRUE(in_call.ok()) << in_call;
  Scope round(served);
  const Status in_scope = co_await SayWithin(round, echo);
  EXPECT_TRUE(in_scope.ok()) << in_scope;
  TaskGroup group(*served);
  const Status started = co_await group.Start(SayWithin(group, echo));
  EXPECT_TRUE(started.ok()) << started;
  const Status joined = co_await group.Join();
  EXPECT_TRUE(joined.ok()) << joined;
}

TEST_P(InterceptorTest, SeesWhatWasSetForTheCallThatTheCallIsMadeIn) {
  std::atomic<int> traced_count{0};
  StartServer([&traced_count](Call& call, const Text&, Text&) {
    traced_count += call.metadata().Get("x-request-id") == "abc" &&
                    call.metadata().Get("traceparent") ==
                        "00-00000000000000010000000000000002-0000000000000003-00";
    return OkStatus();
  });
  options_.Intercept(PassRequestId()).Intercept(PassTrace());
  Channel channel(shard(), address(), options_);
  Scope served(shard());
  TraceContext trace;
  trace.trace_id_high = 1;
  trace.trace_id_low = 2;
  trace.span_id = 3;
  served.Set(trace);
  served.Set(RequestId{"abc"});
  Run(SayInEach(&served, EchoClient(&channel)));
  EXPECT_EQ(traced_count, 3);
}

struct ShortenDeadline {
  Status Before(Call& call) const {
    call.ShortenDeadline(call.now() + 5 * kNsPerMs);
    return OkStatus();
  }
};

Task<StatusOr<Text>> JoinLate(Call& call, Reader<Text>&) {
  EXPECT_NE(call.deadline(), kTimeNever);
  co_await Try(co_await Sleep(call, 3600 * kNsPerSecond));
  co_return Text(&call.arena());
}

Task<void> WriteNothing(StreamsClient streams, Scope* scope, Status* status) {
  Upload<Text, Text> upload = streams.Join(*scope);
  const StatusOr<Text> reply = co_await upload.Finish();
  *status = reply.status();
}

TEST_P(InterceptorTest, MayShortenTheDeadlineOnEitherEnd) {
  for (const bool on_server : {true, false}) {
    SCOPED_TRACE(on_server);
    register_more_ = [on_server](Registry& registry) {
      registry.Handle(Streams::Join, &JoinLate);
      if (on_server) registry.Intercept(ShortenDeadline());
    };
    StartServer();
    ChannelOptions options;
    if (!on_server) options.Intercept(ShortenDeadline());
    Channel channel(shard(), address(), options);
    Scope scope(shard());
    Status status;
    Run(WriteNothing(StreamsClient(&channel), &scope, &status));
    EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded);
    StopServer();
  }
}

// A client that fetches a token with a call of its own, inside of an interceptor.
class FetchToken {
 public:
  explicit FetchToken(Channel* channel) : tokens_(channel) {}
  Task<Status> operator()(Call& call, Next next) const {
    Text who(&call.arena());
    who.set_text("ada");
    const Text token = co_await Try(co_await tokens_.Say(call, who));
    if (!call.mutable_metadata().Add("x-token", token.text())) {
      co_return MakeStatus(StatusCode::kInternal, "the token is no metadata");
    }
    co_return co_await next();
  }

 private:
  EchoClient tokens_;
};

TEST_P(InterceptorTest, MayMakeCallsOfItsOwn) {
  StartServer([](Call& call, const Text& request, Text& reply) {
    const auto token = call.metadata().Get("x-token");
    reply.set_text(token ? std::string(*token) : "token of " + std::string(request.text()));
    return OkStatus();
  });
  Channel tokens(shard(), address());
  options_.Intercept(FetchToken(&tokens));
  Channel channel(shard(), address(), options_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(SayTo(channel, "x").value(), "token of ada");
  StopServer();
  EXPECT_EQ(SayTo(channel, "x").status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace penstock::test::client
