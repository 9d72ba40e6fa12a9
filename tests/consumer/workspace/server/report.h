// What the station reports of a reading: no RPC in it, so a plain unit test covers it.
#ifndef SERVER_REPORT_H_
#define SERVER_REPORT_H_

#include "penstock/rpc/status.h"

#include "weather/weather.penstock.h"

namespace station {

// Fills `report` with the temperature in Fahrenheit, and the same for people.
penstock::Status MakeReport(const weather::v1::Reading& reading, weather::v1::Report& report);

}  // namespace station

#endif  // SERVER_REPORT_H_
