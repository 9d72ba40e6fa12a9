// The guide's server and its clients in one process: the real connection, but no port and no file.
// See docs/testing.md; handlers_test.cc needs no server at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "penstock/examples/route_guide/guide.h"
#include "penstock/rpc/testing/turning_shard.h"
#include "penstock/server/server.h"

#include "examples/route_guide/route_guide.client.h"

namespace routeguide {
namespace {

using penstock::Status;
using penstock::StatusCode;
using penstock::StatusOr;
using penstock::Task;
using penstock::Try;
using penstock::client::BlockingChannel;
using penstock::client::Channel;
using penstock::client::Download;
using penstock::client::Duplex;
using penstock::client::Scope;
using ::testing::ElementsAre;

class GuideInProcessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.Add<Guide>();
    const Status status = server_.Start();
    ASSERT_TRUE(status.ok()) << status;
  }

  static penstock::ServerOptions InProcess() {
    penstock::ServerOptions options;
    options.listen = {"inproc:guide"};
    options.shards = 1;
    return options;
  }

  penstock::Server server_{InProcess()};
};

// Calls of one request and one response need no shard of the test's.
TEST_F(GuideInProcessTest, AFeatureIsFound) {
  BlockingChannel channel("inproc:guide");
  const RouteGuideBlockingClient guide(&channel);
  Point at;
  at.set_latitude(461'890'000);
  at.set_longitude(72'440'000);
  const StatusOr<Feature> feature = guide.GetFeature(at);
  ASSERT_TRUE(feature.ok()) << feature.status();
  EXPECT_EQ(feature->name(), "Bieudron, the turbines");
}

// Streams are read by a coroutine, on a shard that turns on the test's thread.
Task<StatusOr<std::vector<std::string>>> NamesIn(const RouteGuideClient& guide, Scope& scope,
                                                 const Rectangle& area) {
  std::vector<std::string> names;
  Download<Feature> features = guide.ListFeatures(scope, area);
  while (const Feature* feature = co_await Try(co_await features.Next())) {
    names.emplace_back(feature->name());
  }
  co_return names;
}

TEST_F(GuideInProcessTest, FeaturesAreListed) {
  penstock::testing::TurningShard turning;
  Channel channel(&turning.shard(), "inproc:guide");
  const RouteGuideClient guide(&channel);
  Scope scope(&turning.shard());
  Rectangle area;
  area.mutable_lo()->set_latitude(461'000'000);
  area.mutable_hi()->set_latitude(462'000'000);
  area.mutable_hi()->set_longitude(75'000'000);
  const StatusOr<std::vector<std::string>> names = turning.Run(NamesIn(guide, scope, area));
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_THAT(*names, ElementsAre("Cleuson, the surge shaft", "Bieudron, the turbines"));
}

// The server ends the chat at the second note.
Task<Status> ShoutAtTheGuide(const RouteGuideClient& guide, Scope& scope) {
  Duplex<RouteNote, RouteNote> chat = guide.RouteChat(scope);
  RouteNote note;
  for (const size_t bytes : {size_t{10}, size_t{1'001}}) {
    note.set_message(std::string(bytes, '!'));
    co_await Try(co_await chat.Write(note));
  }
  co_await Try(co_await chat.Next());
  co_return penstock::OkStatus();
}

TEST_F(GuideInProcessTest, ANoteThatIsTooLongEndsTheChat) {
  penstock::testing::TurningShard turning;
  Channel channel(&turning.shard(), "inproc:guide");
  const RouteGuideClient guide(&channel);
  Scope scope(&turning.shard());
  EXPECT_EQ(turning.Run(ShoutAtTheGuide(guide, scope)).code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace routeguide
