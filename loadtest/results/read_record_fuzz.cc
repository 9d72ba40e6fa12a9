// Whatever stands in a file of results: a sentence, or a record that every format takes.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "penstock/loadtest/find_max.h"
#include "penstock/loadtest/formats/formats.h"
#include "penstock/loadtest/report.h"
#include "penstock/loadtest/report_json.h"
#include "penstock/loadtest/results/read_find_max.h"
#include "penstock/loadtest/results/read_record.h"
#include "penstock/wire/check.h"

using namespace penstock;            // NOLINT
using namespace penstock::loadtest;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(bytes), size);
  FindMaxRecord search;
  if (ReadFindMax(json, &search).empty()) {
    PENSTOCK_CHECK(!FormatFindMax(search.options, search.outcome).empty(), "a table has a header");
    PENSTOCK_CHECK(!FormatFindMaxJson(search.options, search.outcome).empty(), "it is written");
  }
  RunRecord record;
  if (!ReadRecord(json, &record).empty()) return 0;
  PENSTOCK_CHECK(!FormatReport(record.options, record.result).empty(), "a table has a header");
  for (const char* path : {"a.csv", "a.hdr", "a.prom", "a.gbench.json"}) {
    PENSTOCK_CHECK(!FormatOf(path)->of_run(record).empty(), "each format has a header");
  }
  RunRecord again;
  PENSTOCK_CHECK(ReadRecord(FormatJson(record), &again).empty(), "what was read can be written");
  return 0;
}
