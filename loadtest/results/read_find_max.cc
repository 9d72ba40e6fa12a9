#include "penstock/loadtest/results/read_find_max.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "penstock/loadtest/results/json_fields.h"
#include "penstock/loadtest/results/read_record.h"

namespace penstock::loadtest {
namespace {

using Json = nlohmann::json;

Json Parse(std::string_view json) {
  return Json::parse(json, nullptr, /*allow_exceptions=*/false);
}

bool HasSchema(const Json& document) {
  std::string trouble;
  return JsonFields(document, "", &trouble).TextOr("schema", "") == kFindMaxSchema;
}

void ReadTrial(const JsonFields& fields, FindMaxRecord* record) {
  Trial trial;
  trial.rate = fields.Number("rate");
  trial.missed = fields.Text("missed");
  const JsonFields report = fields.Object("report");
  if (!fields.ok()) return;
  RunRecord run;
  const std::string wrong = ReadRecordOf(report.json(), &run);
  if (!wrong.empty()) return fields.Refuse(report.name() + ": " + wrong);
  if (record->outcome.trials.empty()) record->options = std::move(run.options);
  trial.result = std::move(run.result);
  record->outcome.trials.push_back(std::move(trial));
}

}  // namespace

bool IsFindMax(std::string_view json) { return HasSchema(Parse(json)); }

std::string ReadFindMax(std::string_view json, FindMaxRecord* record) {
  *record = FindMaxRecord();
  const Json document = Parse(json);
  if (!HasSchema(document)) {
    return std::string("its schema is not \"") + kFindMaxSchema + "\"";
  }
  std::string trouble;
  const JsonFields report(document, "", &trouble);
  report.ForEach("trials", [record](const JsonFields& trial) { ReadTrial(trial, record); });
  record->options.finds_max = true;
  record->options.slo.text = report.Text("slo");
  record->outcome.knee = report.OrNumber("knee_per_second").value_or(0);
  record->outcome.interrupted = report.Truth("interrupted");
  record->outcome.stopped_by = report.TextOr("stopped_by", "");
  return trouble;
}

}  // namespace penstock::loadtest
