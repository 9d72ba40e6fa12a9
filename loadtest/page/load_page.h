// MakeLoadPage: results of penstock-load as one HTML file, which needs no other and no network.
//
//     std::string html = MakeLoadPage({{{.name = "before.json", .json = before},
//                                       {.name = "after.json", .json = after}}});
//
// The page holds the results themselves, as JSON, and the scripts that draw them; several are laid
// over each other. Its template, style and charts are those of the page of tools/bench, too.
#ifndef PENSTOCK_LOADTEST_PAGE_LOAD_PAGE_H_
#define PENSTOCK_LOADTEST_PAGE_LOAD_PAGE_H_

#include <span>
#include <string>

#include "penstock/wire/embedded_file.h"

namespace penstock::loadtest::page {

struct Document {
  std::string name;  // where there are several: the file's
  std::string json;  // as report_json.h or find_max.h has it; else the page is a broken one
};

std::string MakeLoadPage(std::span<const Document> documents);

// What is wrong with a document, as the rest of a sentence that begins with its name; "" if nothing
// is.
std::string WrongWith(const std::string& json);

// page.html, page.css, the scripts, and Chart.js.
std::span<const wire::EmbeddedFile> PageFiles();

}  // namespace penstock::loadtest::page

#endif  // PENSTOCK_LOADTEST_PAGE_LOAD_PAGE_H_
