// Interceptors around a client's streams: what is written and read while they are at work.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "penstock/client/streams.h"
#include "penstock/client/testing/dialogue.h"
#include "penstock/client/testing/interceptors.h"
#include "penstock/client/testing/root_coroutine.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/raw_message.h"

namespace penstock::client::testing {
namespace {

using http2::ErrorCode;
using http2::testing::Data;
using http2::testing::Frame;
using http2::testing::RstStream;

constexpr TimeNs kMs = kNsPerMs;
using Words = std::vector<std::string>;

// What a coroutine that drives a stream has seen: messages, "end", or a status' name.
RootCoroutine ReadAll(auto& stream, Words* seen) {
  for (;;) {
    const StatusOr<const RawMessage*> next = co_await stream.Next();
    if (!next.ok()) seen->push_back(absl::StatusCodeToString(next.status().code()));
    if (next.ok() && *next == nullptr) seen->push_back("end");
    if (!next.ok() || *next == nullptr) break;
    seen->push_back(std::string((*next)->text()));
  }
}

RootCoroutine WriteAll(auto& stream, Scope* scope, Words words, Words* seen) {
  RawMessage message(&scope->arena());
  for (const std::string& word : words) {
    message.Copy(word);
    const Status written = co_await stream.Write(message);
    seen->push_back(absl::StatusCodeToString(written.code()));
    if (!written.ok()) break;
  }
}

RootCoroutine FinishUpload(Upload<RawMessage, RawMessage>& upload, Words* seen) {
  const StatusOr<RawMessage> reply = co_await upload.Finish();
  seen->push_back(reply.ok() ? std::string(reply->text())
                             : absl::StatusCodeToString(reply.status().code()));
}

// A channel with interceptors, and what a test of streams on it needs.
class Net {
 public:
  explicit Net(const ChannelOptions& options)
      : dialogue(options), scope(&dialogue.shard()), message(&scope.arena()) {
    message.Copy(std::string_view("hello"));
  }
  ChannelCore* core() { return &dialogue.channel().core(); }
  void Accepts() {
    dialogue.Turn();
    dialogue.Accepts();
  }

  Dialogue dialogue;
  Scope scope;
  RawMessage message;
  Words read;
  Words written;
};

using Stream = Duplex<RawMessage, RawMessage>;

TEST(StreamInterceptor, RunsAroundADownload) {
  for (const bool plain : {true, false}) {
    SCOPED_TRACE(plain);
    std::string counts;
    struct Count {
      void After(Call& call, const Status&) const {
        *counts = std::to_string(call.messages_sent_count()) + " " +
                  std::to_string(call.messages_received_count());
      }
      std::string* counts;
    };
    Notes notes;
    ChannelOptions options;
    options.Intercept(Count{&counts});
    if (!plain) options.Intercept(NotingTask(&notes, "a"));
    Net net(options);
    Download<RawMessage> download(net.core(), &net.scope, "/a.B/C", net.message,
                                  CallOptions::Default());
    ReadAll(download, &net.read);
    net.Accepts();
    net.dialogue.Sends(ResponseHead(1), Data(1, Framed("a") + Framed("b")),
                       Data(1, Framed("c")), Trailers(1, "5"));
    EXPECT_EQ(net.read, (Words{"a", "b", "c", "NOT_FOUND"}));
    EXPECT_EQ(counts, "1 3") << "those that had come and were not read yet as well";
  }
}

TEST(StreamInterceptor, KeepsTheEndFromTheReaderAndNotTheMessages) {
  int waiting_count = 0;
  ChannelOptions options;
  options.Intercept([](Call&, Next next) -> Task<Status> {
    const Status status = co_await next();
    co_return MakeStatus(StatusCode::kDataLoss, MessageOf(status));
  });
  options.Intercept(Sleeping(0, 10 * kMs, &waiting_count));
  Net net(options);
  Download<RawMessage> download(net.core(), &net.scope, "/a.B/C", net.message,
                                CallOptions::Default());
  ReadAll(download, &net.read);
  net.Accepts();
  net.dialogue.Sends(ResponseHead(1), Data(1, Framed("a")), Trailers(1, "0"));
  EXPECT_EQ(net.read, Words{"a"});
  net.dialogue.Advance(11 * kMs);
  EXPECT_EQ(net.read, (Words{"a", "DATA_LOSS"}));
}

TEST(StreamInterceptor, MayAnswerAStreamWithNothing) {
  ChannelOptions options;
  options.Intercept([](Call&, Next) -> Task<Status> { co_return OkStatus(); });
  Net net(options);
  Stream duplex(net.core(), &net.scope, "/a.B/C", CallOptions::Default());
  ReadAll(duplex, &net.read);
  WriteAll(duplex, &net.scope, {"x"}, &net.written);
  net.dialogue.Turn();
  EXPECT_EQ(net.read, Words{"end"});
  EXPECT_EQ(net.written, Words{"CANCELLED"});
  EXPECT_EQ(net.dialogue.net().ends_count(), 0u);
}

TEST(StreamInterceptor, LetsOneMessageWaitWithItsCall) {
  int waiting_count = 0;
  Net net(ChannelOptions().Intercept(Sleeping(10 * kMs, 0, &waiting_count)));
  Upload<RawMessage, RawMessage> upload(net.core(), &net.scope, "/a.B/C", CallOptions::Default());
  WriteAll(upload, &net.scope, {"a", "b", "c"}, &net.written);
  net.dialogue.Turn();
  EXPECT_EQ(net.written, Words{}) << "the first is encoded, and has to wait";
  net.dialogue.Advance(11 * kMs);
  net.Accepts();
  EXPECT_EQ(net.written, (Words{"OK", "OK", "OK"}));
  net.dialogue.Expects(Dialogue::RequestHead(1));
  net.dialogue.Expects(Data(1, Framed("a")));
  FinishUpload(upload, &net.read);
  net.dialogue.Sends(ResponseHead(1), Data(1, Framed("hi")), Trailers(1, "0"));
  EXPECT_EQ(net.read, Words{"hi"});
}

TEST(StreamInterceptor, LetsAnUploadEndBeforeItHasBegun) {
  int waiting_count = 0;
  Net net(ChannelOptions().Intercept(Sleeping(10 * kMs, 0, &waiting_count)));
  Upload<RawMessage, RawMessage> upload(net.core(), &net.scope, "/a.B/C", CallOptions::Default());
  WriteAll(upload, &net.scope, {"a"}, &net.written);
  FinishUpload(upload, &net.read);
  net.dialogue.Advance(11 * kMs);
  net.Accepts();
  net.dialogue.Expects(Dialogue::RequestHead(1));
  net.dialogue.Expects(Data(1, Framed("a")).End());
  net.dialogue.Sends(ResponseHead(1), Data(1, Framed("hi")), Trailers(1, "0"));
  EXPECT_EQ(net.read, Words{"hi"});
}

// Else a writer that never stops would turn for ever.
TEST(StreamInterceptor, MakesWritersWaitBehindTheEndOnTheWire) {
  int waiting_count = 0;
  Net net(ChannelOptions().Intercept(Sleeping(0, 10 * kMs, &waiting_count)));
  Stream duplex(net.core(), &net.scope, "/a.B/C", CallOptions::Default());
  net.Accepts();
  net.dialogue.Sends(ResponseHead(1), Trailers(1, "5"));
  WriteAll(duplex, &net.scope, {"x", "y"}, &net.written);
  net.dialogue.Turn();
  EXPECT_EQ(net.written, Words{});
  net.dialogue.Advance(11 * kMs);
  EXPECT_EQ(net.written, Words{"NOT_FOUND"});
}

// Such as one that says good-bye to every stream it knows of.
TEST(StreamInterceptor, DropsWhatIsWrittenFromThePlainEndOfItsCall) {
  struct SayGoodbye {
    void After(Call&, const Status&) const { goodbye(); }
    const std::function<void()>& goodbye;
  };
  std::function<void()> goodbye;
  Net net(ChannelOptions().Intercept(SayGoodbye{goodbye}));
  Stream duplex(net.core(), &net.scope, "/a.B/C", CallOptions::Default());
  goodbye = [&] { WriteAll(duplex, &net.scope, {"x", "y"}, &net.written); };
  net.Accepts();
  net.dialogue.Sends(ResponseHead(1), Trailers(1, "5"));
  net.dialogue.Turn();
  EXPECT_EQ(net.written, Words{"NOT_FOUND"});
}

TEST(StreamInterceptor, ReleasesAWriterThatWaitsForRoomWhenTheCallEnds) {
  Notes notes;
  Net net(ChannelOptions().Intercept(NotingTask(&notes, "a")));
  Stream duplex(net.core(), &net.scope, "/a.B/C", CallOptions::Default());
  net.Accepts();
  WriteAll(duplex, &net.scope, Words(20, std::string(65'536, 'x')), &net.written);
  net.dialogue.Turn();
  EXPECT_LT(net.written.size(), 20u) << "the window is full";
  net.dialogue.Sends(ResponseHead(1), Trailers(1, "5"));
  EXPECT_EQ(net.written.back(), "NOT_FOUND");
  EXPECT_EQ(notes.text, "a()a");
}

TEST(StreamInterceptor, HearsThatTheStreamWasCancelled) {
  Notes notes;
  Net net(ChannelOptions().Intercept(NotingPair(&notes, "a")).Intercept(NotingTask(&notes, "b")));
  Stream duplex(net.core(), &net.scope, "/a.B/C", CallOptions::Default());
  ReadAll(duplex, &net.read);
  net.Accepts();
  EXPECT_TRUE(net.dialogue.TakeFrame().has_value());
  duplex.Cancel(MakeStatus(StatusCode::kAborted, "enough"));
  EXPECT_EQ(notes.text, "a<b()b>a") << "at once";
  net.dialogue.Turn();
  EXPECT_EQ(net.read, Words{"ABORTED"});
  net.dialogue.Expects(RstStream(1, ErrorCode::kCancel));
}

TEST(StreamInterceptor, MayChangeHowADeadlineEndsAStream) {
  ChannelOptions channel_options;
  channel_options.Intercept([](Call&, Next next) -> Task<Status> {
    EXPECT_EQ((co_await next()).code(), StatusCode::kDeadlineExceeded);
    co_return MakeStatus(StatusCode::kAborted, "too slow");
  });
  Net net(channel_options);
  const CallOptions options = CallOptions().SetTimeout(50 * kMs);
  Stream duplex(net.core(), &net.scope, "/a.B/C", options);
  ReadAll(duplex, &net.read);
  net.Accepts();
  net.dialogue.Sends(ResponseHead(1), Data(1, Framed("a")));
  net.dialogue.Advance(51 * kMs);
  EXPECT_EQ(net.read, (Words{"a", "ABORTED"}));
}

}  // namespace
}  // namespace penstock::client::testing
