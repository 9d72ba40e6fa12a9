#include "penstock/loadtest/formats/outputs.h"

namespace penstock::loadtest {

std::string Outputs::Open(const std::vector<std::string>& paths, const std::string& json_file,
                          bool finds_max) {
  if (!json_file.empty()) outputs_.push_back({OutputFile(json_file), &JsonFormat()});
  for (const std::string& path : paths) {
    const Format* const format = FormatOf(path);
    if (format == nullptr) {
      return "-o " + path + ": the end of the name says the format, and is one of " +
             SuffixesOf(finds_max);
    }
    if (finds_max && format->of_find_max == nullptr) {
      return "-o " + path + ": --find-max is many runs, and is written as " + SuffixesOf(true);
    }
    outputs_.push_back({OutputFile(path), format});
  }
  for (const Output& output : outputs_) {
    std::string trouble = output.file.Probe();
    if (!trouble.empty()) return trouble;
  }
  return "";
}

std::string Outputs::Write(const RunRecord& record) const {
  return WriteAll([&record](const Format& format) { return format.of_run(record); });
}

std::string Outputs::Write(const Options& options, const FindMaxOutcome& outcome) const {
  return WriteAll([&](const Format& format) { return format.of_find_max(options, outcome); });
}

}  // namespace penstock::loadtest
