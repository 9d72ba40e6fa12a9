// Somebody watches the frames of a connection, for a while.
#include <gtest/gtest.h>

#include "penstock/rpc/frame_tap.h"
#include "penstock/server/testing/simulated_session.h"

namespace penstock::server {
namespace {

using http2::testing::Ping;

class TapTest : public SimulatedSession {
 protected:
  void SaysPing() {
    Say(Ping("12345678"));
    Turn();
    Turn();
  }
};

TEST_F(TapTest, IsTakenOffByWhatIsReceivedBehindItsTime) {
  Turn();
  rpc::FrameTap tap(shard_.now() + kNsPerSecond);
  session().link().SetTap(&tap);
  SaysPing();
  const size_t noted_count = tap.records().size();
  EXPECT_GE(noted_count, 2u);  // it, and its answer
  EXPECT_TRUE(session().link().has_tap());
  Advance(kNsPerSecond + kNsPerMs);
  SaysPing();
  EXPECT_FALSE(session().link().has_tap());
  EXPECT_EQ(tap.records().size(), noted_count);
}

TEST_F(TapTest, IsTakenOffByWhatIsSentBehindItsTime) {
  Turn();
  rpc::FrameTap tap(shard_.now() + kNsPerSecond);
  session().link().SetTap(&tap);
  Advance(kNsPerSecond + kNsPerMs);
  session().link().MarkDirty();
  Turn();
  EXPECT_FALSE(session().link().has_tap());
}

}  // namespace
}  // namespace penstock::server
