// The mock that comes with the service, in place of a weather station.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "penstock/rpc/testing/fake_call.h"
#include "penstock/server/server.h"

#include "weather/weather.client.h"
#include "weather/weather.mock.h"

namespace {

using ::testing::_;
using ::testing::Return;

TEST(MockWeather, IsAService) {
  weather::v1::MockWeatherService mock;
  EXPECT_CALL(mock, Convert(_, _, _)).Times(0);
  penstock::Registry registry;
  mock.Register(registry);
  EXPECT_NE(registry.Find("/weather.v1.Weather/Convert"), nullptr);
}

TEST(MockWeather, CanBeCalledWithoutAServer) {
  weather::v1::MockWeatherService mock;
  EXPECT_CALL(mock, Convert(_, _, _))
      .WillOnce([](penstock::Call& call, const auto&, weather::v1::Report& report) {
        report.set_text(call.peer());
        return penstock::OkStatus();
      });
  penstock::testing::FakeCall call;
  call.SetPeer("192.0.2.1:7");
  weather::v1::Report report;
  EXPECT_TRUE(mock.Convert(call, weather::v1::Reading(), report).ok());
  EXPECT_EQ(report.text(), "192.0.2.1:7");
}

TEST(MockWeather, CanBeCalledWithinTheProcess) {
  penstock::ServerOptions options;
  options.listen = {"inproc:weather"};
  options.shards = 1;
  penstock::Server server(options);
  auto& mock = server.Add<weather::v1::MockWeatherService>();
  EXPECT_CALL(mock, Convert(_, _, _))
      .WillOnce(Return(penstock::MakeStatus(penstock::StatusCode::kAborted, "fog")));
  ASSERT_TRUE(server.Start().ok());
  penstock::client::BlockingChannel channel("inproc:weather");
  const weather::v1::WeatherBlockingClient client(&channel);
  EXPECT_EQ(client.Convert(weather::v1::Reading()).status().code(),
            penstock::StatusCode::kAborted);
}

}  // namespace
