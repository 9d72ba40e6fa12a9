// The series of a run as comma-separated values (RFC 4180, but for its line ends), with a header:
//
//     at_s,ok,errors,carried_ok,dropped,rps,in_flight,messages_sent,messages_received,p50_ns,...
//     1.000,49980,0,0,0,49980.0,9,,,181247,...
//
// What the columns mean is in report_json.h; rps is calls that ended with OK, per second. A figure
// that is not known is empty.
#ifndef PENSTOCK_LOADTEST_FORMATS_CSV_FORMAT_H_
#define PENSTOCK_LOADTEST_FORMATS_CSV_FORMAT_H_

#include <string>

#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

std::string FormatCsv(const RunRecord& record);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_FORMATS_CSV_FORMAT_H_
