// The latency's distribution as HdrHistogram prints it, and its plotter and others read it: the
// response in an open loop, the service in a closed one. Values are milliseconds; the first line
// says so, and of what they are.
//
//            Value     Percentile TotalCount 1/(1-Percentile)
//
//         0.181247 0.000000000000      98000           1.00
//
// Five lines for each halving of what lies above; the last one is the maximum.
#ifndef PENSTOCK_LOADTEST_FORMATS_HDR_FORMAT_H_
#define PENSTOCK_LOADTEST_FORMATS_HDR_FORMAT_H_

#include <string>

#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

std::string FormatHdr(const RunRecord& record);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_FORMATS_HDR_FORMAT_H_
