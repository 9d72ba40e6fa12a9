#include "penstock/loadtest/formats/google_benchmark_format.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "penstock/loadtest/histogram.h"

namespace penstock::loadtest {
namespace {

using Json = nlohmann::ordered_json;

std::string NameOf(const RunRecord& record) {
  const Options& options = record.options;
  if (!options.is_open_loop()) {
    return options.method + "/closed:" + std::to_string(options.connections) + "x" +
           std::to_string(options.streams_per_connection);
  }
  const double rate = options.rate.stages.front().per_second;
  return options.method + "/open:" + std::to_string(static_cast<int64_t>(rate));
}

// Adds a run's benchmarks: the `index`-th of `count` repetitions.
class Benchmarks {
 public:
  Benchmarks(std::string name, size_t count) : name_(std::move(name)), count_(count) {}

  void AddRun(const RunResult& result, size_t index) {
    family_ = 0;
    const auto calls = static_cast<double>(result.ended_count());
    const double generator_ns =
        result.generator_cpu_total * static_cast<double>(result.measured_ns);
    const double cpu_ns = result.PerRpc(result.server ? result.server->cpu_ns : generator_ns);
    const double real_ns = calls == 0 ? 0 : static_cast<double>(result.measured_ns) / calls;
    Json& per_call = Add("per_call", index, result.ended_count(), real_ns, cpu_ns);
    per_call["items_per_second"] = result.rps();
    per_call["errors"] = result.tally.error_count();
    const Histogram& latency =
        result.is_open_loop ? result.tally.response() : result.tally.latency();
    const std::pair<const char*, Quantile> quantiles[] = {
        {"p50", kP50}, {"p90", kP90}, {"p99", kP99}, {"p99.9", kP999}};
    for (const auto& [name, quantile] : quantiles) {
      const std::optional<int64_t> value_ns = latency.Percentile(quantile);
      if (!value_ns) continue;
      const auto value = static_cast<double>(*value_ns);
      Add(name, index, latency.count(), value, value);
    }
  }
  Json Take() { return std::move(benchmarks_); }

 private:
  Json& Add(const char* figure, size_t index, uint64_t calls, double real_ns, double cpu_ns) {
    const std::string name = name_ + "/" + figure;
    benchmarks_.push_back({
        {"name", name},
        {"family_index", family_++},
        {"per_family_instance_index", 0},
        {"run_name", name},
        {"run_type", "iteration"},
        {"repetitions", count_},
        {"repetition_index", index},
        {"threads", 1},
        {"iterations", calls},
        {"real_time", real_ns},
        {"cpu_time", cpu_ns},
        {"time_unit", "ns"},
    });
    return benchmarks_.back();
  }

  const std::string name_;
  const size_t count_;
  size_t family_ = 0;
  Json benchmarks_ = Json::array();
};

}  // namespace

std::string FormatGoogleBenchmark(const RunRecord& record) {
  const RunResult::Environment& environment = record.result.environment;
  Benchmarks benchmarks(NameOf(record), std::max<size_t>(record.repeats.size(), 1));
  if (record.repeats.empty()) benchmarks.AddRun(record.result, 0);
  for (size_t i = 0; i < record.repeats.size(); ++i) benchmarks.AddRun(record.repeats[i], i);
  const Json report = {
      {"context",
       {{"date", environment.started_at},
        {"executable", "penstock-load " + environment.version},
        {"num_cpus", environment.cpus_count},
        {"mhz_per_cpu", 0},
        {"cpu_scaling_enabled", !environment.governor.empty() &&
                                    environment.governor != "performance"},
        {"caches", Json::array()},
        {"load_avg", Json::array()},
        {"library_build_type", "release"},
        {"kernel", environment.kernel},
        {"cpu_model", environment.cpu_model},
        {"target", record.options.target}}},
      {"benchmarks", benchmarks.Take()},
  };
  return report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace penstock::loadtest
