#include "penstock/rpc/testing/fake_streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/rpc/channel.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/rpc/try.h"

namespace penstock::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Property;

// Handlers of each kind.
Task<StatusOr<std::string>> Join(Call&, Reader<RawMessage>& in) {
  std::string joined;
  while (const RawMessage* next = co_await Try(co_await in.Next())) joined += next->text();
  co_return joined;
}

Task<Status> Count(Call& call, int to, Writer<RawMessage>& out) {
  RawMessage number(&call.arena());
  for (int i = 1; i <= to; ++i) {
    number.Copy(std::to_string(i));
    co_await Try(co_await out.Write(number));
  }
  co_return OkStatus();
}

Task<Status> Repeat(Call&, Reader<RawMessage>& in, Writer<RawMessage>& out) {
  while (const RawMessage* next = co_await Try(co_await in.Next())) {
    co_await Try(co_await out.Write(*next));
  }
  co_return OkStatus();
}

// A number as it travels, of two digits at most.
class Number {
 public:
  explicit Number(wire::Arena*) {}
  explicit Number(int value) : value_(value) {}
  int value() const { return value_; }

  codec::ParseResult MergeFromBytes(wire::Bytes input, codec::StringRule) {
    if (input.empty() || input.size() > 2) return {codec::ParseError::kBadTag, 0};
    value_ = std::stoi(std::string(wire::AsString(input)));
    return {};
  }
  size_t ByteSize() const { return std::to_string(value_).size(); }
  uint8_t* SerializeTo(uint8_t* target) const {
    const std::string text = std::to_string(value_);
    return std::copy(text.begin(), text.end(), target);
  }

 private:
  int value_ = 0;
};

Task<StatusOr<int>> Sum(Call&, Reader<Number>& in) {
  int sum = 0;
  while (const Number* next = co_await Try(co_await in.Next())) sum += next->value();
  co_return sum;
}

TEST(FakeReader, GivesWhatWasPushedBefore) {
  FakeCall call;
  FakeReader<Number> in(&call);
  in.Push(Number(40));
  in.Push(Number(2));
  EXPECT_EQ(in.queued_count(), 2u);
  EXPECT_EQ(in.queued_bytes(), 13u);
  in.End();
  EXPECT_EQ(*call.Run(Sum(call, in)), 42);
  EXPECT_EQ(call.messages_received_count(), 2u);
}

TEST(FakeReader, GivesWhatIsPushedMeanwhile) {
  FakeCall call;
  FakeReader<RawMessage> in(&call);
  auto joining = call.Start(Join(call, in));
  for (const std::string_view text : {"a", "", "b"}) in.PushOctets(text);
  EXPECT_FALSE(joining.done());
  in.End();
  ASSERT_TRUE(joining.done());
  EXPECT_EQ(*joining.result(), "ab");
}

TEST(FakeReader, MayEndWithAnError) {
  FakeCall call;
  FakeReader<RawMessage> in(&call);
  in.PushOctets("a");
  in.End(MakeStatus(StatusCode::kInternal, "the stream ended inside a message"));
  EXPECT_EQ(call.Run(Join(call, in)).status().code(), StatusCode::kInternal);
}

TEST(FakeReader, GivesWhatCannotBeParsedAsAnError) {
  FakeCall call;
  FakeReader<Number> in(&call);
  in.PushOctets("100");
  EXPECT_EQ(call.Run(Sum(call, in)).status().code(), StatusCode::kInternal);
}

TEST(FakeReader, EndsWithTheCall) {
  FakeCall call;
  FakeReader<RawMessage> in(&call);
  auto joining = call.Start(Join(call, in));
  call.Cancel();
  EXPECT_EQ(joining.result().status().code(), StatusCode::kCancelled);
}

Task<StatusOr<std::string>> ReadPatiently(Call&, Reader<RawMessage>& in) {
  const Arrival<RawMessage> next = co_await Try(co_await in.Next(5 * kNsPerSecond));
  co_return next.timed_out() ? "nothing" : std::string(next.message()->text());
}

TEST(FakeReader, GivesNothingInTime) {
  FakeCall call;
  FakeReader<RawMessage> in(&call);
  EXPECT_EQ(*call.Run(ReadPatiently(call, in)), "nothing");
  EXPECT_EQ(call.now(), 5 * kNsPerSecond);
}

TEST(FakeWriter, KeepsWhatIsWritten) {
  FakeCall call;
  FakeWriter<RawMessage> out(&call);
  EXPECT_FALSE(out.head_sent());
  EXPECT_TRUE(call.Run(Count(call, 3, out)).ok());
  EXPECT_TRUE(out.head_sent());
  EXPECT_THAT(out.messages(), ElementsAre(Property(&RawMessage::text, "1"),
                                          Property(&RawMessage::text, "2"),
                                          Property(&RawMessage::text, "3")));
  EXPECT_EQ(call.messages_sent_count(), 3u);
}

TEST(FakeWriter, HoldsTheHandlerBackUntilItsMessagesAreTaken) {
  FakeCall call;
  FakeWriter<RawMessage> out(&call);
  out.SetUntakenMax(1);
  auto counting = call.Start(Count(call, 4, out));
  EXPECT_EQ(out.messages().size(), 2u);
  EXPECT_EQ(out.Take()->text(), "1");
  EXPECT_EQ(out.messages().size(), 3u);
  EXPECT_FALSE(counting.done());
  out.SetUntakenMax(9);
  EXPECT_EQ(out.messages().size(), 4u);
  EXPECT_TRUE(counting.done());
}

Task<Status> WriteAndAwaitLater(Call& call, Writer<RawMessage>& out) {
  RawMessage message(&call.arena());
  rpc::WriteOperation written = out.Write(message);
  co_await Try(co_await Sleep(call, kNsPerMs));
  co_return co_await written;
}

// It was full when the message was written, and nothing would tell that it no longer is.
TEST(FakeWriter, HoldsNobodyBackOnceItHasDrained) {
  FakeCall call;
  FakeWriter<RawMessage> out(&call);
  out.SetUntakenMax(0);
  auto writing = call.Start(WriteAndAwaitLater(call, out));
  ASSERT_NE(out.Take(), nullptr);
  call.Pass(2 * kNsPerMs);
  EXPECT_TRUE(writing.done());
}

TEST(FakeWriter, HasNothingToTakeAtFirst) {
  FakeCall call;
  FakeWriter<RawMessage> out(&call);
  EXPECT_EQ(out.Take(), nullptr);
}

TEST(FakeWriter, DropsWhatIsWrittenBehindTheEndOfTheCall) {
  FakeCall call;
  call.Cancel();
  FakeWriter<RawMessage> out(&call);
  EXPECT_EQ(call.Run(Count(call, 3, out)).code(), StatusCode::kCancelled);
  EXPECT_TRUE(out.messages().empty());
}

TEST(FakeWriter, FixesTheCompressionWithTheHead) {
  FakeCall call;
  call.SetAcceptedEncodings("gzip, zstd");
  FakeWriter<RawMessage> out(&call);
  EXPECT_TRUE(call.SetCompression("gzip"));
  out.SendHead();
  EXPECT_TRUE(out.head_sent());
  EXPECT_FALSE(call.SetCompression("zstd"));
  EXPECT_EQ(call.compression(), "gzip");
}

TEST(FakeStreams, AnswerOneAnother) {
  FakeCall call;
  FakeReader<RawMessage> texts(&call);
  FakeWriter<RawMessage> out(&call);
  auto repeating = call.Start(Repeat(call, texts, out));
  texts.PushOctets("a");
  EXPECT_THAT(out.messages(), ElementsAre(Property(&RawMessage::text, "a")));
  texts.PushOctets("b");
  EXPECT_EQ(out.messages().back()->text(), "b");
  texts.End();
  EXPECT_TRUE(repeating.result().ok());
}

// Two handlers of one shard that talk to each other.
Task<Status> Tell(Call& call, Reader<RawMessage>& in, Channel<std::string>* room) {
  while (const RawMessage* next = co_await Try(co_await in.Next())) {
    std::string text(next->text());
    co_await Try(co_await room->Send(call, std::move(text)));
  }
  room->Close();
  co_return OkStatus();
}

Task<Status> Listen(Call& call, Channel<std::string>* room, Writer<RawMessage>& out) {
  RawMessage heard(&call.arena());
  while (std::optional<std::string> text = co_await Try(co_await room->Receive(call))) {
    heard.View(*text);
    co_await Try(co_await out.Write(heard));
  }
  co_return OkStatus();
}

TEST(FakeStreams, ServeHandlersThatMeet) {
  FakeShard shard;
  FakeCall anna(&shard);
  FakeCall ben(&shard);
  Channel<std::string> room(1);
  FakeReader<RawMessage> in(&anna);
  FakeWriter<RawMessage> out(&ben);
  auto telling = anna.Start(Tell(anna, in, &room));
  auto listening = ben.Start(Listen(ben, &room, out));
  for (const std::string_view text : {"x", "y"}) in.PushOctets(text);
  EXPECT_THAT(out.messages(), ElementsAre(Property(&RawMessage::text, "x"),
                                          Property(&RawMessage::text, "y")));
  in.End();
  EXPECT_TRUE(telling.done());
  EXPECT_TRUE(listening.result().ok());
}

TEST(FakeReaderDeathTest, IsPushedNothingBehindItsEnd) {
  FakeCall call;
  FakeReader<RawMessage> in(&call);
  in.End();
  EXPECT_DEATH(in.PushOctets("a"), "pushed nothing any more");
}

}  // namespace
}  // namespace penstock::testing
