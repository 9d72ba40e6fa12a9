// Extensions as JSON and as text format.
#include <string>

#include "gtest/gtest.h"

#include "penstock/codec/json/extension_types.h"
#include "penstock/codec/json/json.h"
#include "penstock/codec/message.h"
#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/codec/reflection/dynamic_message.h"
#include "penstock/codec/text/text.h"
#include "penstock/wire/bytes.h"

#include "codec/json/testing/extended.penstock.h"

namespace penstock::codec::json {
namespace {

using testing::extended::Item;
using testing::extended::Review;

constexpr const char* kAll =
    R"({"id":7,"[penstock.codec.json.testing.extended.Review.review]":{"text":"good",)"
    R"("[penstock.codec.json.testing.extended.stars]":5},)"
    R"("[penstock.codec.json.testing.extended.Review.reviews]":[{},{"text":"x"}],)"
    R"("[penstock.codec.json.testing.extended.colour]":"",)"
    R"("[penstock.codec.json.testing.extended.sizes]":[1,2],)"
    R"("[penstock.codec.json.testing.extended.weight]":0.5})";

class JsonExtensions : public ::testing::Test {
 protected:
  JsonExtensions() {
    std::string error;
    EXPECT_NE(pool_.AddEmbedded(MessageAccess::File<Item>(), &error), nullptr) << error;
  }

  std::string Again(std::string_view text) {
    Item message;
    const JsonStatus status = FromJson(text, &message, {.extensions = &extensions_});
    if (!status.ok()) return status.message();
    Item from_wire;
    EXPECT_TRUE(from_wire.ParseFrom(wire::AsBytes(message.SerializeAsString())).ok());
    std::string printed;
    EXPECT_TRUE(ToJson(from_wire, &printed, {.extensions = &extensions_}).ok());
    EXPECT_EQ(DynamicAgain(text), printed);
    return printed;
  }

  std::string DynamicAgain(std::string_view text) {
    const reflection::DynamicTypes types(pool_);
    reflection::DynamicMessage message(*types.FindType(Item::kFullName));
    EXPECT_TRUE(FromJson(text, message.ref(), {.extensions = &extensions_}).ok());
    std::string printed;
    EXPECT_TRUE(ToJson(message.ref(), &printed, {.extensions = &extensions_}).ok());
    return printed;
  }

  reflection::DescriptorPool pool_;
  ExtensionTypes extensions_{pool_};
};

TEST_F(JsonExtensions, AreMembersWithTheirFullNames) { EXPECT_EQ(Again(kAll), kAll); }

TEST_F(JsonExtensions, AreThoseOfThePrograms) {
  Item message;
  message.SetExtension(testing::extended::colour, "red");
  std::string printed;
  ASSERT_TRUE(ToJson(message, &printed, {.extensions = &extensions_}).ok());
  EXPECT_EQ(printed, R"({"[penstock.codec.json.testing.extended.colour]":"red"})");
  Item again;
  ASSERT_TRUE(FromJson(printed, &again, {.extensions = &extensions_}).ok());
  EXPECT_EQ(again.GetExtension(testing::extended::colour), "red");
}

TEST_F(JsonExtensions, FaultsInThemHaveAPlaceAndAWay) {
  EXPECT_EQ(Again(R"({"[penstock.codec.json.testing.extended.weight]":"x"})"),
            "1:50: [penstock.codec.json.testing.extended.weight]: \"x\" is no number");
  EXPECT_EQ(Again(R"({"[penstock.codec.json.testing.extended.stars]":1})"),
            "1:2: \"[penstock.codec.json.testing.extended.st...\" is no field of "
            "penstock.codec.json.testing.extended.Item");
  EXPECT_EQ(Again(R"({"[penstock.codec.json.testing.extended.weight]":1,)"
                  R"("[penstock.codec.json.testing.extended.weight]":1})"),
            "1:52: [penstock.codec.json.testing.extended.weight]: the extension stands here twice");
  EXPECT_EQ(Again(R"({"[penstock.codec.json.testing.extended.weight]":null})"), "{}");
}

TEST_F(JsonExtensions, AreUnknownWithoutASource) {
  Item message;
  EXPECT_FALSE(FromJson(kAll, &message).ok());
  ASSERT_TRUE(FromJson(kAll, &message, {.ignore_unknown_fields = true}).ok());
  std::string printed;
  ASSERT_TRUE(ToJson(message, &printed).ok());
  EXPECT_EQ(printed, R"({"id":7})");
}

TEST_F(JsonExtensions, HaveTheirNamesInTextFormat) {
  Item message;
  ASSERT_TRUE(FromJson(kAll, &message, {.extensions = &extensions_}).ok());
  EXPECT_EQ(text::ToText(message, {.extensions = &extensions_}), R"(id: 7
[penstock.codec.json.testing.extended.Review.review] {
  text: "good"
  [penstock.codec.json.testing.extended.stars]: 5
}
[penstock.codec.json.testing.extended.Review.reviews] {
}
[penstock.codec.json.testing.extended.Review.reviews] {
  text: "x"
}
[penstock.codec.json.testing.extended.colour]: ""
[penstock.codec.json.testing.extended.sizes]: 1
[penstock.codec.json.testing.extended.sizes]: 2
[penstock.codec.json.testing.extended.weight]: 0.5
)");
  EXPECT_EQ(text::ToText(message, {.single_line = true}).substr(0, 35),
            "id: 7 100 { 1: \"good\" 100: 5 } 101:");
}

}  // namespace
}  // namespace penstock::codec::json
