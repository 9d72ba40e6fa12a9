// Protocol Buffers' own JSON and text format, asked with octets: in a file of their own, so that
// google::protobuf::Timestamp and its like of both sides never meet.
#ifndef PENSTOCK_CODEC_JSON_TESTING_GOOGLE_MESSAGES_H_
#define PENSTOCK_CODEC_JSON_TESTING_GOOGLE_MESSAGES_H_

#include <random>
#include <string>

namespace penstock::codec::json::testing {

// The messages of testing/rich_proto3.proto, testing/rich_proto2.proto and known.proto.
enum class GoogleMessage { kRich3, kRich2, kKnown };

struct GooglePrintOptions {
  bool print_fields_without_presence = false;
  bool preserve_proto_names = false;
  bool enums_as_numbers = false;
};

// A message on the wire that has JSON: its times are in their ranges and its numbers such that
// their shortest digits are those printf rounds to.
std::string RandomWire(GoogleMessage kind, std::minstd_rand& random);

// "" when it succeeds, or what is wrong. Wires have their maps sorted.
std::string GoogleToJson(GoogleMessage kind, const std::string& wire,
                         const GooglePrintOptions& options, std::string* json);
std::string GoogleFromJson(GoogleMessage kind, const std::string& json, bool ignore_unknown_fields,
                           std::string* wire);
std::string GoogleToText(GoogleMessage kind, const std::string& wire, bool single_line);

}  // namespace penstock::codec::json::testing

#endif  // PENSTOCK_CODEC_JSON_TESTING_GOOGLE_MESSAGES_H_
