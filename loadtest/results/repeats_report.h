// What --repeat adds to the table: each run, and how far they lie apart.
//
//      repeats            rps       p50       p99     p99.9    errors     cpu per RPC
//        1             512.3k     182us     540us    1.20ms         0       0.391us
//        2 median      515.0k     181us     543us    1.21ms         0       0.390us
//        3             520.9k     180us     538us    1.19ms         0       0.388us
//      spread           1.7 %     1.1 %     0.9 %     1.7 %                   0.8 %
//
// The spread is what lies between the lowest and the highest, as a share of the median.
#ifndef PENSTOCK_LOADTEST_RESULTS_REPEATS_REPORT_H_
#define PENSTOCK_LOADTEST_RESULTS_REPEATS_REPORT_H_

#include <string>

#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

// "" without repeats. Ends with the notes of the runs that are not the median.
std::string FormatRepeats(const RunRecord& record);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RESULTS_REPEATS_REPORT_H_
