#include "penstock/examples/http2_hello/url.h"

#include <gtest/gtest.h>

namespace penstock::examples {
namespace {

TEST(Url, IsPartedIntoWhatARequestNeeds) {
  const struct {
    const char* text;
    const char* authority;
    const char* address;
    const char* target;
  } cases[] = {
      {"http://a:8080/b?c=d", "a:8080", "a:8080", "/b?c=d"},
      {"http://a", "a", "a:80", "/"},
      {"http://a?c", "a", "a:80", "/?c"},
      {"http://127.0.0.1:1/", "127.0.0.1:1", "127.0.0.1:1", "/"},
      {"http://[::1]/x", "[::1]", "[::1]:80", "/x"},
      {"http://[::1]:2/x", "[::1]:2", "[::1]:2", "/x"},
      {"http://a/b#c?d", "a", "a:80", "/b"},
      {"http://a/@b", "a", "a:80", "/@b"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    std::string why;
    const auto url = ParseUrl(c.text, &why);
    ASSERT_TRUE(url) << why;
    EXPECT_EQ(url->authority, c.authority);
    EXPECT_EQ(url->address, c.address);
    EXPECT_EQ(url->target, c.target);
  }
}

TEST(Url, WhatIsNoneIsExplained) {
  const struct {
    const char* text;
    const char* why;
  } cases[] = {
      {"", "looks like"},        {"a/b", "looks like"},          {"ftp://a/", "looks like"},
      {"http://a/b c", "looks"}, {"http://a/\r\nx: y", "looks"}, {"https://a/", "TLS"},
      {"http:///b", "no host"},  {"http://", "no host"},         {"http://me@a/", "USER@"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    std::string why;
    EXPECT_FALSE(ParseUrl(c.text, &why));
    EXPECT_NE(why.find(c.why), std::string::npos) << why;
  }
}

}  // namespace
}  // namespace penstock::examples
