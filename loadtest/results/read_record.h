// Reads again what --json or -o FILE.json wrote: see report_json.h for the schema.
//
//     RunRecord record;
//     if (const std::string why = LoadRecord("old.json", &record); !why.empty()) {
//       fprintf(stderr, "%s\n", why.c_str());       // "old.json: totals.ok is missing"
//
// What is read is what was measured, but for the texts of a message that were no UTF-8, and what
// serves the SLO alone. Files of the same schema that lack newer keys are read, too.
//
// Limits: whatever stands there, it ends with a sentence or with a record that every report takes.
#ifndef PENSTOCK_LOADTEST_RESULTS_READ_RECORD_H_
#define PENSTOCK_LOADTEST_RESULTS_READ_RECORD_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

// What is wrong, "" when nothing is; `*record` counts in that case alone.
[[nodiscard]] std::string ReadRecord(std::string_view json, RunRecord* record);
[[nodiscard]] std::string ReadRecordOf(const nlohmann::json& document, RunRecord* record);

// Of a file, which the sentence names.
[[nodiscard]] std::string LoadRecord(const std::string& path, RunRecord* record);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RESULTS_READ_RECORD_H_
