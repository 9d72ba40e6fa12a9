// Plain GET and HEAD beside RPCs.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {
namespace {

using http2::EndStream;

constexpr size_t kLargeBytes = 1024 * 1024 + 7;

std::string LargeBody() {
  std::string body;
  for (size_t i = 0; body.size() < kLargeBytes; ++i) body += std::to_string(i) + "\n";
  body.resize(kLargeBytes);
  return body;
}

Fields PlainHead(std::string_view method, std::string_view path, const Fields& more = {}) {
  Fields head = {{":method", std::string(method)},
                 {":scheme", "http"},
                 {":path", std::string(path)},
                 {":authority", "test"}};
  head.insert(head.end(), more.begin(), more.end());
  return head;
}

class ServerHttpTest : public ServerTest {
 protected:
  ServerHttpTest() {
    register_more_ = [this](Registry& registry) {
      registry.HandleGet("/page", [](const HttpRequest& request, HttpReply& reply) {
        reply.set_content_type("text/html");
        reply.set_body("<p>" + std::string(request.query()));
        const auto echoed = request.Field("x-echo");
        if (echoed) {
          EXPECT_TRUE(reply.AddField("x-echo", *echoed));
        }
      });
      registry.HandleGet(
          "/large", [this](const HttpRequest&, HttpReply& reply) { reply.set_body_view(large_); });
      registry.HandleGet(kSay, [](const HttpRequest&, HttpReply& reply) {
        reply.SetText(200, "a page where an RPC is, too\n");
      });
    };
  }

  static const TestResponse& Get(TestClient& client, std::string_view path,
                                 std::string_view method = "GET", const Fields& more = {}) {
    return client.Wait(client.Open(PlainHead(method, path, more), EndStream::kYes));
  }

  const std::string large_ = LargeBody();
};
INSTANTIATE_SERVER_TEST(ServerHttpTest);

TEST_P(ServerHttpTest, EveryServerAnswersHealthz) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = Get(client, "/healthz");
  EXPECT_EQ(response.http_status(), "200");
  EXPECT_EQ(response.data, "ok\n");
  EXPECT_EQ(response.Field("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(response.Field("content-length"), "3");
  EXPECT_TRUE(response.Field("server").starts_with("penstock/"));
  EXPECT_TRUE(response.Field("date").ends_with(" GMT"));
  EXPECT_EQ(response.Field("grpc-status"), "");
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText("beside it"))), "beside it");
  EXPECT_NE(server().Describe().find("GET /healthz"), std::string::npos);
  EXPECT_EQ(Stop().calls_ok, 2u);
}

TEST_P(ServerHttpTest, HealthzMayBeTurnedOff) {
  options_.healthz = false;
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(Get(client, "/healthz").http_status(), "404");
  EXPECT_EQ(Stop().calls_failed, 1u);
}

TEST_P(ServerHttpTest, AHealthzOfTheProgramTakesItsPlace) {
  register_more_ = [](Registry& registry) {
    registry.HandleGet(
        "/healthz", [](const HttpRequest&, HttpReply& reply) { reply.SetText(503, "draining\n"); });
  };
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(Get(client, "/healthz").http_status(), "503");
  EXPECT_EQ(client.response(1).data, "draining\n");
}

TEST_P(ServerHttpTest, QueryAndFieldsReachTheHandler) {
  START_SERVER();
  TestClient client(address());
  const TestResponse& response = Get(client, "/page?a=1&b", "GET", {{"x-echo", "back"}});
  EXPECT_EQ(response.data, "<p>a=1&b");
  EXPECT_EQ(response.Field("x-echo"), "back");
  EXPECT_EQ(response.Field("content-type"), "text/html");
}

TEST_P(ServerHttpTest, HeadHasTheLengthAndNoBody) {
  START_SERVER();
  TestClient client(address());
  for (const char* path : {"/page", "/large"}) {
    const TestResponse& response = Get(client, path, "HEAD");
    EXPECT_EQ(response.http_status(), "200");
    EXPECT_TRUE(response.ended);
    EXPECT_EQ(response.data, "");
    const std::string want = path == std::string("/page") ? "3" : std::to_string(kLargeBytes);
    EXPECT_EQ(response.Field("content-length"), want);
  }
}

TEST_P(ServerHttpTest, UnknownPathsAre404) {
  START_SERVER();
  TestClient client(address());
  for (const char* path : {"/", "/pag", "/page/", "/Page", "page", "*", "/?/page"}) {
    SCOPED_TRACE(path);
    const TestResponse& response = Get(client, path);
    EXPECT_EQ(response.http_status(), "404");
    EXPECT_EQ(response.Field("content-length"), std::to_string(response.data.size()));
    EXPECT_TRUE(response.data.starts_with("404"));
  }
  EXPECT_EQ(Get(client, "/nothing", "HEAD").http_status(), "404");
  EXPECT_EQ(Get(client, "/nothing", "DELETE").http_status(), "404");
}

TEST_P(ServerHttpTest, OtherMethodsAre405AndSayWhichAreAllowed) {
  START_SERVER();
  TestClient client(address());
  const struct {
    const char* method;
    std::string_view path;
    Fields more;
    const char* allow;
  } cases[] = {
      {"PUT", "/page", {}, "GET, HEAD"},
      {"POST", "/page", {}, "GET, HEAD"},
      {"POST", "/page?x", {{"content-type", "application/json"}}, "GET, HEAD"},
      {"get", "/page", {}, "GET, HEAD"},
      {"GET", kAct, {}, "POST"},
      {"HEAD", kAct, {}, "POST"},
      {"GET", kAct, {{"content-type", "application/grpc"}}, "POST"},
      {"PUT", kSay, {}, "GET, HEAD, POST"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.method) + " " + std::string(c.path));
    const TestResponse& response = Get(client, c.path, c.method, c.more);
    EXPECT_EQ(response.http_status(), "405");
    EXPECT_EQ(response.Field("allow"), c.allow);
  }
  EXPECT_EQ(handled_count_, 0);
}

TEST_P(ServerHttpTest, APostThatIsNotGrpcIs415WhenItIsWhole) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(PlainHead("POST", kAct, {{"content-type", "text/plain"}}));
  client.Send(id, std::string(3'000'000, 'x'));
  client.Ping();
  EXPECT_EQ(client.response(id).http_status(), "");
  client.Send(id, "the end", EndStream::kYes);
  EXPECT_EQ(client.Wait(id).http_status(), "415");
  EXPECT_EQ(client.Wait(id).status(), 2);
}

TEST_P(ServerHttpTest, OnePathMayServeAPageAndAnRpc) {
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(Get(client, kSay).data, "a page where an RPC is, too\n");
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText("an RPC"))), "an RPC");
}

// Beyond what the windows hold: credit for it comes back.
TEST_P(ServerHttpTest, BodiesOfRequestsAreDiscarded) {
  options_.http2.connection_window_bytes = 100'000;
  options_.http2.stream_window_bytes = 50'000;
  START_SERVER();
  TestClient client(address());
  const std::string bodies[] = {"", "x", std::string(5, '\0'), Framed("a message") + Framed("two"),
                                std::string(300'000, '\xff')};
  for (const std::string& body : bodies) {
    SCOPED_TRACE(body.size());
    const TestResponse& response = client.CallWithHead(PlainHead("GET", "/page?with"), body);
    EXPECT_EQ(response.http_status(), "200");
    EXPECT_EQ(response.data, "<p>with");
    EXPECT_EQ(client.CallWithHead(PlainHead("PUT", "/page"), body).http_status(), "405");
  }
  const uint32_t id = client.Open(PlainHead("GET", "/page"));
  client.Send(id, "a body");
  client.SendTrailers(id, {{"x-trailer", "y"}});
  EXPECT_EQ(client.Wait(id).http_status(), "200");
}

TEST_P(ServerHttpTest, LargeBodiesGoThroughSmallWindows) {
  START_SERVER();
  for (const uint32_t window_bytes : {1'000u, 65'535u, 200'000u, 4u * 1024 * 1024}) {
    SCOPED_TRACE(window_bytes);
    http2::Limits limits;
    limits.stream_window_bytes = limits.connection_window_bytes = window_bytes;
    TestClient client(address(), limits);
    uint32_t ids[3];
    for (uint32_t& id : ids) id = client.Open(PlainHead("GET", "/large"), EndStream::kYes);
    for (const uint32_t id : ids) {
      const TestResponse& response = client.Wait(id);
      EXPECT_TRUE(response.ended);
      EXPECT_EQ(response.Field("content-length"), std::to_string(kLargeBytes));
      EXPECT_TRUE(response.data == large_) << response.data.size();
    }
  }
}

TEST_P(ServerHttpTest, ABodyThatIsHeldUpHoldsUpNobody) {
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = 0;
  TestClient client(address(), limits);
  const uint32_t held = client.Open(PlainHead("GET", "/large"), EndStream::kYes);
  // Answers that need no window pass it.
  EXPECT_EQ(Get(client, "/page", "HEAD").http_status(), "200");
  EXPECT_EQ(client.Call("/penstock.test.Echo/None", FramedText("x")).status(), 12);
  EXPECT_EQ(client.response(held).http_status(), "200");
  EXPECT_EQ(client.response(held).data, "");
  EXPECT_FALSE(client.response(held).ended);
  ExpectServes(address());
  client.Reset(held, http2::ErrorCode::kCancel);
  EXPECT_EQ(Get(client, "/healthz", "HEAD").http_status(), "200");
}

TEST_P(ServerHttpTest, AConnectionMayDieWhileItsBodiesAreUnderWay) {
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = 0;
  TestClient client(address(), limits);
  client.Open(PlainHead("GET", "/large"), EndStream::kYes);
  client.Open(PlainHead("GET", "/page"));  // never whole
  client.Ping();
  client.socket().Close(true);
  ExpectServes(address());
}

TEST_P(ServerHttpTest, ARequestThatIsResetIsCancelled) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(PlainHead("GET", "/page"));
  client.Send(id, "half a body");
  client.Ping();
  client.Reset(id, http2::ErrorCode::kCancel);
  client.Ping();
  EXPECT_EQ(Stop().calls_cancelled, 1u);
}

TEST_P(ServerHttpTest, RepliesMayPushOthers) {
  register_more_ = [this](Registry& registry) {
    registry.HandleGet("/", [](const HttpRequest&, HttpReply& reply) {
      reply.set_body("a page");
      for (const char* target : {"/large?pushed", "/nothing", "/small"}) reply.Push(target);
    });
    registry.HandleGet(
        "/large", [this](const HttpRequest&, HttpReply& reply) { reply.set_body_view(large_); });
    registry.HandleGet("/small", [](const HttpRequest&, HttpReply& reply) {
      reply.set_body("small");
      reply.Push("/small");  // of a pushed reply: left out
    });
  };
  START_SERVER();
  http2::Limits limits;
  limits.push_enabled = true;
  TestClient client(address(), limits);
  EXPECT_EQ(Get(client, "/").data, "a page");
  const Fields want = {
      {":method", "GET"}, {":scheme", "http"}, {":authority", "test"}, {":path", "/large?pushed"}};
  EXPECT_EQ(client.response(2).promise, want);
  EXPECT_TRUE(client.Wait(2).data == large_);
  EXPECT_EQ(client.Wait(4).data, "small");
  client.Ping();
  client.socket().Close();
  EXPECT_EQ(Stop().calls_ok, 3u);
}

TEST_P(ServerHttpTest, APushThatTheClientDoesNotWantIsCancelled) {
  register_more_ = [this](Registry& registry) {
    registry.HandleGet("/", [](const HttpRequest&, HttpReply& reply) {
      reply.set_body("a page");
      reply.Push("/large");
    });
    registry.HandleGet(
        "/large", [this](const HttpRequest&, HttpReply& reply) { reply.set_body_view(large_); });
  };
  START_SERVER();
  TestClient refusing(address());
  EXPECT_EQ(Get(refusing, "/").data, "a page");  // its SETTINGS say so: nothing was promised
  http2::Limits limits;
  limits.push_enabled = true;
  limits.stream_window_bytes = 20'000;
  TestClient client(address(), limits);
  EXPECT_EQ(Get(client, "/").data, "a page");
  client.Reset(2, http2::ErrorCode::kCancel);
  client.Ping();
  EXPECT_EQ(Get(client, "/").data, "a page");
}

TEST_P(ServerHttpTest, HandlersThatFailAre500) {
  register_more_ = [](Registry& registry) {
    registry.HandleGet("/throws", [](const HttpRequest&, HttpReply& reply) {
      reply.set_body("half");
      throw std::runtime_error("a secret");
    });
    registry.HandleGet("/throws-int", [](const HttpRequest&, HttpReply&) { throw 7; });
    registry.HandleGet("/status",
                       [](const HttpRequest&, HttpReply& reply) { reply.set_status(100); });
  };
  START_SERVER();
  TestClient client(address());
  for (const char* path : {"/throws", "/throws-int", "/status"}) {
    SCOPED_TRACE(path);
    const TestResponse& response = Get(client, path);
    EXPECT_EQ(response.http_status(), "500");
    EXPECT_EQ(response.data, "500: the handler failed\n");
  }
  EXPECT_EQ(Stop().calls_failed, 3u);
}

TEST_P(ServerHttpTest, StatusesWithoutContentHaveNeitherBodyNorLength) {
  register_more_ = [](Registry& registry) {
    for (const int status : {204, 304}) {
      registry.HandleGet(
          "/" + std::to_string(status),
          [status](const HttpRequest&, HttpReply& reply) { reply.SetText(status, "not sent"); });
    }
  };
  START_SERVER();
  TestClient client(address());
  for (const char* status : {"204", "304"}) {
    const TestResponse& response = Get(client, std::string("/") + status);
    EXPECT_EQ(response.http_status(), status);
    EXPECT_EQ(response.data, "");
    EXPECT_EQ(response.Field("content-length"), "");
    EXPECT_TRUE(response.ended);
  }
}

TEST_P(ServerHttpTest, TheMoreUrgentBodyGoesFirst) {
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = 4 * 1024 * 1024;
  limits.connection_window_bytes = 65'535;
  TestClient client(address(), limits);
  const uint32_t low =
      client.Open(PlainHead("GET", "/large", {{"priority", "u=7"}}), EndStream::kYes);
  const uint32_t high =
      client.Open(PlainHead("GET", "/large", {{"priority", "u=0"}}), EndStream::kYes);
  client.Wait(high);
  EXPECT_LT(client.response(low).data.size(), kLargeBytes / 4);
  EXPECT_TRUE(client.Wait(low).data == large_);
}

TEST_P(ServerHttpTest, ABodyGoesOnWhenAMoreUrgentOneIsCancelled) {
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = 4 * 1024 * 1024;
  limits.connection_window_bytes = 65'535;
  TestClient client(address(), limits);
  const uint32_t low =
      client.Open(PlainHead("GET", "/large", {{"priority", "u=7"}}), EndStream::kYes);
  const uint32_t high =
      client.Open(PlainHead("GET", "/large", {{"priority", "u=0"}}), EndStream::kYes);
  client.Ping();
  client.Reset(high, http2::ErrorCode::kCancel);
  EXPECT_TRUE(client.Wait(low).data == large_);
}

TEST_P(ServerHttpTest, AFieldThatIsMalformedIsTheHandlersFault) {
  register_more_ = [](Registry& registry) {
    registry.HandleGet("/type", [](const HttpRequest&, HttpReply& reply) {
      reply.set_content_type("text/plain\r\nx-more: 1");
    });
  };
  START_SERVER();
  TestClient client(address());
  EXPECT_EQ(Get(client, "/type").http_status(), "500");
}

}  // namespace
}  // namespace penstock::test
