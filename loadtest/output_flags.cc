#include "penstock/loadtest/output_flags.h"

#include <CLI/CLI.hpp>
#include <optional>

#include "penstock/loadtest/flag_values.h"
#include "penstock/loadtest/payload.h"
#include "penstock/loadtest/units.h"

namespace penstock::loadtest {
namespace {

// Each is kept with its histograms: some 230 KiB.
constexpr int64_t kRepeatsMax = 100;

std::string TakeRepeats(const OutputFlags& flags, Options* options) {
  if (!flags.repeats.empty()) {
    const std::optional<int64_t> repeats = ParseCount(flags.repeats);
    if (!repeats || *repeats < 1 || *repeats > kRepeatsMax) {
      return WrongValue("--repeat", flags.repeats,
                        "a count between 1 and " + std::to_string(kRepeatsMax));
    }
    options->repeats = static_cast<uint32_t>(*repeats);
  }
  if (flags.cooldown.empty()) return "";
  if (flags.repeats.empty()) return "--cooldown is a pause between runs: say --repeat, too";
  return TakeDuration("--cooldown", flags.cooldown, 0, &options->cooldown_ns);
}

std::string TakeBaseline(const OutputFlags& flags, Options* options) {
  options->baseline_file = flags.baseline;
  if (flags.regression_max.empty()) return "";
  if (flags.baseline.empty()) {
    return "--max-regression says how much worse than --baseline: say that, too";
  }
  const std::optional<double> share = ParseShare(flags.regression_max);
  if (!share) {
    return WrongValue("--max-regression", flags.regression_max,
                      "a percentage above 0, up to 100, such as 5%");
  }
  options->regression_max = *share;
  return "";
}

}  // namespace

void DeclareOutputFlags(CLI::App& app, OutputFlags* flags) {
  const auto add = [&app](const char* names, std::string* value, const char* type,
                          const char* help) {
    app.add_option(names, *value, help)->type_name(type);
  };
  add("--repeat", &flags->repeats, "N",
      "make the run so often, tell the one with the median throughput, and how far they lie apart");
  add("--cooldown", &flags->cooldown, "TIME", "pause between two of --repeat; 1s");
  add("--baseline", &flags->baseline, "FILE",
      "an older result (JSON); exit status 4 where throughput, p99 or the server's cost is worse");
  add("--max-regression", &flags->regression_max, "PERCENT", "by more than this; 5%");
  app.add_option("-o,--output", flags->outputs,
                 "write the results there, repeatable; the end of the name says how: .json, .html, "
                 ".csv (each second), .hdr (HdrHistogram), .prom (Prometheus), .gbench.json "
                 "(Google Benchmark)")
      ->type_name("FILE")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  add("--json", &flags->json, "FILE", "write them there as JSON; - is stdout");
  app.add_flag("-q,--quiet", flags->quiet, "print no table and no progress");
}

std::string TakeOutput(const OutputFlags& flags, Options* options) {
  options->quiet = flags.quiet;
  options->json_file = flags.json;
  options->output_files = flags.outputs;
  std::string trouble = TakeRepeats(flags, options);
  if (trouble.empty()) trouble = TakeBaseline(flags, options);
  if (trouble.empty() && options->finds_max &&
      (options->repeats > 1 || !options->baseline_file.empty())) {
    trouble = "--find-max is many runs, each another: leave out " +
              std::string(options->repeats > 1 ? "--repeat" : "--baseline");
  }
  return trouble;
}

}  // namespace penstock::loadtest
