// A client's streams, against our own server.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "penstock/rpc/reader.h"
#include "penstock/rpc/writer.h"
#include "penstock/tests/client/client_fixture.h"

namespace penstock::test::client {
namespace {

using penstock::client::Download;
using penstock::client::Duplex;
using penstock::client::Upload;

Task<Status> Repeat(Call& call, const Text& request, Writer<Text>& out) {
  Text each(&call.arena());
  each.set_text(request.text());
  for (size_t i = 0; i < request.text().size(); ++i) co_await Try(co_await out.Write(each));
  co_return OkStatus();
}

Task<StatusOr<Text>> Join(Call& call, Reader<Text>& in) {
  std::string joined;
  while (const Text* next = co_await Try(co_await in.Next())) joined += next->text();
  Text reply(&call.arena());
  reply.set_text(joined);
  co_return reply;
}

Task<Status> Chat(Call&, Reader<Text>& in, Writer<Text>& out) {
  while (const Text* next = co_await Try(co_await in.Next())) {
    if (next->text() == "enough") co_return MakeStatus(StatusCode::kAborted, "as you like");
    co_await Try(co_await out.Write(*next));
  }
  co_return OkStatus();
}

class StreamsTest : public ClientTest {
 protected:
  StreamsTest() {
    register_more_ = [](Registry& registry) {
      registry.Handle(Streams::Repeat, &Repeat);
      registry.Handle(Streams::Join, &Join);
      registry.Handle(Streams::Chat, &Chat);
    };
  }
};
INSTANTIATE_CLIENT_TEST(StreamsTest);

Task<void> ReadAll(const StreamsClient& streams, Scope* scope, size_t bytes, size_t* count) {
  Text request;
  request.set_text(std::string(bytes, 'x'));
  Download<Text> texts = streams.Repeat(*scope, request);
  for (;;) {
    const StatusOr<const Text*> next = co_await texts.Next();
    EXPECT_TRUE(next.ok()) << next.status();
    if (!next.ok() || *next == nullptr) break;
    EXPECT_EQ((*next)->text().size(), bytes);
    ++*count;
  }
}

// 25 MB, which no window and no slab holds.
TEST_P(StreamsTest, ADownloadIsReadToItsEnd) {
  StartServer();
  Channel channel(shard(), address());
  Scope scope(shard());
  size_t count = 0;
  Run(ReadAll(StreamsClient(&channel), &scope, 5'000, &count));
  EXPECT_EQ(count, 5'000u);
}

Task<void> WriteAll(const StreamsClient& streams, Scope* scope, int count, size_t* joined) {
  Upload<Text, Text> upload = streams.Join(*scope);
  Text text;
  text.set_text(std::string(1'000, 'x'));
  for (int i = 0; i < count; ++i) {
    const Status written = co_await upload.Write(text);
    EXPECT_TRUE(written.ok()) << written;
  }
  const StatusOr<Text> reply = co_await upload.Finish();
  EXPECT_TRUE(reply.ok()) << reply.status();
  if (reply.ok()) *joined = reply->text().size();
}

TEST_P(StreamsTest, AnUploadIsAnsweredOnce) {
  StartServer();
  Channel channel(shard(), address());
  Scope scope(shard());
  size_t joined = 0;
  Run(WriteAll(StreamsClient(&channel), &scope, 3'000, &joined));
  EXPECT_EQ(joined, 3'000'000u);
}

Task<void> TalkToTheEnd(const StreamsClient& streams, Scope* scope, std::string last_word,
                        Status* status) {
  Duplex<Text, Text> chat = streams.Chat(*scope);
  Text text;
  for (int i = 0; i < 500; ++i) {
    text.set_text(std::to_string(i));
    const Status written = co_await chat.Write(text);
    EXPECT_TRUE(written.ok()) << written;
    const StatusOr<const Text*> answer = co_await chat.Next();
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (!answer.ok() || *answer == nullptr) co_return;
    EXPECT_EQ((*answer)->text(), std::to_string(i));
  }
  text.set_text(last_word);
  const Status written = co_await chat.Write(text);
  EXPECT_TRUE(written.ok()) << written;
  chat.CloseWrites();
  StatusOr<const Text*> answer = co_await chat.Next();
  if (answer.ok() && *answer != nullptr) {
    EXPECT_EQ((*answer)->text(), last_word);
    answer = co_await chat.Next();
  }
  EXPECT_TRUE(!answer.ok() || *answer == nullptr);
  *status = answer.status();
}

TEST_P(StreamsTest, ADuplexTalksUntilItHasSaidAll) {
  StartServer();
  Channel channel(shard(), address());
  Scope scope(shard());
  Status status = MakeStatus(StatusCode::kUnknown, "");
  Run(TalkToTheEnd(StreamsClient(&channel), &scope, "bye", &status));
  EXPECT_TRUE(status.ok()) << status;
}

TEST_P(StreamsTest, TheServerMayEndADuplex) {
  StartServer();
  Channel channel(shard(), address());
  Scope scope(shard());
  Status status;
  Run(TalkToTheEnd(StreamsClient(&channel), &scope, "enough", &status));
  EXPECT_EQ(status.code(), StatusCode::kAborted);
  EXPECT_EQ(MessageOf(status), "as you like");
}

Task<void> ReadOneAndLeave(const StreamsClient& streams, Scope* scope) {
  Text request;
  request.set_text(std::string(5'000, 'x'));
  Download<Text> texts = streams.Repeat(*scope, request);
  const StatusOr<const Text*> next = co_await texts.Next();
  EXPECT_TRUE(next.ok() && *next != nullptr);
}

// The server's handler is cancelled, and the connection is good for the next call.
TEST_P(StreamsTest, ADownloadMayBeLeft) {
  StartServer();
  Channel channel(shard(), address());
  Scope scope(shard());
  for (int i = 0; i < 10; ++i) Run(ReadOneAndLeave(StreamsClient(&channel), &scope));
  EXPECT_EQ(SayTo(channel, "x").value(), "x");
  EXPECT_EQ(channel.counters().connections_made, 1u);
}

}  // namespace
}  // namespace penstock::test::client
