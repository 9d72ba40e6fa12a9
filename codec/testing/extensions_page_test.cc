// What docs/extensions.md shows compiles and does what it says; and it shows what is here.
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "gtest/gtest.h"

#include "penstock/codec/message.h"
#include "penstock/wire/bytes.h"

#include "codec/testing/extensions_page.penstock.h"

namespace penstock::codec::testing {
namespace page {

std::string Describe(const Item& item) {
  std::string text(item.GetExtension(colour));  // "grey" when it is absent
  for (const Review& review : item.GetRepeatedExtension(Review::reviews)) {
    text.append(", ").append(review.text());
  }
  return text;
}

Item RedItem() {
  Item item;
  item.SetExtension(colour, "red");
  item.AddExtension(Review::reviews)->set_text("shines");
  return item;
}

bool IsWellFormed(const Item& item) {
  const penstock::codec::ParseResult result = item.ParseExtensions(colour, Review::reviews);
  return result.ok();  // otherwise penstock::codec::Describe(result) says what and where
}

}  // namespace page

namespace {

TEST(ExtensionsPage, ItsCodeDoesWhatItSays) {
  EXPECT_EQ(page::Describe(page::Item()), "grey");
  page::Item item;
  ASSERT_TRUE(item.ParseFrom(wire::AsBytes(page::RedItem().SerializeAsString())).ok());
  EXPECT_TRUE(page::IsWellFormed(item));
  EXPECT_EQ(page::Describe(item), "red, shines");
  ASSERT_TRUE(item.ParseFrom(wire::AsBytes("\xaa\x06\x02\x0a\x05")).ok());
  EXPECT_FALSE(page::IsWellFormed(item));
}

std::string ReadFile(const std::string& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The first block of that language.
std::string BlockOf(const std::string& page, const std::string& language) {
  const std::string fence = "```" + language + "\n";
  const size_t start = page.find(fence) + fence.size();
  return page.substr(start, page.find("```", start) - start);
}

TEST(ExtensionsPage, ItsBlocksAreTheCodeOfThisTest) {
  const std::string page = ReadFile("docs/extensions.md");
  for (const auto& [language, path] : {std::pair("proto", "codec/testing/extensions_page.proto"),
                                       std::pair("cpp", "codec/testing/extensions_page_test.cc")}) {
    const std::string block = BlockOf(page, language);
    ASSERT_GT(block.size(), 100u);
    EXPECT_NE(ReadFile(path).find(block), std::string::npos) << language;
  }
}

}  // namespace
}  // namespace penstock::codec::testing
