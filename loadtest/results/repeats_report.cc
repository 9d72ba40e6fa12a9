#include "penstock/loadtest/results/repeats_report.h"

#include <cstdio>
#include <string_view>
#include <vector>

#include "penstock/loadtest/printable.h"
#include "penstock/loadtest/results/figures.h"

namespace penstock::loadtest {
namespace {

constexpr std::string_view kShown[] = {"rps", "p50", "p99", "p99.9", "server cpu per RPC"};

std::string Cell(const std::string& text) {
  return std::string(text.size() < 10 ? 10 - text.size() : 1, ' ') + text;
}

// Of `record`, what `cell` makes of each figure that is shown; `errors` stands before the server's.
template <typename Function>
std::string FormatRow(const RunRecord& record, const std::string& name, const std::string& errors,
                      Function&& cell) {
  std::string text = " " + name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ');
  for (const Figure& figure : FiguresOf(record)) {
    for (const std::string_view shown : kShown) {
      if (figure.name != shown) continue;
      const bool is_server = shown == kShown[4];
      if (is_server) text += Cell(errors) + "    ";
      if (!is_server || record.result.server) text += Cell(cell(figure));
    }
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string SpreadOf(const Figure& figure) {
  if (!figure.value || *figure.value <= 0) return "n/a";
  char text[400];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * (figure.high - figure.low) / *figure.value);
  return text;
}

}  // namespace

std::string FormatRepeats(const RunRecord& record) {
  if (record.repeats.empty()) return "";
  std::string text = FormatRow(record, "repeats", "errors", [](const Figure& figure) {
    return figure.name.starts_with("server ") ? std::string("cpu per RPC") : figure.name;
  });
  std::string notes;
  for (size_t i = 0; i < record.repeats.size(); ++i) {
    const RunResult& run = record.repeats[i];
    const std::string number = std::to_string(i + 1);
    const bool is_median = i == record.median_repeat;
    text += FormatRow({record.options, run, {}, 0}, "  " + number + (is_median ? " median" : ""),
                      std::to_string(run.tally.error_count()), [](const Figure& figure) {
                        return figure.value ? figure.format(*figure.value) : "n/a";
                      });
    if (is_median) continue;
    for (const std::string& note : run.notes) {
      notes += " note        run " + number + ": " + Printable(note) + "\n";
    }
  }
  return text + FormatRow(record, "spread", "", &SpreadOf) + notes;
}

}  // namespace penstock::loadtest
