#include "penstock/codec/wellknown/google_timestamp_for_test.h"

#include "google/protobuf/timestamp.pb.h"

namespace penstock::codec::testing {

std::string TimestampOfLibprotobuf(int64_t seconds, int32_t nanos) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(nanos);
  return timestamp.SerializeAsString();
}

}  // namespace penstock::codec::testing
