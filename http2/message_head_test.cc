#include "penstock/http2/message_head.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/hpack_decoder.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/wire/bytes.h"

namespace penstock::http2 {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Case {
  const char* name;
  Fields fields;
};

// Fields as the decoder delivers them.
class Decoded {
 public:
  explicit Decoded(const Fields& fields) {
    HpackEncoder encoder;
    size_t room = HpackEncoder::kBlockBytesMax;
    for (const auto& [name, value] : fields) {
      room += HpackEncoder::EncodedBytesMax(name.size(), value.size());
    }
    block_.resize(room);
    uint8_t* at = encoder.BeginBlock(block_.data());
    for (const auto& [name, value] : fields) at = encoder.Encode(at, name, value);
    EXPECT_EQ(decoder_.Decode(wire::Bytes(block_.data(), at), list_, {}), HpackError::kOk);
  }
  const FieldList& list() const { return list_; }

 private:
  HpackDecoder decoder_;
  std::vector<uint8_t> block_;
  FieldList list_;
};

Fields Request(Fields more = {}) {
  Fields fields = {{":method", "POST"}, {":scheme", "http"}, {":path", "/x"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

const Case kWellFormedRequests[] = {
    {"the least", Request()},
    {"pseudo-header fields in any order",
     {{":path", "/"}, {":authority", "h"}, {":method", "GET"}, {":scheme", "https"}}},
    {"te: trailers", Request({{"te", "trailers"}})},
    {"cookie crumbs", Request({{"cookie", "a=b"}, {"cookie", "c=d"}})},
    {"content-length twice the same", Request({{"content-length", "5"}, {"content-length", "5"}})},
    {"an empty value", Request({{"x", ""}})},
    {"bytes above 0x7f in a value", Request({{"x", "\xc3\xa4"}})},
    {"CONNECT", {{":method", "CONNECT"}, {":authority", "h:1"}}},
    {"OPTIONS *", {{":method", "OPTIONS"}, {":scheme", "http"}, {":path", "*"}}},
};

// Spec: RFC 9113 §8.2, §8.3
const Case kMalformedRequests[] = {
    {"nothing", {}},
    {"no :method", {{":scheme", "http"}, {":path", "/"}}},
    {"empty :method", {{":method", ""}, {":scheme", "http"}, {":path", "/"}}},
    {"no :scheme", {{":method", "GET"}, {":path", "/"}}},
    {"no :path", {{":method", "GET"}, {":scheme", "http"}}},
    {"empty :path", {{":method", "GET"}, {":scheme", "http"}, {":path", ""}}},
    {":method twice", Request({{":method", "POST"}})},
    {":scheme twice", Request({{":scheme", "http"}})},
    {":path twice", Request({{":path", "/x"}})},
    {":authority twice", Request({{":authority", "h"}, {":authority", "h"}})},
    {":status", Request({{":status", "200"}})},
    {":protocol, which was not allowed", Request({{":protocol", "websocket"}})},
    {"an unknown pseudo-header field", Request({{":x", "y"}})},
    {"a pseudo-header field after a regular one",
     {{":method", "GET"}, {":scheme", "http"}, {"x", "y"}, {":path", "/"}}},
    {"upper case", Request({{"X", "y"}})},
    {"upper case in a pseudo-header field", Request({{":Authority", "y"}})},
    {"an empty name", Request({{"", "y"}})},
    {"a blank in a name", Request({{"a b", "y"}})},
    {"DEL in a name", Request({{"a\x7f", "y"}})},
    {"a byte above 0x7f in a name", Request({{"\xc3\xa4", "y"}})},
    {"a colon in a name", Request({{"a:b", "y"}})},
    {"NUL in a value", Request({{"x", std::string("a\0b", 3)}})},
    {"CR in a value", Request({{"x", "a\rb"}})},
    {"LF in a value", Request({{"x", "a\nb"}})},
    {"LF in :path", {{":method", "GET"}, {":scheme", "http"}, {":path", "/\n"}}},
    {"connection", Request({{"connection", "close"}})},
    {"keep-alive", Request({{"keep-alive", "1"}})},
    {"proxy-connection", Request({{"proxy-connection", "close"}})},
    {"transfer-encoding", Request({{"transfer-encoding", "chunked"}})},
    {"upgrade", Request({{"upgrade", "h2c"}})},
    {"te with more", Request({{"te", "trailers, gzip"}})},
    {"content-length twice, not the same",
     Request({{"content-length", "5"}, {"content-length", "6"}})},
    {"content-length with a sign", Request({{"content-length", "+5"}})},
    {"content-length below 0", Request({{"content-length", "-5"}})},
    {"content-length empty", Request({{"content-length", ""}})},
    {"content-length of 2^64", Request({{"content-length", "18446744073709551616"}})},
    {"a list of content-lengths", Request({{"content-length", "5, 5"}})},
    {"CONNECT with :path", {{":method", "CONNECT"}, {":authority", "h"}, {":path", "/"}}},
    {"CONNECT with :scheme", {{":method", "CONNECT"}, {":authority", "h"}, {":scheme", "http"}}},
    {"CONNECT without :authority", {{":method", "CONNECT"}}},
};

TEST(MessageHead, WellFormedRequestsPass) {
  for (const Case& c : kWellFormedRequests) {
    SCOPED_TRACE(c.name);
    MessageHead head;
    EXPECT_STREQ(JudgeRequestHead(Decoded(c.fields).list(), &head), nullptr);
    EXPECT_NE(head.method, nullptr);
  }
}

TEST(MessageHead, MalformedRequestsDoNot) {
  for (const Case& c : kMalformedRequests) {
    SCOPED_TRACE(c.name);
    MessageHead head;
    EXPECT_STRNE(JudgeRequestHead(Decoded(c.fields).list(), &head), nullptr);
  }
}

TEST(MessageHead, ARequestsFieldsAreFound) {
  const Decoded decoded(Request({{":authority", "h"}, {"content-length", "123456789012345678"}}));
  MessageHead head;
  ASSERT_STREQ(JudgeRequestHead(decoded.list(), &head), nullptr);
  EXPECT_EQ(head.method->value, "POST");
  EXPECT_EQ(head.scheme->value, "http");
  EXPECT_EQ(head.path->value, "/x");
  EXPECT_EQ(head.authority->value, "h");
  EXPECT_EQ(head.content_bytes, 123'456'789'012'345'678);
  ASSERT_STREQ(JudgeRequestHead(Decoded(Request()).list(), &head), nullptr);
  EXPECT_EQ(head.content_bytes, -1);
  EXPECT_EQ(head.authority, nullptr);
}

TEST(MessageHead, ResponsesHaveOneStatusOfThreeDigits) {
  for (const std::string_view code : {"100", "200", "404", "599", "999"}) {
    SCOPED_TRACE(code);
    MessageHead head;
    EXPECT_STREQ(JudgeResponseHead(Decoded({{":status", std::string(code)}}).list(), &head),
                 nullptr);
    EXPECT_EQ(std::to_string(head.status_code), code);
  }
  const Case malformed[] = {
      {"nothing", {}},
      {"no status", {{"a", "b"}}},
      {"twice", {{":status", "200"}, {":status", "200"}}},
      {"099", {{":status", "099"}}},
      {"101", {{":status", "101"}}},
      {"two digits", {{":status", "20"}}},
      {"four digits", {{":status", "2000"}}},
      {"letters", {{":status", "2o0"}}},
      {"a reason", {{":status", "200 OK"}}},
      {"a request's", {{":status", "200"}, {":path", "/"}}},
      {"after a regular field", {{"a", "b"}, {":status", "200"}}},
      {"connection-specific", {{":status", "200"}, {"connection", "close"}}},
  };
  for (const Case& c : malformed) {
    SCOPED_TRACE(c.name);
    MessageHead head;
    EXPECT_STRNE(JudgeResponseHead(Decoded(c.fields).list(), &head), nullptr);
  }
}

TEST(MessageHead, TrailersHaveNoPseudoHeaderFields) {
  EXPECT_STREQ(JudgeTrailers(Decoded(Fields{}).list()), nullptr);
  EXPECT_STREQ(JudgeTrailers(Decoded(Fields{{"grpc-status", "0"}}).list()), nullptr);
  const Case malformed[] = {{":status", {{":status", "200"}}},
                            {":path", {{"a", "b"}, {":path", "/"}}},
                            {"upper case", {{"A", "b"}}},
                            {"connection", {{"connection", "close"}}}};
  for (const Case& c : malformed) {
    SCOPED_TRACE(c.name);
    EXPECT_STRNE(JudgeTrailers(Decoded(c.fields).list()), nullptr);
  }
}

}  // namespace
}  // namespace penstock::http2
