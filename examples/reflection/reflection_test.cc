// What docs/reflection.md shows, compiled and run: docs_test compares them.
#include <string>

#include "gtest/gtest.h"

#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/codec/reflection/dynamic_message.h"
#include "penstock/codec/reflection/generated_types.h"
#include "penstock/codec/reflection/message_ref.h"
#include "penstock/wire/bytes.h"

#include "examples/reflection/cart.penstock.h"

namespace reflection = penstock::codec::reflection;

namespace {

std::string FieldsThere(reflection::ConstMessageRef message) {
  std::string names;
  for (const reflection::Field& field : message.type().fields()) {
    if (message.Has(field)) names += field.name() + " ";
  }
  return names;
}

TEST(ReflectionExample, MessagesAreReadAndChangedWithoutTheirClass) {
  shop::Cart cart;
  cart.set_customer("Ada");
  cart.add_items()->set_name("tea");
  EXPECT_EQ(FieldsThere(reflection::Reflect(cart)), "customer items ");

  const reflection::MessageRef ref = reflection::Reflect(cart);
  const reflection::MessageType& type = ref.type();
  ref.Set(*type.FindByName("total"), reflection::Value(int64_t{7}));
  ref.Insert(*type.FindByName("prices"), reflection::Value("tea"), reflection::Value(int64_t{3}));
  const reflection::MessageRef item = ref.AddMessage(*type.FindByName("items"));
  item.Set(*item.type().FindByName("name"), reflection::Value("milk"));
  EXPECT_EQ(cart.total(), 7);
  EXPECT_EQ(cart.prices().at("tea"), 3);
  EXPECT_EQ(cart.items(1).name(), "milk");
}

// What a server gives through reflection, or penstockc --descriptor_set_out.
std::string DescriptorSet() {
  reflection::DescriptorPool pool;
  std::string error;
  const auto* file = pool.AddEmbedded(penstock::codec::MessageAccess::File<shop::Cart>(), &error);
  const std::string_view octets = pool.OctetsOf(*file);
  return std::string("\x0a") + static_cast<char>((octets.size() & 0x7f) | 0x80) +
         static_cast<char>(octets.size() >> 7) + std::string(octets);
}

TEST(ReflectionExample, MessagesAreBuiltFromDescriptorsAlone) {
  const std::string descriptor_set = DescriptorSet();
  reflection::DescriptorPool pool;
  std::string error;
  if (!pool.AddFileSet(descriptor_set, &error)) FAIL() << error;

  const reflection::DynamicTypes types(pool);
  const reflection::MessageType* type = types.FindType("shop.Cart");
  ASSERT_NE(type, nullptr);
  reflection::DynamicMessage message(*type);
  message.ref().Set(*type->FindByName("customer"), reflection::Value("Ada"));
  const std::string octets = message.SerializeAsString();

  shop::Cart cart;
  ASSERT_TRUE(cart.ParseFrom(penstock::wire::AsBytes(octets)).ok());
  EXPECT_EQ(cart.customer(), "Ada");
}

}  // namespace
