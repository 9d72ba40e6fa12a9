#include "penstock/server/http.h"

#include <gtest/gtest.h>

#include "penstock/wire/arena.h"

namespace penstock {
namespace {

TEST(HttpRequest, PartsTheTargetAtItsFirstQuestionMark) {
  const struct {
    const char* target;
    const char* path;
    const char* query;
  } cases[] = {
      {"/", "/", ""},          {"/a/b", "/a/b", ""},     {"/a?x=1", "/a", "x=1"}, {"/a?", "/a", ""},
      {"/a?x?y", "/a", "x?y"}, {"/a%3Fb", "/a%3Fb", ""}, {"*", "*", ""},
  };
  wire::Arena arena;
  const Metadata fields(&arena);
  for (const auto& c : cases) {
    SCOPED_TRACE(c.target);
    const HttpRequest request(c.target, false, &fields, nullptr);
    EXPECT_EQ(request.path(), c.path);
    EXPECT_EQ(request.query(), c.query);
    EXPECT_EQ(server::PathOfTarget(c.target), c.path);
  }
}

TEST(HttpRequest, AHandlerIsTestedWithoutAServer) {
  wire::Arena arena;
  Metadata fields(&arena);
  fields.AddReceived("accept", "text/html");
  const HttpRequest request("/page?q", true, &fields, nullptr);
  EXPECT_TRUE(request.is_head());
  EXPECT_EQ(request.Field("accept"), "text/html");
  EXPECT_EQ(request.Field("cookie"), std::nullopt);
  EXPECT_EQ(request.peer(), "unknown");
}

TEST(HttpReply, HoldsABodyOrAViewOfOne) {
  HttpReply reply;
  EXPECT_EQ(reply.status(), 200);
  EXPECT_EQ(reply.body(), "");
  reply.set_body("owned");
  EXPECT_EQ(reply.body(), "owned");
  static constexpr char kBody[] = "a constant";
  reply.set_body_view(kBody);
  EXPECT_EQ(static_cast<const void*>(reply.body().data()), kBody);
  reply.SetText(503, "draining\n");
  EXPECT_EQ(reply.status(), 503);
  EXPECT_EQ(reply.body(), "draining\n");
  EXPECT_EQ(reply.content_type(), "text/plain; charset=utf-8");
}

TEST(HttpReply, TakesNoFieldThatMustNotBeSent) {
  HttpReply reply;
  for (const char* name : {"", "Cache-Control", "x y", ":status", "content-length", "content-type",
                           "connection", "transfer-encoding", "upgrade", "te", "date", "server"}) {
    EXPECT_FALSE(reply.AddField(name, "x")) << name;
  }
  for (const char* value : {"a\r\nb", "a\nb", "a\rb", " a", "a ", "\ta", " "}) {
    EXPECT_FALSE(reply.AddField("x", value));
  }
  EXPECT_TRUE(reply.fields().empty());
  EXPECT_TRUE(reply.AddField("cache-control", "no-store"));
  ASSERT_EQ(reply.fields().size(), 1u);
  EXPECT_EQ(reply.fields()[0].name, "cache-control");
}

TEST(HttpReply, PushesNoMoreThanTheLimit) {
  HttpReply reply;
  for (size_t i = 0; i < 2 * HttpReply::kPushesMax; ++i) reply.Push("/" + std::to_string(i));
  EXPECT_EQ(reply.pushes().size(), HttpReply::kPushesMax);
  EXPECT_EQ(reply.pushes().front(), "/0");
}

TEST(HttpDate, IsTheFixedLengthForm) {
  EXPECT_EQ(server::FormatHttpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(server::FormatHttpDate(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110 §5.6.7
  EXPECT_EQ(server::FormatHttpDate(1709251199), "Thu, 29 Feb 2024 23:59:59 GMT");
}

}  // namespace
}  // namespace penstock
