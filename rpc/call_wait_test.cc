// What waits for nothing but its turn. Sleep is tested with the server's handlers.
#include "penstock/rpc/call_wait.h"

#include <gtest/gtest.h>

#include <string>

#include "penstock/reactor/testing/begun.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/testing/test_scope.h"
#include "penstock/rpc/try.h"

namespace penstock {
namespace {

using reactor::Begun;
using test::TestScope;
using test::TestShard;

Task<Status> Write(CallScope& scope, char letter, std::string* text) {
  for (int i = 0; i < 3; ++i) {
    *text += letter;
    co_await Try(co_await Yield(scope));
  }
  co_return OkStatus();
}

TEST(Yield, LetsOthersTakeTheirTurns) {
  TestShard shard;
  TestScope scope(&shard);
  std::string text;
  const Begun<Status> one(Write(scope, 'a', &text));
  const Begun<Status> other(Write(scope, 'b', &text));
  shard.Run();
  EXPECT_TRUE(one.done() && other.done());
  EXPECT_EQ(text, "ababab");
}

// One that goes on is queued anew, and so the shard sees its sockets in between.
TEST(Yield, GoesOnInTheNextTurn) {
  TestShard shard;
  TestScope scope(&shard);
  std::string text;
  const Begun<Status> run(Write(scope, 'a', &text));
  shard.shard().run_queue().RunQueued();
  EXPECT_EQ(text, "aa");
}

TEST(Yield, AnswersWhyTheCallIsOver) {
  TestShard shard;
  TestScope scope(&shard);
  std::string text;
  const Begun<Status> run(Write(scope, 'a', &text));
  scope.Cancel(MakeStatus(StatusCode::kDeadlineExceeded, "too late"));
  shard.Run();
  ASSERT_TRUE(run.done());
  EXPECT_EQ(run.result().code(), StatusCode::kDeadlineExceeded);
  const Begun<Status> late(Write(scope, 'b', &text));
  EXPECT_TRUE(late.done());
  EXPECT_EQ(text, "ab");
}

}  // namespace
}  // namespace penstock
