#include "penstock/codec/json/field_mask_text.h"

#include "gtest/gtest.h"

namespace penstock::codec::json {
namespace {

TEST(FieldMaskText, PathsGoBothWays) {
  struct {
    const char* path;
    const char* camel;
  } const cases[] = {
      {"foo", "foo"},  {"bar_baz", "barBaz"}, {"a_b_c", "aBC"},
      {"_foo", "Foo"}, {"foo3", "foo3"},      {"user.display_name", "user.displayName"},
      {"a.b", "a.b"},  {"a._b", "a.B"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.path);
    std::string camel;
    EXPECT_TRUE(AppendCamelPath(c.path, &camel));
    EXPECT_EQ(camel, c.camel);
    std::string path;
    EXPECT_TRUE(ParseCamelPath(c.camel, &path));
    EXPECT_EQ(path, c.path);
  }
}

TEST(FieldMaskText, PathsThatWouldNotComeBackAreRefused) {
  for (const char* path :
       {"", "fooBar", "foo_3_bar", "foo__bar", "foo_", "_", "foo_.bar", "a,b", "Foo", "foo_B"}) {
    std::string camel = "kept";
    EXPECT_FALSE(AppendCamelPath(path, &camel)) << path;
    EXPECT_EQ(camel, "kept");
  }
  for (const char* camel : {"", "bar_bar", "_"}) {
    std::string path;
    EXPECT_FALSE(ParseCamelPath(camel, &path)) << camel;
  }
}

}  // namespace
}  // namespace penstock::codec::json
