// The mock that comes with the service, in place of a weather station.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weather/weather.mock.h"

namespace {

using ::testing::_;

TEST(MockWeather, IsAService) {
  weather::v1::MockWeatherService mock;
  EXPECT_CALL(mock, Convert(_, _, _)).Times(0);
  penstock::Registry registry;
  mock.Register(registry);
  EXPECT_NE(registry.Find("/weather.v1.Weather/Convert"), nullptr);
}

}  // namespace
