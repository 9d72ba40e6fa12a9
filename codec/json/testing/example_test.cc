// docs/json.md as code.
#include "gtest/gtest.h"

#include "penstock/codec/json/json.h"
#include "penstock/codec/text/text.h"

#include "codec/json/testing/cart.penstock.h"

namespace {

namespace json = penstock::codec::json;
namespace text = penstock::codec::text;

TEST(JsonExample, DoesWhatItsPageSays) {
  shop::Cart cart;
  cart.set_customer("Ada");
  cart.add_items()->set_display_name("tea");
  cart.mutable_items(0)->set_price_cents(250);
  cart.mutable_made_at()->set_seconds(1700000000);

  std::string printed;
  const json::JsonStatus status = json::ToJson(cart, &printed);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(printed, R"({"customer":"Ada","items":[{"displayName":"tea","priceCents":"250"}],)"
                     R"("madeAt":"2023-11-14T22:13:20Z"})");

  shop::Cart again;
  ASSERT_TRUE(json::FromJson(printed, &again).ok());
  EXPECT_EQ(again, cart);

  const json::JsonStatus fault = json::FromJson(R"({"items":[{"priceCents":"2.5"}]})", &again);
  EXPECT_EQ(fault.message(),
            "1:25: items[0].priceCents: 2.5 is not whole, as an unsigned integer of 64 bits must "
            "be");

  EXPECT_EQ(text::ToText(cart.items(0), {.single_line = true}),
            R"(display_name: "tea" price_cents: 250)");
}

}  // namespace
