#include "penstock/server/admin/admin.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "penstock/server/admin/debug_pages.h"
#include "penstock/server/admin/html.h"
#include "penstock/server/admin/prometheus.h"
#include "penstock/server/testing/server_fixture.h"
#include "penstock/server/testing/test_client.h"
#include "penstock/server/testing/test_socket.h"
#include "penstock/wire/testing/certificates.h"

namespace penstock::test {
namespace {

class AdminTest : public ServerTest {
 protected:
  AdminTest() {
    options_.admin = "127.0.0.1:0";
    options_.shards = 2;
  }

  // The whole answer, head and all.
  std::string Ask(const std::string& path, const std::string& more_fields = "") {
    const std::string url = server().admin_url();
    TestSocket socket(url.substr(std::string("http://").size()));
    socket.Write("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                 more_fields + "\r\n");
    return socket.ReadToEnd();
  }
};
INSTANTIATE_SERVER_TEST(AdminTest);

// Of a sample's line, "name{labels} value"; 0 without it.
uint64_t ValueOf(const std::string& page, const std::string& sample) {
  const size_t at = page.find("\n" + sample + " ");
  EXPECT_NE(at, std::string::npos) << sample << " is not in\n" << page;
  return at == std::string::npos ? 0 : std::stoull(page.substr(at + sample.size() + 2));
}

constexpr std::string_view kActLabels =
    R"({grpc_type="unary",grpc_service="penstock.test.Echo",grpc_method="Act")";

std::string Sample(std::string_view name, std::string_view more, uint64_t value) {
  return std::string(name) + std::string(kActLabels) + std::string(more) + "} " +
         std::to_string(value) + "\n";
}

TEST_P(AdminTest, CountsEachCallByItsStatus) {
  int count = 0;
  act_ = [&count](Call&, const Text&, Text& reply) {
    reply.set_octets(std::string(100, 'x'));
    return ++count % 3 == 0 ? MakeStatus(StatusCode::kNotFound, "<b>not \"here\"</b>") : OkStatus();
  };
  START_SERVER();
  TestClient client(address());
  for (int i = 0; i < 9; ++i) client.Call(kAct, FramedText("123"));
  client.Call("/penstock.test.Echo/Nothing", Framed(""));
  const std::string page = Ask("/metrics");
  EXPECT_TRUE(page.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(page.find("\r\ncontent-type: text/plain; version=0.0.4"), std::string::npos);
  for (const std::string& want :
       {Sample("grpc_server_started_total", "", 9),
        Sample("grpc_server_handled_total", R"(,grpc_code="OK")", 6),
        Sample("grpc_server_handled_total", R"(,grpc_code="NotFound")", 3),
        Sample("grpc_server_msg_received_total", "", 9),
        Sample("grpc_server_msg_sent_total", "", 6),
        // One at a time, so that all are timed.
        Sample("grpc_server_handling_seconds_count", "", 9),
        Sample("penstock_server_received_message_bytes_sum", "", 45),
        Sample("penstock_server_sent_message_bytes_bucket", R"(,le="63")", 0),
        Sample("penstock_server_sent_message_bytes_bucket", R"(,le="255")", 6),
        std::string(R"(grpc_service="unknown",grpc_method="unknown",grpc_code="Unimplemented"} 1)"),
        std::string("penstock_shard_up{shard=\"1\"} 1\n")}) {
    EXPECT_NE(page.find(want), std::string::npos) << want << "is not in\n" << page;
  }
  const std::string calls = Ask("/debug/calls");
  EXPECT_NE(calls.find("&lt;b&gt;not &quot;here&quot;&lt;/b&gt;"), std::string::npos) << calls;
  EXPECT_EQ(calls.find("<b>"), std::string::npos);
  const std::string methods = Ask("/debug/methods");
  EXPECT_NE(methods.find("<td>NotFound 3</td>"), std::string::npos) << methods;
}

// On io_uring the kernel sends and receives between the turns: their times leave that out, and are
// no load.
TEST_P(AdminTest, TellsOfTheTimeThatAShardTookOnItsCore) {
  START_SERVER();
  const std::string row = "\npenstock_shard_cpu_seconds_total{shard=\"0\"} ";
  const auto seconds = [&] {
    const std::string page = Ask("/metrics");
    const size_t at = page.find(row);
    if (at == std::string::npos) return -1.0;
    return std::strtod(page.c_str() + at + row.size(), nullptr);
  };
  const double before = seconds();
  EXPECT_GT(before, 0);
  TestClient client(address());
  for (int i = 0; i < 100; ++i) client.Call(kSay, FramedText("x"));
  EXPECT_GT(seconds(), before);
}

TEST_P(AdminTest, TellsWhenTheCertificateExpires) {
  const wire::TestAuthority ca("test CA");
  const wire::CertificateFolder folder;
  options_.tls.certificates = {folder.Write("server", ca.Issue({.common_name = "server"}))};
  START_SERVER();
  const std::string page = Ask("/metrics");
  EXPECT_EQ(ValueOf(page, "penstock_tls_certificate_expires_seconds"),
            static_cast<uint64_t>(server().tls_expires_at_s()));
  EXPECT_GT(server().tls_expires_at_s(), 0);
  EXPECT_EQ(ValueOf(page, "penstock_tls_reloads_total"), 0u);
  EXPECT_EQ(ValueOf(page, "penstock_tls_reloads_failed_total"), 0u);
}

TEST_P(AdminTest, CountsConnectionsThatAreClosedAtOnce) {
  options_.shards = 1;
  options_.connections_max = 1;
  START_SERVER();
  TestClient first(address());
  EXPECT_EQ(first.Call(kAct, FramedText("")).status(), 0);
  TestSocket second(address());
  EXPECT_EQ(second.ReadToEnd(), "");
  const std::string page = Ask("/metrics");
  EXPECT_EQ(ValueOf(page, R"(penstock_shard_accepts_refused_total{shard="0"})"), 1u);
  EXPECT_EQ(page.find("penstock_tls_"), std::string::npos) << "it has no TLS";
}

TEST_P(AdminTest, ShowsConnectionsAndShards) {
  START_SERVER();
  TestClient client(address());
  client.Call(kSay, FramedText("x"));
  const uint32_t open = client.Open(TestClient::Head(kSay));
  client.Ping();
  const std::string connections = Ask("/debug/connections");
  EXPECT_NE(connections.find("<td class=\"n\">127.0.0.1:"), std::string::npos) << connections;
  EXPECT_NE(Ask("/debug/shards").find(GetParam() == reactor::IoMode::kUring ? "io_uring" : "epoll"),
            std::string::npos);
  EXPECT_NE(Ask("/metrics").find("penstock_shard_streams{shard=\"0\"} 1\n"), std::string::npos);
  EXPECT_NE(Ask("/debug/limits").find("No limit has been reached"), std::string::npos);
  client.Reset(open, http2::ErrorCode::kCancel);
  client.Ping();
  EXPECT_NE(Ask("/metrics").find("grpc_code=\"Canceled\"} 1\n"), std::string::npos);
}

TEST_P(AdminTest, TracesTheFramesOfAConnection) {
  START_SERVER();
  EXPECT_NE(Ask("/debug/trace").find("Nothing is traced"), std::string::npos);
  TestClient other(address());
  other.Call(kSay, FramedText("other"));
  TestClient client(address());
  client.Call(kSay, FramedText("x"));
  // It went to the second shard, as its first connection.
  const uint64_t id = uint64_t{1} << 48 | 1;
  const std::string begun = Ask("/debug/trace?connection=" + std::to_string(id) + "&seconds=60");
  EXPECT_NE(begun.find("\r\nlocation: /debug/trace\r\n"), std::string::npos) << begun;
  client.Call(kSay, FramedText("x"));
  other.Call(kSay, FramedText("other"));
  client.Reset(client.Open(TestClient::Head(kSay)), http2::ErrorCode::kCancel);
  client.Ping();
  const std::string trace = Ask("/debug/trace");
  size_t at = 0;
  const std::string number = "<td class=\"n\">";
  for (const std::string& frame :
       {"<td>received</td><td>HEADERS</td>" + number + "3</td>",
        "<td>received</td><td>DATA</td>" + number + "3</td>" + number + "8</td><td>END_STREAM",
        std::string("<td>sent</td><td>HEADERS</td>"), "<td>sent</td><td>DATA</td>" + number + "3<",
        "<td>received</td><td>RST_STREAM</td>" + number + "5</td>" + number + "4</td><td>code 8",
        std::string("<td>received</td><td>PING</td>"), std::string("<td>sent</td><td>PING</td>")}) {
    at = trace.find(frame, at);
    ASSERT_NE(at, std::string::npos) << frame << " is missing, or too early, in\n" << trace;
  }
  for (const char* site : {"cross-site", "same-site"}) {
    const std::string refused = Ask("/debug/trace?connection=12345678&seconds=1",
                                    std::string("Sec-Fetch-Site: ") + site + "\r\n");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 403 Forbidden\r\n")) << refused;
  }
  EXPECT_NE(Ask("/debug/trace").find("Connection " + std::to_string(id)), std::string::npos);
  client.socket().Close();
  Ask("/debug/trace?connection=12345678&seconds=1", "Sec-Fetch-Site: same-origin\r\n");
  EXPECT_NE(Ask("/debug/trace").find("is not open"), std::string::npos);
}

TEST_P(AdminTest, SaysWhichShardIsStuck) {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_inside = false;
  bool may_end = false;
  act_ = [&](Call&, const Text&, Text&) {
    std::unique_lock lock(mutex);
    is_inside = true;
    changed.notify_all();
    changed.wait(lock, [&] { return may_end; });
    return OkStatus();
  };
  START_SERVER();
  TestClient client(address());
  client.Call("/penstock.test.Echo/Nothing", Framed(""));
  // Of the method that nobody handles, and has one call.
  const std::string handled = R"(grpc_method="unknown",grpc_code="Unimplemented"} 1)";
  const std::string letters = "penstock_shard_letters_total{shard=\"0\"}";
  std::string page = Ask("/metrics");
  EXPECT_NE(page.find(handled), std::string::npos) << page;
  const uint64_t letters_before = ValueOf(page, letters);
  const uint32_t id = client.Open(TestClient::Head(kAct));
  client.Send(id, Framed(""), http2::EndStream::kYes);
  client.Flush();
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return is_inside; });
  page = Ask("/metrics");
  EXPECT_NE(page.find("penstock_shard_up{shard=\"0\"} 0\n"), std::string::npos) << page;
  EXPECT_NE(page.find("penstock_shard_up{shard=\"1\"} 1\n"), std::string::npos);
  EXPECT_NE(page.find(handled), std::string::npos) << "a counter goes down";
  EXPECT_EQ(page.find(letters), std::string::npos) << "an old value is told as a new one";
  EXPECT_NE(Ask("/debug/shards").find("Shard 0 has not answered"), std::string::npos);
  EXPECT_NE(Ask("/debug/connections").find("Shard 0 has not answered"), std::string::npos);
  may_end = true;
  changed.notify_all();
  lock.unlock();
  EXPECT_EQ(client.Wait(id).status(), 0);
  // One question for three pages, and the one that this page asks.
  EXPECT_EQ(ValueOf(Ask("/metrics"), letters), letters_before + 2);
}

TEST_P(AdminTest, HasPagesForPeopleAndAListForWhoIsLost) {
  START_SERVER();
  EXPECT_NE(server().Describe().find("; admin http://127.0.0.1:"), std::string::npos);
  EXPECT_TRUE(Ask("/readyz").ends_with("\r\n\r\nready\n"));
  EXPECT_TRUE(Ask("/healthz").ends_with("\r\n\r\nok\n"));
  for (const char* path : {"/", "/debug", "/dashboard", "/dashboard/dashboard.js",
                           "/dashboard/chart.js", "/dashboard/numbers.json"}) {
    EXPECT_TRUE(Ask(path).starts_with("HTTP/1.1 200 OK\r\n")) << path;
  }
  EXPECT_TRUE(Ask("/debug/").starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(Ask("/debug/trace?connection=x").starts_with("HTTP/1.1 400 Bad Request\r\n"));
  const std::string lost = Ask("/metric");
  EXPECT_TRUE(lost.starts_with("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_NE(lost.find("/metrics"), std::string::npos);
}

TEST_P(AdminTest, ReadinessIsTheHealthOfTheServerAsAWhole) {
  START_SERVER();
  server().health().Set("penstock.test.Echo", HealthStatus::kNotServing);
  EXPECT_TRUE(Ask("/readyz").starts_with("HTTP/1.1 200 OK\r\n"));
  server().health().Set("", HealthStatus::kNotServing);
  const std::string answer = Ask("/readyz");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("not ready: the program has set its health so\n")) << answer;
  EXPECT_TRUE(Ask("/healthz").starts_with("HTTP/1.1 200 OK\r\n"));
  server().health().Set("", HealthStatus::kServing);
  EXPECT_TRUE(Ask("/readyz").starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST(PrometheusText, EscapesLabels) {
  server::PrometheusText text;
  text.Begin("a", "gauge", "What a is.");
  text.Add("a", {{"b", "x\"y\\z\n"}, {"c", ""}}, 0.5);
  text.Add("a", {}, uint64_t{18446744073709551615u});
  EXPECT_EQ(text.text(),
            "# HELP a What a is.\n# TYPE a gauge\na{b=\"x\\\"y\\\\z\\n\",c=\"\"} 0.5\n"
            "a 18446744073709551615\n");
}

TEST(HtmlPage, EscapesWhatItIsGiven) {
  server::HtmlPage page("<&>");
  page.BeginTable({"'h'"});
  page.Row({"<script>", "12", std::string("a\x1b[0m")});
  page.EndTable();
  const std::string text = page.text();
  EXPECT_NE(text.find("<h1>&lt;&amp;&gt;</h1>"), std::string::npos) << text;
  EXPECT_NE(text.find("<th>&#39;h&#39;</th>"), std::string::npos);
  EXPECT_NE(text.find("<td>&lt;script&gt;</td><td class=\"n\">12</td><td>a?[0m</td>"),
            std::string::npos);
}

// A shard that has had `turns` and ended `calls`; it answered at second `at`, 0: never.
server::ShardSnapshot SnapshotAt(TimeNs at, uint64_t turns, uint64_t calls) {
  server::ShardSnapshot shard;
  shard.has_answered = true;
  shard.taken_at = at * kNsPerSecond;
  shard.stats.turns = turns;
  shard.unknown.started_count = calls;
  shard.unknown.handled_counts[0] = calls;
  return shard;
}

TEST(DebugPages, TellRatesOfAShardOverTheTimeBetweenItsOwnAnswers) {
  // Between the two pages were 10 seconds. The second shard was stuck at the first page: what it
  // had said last is 100 seconds older. The third had not said anything.
  const std::vector<server::ShardSnapshot> before = {
      SnapshotAt(110, 1000, 0), SnapshotAt(10, 1000, 0), SnapshotAt(0, 0, 0)};
  const std::vector<server::ShardSnapshot> now = {
      SnapshotAt(120, 1500, 0), SnapshotAt(120, 3200, 110), SnapshotAt(120, 900'000, 0)};
  const std::vector<const server::MethodEntry*> methods;
  const server::DebugView view{now, before, methods, 10 * kNsPerSecond};
  const std::string page = server::ShardsPage(view);
  for (const char* row : {"<td class=\"n\">50</td>", "<td class=\"n\">20</td>", "<td>-</td>"}) {
    EXPECT_NE(page.find(row), std::string::npos) << row << " is not in\n" << page;
  }
  EXPECT_EQ(page.find("90000"), std::string::npos) << page;
  EXPECT_NE(server::MethodsPage(view).find("<td class=\"n\">1.0</td>"), std::string::npos);
}

TEST(DebugPages, WriteDurationsAndSizesForPeople) {
  EXPECT_EQ(server::DurationText(999), "999 ns");
  EXPECT_EQ(server::DurationText(1'500), "1.5 us");
  EXPECT_EQ(server::DurationText(2 * kNsPerMs), "2.0 ms");
  EXPECT_EQ(server::DurationText(61 * kNsPerSecond), "1 min 1 s");
  EXPECT_EQ(server::DurationText(7260 * kNsPerSecond), "2 h 1 min");
  EXPECT_EQ(server::BytesText(1023), "1023 B");
  EXPECT_EQ(server::BytesText(1536), "1.5 KiB");
}

}  // namespace
}  // namespace penstock::test
