// Outputs: the files that --json and -o name, looked at before the run and written behind it.
//
//     Outputs outputs;
//     std::string trouble = outputs.Open(options.output_files, options.json_file, finds_max);
//     ... the run ...
//     trouble = outputs.Write(record);
#ifndef PENSTOCK_LOADTEST_FORMATS_OUTPUTS_H_
#define PENSTOCK_LOADTEST_FORMATS_OUTPUTS_H_

#include <string>
#include <vector>

#include "penstock/loadtest/formats/formats.h"
#include "penstock/loadtest/formats/output_file.h"

namespace penstock::loadtest {

class Outputs {
 public:
  // `json_file` is JSON whatever its name, "-" is stdout; empty: none. Returns a sentence: a name
  // whose end says no format, or what cannot be written; "" when there is none.
  [[nodiscard]] std::string Open(const std::vector<std::string>& paths,
                                 const std::string& json_file, bool finds_max);
  // The same of the first that could not be written.
  [[nodiscard]] std::string Write(const RunRecord& record) const;
  [[nodiscard]] std::string Write(const Options& options, const FindMaxOutcome& outcome) const;

 private:
  struct Output {
    OutputFile file;
    const Format* format;
  };

  // Every one is tried.
  template <typename Function>
  std::string WriteAll(Function&& text_of) const {
    std::string trouble;
    for (const Output& output : outputs_) {
      std::string why = output.file.Write(text_of(*output.format));
      if (trouble.empty()) trouble = std::move(why);
    }
    return trouble;
  }

  std::vector<Output> outputs_;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_FORMATS_OUTPUTS_H_
