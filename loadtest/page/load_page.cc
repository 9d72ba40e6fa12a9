#include "penstock/loadtest/page/load_page.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "penstock/loadtest/printable.h"
#include "penstock/wire/check.h"

namespace penstock::loadtest::page {
namespace {

// In the order in which they build on each other.
constexpr std::string_view kScripts[] = {"chart.js",        "format.js",        "charts.js",
                                         "load_entries.js", "load_sections.js", "load_report.js"};

std::string_view FileOf(std::string_view name) {
  for (const wire::EmbeddedFile& file : PageFiles()) {
    if (file.name == name) return file.octets;
  }
  PENSTOCK_CHECK(false, "BUILD.bazel and the lists of names here agree");
  return "";
}

// JSON in which no "</script" and no "<!--" ends or changes what is around it. A "<" is within a
// string always, where it may be written so.
void AppendWithoutMarkup(std::string_view json, std::string* html) {
  for (const char c : json) {
    if (c == '<') {
      *html += "\\u003c";
    } else {
      *html += c;
    }
  }
}

std::string FormatDocuments(std::span<const Document> documents) {
  std::string text = "[";
  for (const Document& document : documents) {
    if (text.size() > 1) text += ",\n";
    // A file's name need not be UTF-8.
    const std::string name = nlohmann::json(document.name)
                                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    text += "{\"name\": ";
    AppendWithoutMarkup(name, &text);
    text += ", \"document\": ";
    AppendWithoutMarkup(document.json, &text);
    text += "}";
  }
  return text + "]";
}

std::string FormatScripts() {
  std::string text;
  for (const std::string_view script : kScripts) {
    text += "<script>\n" + std::string(FileOf(script)) + "</script>\n";
  }
  return text;
}

}  // namespace

std::string MakeLoadPage(std::span<const Document> documents) {
  std::string_view rest = FileOf("page.html");
  std::string html;
  // What fills a place is not looked at again: it may hold braces.
  for (size_t begin = rest.find("{{"); begin != rest.npos; begin = rest.find("{{")) {
    const size_t end = rest.find("}}", begin);
    const std::string_view place = rest.substr(begin + 2, end - begin - 2);
    html += rest.substr(0, begin);
    if (place == "title") html += "penstock-load";
    if (place == "style") html += FileOf("page.css");
    if (place == "documents") html += FormatDocuments(documents);
    if (place == "scripts") html += FormatScripts();
    rest.remove_prefix(end + 2);
  }
  return html += rest;
}

std::string WrongWith(const std::string& json) {
  const nlohmann::json document = nlohmann::json::parse(json, nullptr, false);
  if (document.is_discarded()) return "is no JSON: it may have been cut off";
  const auto schema = document.find("schema");
  if (!document.is_object() || schema == document.end() || !schema->is_string()) {
    return "has no schema: it is no result of penstock-load";
  }
  const auto& name = schema->get_ref<const std::string&>();
  if (name != "penstock-load/1" && name != "penstock-load-find-max/1") {
    return "has the schema '" + Printable(name) +
           "', where penstock-load/1 or penstock-load-find-max/1 was expected";
  }
  const char* const part = name == "penstock-load/1" ? "totals" : "trials";
  if (!document.contains(part)) return std::string("lacks its ") + part;
  return "";
}

}  // namespace penstock::loadtest::page
