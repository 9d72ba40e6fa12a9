// Deadlines that an interceptor makes nearer, wherever the call begins: with its head, with its
// request in a later batch, or when its turn comes.
#include <gtest/gtest.h>

#include <string>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"
#include "penstock/server/testing/simulated_session.h"

namespace penstock::server {
namespace {

using http2::testing::Data;
using http2::testing::RstStream;

constexpr char kSay[] = "/penstock.test.Kinds/Say";
constexpr char kJoin[] = "/penstock.test.Kinds/Join";
constexpr TimeNs kShortNs = 10 * kNsPerMs;
constexpr TimeNs kLongNs = 3600 * kNsPerSecond;

class ShortenedDeadlineTest : public SimulatedSession {
 protected:
  ShortenedDeadlineTest() {
    struct Shorten {
      Status Before(Call& call) const {
        call.ShortenDeadline(call.now() + kShortNs);
        return OkStatus();
      }
    };
    registry_.Intercept(Shorten());
    registry_.Handle(test::Kinds::Say,
                     [](Call& call, const test::Text&) -> Task<StatusOr<test::Text>> {
                       co_await Try(co_await Sleep(call, kLongNs));
                       co_return test::Text();
                     });
    registry_.Handle(test::Kinds::Join,
                     [](Call&, Reader<test::Text>& in) -> Task<StatusOr<test::Text>> {
                       co_await Try(co_await in.Next());
                       co_return test::Text();
                     });
  }

  void SayCall(uint32_t id) {
    Say(Head(id, kSay));
    Say(Data(id, Framed("")).End());
  }
  void ExpectEndsInTime(uint32_t id) {
    Advance(kShortNs / 2);
    EXPECT_EQ(status(id), "");
    Advance(kShortNs);
    EXPECT_EQ(status(id), "4");
  }
};

TEST_F(ShortenedDeadlineTest, EndsACallThatCameInOneBatch) {
  SayCall(1);
  Turn();
  ExpectEndsInTime(1);
}

TEST_F(ShortenedDeadlineTest, EndsACallWhoseRequestCameBehindItsHead) {
  Say(Head(1, kSay));
  Turn();
  Say(Data(1, Framed("")).End());
  Turn();
  ExpectEndsInTime(1);
}

TEST_F(ShortenedDeadlineTest, ReplacesTheCallersOwn) {
  Say(Head(1, kSay).Field("grpc-timeout", "1H"));
  Turn();
  Say(Data(1, Framed("")).End());
  Turn();
  ExpectEndsInTime(1);
}

TEST_F(ShortenedDeadlineTest, LeavesTheCallersOwnWhereThatIsNearer) {
  Say(Head(1, kSay).Field("grpc-timeout", "2m"));
  Turn();
  Say(Data(1, Framed("")).End());
  Turn();
  Advance(kShortNs / 2);
  EXPECT_EQ(status(1), "4");
}

TEST_F(ShortenedDeadlineTest, EndsAHandlerThatReads) {
  Say(Head(1, kJoin));
  Turn();
  ExpectEndsInTime(1);
}

TEST_F(ShortenedDeadlineTest, IsForgottenWithACallThatIsLostInTheSameBatch) {
  Say(Head(1, kSay));
  Turn();
  Say(Data(1, Framed("")).End());
  Say(RstStream(1, http2::ErrorCode::kCancel));
  Turn();
  Advance(2 * kShortNs);
  EXPECT_EQ(status(1), "");
  EXPECT_EQ(state_->counters.calls_cancelled, 1u);
  EXPECT_EQ(state_->calls.lent_count(), 0u);
}

// One after the other.
class ShortenedDeadlineOfWaitingTest : public ShortenedDeadlineTest {
 protected:
  ShortenedDeadlineOfWaitingTest() { options_.running_handlers_max = 1; }
};

TEST_F(ShortenedDeadlineOfWaitingTest, EndsACallThatWaitedItsTurn) {
  SayCall(1);
  SayCall(3);
  SayCall(5);
  Turn();
  ExpectEndsInTime(1);  // and the next one begins
  ExpectEndsInTime(3);
  ExpectEndsInTime(5);
}

}  // namespace
}  // namespace penstock::server
