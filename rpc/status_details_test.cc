#include "penstock/rpc/status_details.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "penstock/wire/bytes.h"

#include "google/rpc/error_details.penstock.h"
#include "google/rpc/status.penstock.h"

namespace penstock {
namespace {

using namespace std::string_literals;

google::rpc::BadRequest Bad(std::string_view field) {
  google::rpc::BadRequest bad;
  auto* violation = bad.add_field_violations();
  violation->set_field(field);
  violation->set_description("must not be empty");
  return bad;
}

google::rpc::Status Parsed(const std::string& bytes) {
  google::rpc::Status parsed;
  EXPECT_TRUE(parsed.ParseFrom(wire::AsBytes(bytes)).ok());
  return parsed;
}

Status Invalid() { return MakeStatus(StatusCode::kInvalidArgument, "no items"); }

TEST(StatusDetails, WhatWasAddedIsFound) {
  Status status = Invalid();
  AddDetail(status, Bad("items"));
  const auto found = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->field_violations(0).field(), "items");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status), std::nullopt);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(status), "no items");
}

TEST(StatusDetails, KeepTheirOrderAndRepetition) {
  Status status = Invalid();
  google::rpc::ErrorInfo info;
  info.set_reason("EMPTY");
  AddDetail(status, Bad("first"));
  AddDetail(status, info);
  AddDetail(status, Bad("second"));
  AddDetail(status, "example.com/of.my.own.Type", "");
  std::vector<std::string> urls;
  for (const StatusDetail& detail : DetailsOf(status)) urls.push_back(detail.type_url);
  EXPECT_EQ(urls, (std::vector<std::string>{"type.googleapis.com/google.rpc.BadRequest",
                                            "type.googleapis.com/google.rpc.ErrorInfo",
                                            "type.googleapis.com/google.rpc.BadRequest",
                                            "example.com/of.my.own.Type"}));
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status)->field_violations(0).field(), "first");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status)->reason(), "EMPTY");
}

TEST(StatusDetails, AStatusThatIsOkHasNone) {
  Status status;
  AddDetail(status, Bad("items"));
  EXPECT_TRUE(status.ok());
  EXPECT_TRUE(DetailsOf(status).empty());
  EXPECT_EQ(rpc::SerializeStatusDetails(status), "");
}

TEST(StatusDetails, TravelAsGoogleRpcStatusWithTheSameCodeAndMessage) {
  Status status = Invalid();
  AddDetail(status, Bad("items"));
  const google::rpc::Status parsed = Parsed(rpc::SerializeStatusDetails(status));
  EXPECT_EQ(parsed.code(), 3);
  EXPECT_EQ(parsed.message(), "no items");
  ASSERT_EQ(parsed.details_size(), 1);
  EXPECT_EQ(parsed.details(0).type_url(), "type.googleapis.com/google.rpc.BadRequest");
  EXPECT_EQ(parsed.details(0).value(), Bad("items").SerializeAsString());
}

TEST(StatusDetails, WithoutDetailsNothingTravels) {
  EXPECT_EQ(rpc::SerializeStatusDetails(Invalid()), "");
}

TEST(StatusDetails, CodeAndMessageAreTheStatusOwnWhateverThePayloadSays) {
  google::rpc::Status other;
  other.set_code(16);
  other.set_message("of another status");
  other.add_details()->set_type_url("a/b");
  Status status = Invalid();
  status.SetPayload(wire::ToAbsl(kStatusDetailsUrl),
                    absl::Cord(wire::ToAbsl(other.SerializeAsString())));
  const std::string bytes = rpc::SerializeStatusDetails(status);
  EXPECT_EQ(Parsed(bytes).code(), 3);
  EXPECT_EQ(Parsed(bytes).message(), "no items");
  EXPECT_EQ(Parsed(bytes).details_size(), 1);
  EXPECT_EQ(bytes.find("of another status"), std::string::npos);
}

TEST(StatusDetails, WhatWasReceivedIsTheSameAgain) {
  Status sent = Invalid();
  AddDetail(sent, Bad("items"));
  const std::string bytes = rpc::SerializeStatusDetails(sent);
  Status received = Invalid();
  EXPECT_TRUE(rpc::TakeStatusDetails(bytes, received));
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(received), Bad("items"));
  EXPECT_EQ(received, sent);
  EXPECT_EQ(rpc::SerializeStatusDetails(received), bytes) << "and can be passed on";
}

TEST(StatusDetails, AnotherCodeIsNotTaken) {
  Status sent = Invalid();
  AddDetail(sent, Bad("items"));
  Status received = MakeStatus(StatusCode::kNotFound, "no items");
  EXPECT_FALSE(rpc::TakeStatusDetails(rpc::SerializeStatusDetails(sent), received));
  EXPECT_TRUE(DetailsOf(received).empty());
}

TEST(StatusDetails, OctetsThatAreNoStatusAreNotTaken) {
  const struct {
    const char* name;
    std::string bytes;
  } cases[] = {
      {"nothing: the code is 0", ""},
      {"a tag without its value", "\x08"},
      {"text cut off", "\x08\x03\x12\x05no"},
      {"field 0", "\x08\x03\0\0"s},
      {"a group", "\x08\x03\x1b\x1c"},
      {"a length past 2^63", "\x08\x03\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"},
      {"a varint without end", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Status status = Invalid();
    EXPECT_FALSE(rpc::TakeStatusDetails(c.bytes, status));
    EXPECT_EQ(status, Invalid());
  }
}

TEST(StatusDetails, FieldsThatNobodyKnowsYetArePassedOn) {
  const std::string bytes = "\x08\x03\x12\x08no items\x22\x03new\x29\1\2\3\4\5\6\7\x08\x35\1\2\3\4";
  Status status = Invalid();
  ASSERT_TRUE(rpc::TakeStatusDetails(bytes, status));
  EXPECT_TRUE(DetailsOf(status).empty());
  EXPECT_EQ(rpc::SerializeStatusDetails(status), bytes);
}

TEST(StatusDetails, ADetailThatIsNotWhatItSaysIsNotFound) {
  Status status = Invalid();
  AddDetail(status, "type.googleapis.com/google.rpc.BadRequest", "\xff\xff");
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status), std::nullopt);
  EXPECT_EQ(DetailsOf(status).size(), 1u);
}

TEST(StatusDetails, APayloadThatIsNoStatusIsNotSent) {
  Status status = Invalid();
  status.SetPayload(wire::ToAbsl(kStatusDetailsUrl), absl::Cord("\xff"));
  EXPECT_TRUE(DetailsOf(status).empty());
  EXPECT_EQ(rpc::SerializeStatusDetails(status), "");
}

}  // namespace
}  // namespace penstock
