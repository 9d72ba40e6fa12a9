#include "penstock/loadtest/schema.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::loadtest {
namespace {

constexpr char kMoney[] = "syntax = \"proto3\"; package money; message Sum { int64 cents = 1; }";
constexpr char kShop[] = R"(
syntax = "proto3";
package shop;
import "money.proto";
import "google/protobuf/timestamp.proto";
message Item {
  string name = 1;
  money.Sum price = 2;
  google.protobuf.Timestamp at = 3;
}
message Added {}
service Cart {
  rpc Add(Item) returns (Added);
  rpc Watch(Added) returns (stream Item);
}
)";

class SchemaTest : public testing::Test {
 protected:
  SchemaTest() : folder_(std::string(std::getenv("TEST_TMPDIR")) + "/schema") {
    std::filesystem::create_directories(folder_);
    Write("money.proto", kMoney);
    Write("shop.proto", kShop);
  }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  void Write(const std::string& name, const std::string& content) {
    std::ofstream(Path(name), std::ios::binary) << content;
  }
  // What is wrong with a request of the shop's schema; "" when nothing is.
  std::string WhyNot(std::string_view method, std::string_view json) {
    Schema schema;
    std::string octets;
    std::string why;
    EXPECT_TRUE(schema.AddProto(Path("shop.proto"), {folder_}, &why)) << why;
    return schema.MakeRequest(method, json, &octets, &why) ? "" : why;
  }

  const std::string folder_;
};

TEST_F(SchemaTest, MakesARequestOfJson) {
  Schema schema;
  std::string octets;
  std::string why;
  ASSERT_TRUE(schema.AddProto(Path("shop.proto"), {folder_}, &why)) << why;
  ASSERT_TRUE(schema.MakeRequest(
      "shop.Cart/Add",
      R"({"name": "tea", "price": {"cents": "300"}, "at": "1970-01-01T00:00:01Z"})", &octets, &why))
      << why;
  EXPECT_EQ(octets, std::string("\x0a\x03tea\x12\x03\x08\xac\x02\x1a\x02\x08\x01", 14));
}

TEST_F(SchemaTest, WithoutRootsImportsStandBesideTheFile) {
  Schema schema;
  std::string why;
  EXPECT_TRUE(schema.AddProto(Path("shop.proto"), {}, &why)) << why;
}

TEST_F(SchemaTest, KnowsWhichSideStreams) {
  Schema schema;
  std::string why;
  ASSERT_TRUE(schema.AddProto(Path("shop.proto"), {folder_}, &why)) << why;
  EXPECT_EQ(Schema::KindOf(*schema.FindMethod("shop.Cart/Add", &why)), CallKind::kUnary);
  EXPECT_EQ(Schema::KindOf(*schema.FindMethod("shop.Cart/Watch", &why)), CallKind::kServerStream);
}

TEST_F(SchemaTest, SaysWhatIsWrongWithARequest) {
  const struct {
    const char* method;
    const char* json;
    const char* why;
  } cases[] = {
      {"shop.Cart/Ad", "{}",
       "--method 'shop.Cart/Ad' is not in the schema; did you mean shop.Cart/Add?"},
      {"shop.Cart", "{}", "--method 'shop.Cart' is not in the schema"},
      {"else.Where/Is", "{}", "--method 'else.Where/Is' is not in the schema"},
      {"shop.Cart/Add", R"({"nam": "tea"})", "--data is no shop.Item: "},
      {"shop.Cart/Add", "{", "--data is no shop.Item: "},
      {"shop.Cart/Add", "", "--data is no shop.Item: "},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    EXPECT_TRUE(WhyNot(c.method, c.json).starts_with(c.why)) << WhyNot(c.method, c.json);
  }
}

TEST_F(SchemaTest, SaysWhatIsWrongWithAFile) {
  Write("broken.proto", "syntax = \"proto3\";\nmessage M { int32 a = ; }\n");
  const struct {
    std::string file;
    std::vector<std::string> roots;
    std::string why;
  } cases[] = {
      {Path("missing.proto"), {folder_}, "--proto '" + Path("missing.proto") + "' is no file"},
      {Path("shop.proto"),
       {"/usr/include"},
       "--proto '" + Path("shop.proto") + "' is not below any -I folder"},
      {Path("broken.proto"), {folder_}, "broken.proto:2:23: error: "},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Schema schema;
    std::string why;
    EXPECT_FALSE(schema.AddProto(c.file, c.roots, &why));
    EXPECT_TRUE(why.starts_with(c.why)) << why;
    EXPECT_FALSE(why.ends_with('\n'));
  }
  Schema schema;
  std::string why;
  EXPECT_FALSE(schema.AddDescriptorSet(Path("missing.pb"), &why));
  EXPECT_EQ(why, "--descriptor-set '" + Path("missing.pb") +
                     "' cannot be read: No such file or directory");
  EXPECT_FALSE(schema.AddDescriptorSet(Path("shop.proto"), &why));
  EXPECT_TRUE(why.starts_with("--descriptor-set '" + Path("shop.proto") + "' is not what "))
      << why;
}

}  // namespace
}  // namespace penstock::loadtest
