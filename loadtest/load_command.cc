#include "penstock/loadtest/load_command.h"

#include <cstdio>
#include <string>
#include <utility>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/find_max.h"
#include "penstock/loadtest/formats/outputs.h"
#include "penstock/loadtest/repeat.h"
#include "penstock/loadtest/report.h"
#include "penstock/loadtest/results/compare.h"
#include "penstock/loadtest/results/read_record.h"
#include "penstock/loadtest/results/repeats_report.h"
#include "penstock/loadtest/tool/load_by_reflection.h"

namespace penstock::loadtest {
namespace {

int Fail(int exit_status, const std::string& why) {
  std::fprintf(stderr, "penstock-load: %s\n", why.c_str());
  return exit_status;
}

void Print(const Options& options, const std::string& table) {
  if (!options.quiet && options.json_file != "-") std::fputs(table.c_str(), stdout);
}

int FindMaxAndTell(const Options& options, const Outputs& outputs) {
  const FindMaxOutcome outcome = FindMax(options);
  if (!outcome.error.empty()) return Fail(outcome.exit_status, outcome.error);
  Print(options, FormatFindMax(options, outcome));
  const std::string trouble = outputs.Write(options, outcome);
  return trouble.empty() ? outcome.exit_status : Fail(kExitErrors, trouble);
}

// Adds what --baseline says; what went wrong otherwise is said first.
void Judge(const NamedRecord& baseline, RecordOutcome* outcome) {
  RunRecord& record = outcome->record;
  Verdict verdict = JudgeByBaseline(baseline, record, record.options.regression_max);
  for (std::string& note : verdict.notes) record.result.notes.push_back(std::move(note));
  if (verdict.has_regressed && outcome->exit_status == kExitOk) {
    outcome->exit_status = kExitRegression;
  }
}

int RunAndTell(const Options& options, const NamedRecord& baseline, const Outputs& outputs) {
  RecordOutcome outcome = RunRepeats(options);
  if (!outcome.error.empty()) return Fail(outcome.exit_status, outcome.error);
  if (!baseline.name.empty()) Judge(baseline, &outcome);
  const RunRecord& record = outcome.record;
  Print(options, FormatReport(record.options, record.result) + FormatRepeats(record));
  const std::string trouble = outputs.Write(record);
  return trouble.empty() ? outcome.exit_status : Fail(kExitErrors, trouble);
}

}  // namespace

int RunLoadCommand(int argc, char** argv) {
  CommandLine command_line = ParseCommandLine(argc, argv);
  if (command_line.exit_status) {
    std::fputs(command_line.message.c_str(),
               *command_line.exit_status == kExitOk ? stdout : stderr);
    return *command_line.exit_status;
  }
  Options& options = command_line.options;
  Outputs outputs;
  std::string trouble = outputs.Open(options.output_files, options.json_file, options.finds_max);
  NamedRecord baseline{options.baseline_file, {}};
  if (trouble.empty() && !baseline.name.empty()) {
    trouble = LoadRecord(baseline.name, &baseline.record);
  }
  if (!trouble.empty()) return Fail(kExitUsage, trouble);
  if (tool::NeedsReflection(options)) {
    const auto failure = tool::EncodeByReflection(&options);
    if (failure) return failure->Report("penstock-load");
  }
  return options.finds_max ? FindMaxAndTell(options, outputs)
                           : RunAndTell(options, baseline, outputs);
}

}  // namespace penstock::loadtest
