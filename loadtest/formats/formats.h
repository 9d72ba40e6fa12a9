// The formats of -o FILE, by the end of the file's name.
//
//     const Format* format = FormatOf("result.hdr");       // null: none ends so
//     std::string text = format->of_run(record);
//
// .json is the run itself, and read again by results/read_record.h; the others are for other
// programs. Longer ends go first: a .gbench.json is no .json.
#ifndef PENSTOCK_LOADTEST_FORMATS_FORMATS_H_
#define PENSTOCK_LOADTEST_FORMATS_FORMATS_H_

#include <string>
#include <string_view>

#include "penstock/loadtest/find_max.h"
#include "penstock/loadtest/options.h"
#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

struct Format {
  std::string_view suffix;
  std::string (*of_run)(const RunRecord& record);
  // Null: there is none of --find-max.
  std::string (*of_find_max)(const Options& options, const FindMaxOutcome& outcome);
};

const Format* FormatOf(std::string_view path);
const Format& JsonFormat();

// ".json, .csv, ...": all, or those of --find-max.
std::string SuffixesOf(bool finds_max);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_FORMATS_FORMATS_H_
