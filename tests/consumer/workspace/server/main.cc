// The weather station's server: server --listen 127.0.0.1:50051
#include "penstock/server/server_main.h"

#include "server/report.h"
#include "weather/weather.server.h"

namespace {

class Station final : public weather::v1::WeatherService {
  penstock::Status Convert(penstock::Call&, const weather::v1::Reading& reading,
                           weather::v1::Report& report) override {
    return station::MakeReport(reading, report);
  }
};

}  // namespace

int main(int argc, char** argv) {
  return penstock::ServerMain(argc, argv, [](penstock::Server& server) { server.Add<Station>(); });
}
