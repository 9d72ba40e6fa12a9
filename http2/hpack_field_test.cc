#include "penstock/http2/hpack_field.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

#include "penstock/http2/hpack_static_table.h"

namespace penstock::http2 {
namespace {

TEST(HpackField, NamesHaveTheirTokens) {
  const struct {
    std::string_view name;
    FieldName token;
  } kNames[] = {
      {":method", FieldName::kMethod},
      {":scheme", FieldName::kScheme},
      {":authority", FieldName::kAuthority},
      {":path", FieldName::kPath},
      {":status", FieldName::kStatus},
      {":protocol", FieldName::kProtocol},
      {":protocos", FieldName::kUnknownPseudo},
      {":x", FieldName::kUnknownPseudo},
      {"te", FieldName::kTe},
      {"tf", FieldName::kOther},
      {"host", FieldName::kHost},
      {"cookie", FieldName::kCookie},
      {"priority", FieldName::kPriority},
      {"user-agent", FieldName::kUserAgent},
      {"content-type", FieldName::kContentType},
      {"content-length", FieldName::kContentLength},
      {"connection", FieldName::kConnectionSpecific},
      {"keep-alive", FieldName::kConnectionSpecific},
      {"upgrade", FieldName::kConnectionSpecific},
      {"proxy-connection", FieldName::kConnectionSpecific},
      {"transfer-encoding", FieldName::kConnectionSpecific},
      {"grpc-timeout", FieldName::kGrpcTimeout},
      {"grpc-encoding", FieldName::kGrpcEncoding},
      {"grpc-accept-encoding", FieldName::kGrpcAcceptEncoding},
      {"grpc-status", FieldName::kGrpcStatus},
      {"grpc-message", FieldName::kGrpcMessage},
      {"x-user", FieldName::kOther},
      {"trace-bin", FieldName::kOther},
      {"!#$%&'*+-.^_`|~09az", FieldName::kOther},
      {"", FieldName::kInvalid},
      {":", FieldName::kInvalid},
      {"::method", FieldName::kInvalid},
      {"a:b", FieldName::kInvalid},
      {"Content-Type", FieldName::kInvalid},
      {"content-typE", FieldName::kInvalid},
      {"a b", FieldName::kInvalid},
      {"a\r\n", FieldName::kInvalid},
  };
  for (const auto& name : kNames) EXPECT_EQ(FieldNameOf(name.name), name.token) << name.name;
}

TEST(HpackField, EveryOctetOfANameIsJudged) {
  for (int octet = 0; octet < 256; ++octet) {
    const bool valid =
        octet > 0x20 && octet < 0x7f && !(octet >= 'A' && octet <= 'Z') && octet != ':';
    const std::string name = "x-" + std::string(1, static_cast<char>(octet));
    EXPECT_EQ(FieldNameOf(name), valid ? FieldName::kOther : FieldName::kInvalid) << octet;
  }
}

TEST(HpackField, ValuesMayHoldAllButNulAndLineEnds) {
  for (int octet = 0; octet < 256; ++octet) {
    const bool valid = octet != 0 && octet != '\r' && octet != '\n';
    for (const size_t before : {1u, 3u, 8u, 9u, 17u}) {
      const std::string value =
          std::string(before, 'v') + static_cast<char>(octet) + std::string(18 - before, 'w');
      EXPECT_EQ(IsValidFieldValue(value), valid) << octet << " at " << before;
    }
  }
}

TEST(HpackField, ValuesMayHaveBlanksAtTheirEnds) {
  for (const std::string_view value : {" a", "a ", "\ta", "a\t", " ", "\t"}) {
    EXPECT_TRUE(IsValidFieldValue(value)) << '"' << value << '"';
  }
}

TEST(HpackField, AnInvalidValueMakesTheFieldInvalid) {
  EXPECT_EQ(FieldTokenOf(FieldName::kPath, "/a"), FieldName::kPath);
  EXPECT_EQ(FieldTokenOf(FieldName::kPath, std::string_view("/\0a", 3)), FieldName::kInvalid);
}

TEST(HpackStaticTable, TokensAreThoseOfTheNames) {
  for (uint32_t index = 1; index <= kStaticTableEntries; ++index) {
    const HeaderField& entry = kStaticTable[index];
    EXPECT_EQ(entry.token, FieldTokenOf(FieldNameOf(entry.name), entry.value)) << entry.name;
  }
}

TEST(HpackStaticTable, EveryEntryIsFound) {
  for (uint32_t index = 1; index <= kStaticTableEntries; ++index) {
    const HeaderField& entry = kStaticTable[index];
    const StaticMatch match = FindStatic(entry.name, entry.value);
    EXPECT_EQ(match.index, index) << entry.name;
    EXPECT_TRUE(match.whole) << entry.name;
    const uint32_t by_name = FindStaticName(entry.name);
    EXPECT_EQ(kStaticTable[by_name].name, entry.name);
    EXPECT_LE(by_name, index);
  }
}

TEST(HpackStaticTable, OtherNamesAndValuesAreNotFound) {
  EXPECT_EQ(FindStaticName(""), 0u);
  EXPECT_EQ(FindStaticName("grpc-timeout"), 0u);
  EXPECT_EQ(FindStaticName(":pathx"), 0u);
  const StaticMatch status = FindStatic(":status", "201");
  EXPECT_EQ(status.index, 8u);
  EXPECT_FALSE(status.whole);
}

}  // namespace
}  // namespace penstock::http2
