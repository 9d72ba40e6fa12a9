// Interceptors around a client's calls: what they see and change, and how the call ends through
// them. Who may end it meanwhile: interceptor_end_test.cc. Streams: streams_interceptor_test.cc
#include "penstock/rpc/interceptor.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "penstock/client/testing/dialogue.h"
#include "penstock/client/testing/interceptors.h"
#include "penstock/rpc/try.h"

namespace penstock::client::testing {
namespace {

using http2::ErrorCode;
using http2::testing::Data;
using http2::testing::Headers;
using http2::testing::RstStream;

constexpr TimeNs kMs = kNsPerMs;

TEST(Interceptor, RunsInItsOrderAroundTheCall) {
  struct Case {
    const char* name;
    void (*fill)(ChannelOptions& options, Notes* notes);
    const char* want;
  };
  const Case cases[] = {
      {"pairs",
       [](ChannelOptions& options, Notes* notes) {
         options.Intercept(NotingPair(notes, "a")).Intercept(NotingPair(notes, "b"));
       },
       "a<b<>b>a"},
      {"tasks",
       [](ChannelOptions& options, Notes* notes) {
         options.Intercept(NotingTask(notes, "a")).Intercept(NotingTask(notes, "b"));
       },
       "a(b()b)a"},
      {"both",
       [](ChannelOptions& options, Notes* notes) {
         options.Intercept(NotingPair(notes, "a")).Intercept(NotingTask(notes, "b"));
         options.Intercept(NotingPair(notes, "c")).Intercept(NotingPair(notes, "d"));
       },
       "a<b(c<d<>d>c)b>a"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    Notes notes;
    ChannelOptions options;
    one.fill(options, &notes);
    Dialogue net(options);
    PendingCall call;
    Open(net, &call);
    Answer(net);
    EXPECT_EQ(call.text(), "hi");
    EXPECT_EQ(notes.text, one.want);
    ASSERT_TRUE(notes.status.has_value());
    EXPECT_TRUE(notes.status->ok());
  }
}

TEST(Interceptor, ChangesWhatIsSent) {
  struct Change {
    Status Before(Call& call) const {
      EXPECT_EQ(call.method(), "/a.B/C");
      EXPECT_EQ(call.metadata().Get("x-user"), "ada");
      EXPECT_EQ(call.mutable_metadata().Remove("x-user"), 2u);
      EXPECT_TRUE(call.mutable_metadata().Add("x-token", "t"));
      return OkStatus();
    }
  };
  Dialogue net(ChannelOptions().Intercept(Change()));
  PendingCall call;
  CallOptions options;
  EXPECT_TRUE(options.AddMetadata("x-user", "ada"));
  EXPECT_TRUE(options.AddMetadata("x-kept", "k"));
  EXPECT_TRUE(options.AddMetadata("x-user", "eve"));
  net.Begin(&call, "hello", options);
  net.Accepts();
  net.Expects(Dialogue::RequestHead(1).Field("x-kept", "k").Field("x-token", "t"));
}

TEST(Interceptor, SeesTheResponse) {
  for (const bool plain : {true, false}) {
    SCOPED_TRACE(plain);
    std::string seen;
    struct See {
      Status Before(Call& call) const {
        text->append(call.peer()).append(std::to_string(call.messages_sent_count()));
        return OkStatus();
      }
      void After(Call& call, const Status& status) const {
        text->append(" " + std::string(*call.initial_metadata().Get("x-i")));
        text->append(" " + std::string(*call.trailing_metadata().Get("x-t")));
        text->append(" " + call.peer() + " ").append(absl::StatusCodeToString(status.code()));
        text->append(" " + std::to_string(call.messages_sent_count()));
        text->append(" " + std::to_string(call.messages_received_count()));
      }
      std::string* text;
    };
    Notes notes;
    ChannelOptions options;
    options.Intercept(See{&seen});
    if (!plain) options.Intercept(NotingTask(&notes, "a"));
    Dialogue net(options);
    PendingCall call;
    Open(net, &call);
    net.Sends(ResponseHead(1).Field("x-i", "i"), Data(1, Framed("hi")),
              Headers(1).Field("grpc-status", "5").Field("x-t", "t").End());
    EXPECT_EQ(call.code(), StatusCode::kNotFound);
    EXPECT_EQ(seen, "unknown1 i t 127.0.0.1:50051 NOT_FOUND 1 1");
  }
}

TEST(Interceptor, CarriesValuesToOthers) {
  struct User {
    std::string name;
  };
  std::string found;
  struct Set {
    Status Before(Call& call) const {
      call.Set(User{"ada"});
      return OkStatus();
    }
  };
  struct Get {
    void After(Call& call, const Status&) const { *found = call.Get<User>()->name; }
    std::string* found;
  };
  Dialogue net(ChannelOptions().Intercept(Set()).Intercept(Get{&found}));
  PendingCall call;
  Open(net, &call);
  Answer(net);
  EXPECT_EQ(found, "ada");
}

TEST(Interceptor, ThatRefusesKeepsTheCallFromTheWire) {
  for (const bool plain : {true, false}) {
    SCOPED_TRACE(plain);
    struct Refuse {
      Status Before(Call&) const { return MakeStatus(StatusCode::kUnauthenticated, "who?"); }
    };
    Notes notes;
    ChannelOptions options;
    options.Intercept(NotingPair(&notes, "a"));
    if (plain) {
      options.Intercept(Refuse());
    } else {
      options.Intercept([](Call&, Next) -> Task<Status> {
        co_return MakeStatus(StatusCode::kUnauthenticated, "who?");
      });
    }
    options.Intercept(NotingPair(&notes, "b"));
    Dialogue net(options);
    PendingCall call;
    net.Begin(&call);
    EXPECT_EQ(call.code(), StatusCode::kUnauthenticated);
    EXPECT_EQ(call.message(), "who?");
    EXPECT_EQ(notes.text, "a<>a");
    EXPECT_EQ(net.net().ends_count(), 0u) << "it has not even connected";
  }
}

// How a call ends whose interceptor does this.
struct Ending {
  const char* name;
  void (*fill)(ChannelOptions& options);
  StatusCode want;
  const char* message;
};
const Ending kEndings[] = {
    {"changes the status",
     [](ChannelOptions& options) {
       options.Intercept([](Call&, Next next) -> Task<Status> {
         const Status status = co_await next();
         co_return status.ok() ? MakeStatus(StatusCode::kDataLoss, "on second thoughts") : status;
       });
     },
     StatusCode::kDataLoss, "on second thoughts"},
    {"runs next() twice",
     [](ChannelOptions& options) {
       options.Intercept([](Call&, Next next) -> Task<Status> {
         co_await Try(co_await next());
         co_return co_await next();
       });
     },
     StatusCode::kInternal, "an interceptor ran next() twice"},
    {"throws behind the call",
     [](ChannelOptions& options) {
       options.Intercept([](Call&, Next next) -> Task<Status> {
         co_await Try(co_await next());
         throw std::runtime_error("a secret");
       });
     },
     StatusCode::kUnknown, "an interceptor threw an exception"},
    {"throws in After()",
     [](ChannelOptions& options) {
       struct Throw {
         void After(Call&, const Status&) const { throw std::runtime_error("a secret"); }
       };
       options.Intercept(Throw());
     },
     StatusCode::kUnknown, "an interceptor threw an exception"},
};

TEST(Interceptor, MayEndTheCallInAnotherWay) {
  for (const Ending& ending : kEndings) {
    SCOPED_TRACE(ending.name);
    ChannelOptions options;
    ending.fill(options);
    Dialogue net(options);
    PendingCall call;
    Open(net, &call);
    Answer(net);
    EXPECT_EQ(call.code(), ending.want);
    EXPECT_EQ(call.message(), ending.message);
  }
}

TEST(Interceptor, AnsweringOkWithoutAResponseIsAFault) {
  for (const bool sends : {true, false}) {
    SCOPED_TRACE(sends);
    ChannelOptions options;
    if (sends) {
      options.Intercept([](Call&, Next next) -> Task<Status> {
        EXPECT_FALSE((co_await next()).ok());
        co_return OkStatus();
      });
    } else {
      options.Intercept([](Call&, Next) -> Task<Status> { co_return OkStatus(); });
    }
    Dialogue net(options);
    PendingCall call;
    if (sends) {
      Open(net, &call);
      Answer(net, "5");
    } else {
      net.Begin(&call);
    }
    EXPECT_EQ(call.code(), StatusCode::kInternal);
    EXPECT_EQ(call.message(), "an interceptor answered OK where there is no response");
  }
}

TEST(Interceptor, MayWaitBeforeTheCallAndBehindIt) {
  int waiting_count = 0;
  Dialogue net(ChannelOptions().Intercept(Sleeping(10 * kMs, 10 * kMs, &waiting_count)));
  PendingCall call;
  net.Begin(&call);
  net.Advance(9 * kMs);
  EXPECT_EQ(net.net().ends_count(), 0u);
  net.Advance(2 * kMs);
  net.Accepts();
  net.Expects(Dialogue::RequestHead(1));
  net.Expects(Data(1, Framed("hello")).End());
  Answer(net);
  net.Advance(9 * kMs);
  EXPECT_FALSE(call.ended());
  net.Advance(2 * kMs);
  EXPECT_EQ(call.text(), "hi");
  EXPECT_EQ(waiting_count, 0);
}

// Transparent retries are the channel's.
TEST(Interceptor, RunsOnceForACallThatIsMadeAgain) {
  for (const bool plain : {true, false}) {
    SCOPED_TRACE(plain);
    Notes notes;
    ChannelOptions options;
    options.Intercept(NotingPair(&notes, "a"));
    if (!plain) options.Intercept(NotingTask(&notes, "b"));
    Dialogue net(options);
    PendingCall call;
    Open(net, &call);
    net.Sends(RstStream(1, ErrorCode::kRefusedStream));
    net.Expects(Dialogue::RequestHead(3));
    net.Sends(ResponseHead(3), Data(3, Framed("hi")), Trailers(3, "0"));
    EXPECT_EQ(call.text(), "hi");
    EXPECT_EQ(notes.text, plain ? "a<>a" : "a<b()b>a");
  }
}

TEST(Interceptor, HearsOfAConnectionThatIsLost) {
  for (const bool plain : {true, false}) {
    SCOPED_TRACE(plain);
    Notes notes;
    ChannelOptions options;
    options.Intercept(NotingPair(&notes, "a"));
    if (!plain) options.Intercept(NotingTask(&notes, "b"));
    Dialogue net(options);
    PendingCall call;
    Open(net, &call);
    net.net().newest().EndWrite();
    net.Turn();
    EXPECT_EQ(call.code(), StatusCode::kUnavailable);
    EXPECT_EQ(notes.status->code(), StatusCode::kUnavailable);
  }
}

TEST(Interceptor, HearsOfAChannelThatGoes) {
  Notes notes;
  Dialogue net(ChannelOptions().Intercept(NotingTask(&notes, "a")));
  PendingCall call;
  net.Begin(&call);
  net.CloseChannel();
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
  EXPECT_EQ(notes.text, "a()a");
}

TEST(Interceptor, MayLetACallBeginOnlyOnceTheChannelIsGone) {
  int waiting_count = 0;
  Dialogue net(ChannelOptions().Intercept(Sleeping(10 * kMs, 0, &waiting_count)));
  PendingCall call;
  net.Begin(&call);
  net.CloseChannel();
  EXPECT_FALSE(call.ended());
  net.Advance(11 * kMs);
  EXPECT_EQ(call.code(), StatusCode::kUnavailable);
}

TEST(Interceptor, IsNotAskedForACallThatCannotBegin) {
  Notes notes;
  Dialogue net(ChannelOptions().Intercept(NotingTask(&notes, "a")));
  PendingCall late;
  const CallOptions late_options = CallOptions().SetTimeout(0);
  net.Begin(&late, "hello", late_options);
  EXPECT_EQ(late.code(), StatusCode::kDeadlineExceeded);
  PendingCall cancelled;
  cancelled.scope() = std::make_unique<Scope>(&net.shard());
  cancelled.scope()->Cancel();
  net.Begin(&cancelled);
  EXPECT_EQ(cancelled.code(), StatusCode::kCancelled);
  PendingCall squeezed;
  const CallOptions squeezed_options = CallOptions().SetCompression("none-such");
  net.Begin(&squeezed, "hello", squeezed_options);
  EXPECT_EQ(squeezed.code(), StatusCode::kInternal);
  EXPECT_EQ(notes.text, "");
}

}  // namespace
}  // namespace penstock::client::testing
