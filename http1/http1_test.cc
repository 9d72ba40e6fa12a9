#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "penstock/http1/limits.h"
#include "penstock/http1/request_reader.h"
#include "penstock/http1/response.h"
#include "penstock/wire/bytes.h"

namespace penstock::http1 {
namespace {

using Result = RequestReader::Result;

// What came of the octets: "GET /a?b host keep", or "431", one for each; a refusal is the last.
std::vector<std::string> Read(const std::vector<std::string_view>& pieces) {
  RequestReader reader;
  std::vector<std::string> read;
  for (const std::string_view piece : pieces) {
    wire::Bytes input = wire::AsBytes(piece);
    while (!input.empty()) {
      const Result result = reader.Receive(&input);
      if (result == Result::kRefused) {
        read.push_back(std::to_string(reader.refusal().status));
        return read;
      }
      if (result == Result::kMore) continue;
      const Request& request = reader.request();
      std::string line = request.is_head ? "HEAD " : "GET ";
      line += request.path + (request.query.empty() ? "" : "?" + request.query);
      line += " " + request.host + (request.keep_alive ? " keep" : " close");
      if (!request.fetch_site.empty()) line += " from " + request.fetch_site;
      read.push_back(line);
    }
  }
  return read;
}

struct Case {
  const char* name;
  std::string input;
  std::vector<std::string> want;
};

std::vector<Case> Cases() {
  const std::string host = "Host: a\r\n";
  std::string many_fields;
  for (size_t i = 0; i < kFieldsMax; ++i) many_fields += "x: y\r\n";
  const std::string start = "GET / HTTP/1.1\r\n" + host;
  // The request line and the fields end with a line each; the last CR LF ends the head.
  const auto padded = [&start](size_t head_bytes) {
    return start + "x: " + std::string(head_bytes - start.size() - 7, 'y') + "\r\n\r\n";
  };
  return {
      {"as curl asks", "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9901\r\nAccept: */*\r\n\r\n",
       {"GET /metrics 127.0.0.1:9901 keep"}},
      {"HEAD and a query", "HEAD /a?b=c&d HTTP/1.1\r\nhOST:a\r\n\r\n", {"HEAD /a?b=c&d a keep"}},
      {"two in a row", start + "\r\nGET /2 HTTP/1.1\r\n" + host + "\r\n",
       {"GET / a keep", "GET /2 a keep"}},
      {"bare line feeds", "GET / HTTP/1.1\nHost: a\n\n", {"GET / a keep"}},
      {"an empty line first", "\r\n" + start + "\r\n", {"GET / a keep"}},
      {"nothing but empty lines", "\r\n\n\r\n", {"400"}},
      {"the client closes", start + "Connection: foo, Close\r\n\r\n", {"GET / a close"}},
      {"a page elsewhere", start + "sec-fetch-SITE: cross-site\r\n\r\n" + start + "\r\n",
       {"GET / a keep from cross-site", "GET / a keep"}},
      {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", {"GET /  close"}},
      {"an absolute target", "GET http://b:1/c HTTP/1.1\r\n" + host + "\r\n", {"GET /c b:1 keep"}},
      {"an authority alone", "GET HTTP://b HTTP/1.1\r\n" + host + "\r\n", {"GET / b keep"}},
      {"content of length 0", start + "Content-Length: 0\r\n\r\n", {"GET / a keep"}},
      {"content", start + "Content-Length: 1\r\n\r\nx", {"413"}},
      {"content in chunks", start + "Transfer-Encoding: chunked\r\n\r\n", {"413"}},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", {"400"}},
      {"two Hosts", start + host + "\r\n", {"400"}},
      {"POST", "POST / HTTP/1.1\r\n" + host + "\r\n", {"405"}},
      {"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {"505"}},
      {"no version", "GET /\r\n\r\n", {"400"}},
      {"no path", "GET  HTTP/1.1\r\n" + host + "\r\n", {"400"}},
      {"no origin", "GET * HTTP/1.1\r\n" + host + "\r\n", {"400"}},
      {"bytes above ASCII in the target", "GET /\xc3\xa4 HTTP/1.1\r\n" + host + "\r\n", {"400"}},
      {"a folded field", start + "a: b\r\n c\r\n\r\n", {"400"}},
      {"a blank before the colon", start + "a : b\r\n\r\n", {"400"}},
      {"no colon", start + "a\r\n\r\n", {"400"}},
      {"a NUL in a value", start + "a: b" + std::string(1, '\0') + "\r\n\r\n", {"400"}},
      {"a CR in a value", start + "a: b\rc\r\n\r\n", {"400"}},
      {"TLS", std::string("\x16\x03\x01\x02\x00\x01\n\n", 8), {"400"}},
      {"as many fields as may be", "GET / HTTP/1.0\r\n" + many_fields + "\r\n", {"GET /  close"}},
      {"one field more", "GET / HTTP/1.0\r\n" + many_fields + "x: y\r\n\r\n", {"431"}},
      {"as long a head as may be", padded(kHeadBytesMax), {"GET / a keep"}},
      {"an octet more", padded(kHeadBytesMax + 1), {"431"}},
      {"a line without an end", std::string(kHeadBytesMax + 1, 'x'), {"431"}},
  };
}

TEST(RequestReader, ReadsARequestHoweverItIsCut) {
  for (const Case& each : Cases()) {
    SCOPED_TRACE(each.name);
    const std::string_view all = each.input;
    EXPECT_EQ(Read({all}), each.want);
    std::vector<std::string_view> octets;
    for (size_t i = 0; i < all.size(); ++i) octets.push_back(all.substr(i, 1));
    EXPECT_EQ(Read(octets), each.want);
    if (all.size() > 1000) continue;
    for (size_t cut = 1; cut < all.size(); ++cut) {
      ASSERT_EQ(Read({all.substr(0, cut), all.substr(cut)}), each.want) << "cut at " << cut;
    }
  }
}

TEST(RequestReader, StaysRefused) {
  RequestReader reader;
  wire::Bytes input = wire::AsBytes(std::string_view("BREW / HTTP/1.1\r\n\r\n"));
  ASSERT_EQ(reader.Receive(&input), Result::kRefused);
  input = wire::AsBytes(std::string_view("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(reader.Receive(&input), Result::kRefused);
}

TEST(Request, FindsTheFirstValueOfAName) {
  Request request;
  request.query = "a=1&b=2&a=3&c&=d";
  EXPECT_EQ(request.QueryValue("a"), "1");
  EXPECT_EQ(request.QueryValue("b"), "2");
  EXPECT_EQ(request.QueryValue("c"), "");
  EXPECT_EQ(request.QueryValue("z"), "");
}

TEST(Response, AnnouncesItsBodyAndSendsItUnlessTheRequestWasHead) {
  const Response response{.body = "ok\n", .fields = {{"allow", "GET, HEAD"}}};
  const std::string head =
      "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 3\r\n"
      "allow: GET, HEAD\r\nconnection: ";
  EXPECT_EQ(Serialize(response, {.keep_alive = true}), head + "keep-alive\r\n\r\nok\n");
  EXPECT_EQ(Serialize(response, {.is_head = true}), head + "close\r\n\r\n");
}

}  // namespace
}  // namespace penstock::http1
