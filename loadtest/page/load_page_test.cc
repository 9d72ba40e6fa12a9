#include "penstock/loadtest/page/load_page.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace penstock::loadtest::page {
namespace {

// What a browser takes for the JSON of the page: up to the first end of a script.
nlohmann::json DocumentsOf(const std::string& html) {
  constexpr std::string_view kBegin = "<script type=\"application/json\" id=\"documents\">";
  const size_t begin = html.find(kBegin) + kBegin.size();
  return nlohmann::json::parse(html.substr(begin, html.find("</script", begin) - begin), nullptr,
                               false);
}

TEST(LoadPage, HoldsTheDocumentsAndAsksForNothingElse) {
  const std::vector<Document> documents = {{"a.json", R"({"schema": "penstock-load/1"})"},
                                           {"b.json", "{\n  \"n\": 1.5\n}\n"}};
  const std::string html = MakeLoadPage(documents);
  const nlohmann::json kept = DocumentsOf(html);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0]["name"], "a.json");
  EXPECT_EQ(kept[0]["document"]["schema"], "penstock-load/1");
  EXPECT_EQ(kept[1]["document"]["n"], 1.5);
  for (const char* outside : {"<link", " src=", "@import", "url(", "{{"}) {
    EXPECT_EQ(html.substr(0, html.find("<script>")).find(outside), std::string::npos) << outside;
  }
  EXPECT_TRUE(html.ends_with("</html>\n"));
}

TEST(LoadPage, IsNotEndedByWhatAPeerSays) {
  const std::string evil = "</script><script>alert(1)</script><!-- {{title}}";
  const nlohmann::json document = {{"first_message", evil}};
  const std::vector<Document> documents = {{evil, document.dump()}};
  const std::string html = MakeLoadPage(documents);
  EXPECT_EQ(DocumentsOf(html)[0]["name"], evil);
  EXPECT_EQ(DocumentsOf(html)[0]["document"]["first_message"], evil);
  EXPECT_EQ(html.find("alert(1)</script"), std::string::npos);
  EXPECT_EQ(DocumentsOf(MakeLoadPage(std::vector<Document>{{"\xff\xfe", "{}"}})).size(), 1u)
      << "a file's name need not be UTF-8";
}

TEST(WrongWith, SaysWhyADocumentIsNoResult) {
  const struct {
    const char* json;
    const char* want;
  } kCases[] = {
      {R"({"schema": "penstock-load/1", "totals": {}})", ""},
      {R"({"schema": "penstock-load-find-max/1", "trials": []})", ""},
      {"", "is no JSON: it may have been cut off"},
      {R"({"schema": "penstock-load/1", "tot)", "is no JSON: it may have been cut off"},
      {"\xff", "is no JSON: it may have been cut off"},
      {"[1]", "has no schema: it is no result of penstock-load"},
      {"7", "has no schema: it is no result of penstock-load"},
      {R"({"schema": 1})", "has no schema: it is no result of penstock-load"},
      {R"({"schema": "penstock-load/9"})",
       "has the schema 'penstock-load/9', where penstock-load/1 or penstock-load-find-max/1 was "
       "expected"},
      {R"({"schema": "a\u001b[2J"})",
       "has the schema 'a [2J', where penstock-load/1 or penstock-load-find-max/1 was expected"},
      {R"({"schema": "penstock-load/1"})", "lacks its totals"},
      {R"({"schema": "penstock-load-find-max/1"})", "lacks its trials"},
  };
  for (const auto& [json, want] : kCases) {
    SCOPED_TRACE(json);
    EXPECT_EQ(WrongWith(json), want);
  }
}

}  // namespace
}  // namespace penstock::loadtest::page
