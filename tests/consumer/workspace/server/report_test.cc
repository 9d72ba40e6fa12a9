#include "server/report.h"

#include <gtest/gtest.h>

namespace station {
namespace {

TEST(MakeReport, ConvertsCelsiusToFahrenheit) {
  struct {
    int64_t celsius_tenths;
    const char* want;
  } const cases[] = {
      {215, "Oslo: 70.7 F"}, {0, "Oslo: 32.0 F"}, {-400, "Oslo: -40.0 F"}, {-180, "Oslo: -0.4 F"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    weather::v1::Reading reading;
    reading.set_station("Oslo");
    reading.mutable_temperature()->set_tenths(c.celsius_tenths);
    weather::v1::Report report;
    ASSERT_TRUE(MakeReport(reading, report).ok());
    EXPECT_EQ(report.text(), c.want);
    EXPECT_EQ(report.temperature().scale(), weather::units::FAHRENHEIT);
  }
}

TEST(MakeReport, KeepsTheTimeOfTheReading) {
  weather::v1::Reading reading;
  reading.set_station("Oslo");
  reading.mutable_at()->set_seconds(1'700'000'000);
  weather::v1::Report report;
  ASSERT_TRUE(MakeReport(reading, report).ok());
  const google::protobuf::Timestamp& at = report.at();
  EXPECT_EQ(at.seconds(), 1'700'000'000);
}

TEST(MakeReport, NeedsAStation) {
  weather::v1::Report report;
  EXPECT_EQ(MakeReport(weather::v1::Reading(), report).code(),
            penstock::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace station
