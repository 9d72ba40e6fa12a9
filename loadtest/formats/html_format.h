// One page of HTML that needs nothing else: of a run, or of --find-max. loadtest/page draws it.
#ifndef PENSTOCK_LOADTEST_FORMATS_HTML_FORMAT_H_
#define PENSTOCK_LOADTEST_FORMATS_HTML_FORMAT_H_

#include <string>

#include "penstock/loadtest/find_max.h"
#include "penstock/loadtest/options.h"
#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

std::string FormatHtml(const RunRecord& record);
std::string FormatFindMaxHtml(const Options& options, const FindMaxOutcome& outcome);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_FORMATS_HTML_FORMAT_H_
