// What libprotobuf makes of a Timestamp, for the test that links both libraries. No source file can
// name both classes, since they have one name there.
#ifndef PENSTOCK_CODEC_WELLKNOWN_GOOGLE_TIMESTAMP_FOR_TEST_H_
#define PENSTOCK_CODEC_WELLKNOWN_GOOGLE_TIMESTAMP_FOR_TEST_H_

#include <cstdint>
#include <string>

namespace penstock::codec::testing {

std::string TimestampOfLibprotobuf(int64_t seconds, int32_t nanos);

}  // namespace penstock::codec::testing

#endif  // PENSTOCK_CODEC_WELLKNOWN_GOOGLE_TIMESTAMP_FOR_TEST_H_
