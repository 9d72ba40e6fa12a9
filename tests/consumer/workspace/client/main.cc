// Asks the weather station for a report: client 127.0.0.1:50051 Oslo 215
#include <cstdio>
#include <cstdlib>
#include <string>

#include "weather/weather.client.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s ADDRESS STATION TENTHS\n", argv[0]);
    return 64;
  }
  penstock::client::BlockingChannel channel(argv[1]);
  weather::v1::WeatherBlockingClient weather(&channel);
  weather::v1::Reading reading;
  reading.set_station(argv[2]);
  reading.mutable_temperature()->set_tenths(std::atoi(argv[3]));
  const penstock::StatusOr<weather::v1::Report> report = weather.Convert(reading);
  if (!report.ok()) {
    std::printf("%s\n", report.status().ToString().c_str());
    return 1;
  }
  std::printf("%s\n", std::string(report->text()).c_str());
}
