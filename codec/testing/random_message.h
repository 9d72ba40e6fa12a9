// Random messages of Protocol Buffers' own classes, by reflection, for the differential test.
#ifndef PENSTOCK_CODEC_TESTING_RANDOM_MESSAGE_H_
#define PENSTOCK_CODEC_TESTING_RANDOM_MESSAGE_H_

#include <random>
#include <string>

#include "google/protobuf/message.h"

namespace penstock::codec::testing {

// Sets about a third of the fields and extensions, required ones always; messages at most `depth`
// deep.
void FillRandomly(google::protobuf::Message* message, std::minstd_rand& random, int depth);

// With maps sorted by key, required fields or not.
std::string SerializeSorted(const google::protobuf::Message& message);

// Octets changed, inserted, removed or repeated in a few places, or the end cut off.
std::string Damage(std::string wire, std::minstd_rand& random);

}  // namespace penstock::codec::testing

#endif  // PENSTOCK_CODEC_TESTING_RANDOM_MESSAGE_H_
