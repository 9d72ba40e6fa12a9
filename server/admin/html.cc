#include "penstock/server/admin/html.h"

namespace penstock::server {
namespace {

constexpr std::string_view kStyle =
    "body{font:15px/1.45 system-ui,sans-serif;margin:0;color:#1b1f24;background:#fff}"
    "nav{padding:.6em 1.5em;background:#12343b;color:#fff}nav a{color:#fff;margin-right:1.2em}"
    "main{padding:0 1.5em 2em}h1{font-size:1.4em}table{border-collapse:collapse}"
    "th,td{padding:.25em .8em;border-bottom:1px solid #dde2e6;text-align:left;"
    "vertical-align:top}th{background:#f2f5f7;position:sticky;top:0}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}";

}  // namespace

HtmlPage::HtmlPage(std::string_view title, int refresh_seconds) {
  text_ = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">";
  if (refresh_seconds > 0) {
    text_ += "<meta http-equiv=\"refresh\" content=\"" + std::to_string(refresh_seconds) + "\">";
  }
  text_ += "<title>";
  AppendEscaped(title);
  text_.append(" - penstock</title><style>").append(kStyle).append("</style></head><body><nav>");
  for (const char* path :
       {"/debug", "/debug/methods", "/debug/connections", "/debug/shards", "/debug/limits",
        "/debug/calls", "/debug/trace", "/dashboard", "/metrics"}) {
    text_.append("<a href=\"").append(path).append("\">").append(path).append("</a>");
  }
  text_ += "</nav><main><h1>";
  AppendEscaped(title);
  text_ += "</h1>\n";
}

void HtmlPage::AppendEscaped(std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        text_ += "&amp;";
        break;
      case '<':
        text_ += "&lt;";
        break;
      case '>':
        text_ += "&gt;";
        break;
      case '"':
        text_ += "&quot;";
        break;
      case '\'':
        text_ += "&#39;";
        break;
      default:
        text_ += static_cast<unsigned char>(c) < ' ' && c != '\n' ? '?' : c;
    }
  }
}

void HtmlPage::Heading(std::string_view text) {
  text_ += "<h2>";
  AppendEscaped(text);
  text_ += "</h2>\n";
}

void HtmlPage::Paragraph(std::string_view text) {
  text_ += "<p>";
  AppendEscaped(text);
  text_ += "</p>\n";
}

void HtmlPage::Link(std::string_view path, std::string_view what) {
  text_ += "<p><a href=\"";
  AppendEscaped(path);
  text_ += "\">";
  AppendEscaped(path);
  text_ += "</a>: ";
  AppendEscaped(what);
  text_ += "</p>\n";
}

void HtmlPage::Preformatted(std::string_view text) {
  text_ += "<pre>";
  AppendEscaped(text);
  text_ += "</pre>\n";
}

void HtmlPage::BeginTable(const std::vector<std::string_view>& headers) {
  text_ += "<table><tr>";
  for (const std::string_view header : headers) {
    text_ += "<th>";
    AppendEscaped(header);
    text_ += "</th>";
  }
  text_ += "</tr>\n";
}

void HtmlPage::Row(const std::vector<std::string>& cells) {
  text_ += "<tr>";
  for (const std::string& cell : cells) {
    const bool is_number = !cell.empty() && cell.front() >= '0' && cell.front() <= '9';
    text_ += is_number ? "<td class=\"n\">" : "<td>";
    AppendEscaped(cell);
    text_ += "</td>";
  }
  text_ += "</tr>\n";
}

void HtmlPage::EndTable() { text_ += "</table>\n"; }

}  // namespace penstock::server
