// Payload: the request's message, as the flags of the command line say it.
#ifndef PENSTOCK_LOADTEST_PAYLOAD_H_
#define PENSTOCK_LOADTEST_PAYLOAD_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/loadtest/options.h"
#include "penstock/loadtest/schema.h"

namespace penstock::loadtest {

inline constexpr std::string_view kHelloMethod = "helloworld.Greeter/SayHello";

// As they were written; empty: not given.
struct PayloadFlags {
  std::string bytes, hex, data, descriptor_set, kind;
  std::vector<std::string> protos, roots;
};

// "--flag 'value' is not ..."
std::string WrongValue(const std::string& flag, const std::string& value, std::string_view wanted);

// Fills in options->kind, and options->message, or options->message_template, of the request of
// options->method as JSON. Returns what is wrong, "" when nothing is.
std::string TakeJson(const std::string& json, std::shared_ptr<const Schema> schema,
                     MethodOptions* options);

// Fills in options->kind and options->message for options->method: what the flags say, or the
// greeting of kHelloMethod, or nothing. JSON without a schema is left in options->json. Returns
// what is wrong, "" when nothing is.
std::string TakePayload(const PayloadFlags& flags, MethodOptions* options);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_PAYLOAD_H_
