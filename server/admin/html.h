// HtmlPage: a page of headings, sentences and tables that needs no script. Every text that is given
// is escaped: peers choose some of them.
//
//     HtmlPage page("Limits");
//     page.BeginTable({"limit", "reached"});
//     page.Row({"glitches_max", "12"});
//     page.EndTable();
//     page.text()
#ifndef PENSTOCK_SERVER_ADMIN_HTML_H_
#define PENSTOCK_SERVER_ADMIN_HTML_H_

#include <string>
#include <string_view>
#include <vector>

namespace penstock::server {

class HtmlPage {
 public:
  static constexpr std::string_view kContentType = "text/html; charset=utf-8";

  // `refresh_seconds`: the browser loads it anew; 0: it does not.
  explicit HtmlPage(std::string_view title, int refresh_seconds = 0);

  void Heading(std::string_view text);
  void Paragraph(std::string_view text);
  void Link(std::string_view path, std::string_view what);
  // Of what goes to a terminal: monospaced, lines kept.
  void Preformatted(std::string_view text);
  void BeginTable(const std::vector<std::string_view>& headers);
  // Numbers, which begin with a digit, stand to the right.
  void Row(const std::vector<std::string>& cells);
  void EndTable();

  std::string text() const { return text_ + "</main></body></html>\n"; }

 private:
  void AppendEscaped(std::string_view text);

  std::string text_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_HTML_H_
