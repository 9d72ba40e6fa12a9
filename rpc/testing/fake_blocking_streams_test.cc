#include "penstock/rpc/testing/fake_blocking_streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "penstock/rpc/raw_message.h"

namespace penstock::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Property;

// A handler for workers.
Status Repeat(Call& call, BlockingReader<RawMessage>& in, BlockingWriter<RawMessage>& out) {
  for (;;) {
    const StatusOr<const RawMessage*> next = in.Next();
    if (!next.ok()) return next.status();
    if (*next == nullptr) return OkStatus();
    EXPECT_FALSE(call.cancelled());
    if (Status status = out.Write(**next); !status.ok()) return status;
  }
}

class FakeBlockingStreamsTest : public ::testing::Test {
 protected:
  FakeCall call_;
  FakeBlockingReader<RawMessage> in_{&call_};
  FakeBlockingWriter<RawMessage> out_{&call_};
};

TEST_F(FakeBlockingStreamsTest, GiveWhatWasPushedAndKeepWhatIsWritten) {
  RawMessage message(&call_.arena());
  message.View("a");
  in_.Push(message);
  in_.PushOctets("b");
  in_.End();
  EXPECT_FALSE(out_.head_sent());
  EXPECT_TRUE(Repeat(call_, in_, out_).ok());
  EXPECT_TRUE(out_.head_sent());
  EXPECT_THAT(out_.messages(), ElementsAre(Property(&RawMessage::text, "a"),
                                           Property(&RawMessage::text, "b")));
  EXPECT_EQ(call_.messages_received_count(), 2u);
  EXPECT_EQ(call_.messages_sent_count(), 2u);
}

TEST_F(FakeBlockingStreamsTest, MayEndWithAnError) {
  in_.PushOctets("a");
  in_.End(MakeStatus(StatusCode::kInternal, "the stream ended inside a message"));
  EXPECT_EQ(MessageOf(Repeat(call_, in_, out_)), "the stream ended inside a message");
  EXPECT_EQ(out_.messages().size(), 1u);
}

TEST_F(FakeBlockingStreamsTest, WaitUntilTheDeadline) {
  call_.SetTimeout(5 * kNsPerSecond);
  EXPECT_EQ(Repeat(call_, in_, out_).code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(call_.now(), 5 * kNsPerSecond);
}

TEST_F(FakeBlockingStreamsTest, SayThatTheHandlerWouldWaitForEver) {
  const Status status = Repeat(call_, in_, out_);
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_NE(MessageOf(status).find("waits for what never comes"), std::string_view::npos);
}

TEST_F(FakeBlockingStreamsTest, EndWithTheCall) {
  in_.PushOctets("a");
  call_.Cancel(StatusCode::kUnavailable, "the connection was lost");
  EXPECT_EQ(Repeat(call_, in_, out_).code(), StatusCode::kUnavailable);
  EXPECT_TRUE(out_.messages().empty());
}

TEST_F(FakeBlockingStreamsTest, TheCallerMayGoAwayWhileItIsWrittenTo) {
  RawMessage message(&call_.arena());
  out_.CancelBehind(2);
  EXPECT_TRUE(out_.Write(message).ok());
  EXPECT_TRUE(out_.Write(message).ok());
  EXPECT_EQ(out_.Write(message).code(), StatusCode::kCancelled);
  EXPECT_EQ(out_.messages().size(), 2u);
}

}  // namespace
}  // namespace penstock::testing
