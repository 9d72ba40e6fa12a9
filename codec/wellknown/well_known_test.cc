// The well-known types as a service uses them: in messages of its own, beside libprotobuf's.
#include <string>
#include <string_view>
#include <type_traits>

#include "gtest/gtest.h"

#include "penstock/codec/wellknown/google_timestamp_for_test.h"
#include "penstock/wire/bytes.h"

#include "codec/wellknown/order_for_test.penstock.h"
#include "google/protobuf/any.penstock.h"
#include "google/protobuf/descriptor.penstock.h"
#include "google/protobuf/duration.penstock.h"
#include "google/protobuf/struct.penstock.h"
#include "google/protobuf/timestamp.penstock.h"
#include "google/rpc/code.penstock.h"
#include "google/rpc/error_details.penstock.h"
#include "google/rpc/status.penstock.h"

namespace penstock::codec {
namespace {

wire::Bytes BytesOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

TEST(WellKnownTypes, StandInMessagesOfOthers) {
  testing::Order order;
  order.mutable_placed_at()->set_seconds(1'700'000'000);
  google::protobuf::Value& colour = (*order.mutable_extra()->mutable_fields())["colour"];
  colour.set_string_value("red");
  testing::Order copy;
  ASSERT_TRUE(copy.ParseFrom(BytesOf(order.SerializeAsString())).ok());
  EXPECT_EQ(copy.placed_at().seconds(), 1'700'000'000);
  EXPECT_EQ(copy.extra().fields().at("colour").string_value(), "red");
  EXPECT_TRUE(copy == order);
}

TEST(WellKnownTypes, ParseWhatLibprotobufWrote) {
  google::protobuf::Timestamp ours;
  ASSERT_TRUE(ours.ParseFrom(BytesOf(testing::TimestampOfLibprotobuf(12, 345))).ok());
  EXPECT_EQ(ours.seconds(), 12);
  EXPECT_EQ(ours.nanos(), 345);
}

TEST(WellKnownTypes, AreDeclaredInAnInlineNamespace) {
  static_assert(std::is_same_v<google::protobuf::Timestamp,
                               google::protobuf::penstock_proto::Timestamp>);
  static_assert(std::is_same_v<google::rpc::Status, google::rpc::penstock_proto::Status>);
  EXPECT_EQ(google::protobuf::Timestamp::kFullName, "google.protobuf.Timestamp");
}

TEST(WellKnownTypes, DescribeTheCompilersOutput) {
  google::protobuf::FileDescriptorProto file;
  file.add_message_type()->set_name("Cart");
  EXPECT_EQ(file.message_type(0).name(), "Cart");
}

TEST(RpcStatus, CarriesDetails) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(3);
  google::rpc::Status status;
  status.set_code(google::rpc::UNAVAILABLE);
  status.set_message("the stock is being counted");
  google::protobuf::Any& detail = *status.add_details();
  detail.set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  detail.set_value(retry.SerializeAsString());

  google::rpc::Status read;
  ASSERT_TRUE(read.ParseFrom(BytesOf(status.SerializeAsString())).ok());
  google::rpc::RetryInfo unpacked;
  ASSERT_TRUE(unpacked.ParseFrom(BytesOf(read.details(0).value())).ok());
  EXPECT_EQ(unpacked.retry_delay().seconds(), 3);
}

}  // namespace
}  // namespace penstock::codec
