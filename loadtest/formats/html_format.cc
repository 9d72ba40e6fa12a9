#include "penstock/loadtest/formats/html_format.h"

#include <utility>

#include "penstock/loadtest/page/load_page.h"
#include "penstock/loadtest/report_json.h"

namespace penstock::loadtest {
namespace {

std::string PageOf(std::string json) {
  const page::Document document{"", std::move(json)};
  return page::MakeLoadPage({&document, 1});
}

}  // namespace

std::string FormatHtml(const RunRecord& record) { return PageOf(FormatJson(record)); }

std::string FormatFindMaxHtml(const Options& options, const FindMaxOutcome& outcome) {
  return PageOf(FormatFindMaxJson(options, outcome));
}

}  // namespace penstock::loadtest
