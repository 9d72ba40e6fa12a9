#include "penstock/loadtest/request.h"

#include <gtest/gtest.h>

#include "penstock/wire/message_prefix.h"

namespace penstock::loadtest {
namespace {

std::vector<std::pair<std::string, std::string>> FieldsOf(const Request& request) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const http2::OutgoingField& field : request.fields()) {
    fields.emplace_back(field.name, field.value);
  }
  return fields;
}

TEST(Request, HasTheFieldsOfAGrpcCall) {
  Options options;
  options.method = "a.B/C";
  const Request request(options, options, "host:1");
  const std::vector<std::pair<std::string, std::string>> want = {
      {":method", "POST"},
      {":scheme", "http"},
      {":path", "/a.B/C"},
      {":authority", "host:1"},
      {"te", "trailers"},
      {"content-type", "application/grpc"},
      {"user-agent", "penstock-load/0.1.0"},
  };
  EXPECT_EQ(FieldsOf(request), want);
}

TEST(Request, CarriesDeadlineAndMetadata) {
  Options options;
  options.method = "a.B/C";
  options.deadline_ns = kNsPerSecond;
  options.metadata = {{"x-first", "1"}, {"x-second", "2"}};
  const Request request(options, options, "host:1");
  const auto fields = FieldsOf(request);
  ASSERT_EQ(fields.size(), 10u);
  EXPECT_EQ(fields[5].first, "grpc-timeout");
  EXPECT_EQ(fields[8], std::make_pair(std::string("x-first"), std::string("1")));
  EXPECT_EQ(fields[9], std::make_pair(std::string("x-second"), std::string("2")));
}

TEST(Request, PutsThePrefixBeforeTheMessage) {
  Options options;
  options.message = std::string(kHelloMessage);
  const Request request(options, options, "host:1");
  const wire::Bytes data = request.data();
  ASSERT_EQ(data.size(), wire::kMessagePrefixBytes + 7);
  EXPECT_EQ(wire::LoadMessagePrefix(data.data()).flag, 0);
  EXPECT_EQ(wire::LoadMessagePrefix(data.data()).length_bytes, 7u);
  EXPECT_EQ(wire::AsString(data.subspan(wire::kMessagePrefixBytes)), kHelloMessage);
}

TEST(MakePayload, IsOneFieldOfExactlyTheSizeAskedFor) {
  for (const size_t bytes :
       {2u, 3u, 100u, 128u, 129u, 130u, 131u, 16'386u, 16'387u, 16'388u, 65'536u, 1'048'576u}) {
    SCOPED_TRACE(bytes);
    const std::string message = MakePayload(bytes);
    ASSERT_EQ(message.size(), bytes);
    EXPECT_EQ(message[0], '\x0a');
    size_t length = 0;
    size_t at = 1;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(message[at++]);
      length |= static_cast<size_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) break;
    }
    EXPECT_EQ(at + length, bytes);
  }
  EXPECT_EQ(MakePayload(0), "");
}

}  // namespace
}  // namespace penstock::loadtest
