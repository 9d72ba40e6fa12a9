#include "penstock/rpc/request_head.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "penstock/http2/hpack_decoder.h"
#include "penstock/http2/hpack_encoder.h"

namespace penstock::rpc {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr auto kGzip = static_cast<Encoding>(1);
constexpr char kRoute = 'r';
int find_count = 0;

const void* FindRoute(const void* routes, std::string_view path) {
  ++find_count;
  return path == "/a.B/C" ? routes : nullptr;
}

// Encodes fields as a peer would and reads them as a server does, block after block on one
// connection.
class RequestHeadTest : public testing::Test {
 protected:
  void SetUp() override {
    find_count = 0;
    ASSERT_EQ(encodings_.Add({"gzip", nullptr}), nullptr);
  }

  RequestHead Read(const Fields& sent,
                   http2::IndexingPolicy policy = http2::IndexingPolicy::kIndex) {
    size_t room = http2::HpackEncoder::kBlockBytesMax;
    for (const auto& [name, value] : sent) {
      room += http2::HpackEncoder::EncodedBytesMax(name.size(), value.size());
    }
    block_.resize(room);
    uint8_t* end = encoder_.BeginBlock(block_.data());
    for (const auto& [name, value] : sent) end = encoder_.Encode(end, name, value, policy);
    EXPECT_EQ(decoder_.Decode({block_.data(), end}, fields_, {16 * 1024, 128}),
              http2::HpackError::kOk);
    RequestHead head;
    arena_.Reset();
    Metadata metadata(&arena_);
    ReadRequestHead(fields_, &head);
    metadata_is_good_ = ReadMetadata(fields_, head, &metadata);
    metadata_.clear();
    for (const Metadata::Entry& entry : metadata) metadata_.emplace_back(entry.key, entry.value);
    return head;
  }

  static Fields Usual() {
    return {{":method", "POST"},   {":scheme", "http"}, {":path", "/a.B/C"},
            {":authority", "h:1"}, {"te", "trailers"},  {"content-type", "application/grpc"}};
  }
  static Fields UsualWith(const std::string& name, const std::string& value) {
    Fields fields = Usual();
    fields.emplace_back(name, value);
    return fields;
  }

  Encodings encodings_;
  RouteFinder finder_{&FindRoute, &kRoute, &encodings_};
  http2::HpackEncoder encoder_;
  http2::HpackDecoder decoder_{4096, MeaningOfRequests(&finder_)};
  http2::FieldList fields_;
  std::vector<uint8_t> block_;
  wire::Arena arena_;
  Fields metadata_;
  bool metadata_is_good_ = false;
};

TEST_F(RequestHeadTest, ReadsAUsualHead) {
  const RequestHead head = Read(Usual());
  EXPECT_TRUE(head.is_post);
  EXPECT_EQ(head.route, &kRoute);
  EXPECT_EQ(head.path, "/a.B/C");
  EXPECT_EQ(head.content_type, ContentType::kGrpc);
  EXPECT_EQ(head.encoding_name, "");
  EXPECT_EQ(head.encoding, Encoding::kIdentity);
  EXPECT_EQ(head.accepted.bits(), EncodingSet().bits());
  EXPECT_EQ(head.timeout_ns, kTimeNever);
  EXPECT_FALSE(head.timeout_is_malformed);
  EXPECT_TRUE(metadata_is_good_);
  EXPECT_EQ(metadata_, Fields{});
}

TEST_F(RequestHeadTest, ReadsTheSameFromTheTableAndFromLiterals) {
  Fields fields = UsualWith("grpc-timeout", "5S");
  fields.emplace_back("x-user", "ada");
  fields.emplace_back("x-bin", "AQI");
  const Fields want = {{"x-user", "ada"}, {"x-bin", "\x01\x02"}};
  for (const auto policy : {http2::IndexingPolicy::kNever, http2::IndexingPolicy::kNoIndex,
                            http2::IndexingPolicy::kIndex, http2::IndexingPolicy::kIndex}) {
    SCOPED_TRACE(static_cast<int>(policy));
    const RequestHead head = Read(fields, policy);
    EXPECT_TRUE(head.is_post);
    EXPECT_EQ(head.route, &kRoute);
    EXPECT_EQ(head.content_type, ContentType::kGrpc);
    EXPECT_EQ(head.timeout_ns, 5 * kNsPerSecond);
    EXPECT_EQ(metadata_, want);
  }
}

TEST_F(RequestHeadTest, AnIndexedPathIsLookedUpOnce) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Read(Usual()).route, &kRoute);
  EXPECT_EQ(find_count, 1);
}

TEST_F(RequestHeadTest, AnUnknownPathHasNoRouteButKeepsItsText) {
  Fields fields = Usual();
  fields[2].second = "/a.B/c";
  const RequestHead head = Read(fields);
  EXPECT_EQ(head.route, nullptr);
  EXPECT_EQ(head.path, "/a.B/c");
}

TEST_F(RequestHeadTest, OtherMethodsAreNotPost) {
  for (const char* method : {"GET", "PUT", "post", "POST ", "CONNECT"}) {
    Fields fields = Usual();
    fields[0].second = method;
    EXPECT_FALSE(Read(fields).is_post) << method;
  }
}

TEST_F(RequestHeadTest, WithoutContentTypeItIsNotGrpc) {
  Fields fields = Usual();
  fields.pop_back();
  EXPECT_EQ(Read(fields).content_type, ContentType::kNotGrpc);
}

TEST_F(RequestHeadTest, TimeoutsAreTold) {
  EXPECT_EQ(Read(UsualWith("grpc-timeout", "10m")).timeout_ns, 10 * kNsPerMs);
  EXPECT_EQ(Read(UsualWith("grpc-timeout", "0n")).timeout_ns, 0);
  EXPECT_EQ(Read(UsualWith("grpc-timeout", "99999999H")).timeout_ns, kTimeNever);
  EXPECT_FALSE(Read(UsualWith("grpc-timeout", "99999999H")).timeout_is_malformed);
}

TEST_F(RequestHeadTest, MalformedTimeoutsAreTold) {
  for (const char* text : {"", "10", "123456789S", "ten", "-1S"}) {
    EXPECT_TRUE(Read(UsualWith("grpc-timeout", text)).timeout_is_malformed) << text;
  }
}

TEST_F(RequestHeadTest, EncodingIsTold) {
  const struct {
    const char* name;
    Encoding want;
  } cases[] = {{"identity", Encoding::kIdentity}, {"", Encoding::kIdentity},
               {"gzip", kGzip},                   {"GZip", kGzip},
               {"br", Encoding::kUnknown},        {"gzip,zstd", Encoding::kUnknown}};
  for (const auto& c : cases) {
    for (const auto policy : {http2::IndexingPolicy::kNever, http2::IndexingPolicy::kIndex,
                              http2::IndexingPolicy::kIndex}) {
      const RequestHead head = Read(UsualWith("grpc-encoding", c.name), policy);
      EXPECT_EQ(head.encoding, c.want) << c.name;
      EXPECT_EQ(head.encoding_name, c.name);
    }
  }
}

TEST_F(RequestHeadTest, AcceptedEncodingsAreThoseOfAllFields) {
  Fields fields = UsualWith("grpc-accept-encoding", "identity, br");
  EXPECT_FALSE(Read(fields).accepted.Has(kGzip));
  fields.emplace_back("grpc-accept-encoding", "lz4 ,gzip, gzip");
  for (int i = 0; i < 3; ++i) {  // at last from the table
    const RequestHead head = Read(fields);
    EXPECT_TRUE(head.accepted.Has(kGzip));
    EXPECT_TRUE(head.accepted.Has(Encoding::kIdentity));
    EXPECT_FALSE(head.accepted.Has(Encoding::kUnknown));
  }
}

TEST_F(RequestHeadTest, CustomFieldsAreMetadataInTheirOrder) {
  Fields fields = Usual();
  const Fields custom = {{"x-a", "1"},    {"x-b", ""},
                         {"x-a", "2"},    {"user-agent", "grpc-go/1.70"},
                         {"cookie", "c"}, {"grpc-trace", "t"}};
  fields.insert(fields.end(), custom.begin(), custom.end());
  Read(fields);
  EXPECT_EQ(metadata_, custom);
}

TEST_F(RequestHeadTest, WhatGrpcAndHttpOwnIsNotMetadata) {
  Fields fields = Usual();
  for (const char* name :
       {"grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "grpc-status", "grpc-message",
        "grpc-message-type", "grpc-status-details-bin", "content-length", "host"}) {
    fields.emplace_back(name, "1");
  }
  Read(fields);
  EXPECT_EQ(metadata_, Fields{});
  EXPECT_TRUE(metadata_is_good_);
}

TEST_F(RequestHeadTest, BinaryFieldsAreDecoded) {
  Fields fields = Usual();
  fields.emplace_back("a-bin", "AQ,Ag==");
  fields.emplace_back("a-bin", "Aw");
  Read(fields);
  EXPECT_TRUE(metadata_is_good_);
  EXPECT_EQ(metadata_, (Fields{{"a-bin", "\x01"}, {"a-bin", "\x02"}, {"a-bin", "\x03"}}));
}

TEST_F(RequestHeadTest, BinaryFieldsThatAreNotBase64AreTold) {
  Read(UsualWith("a-bin", "*"));
  EXPECT_FALSE(metadata_is_good_);
  Read(UsualWith("a-bin", "AQ"));
  EXPECT_TRUE(metadata_is_good_);
}

}  // namespace
}  // namespace penstock::rpc
