#include "server/report.h"

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace station {
namespace {

std::string Text(std::string_view station, int64_t tenths) {
  char number[32];
  std::snprintf(number, sizeof number, "%s%" PRId64 ".%" PRId64 " F", tenths < 0 ? "-" : "",
                std::abs(tenths / 10), std::abs(tenths % 10));
  return std::string(station) + ": " + number;
}

}  // namespace

penstock::Status MakeReport(const weather::v1::Reading& reading, weather::v1::Report& report) {
  if (reading.station().empty()) {
    return penstock::MakeStatus(penstock::StatusCode::kInvalidArgument,
                                "a reading names its station");
  }
  const weather::units::Temperature& at = reading.temperature();
  const int64_t fahrenheit =
      at.scale() == weather::units::FAHRENHEIT ? at.tenths() : at.tenths() * 9 / 5 + 320;
  report.mutable_temperature()->set_tenths(fahrenheit);
  report.mutable_temperature()->set_scale(weather::units::FAHRENHEIT);
  if (reading.has_at()) *report.mutable_at() = reading.at();
  report.set_text(Text(reading.station(), fahrenheit));
  return penstock::OkStatus();
}

}  // namespace station
