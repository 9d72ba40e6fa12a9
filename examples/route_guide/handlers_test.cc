// The guide's handlers one by one, without a server: what a unit test of a service looks like. See
// docs/testing.md; guide_test.cc asks the whole server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>

#include "penstock/examples/route_guide/guide.h"
#include "penstock/rpc/testing/fake_call.h"
#include "penstock/rpc/testing/fake_streams.h"

namespace routeguide {
namespace {

using penstock::Status;
using penstock::StatusCode;
using penstock::StatusOr;
using penstock::testing::FakeCall;
using penstock::testing::FakeReader;
using penstock::testing::FakeShard;
using penstock::testing::FakeWriter;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Property;

Point At(int32_t latitude, int32_t longitude) {
  Point point;
  point.set_latitude(latitude);
  point.set_longitude(longitude);
  return point;
}

RouteNote NoteAt(int32_t latitude, std::string_view text) {
  RouteNote note;
  note.mutable_location()->set_latitude(latitude);
  note.set_message(text);
  return note;
}

// A plain function is called.
TEST(GuideHandlers, GetFeatureNamesNothingInTheSea) {
  Guide guide;
  FakeCall call;
  Feature feature;
  EXPECT_TRUE(guide.GetFeature(call, At(1, 2), feature).ok());
  EXPECT_EQ(feature.name(), "");
  EXPECT_EQ(feature.location().longitude(), 2);
}

// A coroutine is run to its end.
TEST(GuideHandlers, ListFeaturesWritesWhatLiesInTheArea) {
  Guide guide;
  FakeCall call;
  FakeWriter<Feature> out(&call);
  Rectangle area;
  *area.mutable_lo() = At(461'000'000, 70'000'000);
  *area.mutable_hi() = At(462'000'000, 75'000'000);
  EXPECT_TRUE(call.Run(guide.ListFeatures(call, area, out)).ok());
  EXPECT_THAT(out.messages(), ElementsAre(Property(&Feature::name, "Cleuson, the surge shaft"),
                                          Property(&Feature::name, "Bieudron, the turbines")));
}

// A caller that reads slowly is the test's to play.
TEST(GuideHandlers, ListFeaturesWritesNoFasterThanItsCallerReads) {
  Guide guide;
  FakeCall call;
  FakeWriter<Feature> out(&call);
  out.SetUntakenMax(0);
  Rectangle world;
  *world.mutable_lo() = At(-900'000'000, -1'800'000'000);
  *world.mutable_hi() = At(900'000'000, 1'800'000'000);
  auto listing = call.Start(guide.ListFeatures(call, world, out));
  for (size_t written_count = 1; written_count <= 5; ++written_count) {
    EXPECT_EQ(out.messages().size(), written_count);
    EXPECT_FALSE(listing.done());
    out.Take();
  }
  EXPECT_TRUE(listing.result().ok());
}

// Time passes when the test says so.
TEST(GuideHandlers, RecordRouteTellsHowLongTheRouteTook) {
  Guide guide;
  FakeCall call;
  FakeReader<Point> in(&call);
  auto recording = call.Start(guide.RecordRoute(call, in));
  in.Push(At(0, 0));
  call.Pass(90 * penstock::kNsPerSecond);
  in.Push(At(0, 10'000'000));
  in.End();
  const StatusOr<RouteSummary>& summary = recording.result();
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->elapsed_time(), 90);
  EXPECT_EQ(summary->point_count(), 2);
}

TEST(GuideHandlers, RecordRouteEndsAtTheDeadline) {
  Guide guide;
  FakeCall call;
  call.SetTimeout(5 * penstock::kNsPerSecond);
  FakeReader<Point> in(&call);
  EXPECT_EQ(call.Run(guide.RecordRoute(call, in)).status().code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(call.now(), 5 * penstock::kNsPerSecond);
}

// Two calls at once.
TEST(GuideHandlers, RouteChatTellsOneCallerWhatAnotherHasLeft) {
  Guide guide;
  FakeShard shard;
  FakeCall anna(&shard);
  FakeReader<RouteNote> from_anna(&anna);
  FakeWriter<RouteNote> to_anna(&anna);
  auto chat_of_anna = anna.Start(guide.RouteChat(anna, from_anna, to_anna));
  FakeCall ben(&shard);
  FakeReader<RouteNote> from_ben(&ben);
  FakeWriter<RouteNote> to_ben(&ben);
  auto chat_of_ben = ben.Start(guide.RouteChat(ben, from_ben, to_ben));

  from_anna.Push(NoteAt(1, "a fine view"));
  from_ben.Push(NoteAt(1, "it rains"));
  EXPECT_THAT(to_anna.messages(), IsEmpty());
  EXPECT_THAT(to_ben.messages(), ElementsAre(Property(&RouteNote::message, "a fine view")));

  anna.Cancel();
  EXPECT_EQ(chat_of_anna.result().code(), StatusCode::kCancelled);
  EXPECT_FALSE(chat_of_ben.done());
  from_ben.End();
  EXPECT_TRUE(chat_of_ben.result().ok());
}

}  // namespace
}  // namespace routeguide
