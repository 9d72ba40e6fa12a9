#include "penstock/loadtest/formats/formats.h"

#include "penstock/loadtest/formats/csv_format.h"
#include "penstock/loadtest/formats/google_benchmark_format.h"
#include "penstock/loadtest/formats/hdr_format.h"
#include "penstock/loadtest/formats/html_format.h"
#include "penstock/loadtest/formats/prometheus_format.h"
#include "penstock/loadtest/report_json.h"

namespace penstock::loadtest {
namespace {

constexpr Format kFormats[] = {
    {".gbench.json", &FormatGoogleBenchmark, nullptr},
    {".json", &FormatJson, &FormatFindMaxJson},
    {".html", &FormatHtml, &FormatFindMaxHtml},
    {".csv", &FormatCsv, nullptr},
    {".hdr", &FormatHdr, nullptr},
    {".prom", &FormatPrometheus, nullptr},
};

}  // namespace

const Format* FormatOf(std::string_view path) {
  for (const Format& format : kFormats) {
    if (path.ends_with(format.suffix)) return &format;
  }
  return nullptr;
}

const Format& JsonFormat() { return *FormatOf(".json"); }

std::string SuffixesOf(bool finds_max) {
  std::string text;
  for (const Format& format : kFormats) {
    if (finds_max && format.of_find_max == nullptr) continue;
    text += (text.empty() ? "" : ", ") + std::string(format.suffix);
  }
  return text;
}

}  // namespace penstock::loadtest
