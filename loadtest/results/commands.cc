#include "penstock/loadtest/results/commands.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/find_max.h"
#include "penstock/loadtest/formats/outputs.h"
#include "penstock/loadtest/read_file.h"
#include "penstock/loadtest/report.h"
#include "penstock/loadtest/results/compare.h"
#include "penstock/loadtest/results/merge.h"
#include "penstock/loadtest/results/read_find_max.h"
#include "penstock/loadtest/results/read_record.h"
#include "penstock/loadtest/results/repeats_report.h"
#include "penstock/loadtest/tool/command_options.h"

namespace penstock::loadtest {
namespace {

constexpr char kReportDescription[] =
    "penstock-load report: the table of a result again, or of several as one.\n"
    "\n"
    "Examples:\n"
    "  penstock-load report result.json\n"
    "  penstock-load report result.json -o result.csv       in another format\n"
    "  penstock-load report --side-by-side a.json b.json    generators at the same time\n"
    "\n"
    "Histograms and counts of several are summed; results of another method or loop are refused.\n";
constexpr char kCompareDescription[] =
    "penstock-load compare: two results side by side, and what of the difference is noise.\n"
    "\n"
    "Example:\n"
    "  penstock-load compare old.json new.json\n"
    "\n"
    "Figures are medians of --repeat. Where the ranges of the repeats overlap, the difference\n"
    "is within the noise.\n";
constexpr char kFooter[] =
    "Exit status: 0 it was printed; 1 a file could not be written; 64 wrong usage, or a file is\n"
    "no result.";

// A sentence: the first file that is no result; "": all are.
std::string LoadAll(const std::vector<std::string>& files, std::vector<NamedRecord>* records) {
  for (const std::string& file : files) {
    records->push_back({file, {}});
    std::string trouble = LoadRecord(file, &records->back().record);
    if (!trouble.empty()) return trouble;
  }
  return "";
}

int Fail(const CLI::App& app, const std::string& trouble) {
  std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), trouble.c_str());
  return kExitErrors;
}

// What --find-max wrote is one result of many runs.
int ReportFindMax(const CLI::App& app, const std::string& file, const std::string& json,
                  const std::vector<std::string>& paths) {
  FindMaxRecord record;
  Outputs outputs;
  std::string trouble = ReadFindMax(json, &record);
  if (!trouble.empty()) trouble = file + " is no result of --find-max: " + trouble;
  if (trouble.empty()) trouble = outputs.Open(paths, /*json_file=*/"", /*finds_max=*/true);
  if (!trouble.empty()) return tool::FailUsage(app.get_name(), trouble);
  std::fputs(FormatFindMax(record.options, record.outcome).c_str(), stdout);
  trouble = outputs.Write(record.options, record.outcome);
  return trouble.empty() ? kExitOk : Fail(app, trouble);
}

}  // namespace

int RunReport(int argc, char** argv) {
  CLI::App app{kReportDescription, "penstock-load report"};
  app.footer(kFooter);
  std::vector<std::string> files, paths;
  bool side_by_side = false;
  app.add_option("FILE", files, "what --json or -o FILE.json wrote, repeatable")
      ->type_name("")
      ->required();
  app.add_option("-o,--output", paths,
                 "write it there, too; the end of the name says how: " + SuffixesOf(false))
      ->type_name("FILE")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  app.add_flag("--side-by-side", side_by_side,
               "the runs were at the same time: the longest window counts, and throughputs add up");
  if (const auto status = tool::ParseCommand(app, argc, argv)) return *status;
  std::string json;
  if (files.size() == 1 && ReadFile(files[0], &json) && IsFindMax(json)) {
    return ReportFindMax(app, files[0], json, paths);
  }
  Outputs outputs;
  std::vector<NamedRecord> records;
  RunRecord merged;
  std::string trouble = outputs.Open(paths, /*json_file=*/"", /*finds_max=*/false);
  if (trouble.empty()) trouble = LoadAll(files, &records);
  if (trouble.empty()) {
    const MergeOf how = side_by_side ? MergeOf::kRunsSideBySide : MergeOf::kRunsInARow;
    trouble = MergeRecords(records, how, &merged);
  }
  if (!trouble.empty()) return tool::FailUsage(app.get_name(), trouble);
  std::fputs((FormatReport(merged.options, merged.result) + FormatRepeats(merged)).c_str(), stdout);
  trouble = outputs.Write(merged);
  return trouble.empty() ? kExitOk : Fail(app, trouble);
}

int RunCompare(int argc, char** argv) {
  CLI::App app{kCompareDescription, "penstock-load compare"};
  app.footer(kFooter);
  std::vector<std::string> files(2);
  app.add_option("A", files[0], "the result before")->type_name("FILE")->required();
  app.add_option("B", files[1], "the result after")->type_name("FILE")->required();
  if (const auto status = tool::ParseCommand(app, argc, argv)) return *status;
  std::vector<NamedRecord> records;
  const std::string trouble = LoadAll(files, &records);
  if (!trouble.empty()) return tool::FailUsage(app.get_name(), trouble);
  std::fputs(FormatComparison(records[0], records[1]).c_str(), stdout);
  return kExitOk;
}

}  // namespace penstock::loadtest
