#include "penstock/loadtest/results/compare.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "penstock/loadtest/printable.h"
#include "penstock/loadtest/report.h"
#include "penstock/loadtest/results/figures.h"
#include "penstock/loadtest/units.h"

namespace penstock::loadtest {
namespace {

std::string FormatShare(double share) { return Format("%.1f %%", 100 * share); }

std::string ValueOf(const Figure& figure) {
  return figure.value ? figure.format(*figure.value) : "n/a";
}

std::string DescribeRuns(const char* letter, const NamedRecord& named) {
  const RunRecord& record = named.record;
  const size_t runs = record.repeats.size();
  return " " + std::string(letter) + "  " + named.name + "   " +
         FormatLoad(record.options, record.result) + "   " +
         Printable(record.result.environment.started_at) +
         (runs > 1 ? Format("   %zu runs", runs) : "") +
         (record.result.generator_bound() ? "   generator-bound" : "") + "\n";
}

std::string DescribeChange(const Figure& before, const Figure& after) {
  const std::optional<Change> change = ChangeOf(before, after);
  if (!change) return "";
  std::string text = Format(" %8.3f", change->ratio);
  if (change->is_within_noise) return text + "   within the noise";
  if (!change->noise_is_known || change->worse_by == 0) return text;
  return text + "   " + FormatShare(std::fabs(change->worse_by)) +
         (change->worse_by > 0 ? " worse" : " better");
}

// Of one load; `text` is how it stands there.
void Differ(const char* name, const std::string& a, const std::string& b,
            std::vector<std::string>* differences) {
  if (a != b) differences->push_back(name + (" " + Printable(a)) + " and " + Printable(b));
}

std::string FormatReconnect(const Options& options) {
  if (options.reconnect_calls > 0) return std::to_string(options.reconnect_calls) + " calls";
  return options.reconnect_ns > 0 ? FormatSpan(options.reconnect_ns) : "never";
}

// What its octets pass, without the name of a machine.
std::string TransportOf(const Options& options) {
  return options.target.starts_with("unix") ? "a Unix socket" : "TCP";
}

std::string FormatDeadline(TimeNs deadline_ns) {
  return deadline_ns == 0 ? "none" : FormatSpan(deadline_ns);
}

// Of what is called the same, one method of a mix.
void DifferInPlan(const MethodOptions& a, const MethodOptions& b,
                  std::vector<std::string>* differences) {
  const auto differ = [&](const char* what, const std::string& of_a, const std::string& of_b) {
    Differ((std::string(what) + " of " + Printable(a.method)).c_str(), of_a, of_b, differences);
  };
  const auto differ_in = [&differ](const char* what, uint64_t of_a, uint64_t of_b) {
    differ(what, std::to_string(of_a), std::to_string(of_b));
  };
  differ("deadline", FormatDeadline(a.deadline_ns), FormatDeadline(b.deadline_ns));
  differ_in("message bytes", a.message_bytes(), b.message_bytes());
  differ_in("messages per stream", a.messages_per_stream, b.messages_per_stream);
  differ("message interval", FormatSpan(a.message_interval_ns), FormatSpan(b.message_interval_ns));
  differ_in("messages in flight", a.messages_in_flight, b.messages_in_flight);
}

// "p99 rose by 12.3 %, from 1.70ms to 1.91ms".
std::string DescribeRegression(const Figure& before, const Figure& after, const Change& change) {
  return before.name + (before.more_is_better ? " fell by " : " rose by ") +
         FormatShare(change.worse_by) + ", from " + ValueOf(before) + " to " + ValueOf(after);
}

}  // namespace

bool HaveOneMix(const Options& a, const Options& b) {
  return std::equal(a.mix.begin(), a.mix.end(), b.mix.begin(), b.mix.end(),
                    [](const MethodOptions& of_a, const MethodOptions& of_b) {
                      return of_a.method == of_b.method && of_a.kind == of_b.kind &&
                             of_a.weight == of_b.weight;
                    });
}

std::vector<std::string> DifferencesOf(const RunRecord& a, const RunRecord& b) {
  std::vector<std::string> differences;
  const auto differ = [&](const char* name, uint64_t in_a, uint64_t in_b) {
    Differ(name, std::to_string(in_a), std::to_string(in_b), &differences);
  };
  const Options& of_a = a.options;
  const Options& of_b = b.options;
  Differ("method", FormatMethod(of_a), FormatMethod(of_b), &differences);
  if (!HaveOneMix(of_a, of_b)) {
    differences.push_back("the methods of the mix");
  } else {
    for (size_t i = 0; i < of_a.mix.size(); ++i) {
      DifferInPlan(of_a.mix[i], of_b.mix[i], &differences);
    }
  }
  Differ("transport", TransportOf(of_a), TransportOf(of_b), &differences);
  Differ("TLS", of_a.tls.enabled ? "on" : "off", of_b.tls.enabled ? "on" : "off", &differences);
  Differ("loop", FormatLoop(of_a), FormatLoop(of_b), &differences);
  if (of_a.is_open_loop() && of_b.is_open_loop()) {
    differ("calls in flight at most", of_a.in_flight_max, of_b.in_flight_max);
  }
  differ("shards", a.result.shards, b.result.shards);
  differ("connections", of_a.connections, of_b.connections);
  differ("streams per connection", of_a.streams_per_connection, of_b.streams_per_connection);
  differ("message bytes", of_a.message_bytes(), of_b.message_bytes());
  Differ("deadline", FormatDeadline(of_a.deadline_ns), FormatDeadline(of_b.deadline_ns),
         &differences);
  Differ("reconnects every", FormatReconnect(of_a), FormatReconnect(of_b), &differences);
  Differ("machine", a.result.environment.cpu_model, b.result.environment.cpu_model, &differences);
  return differences;
}

std::string FormatComparison(const NamedRecord& a, const NamedRecord& b) {
  std::string text = "penstock-load compare\n" + DescribeRuns("A", a) + DescribeRuns("B", b);
  for (const std::string& difference : DifferencesOf(a.record, b.record)) {
    text += " differs  " + difference + "\n";
  }
  text += Format(" %-20s %10s %10s %8s\n", "", "A", "B", "B/A");
  const std::vector<Figure> of_a = FiguresOf(a.record);
  const std::vector<Figure> of_b = FiguresOf(b.record);
  for (size_t i = 0; i < of_a.size(); ++i) {
    if (!of_a[i].value && !of_b[i].value) continue;
    text += Format(" %-20s %10s %10s", of_a[i].name.c_str(), ValueOf(of_a[i]).c_str(),
                   ValueOf(of_b[i]).c_str()) +
            DescribeChange(of_a[i], of_b[i]) + "\n";
  }
  if (a.record.repeats.size() > 1 || b.record.repeats.size() > 1) {
    return text + " the noise is all between the lowest and the highest of the repeats\n";
  }
  return text + " how much of it is noise nobody knows: --repeat 5 tells\n";
}

Verdict JudgeByBaseline(const NamedRecord& baseline, const RunRecord& record,
                        double regression_max) {
  Verdict verdict;
  const std::string flag = "--baseline " + baseline.name + ": ";
  for (const std::string& difference : DifferencesOf(baseline.record, record)) {
    verdict.notes.push_back(flag + "another load: " + difference);
  }
  const std::vector<Figure> before = FiguresOf(baseline.record);
  const std::vector<Figure> after = FiguresOf(record);
  for (size_t i = 0; i < before.size(); ++i) {
    if (!before[i].is_judged) continue;
    const std::optional<Change> change = ChangeOf(before[i], after[i]);
    if (!change) {
      if (before[i].value) {
        verdict.notes.push_back(flag + before[i].name +
                                (after[i].value ? " was 0, and is " + ValueOf(after[i]) +
                                                      ": of zero there is no share to judge by"
                                                : " is not known now, and was " +
                                                      ValueOf(before[i])));
      }
      continue;
    }
    if (change->worse_by <= regression_max) continue;
    std::string note = flag + DescribeRegression(before[i], after[i], *change);
    if (change->is_within_noise) {
      note += "; that is within the noise of the repeats, " + FormatRange(before[i]) +
              " and now " + FormatRange(after[i]);
    } else {
      verdict.has_regressed = true;
      note += "; --max-regression allows " + FormatShare(regression_max);
      note += change->noise_is_known ? ", and the repeats lie apart"
                                     : ". How much of it is noise --repeat would tell";
    }
    verdict.notes.push_back(std::move(note));
  }
  return verdict;
}

}  // namespace penstock::loadtest
