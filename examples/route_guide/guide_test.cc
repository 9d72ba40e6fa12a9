// The guide, asked by a scripted client; tests/interop asks it in Go.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/examples/route_guide/guide.h"
#include "penstock/server/server.h"
#include "penstock/server/testing/test_client.h"
#include "penstock/wire/message_prefix.h"

namespace routeguide {
namespace {

using penstock::test::Framed;
using penstock::test::TestClient;

constexpr int32_t kCrestLatitude = 360'160'000;
constexpr int32_t kCrestLongitude = -1'147'377'000;

template <typename Message>
std::string FramedMessage(const Message& message) {
  return Framed(message.SerializeAsString());
}

std::string FramedPoint(int32_t latitude, int32_t longitude) {
  Point point;
  point.set_latitude(latitude);
  point.set_longitude(longitude);
  return FramedMessage(point);
}

std::string FramedNote(int32_t latitude, std::string_view text) {
  RouteNote note;
  note.mutable_location()->set_latitude(latitude);
  note.set_message(text);
  return FramedMessage(note);
}

// Each message of a response, as `text` says it.
template <typename Message, typename Text>
std::vector<std::string> TextsOf(std::string_view data, const Text& text) {
  std::vector<std::string> texts;
  while (!data.empty()) {
    const auto* at = reinterpret_cast<const uint8_t*>(data.data());
    const size_t length = penstock::wire::LoadMessagePrefix(at).length_bytes;
    Message message;
    EXPECT_TRUE(message.ParseFrom({at + penstock::wire::kMessagePrefixBytes, length}).ok());
    texts.emplace_back(text(message));
    data.remove_prefix(penstock::wire::kMessagePrefixBytes + length);
  }
  return texts;
}

class GuideTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.Add<Guide>();
    ASSERT_TRUE(server_.Start().ok());
    client_.emplace(server_.addresses().front());
  }

  static penstock::ServerOptions OnLoopback() {
    penstock::ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    options.shards = 1;
    return options;
  }

  penstock::Server server_{OnLoopback()};
  std::optional<TestClient> client_;
};

TEST_F(GuideTest, KnowsTheFeatureAtAPoint) {
  const std::pair<int32_t, const char*> cases[] = {{kCrestLatitude, "Hoover Dam, the crest"},
                                                   {1, ""}};
  for (const auto& [latitude, want] : cases) {
    const std::string point = FramedPoint(latitude, kCrestLongitude);
    const std::string reply = client_->Call(RouteGuide::GetFeature.path, point).message();
    Feature feature;
    ASSERT_TRUE(feature.ParseFrom(penstock::wire::AsBytes(reply)).ok());
    EXPECT_EQ(feature.name(), want);
    EXPECT_EQ(feature.location().latitude(), latitude);
  }
}

TEST_F(GuideTest, ListsTheFeaturesOfAnArea) {
  Rectangle alps;
  alps.mutable_lo()->set_latitude(460'000'000);
  alps.mutable_lo()->set_longitude(70'000'000);
  alps.mutable_hi()->set_latitude(462'000'000);
  alps.mutable_hi()->set_longitude(75'000'000);
  const auto& response = client_->Call(RouteGuide::ListFeatures.path, FramedMessage(alps));
  const auto name = [](const Feature& each) { return each.name(); };
  const auto names = TextsOf<Feature>(response.data, name);
  EXPECT_EQ(names, (std::vector<std::string>{"Grande Dixence, the wall", "Cleuson, the surge shaft",
                                             "Bieudron, the turbines"}));
}

TEST_F(GuideTest, SumsUpARoute) {
  const std::string route = FramedPoint(kCrestLatitude, kCrestLongitude) +
                            FramedPoint(kCrestLatitude + 10'000'000, kCrestLongitude) +
                            FramedPoint(kCrestLatitude, kCrestLongitude);
  const std::string reply = client_->Call(RouteGuide::RecordRoute.path, route).message();
  RouteSummary summary;
  ASSERT_TRUE(summary.ParseFrom(penstock::wire::AsBytes(reply)).ok());
  EXPECT_EQ(summary.point_count(), 3);
  EXPECT_EQ(summary.feature_count(), 2);
  EXPECT_NEAR(summary.distance(), 2 * 111'195, 10) << "a degree north and back";
}

TEST_F(GuideTest, TellsWhatWasLeftAtAPlaceBefore) {
  const auto text = [](const RouteNote& each) { return each.message(); };
  const auto& first = client_->Call(
      RouteGuide::RouteChat.path, FramedNote(1, "a") + FramedNote(2, "b") + FramedNote(1, "c"));
  EXPECT_EQ(TextsOf<RouteNote>(first.data, text), std::vector<std::string>{"a"});
  const auto& second = client_->Call(RouteGuide::RouteChat.path, FramedNote(1, "d"));
  EXPECT_EQ(TextsOf<RouteNote>(second.data, text), (std::vector<std::string>{"a", "c"}));
}

TEST_F(GuideTest, RefusesANoteThatIsTooLong) {
  const auto& response =
      client_->Call(RouteGuide::RouteChat.path, FramedNote(1, std::string(1'001, 'x')));
  EXPECT_EQ(response.status(), 3);
}

}  // namespace
}  // namespace routeguide
