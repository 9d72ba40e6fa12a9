// A mix: several methods that a run calls by chance, each as often as its weight says.
//
//     {"methods": [
//       {"method": "shop.Cart/Get", "weight": 8, "data": {"id": "{{rand 1 900}}"}},
//       {"method": "shop.Cart/Add", "weight": 2, "data": {"item": "tea"}, "deadline": "500ms",
//        "metadata": {"x-user": "7"}},
//       {"method": "shop.Cart/Chat", "kind": "bidi", "payload_bytes": "1KiB",
//        "msgs_per_stream": 10, "msg_interval": "1ms", "in_flight": 2}
//     ]}
//
// JSON, with comments. A field says of its method what the flag of that name says of all; `data` is
// the message, or a text that is its JSON; `weight` is 1 where it is not given. --header and
// --deadline are for all methods, the latter for those without their own.
//
// Limits: kMixMethodsMax methods; kMixDepthMax.
#ifndef PENSTOCK_LOADTEST_MIX_FILE_H_
#define PENSTOCK_LOADTEST_MIX_FILE_H_

#include <cstddef>
#include <string>

#include "penstock/loadtest/options.h"
#include "penstock/loadtest/payload.h"

namespace penstock::loadtest {

// Every shard keeps an account of each: 228 KiB.
inline constexpr size_t kMixMethodsMax = 64;
// Objects and lists in each other. Messages of protobuf have some 100 levels at most.
inline constexpr int kMixDepthMax = 256;

// Fills in options->mix with what stands in `file`, its messages by the schema that `flags` name;
// JSON without one is left in MethodOptions::json. Returns what is wrong, with the place, "" when
// nothing is.
std::string TakeMix(const std::string& file, const PayloadFlags& flags, Options* options);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_MIX_FILE_H_
