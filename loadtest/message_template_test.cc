#include "penstock/loadtest/message_template.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <regex>
#include <set>
#include <string>

#include "penstock/wire/message_prefix.h"

namespace penstock::loadtest {
namespace {

constexpr char kProto[] = R"(
syntax = "proto3";
package shop;
message Item { string key = 1; int64 id = 2; int32 amount = 3; }
service Cart {
  rpc Add(Item) returns (Item);
  rpc Watch(Item) returns (stream Item);
})";

class MessageTemplateTest : public ::testing::Test {
 protected:
  MessageTemplateTest() {
    const std::string file = std::string(std::getenv("TEST_TMPDIR")) + "/shop.proto";
    std::ofstream(file) << kProto;
    std::string why;
    EXPECT_TRUE(schema_->AddProto(file, {}, &why)) << why;
    types_ = std::make_unique<codec::reflection::DynamicTypes>(schema_->pool());
  }

  std::shared_ptr<const MessageTemplate> Parse(std::string_view json, std::string* why,
                                               std::string_view method = "shop.Cart/Add") {
    return MessageTemplate::Parse(json, method, schema_, why);
  }
  // The field of the message that the writer makes next.
  std::string Next(TemplateWriter& writer, std::string_view field) {
    const wire::Bytes octets = writer.Next();
    const auto& type = *types_->FindType("shop.Item");
    codec::reflection::DynamicMessage item(type);
    EXPECT_TRUE(item.ParseFrom(octets.subspan(wire::kMessagePrefixBytes)).ok());
    const auto value = item.ref().Get(*type.FindByName(field));
    if (field == "key") return std::string(value.text());
    return std::to_string(field == "id" ? value.int64() : value.int32());
  }

  const std::shared_ptr<Schema> schema_ = std::make_shared<Schema>();
  std::unique_ptr<codec::reflection::DynamicTypes> types_;
};

TEST_F(MessageTemplateTest, SequencesAreSharedByTheWriters) {
  std::string why;
  const auto shape = Parse(R"({"id": {{seq}}})", &why);
  ASSERT_NE(shape, nullptr) << why;
  TemplateWriter one(shape.get());
  TemplateWriter other(shape.get());
  EXPECT_EQ(Next(one, "id"), "0");
  EXPECT_EQ(Next(other, "id"), "1");
  EXPECT_EQ(Next(one, "id"), "2");
}

TEST_F(MessageTemplateTest, UuidsAreOfVersionFourAndDiffer) {
  std::string why;
  const auto shape = Parse(R"({"key": "{{uuid}}"})", &why);
  ASSERT_NE(shape, nullptr) << why;
  TemplateWriter writer(shape.get());
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = Next(writer, "key");
    EXPECT_TRUE(std::regex_match(uuid, form)) << uuid;
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST_F(MessageTemplateTest, RandomNumbersAreFromBothBoundsAndWithin) {
  std::string why;
  const auto shape = Parse(R"({"key": "a{{rand -1 1}}b{{ rand 7 7 }}"})", &why);
  ASSERT_NE(shape, nullptr) << why;
  TemplateWriter writer(shape.get());
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(Next(writer, "key"));
  EXPECT_EQ(seen, (std::set<std::string>{"a-1b7", "a0b7", "a1b7"}));
}

TEST_F(MessageTemplateTest, TheOneBeforeStaysWhereANumberDoesNotFitAnyMore) {
  std::string why;
  const auto shape = Parse(R"({"amount": 214748364{{seq}}})", &why);
  ASSERT_NE(shape, nullptr) << why;
  TemplateWriter writer(shape.get());
  for (int i = 0; i < 8; ++i) EXPECT_EQ(Next(writer, "amount"), "214748364" + std::to_string(i));
  EXPECT_EQ(writer.misfits_count(), 0u);
  EXPECT_EQ(Next(writer, "amount"), "2147483647");
  EXPECT_EQ(writer.misfits_count(), 1u);
}

TEST_F(MessageTemplateTest, WhatIsWrongIsASentence) {
  const struct {
    const char* json;
    const char* method;
    const char* want;
  } kCases[] = {
      {R"({"id": {{sequence}}})", "shop.Cart/Add", "'{{sequence}}', which is no template"},
      {R"({"id": {{seq})", "shop.Cart/Add", "'{{seq}', which is no template"},
      {R"({"id": {{rand 1}}})", "shop.Cart/Add", "'{{rand 1}}', which is no template"},
      {R"({"id": {{rand 2 1}}})", "shop.Cart/Add", "A not above B"},
      {R"({"id": {{rand 1 2 3}}})", "shop.Cart/Add", "'{{rand 1 2 3}}'"},
      {R"({"amount": {{rand 1 3000000000}}})", "shop.Cart/Add", "once it is filled in: "},
      {R"({"id": {{uuid}}})", "shop.Cart/Add", "once it is filled in: "},
      {R"({"nothing": {{seq}}})", "shop.Cart/Add", "once it is filled in: "},
      {R"({"id": {{seq}}})", "shop.Cart/Ad", "did you mean shop.Cart/Add?"},
  };
  for (const auto& each : kCases) {
    SCOPED_TRACE(each.json);
    std::string why;
    EXPECT_EQ(Parse(each.json, &why, each.method), nullptr);
    EXPECT_NE(why.find(each.want), std::string::npos) << why;
  }
}

}  // namespace
}  // namespace penstock::loadtest
