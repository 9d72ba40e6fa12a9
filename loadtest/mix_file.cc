#include "penstock/loadtest/mix_file.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/loadtest/flag_values.h"
#include "penstock/loadtest/method_flags.h"
#include "penstock/loadtest/read_file.h"
#include "penstock/wire/suggestion.h"

namespace penstock::loadtest {
namespace {

using Json = nlohmann::ordered_json;

// What a method of the mix says, as the flags' values would be written.
struct MethodFields {
  std::string method, deadline;
  PayloadFlags payload;
  StreamFlags stream;
  std::vector<std::string> metadata;
  double weight = 1;
};

// A text, or a number, which is its text.
std::string TakeText(const Json& value, std::string* text) {
  if (value.is_string()) {
    *text = value.get<std::string>();
  } else if (value.is_number_unsigned()) {
    *text = value.dump();
  } else {
    return "is neither a text nor a whole number";
  }
  return text->empty() ? "is empty" : "";
}

std::string TakeWeight(const Json& value, double* weight) {
  if (value.is_number()) *weight = value.get<double>();
  const bool is_weight = value.is_number() && *weight > 0 && *weight <= 1e9;
  return is_weight ? "" : "is not a number above 0, and 1e9 at most";
}

std::string TakeMetadataFields(const Json& value, std::vector<std::string>* metadata) {
  if (!value.is_object()) return R"(is no object, such as {"x-user": "7"})";
  for (const auto& [name, text] : value.items()) {
    if (!text.is_string()) return "." + name + " is no text";
    metadata->push_back(name + ":" + text.get<std::string>());
  }
  return "";
}

// What is wrong with the value of the field; "" when nothing is.
std::string TakeField(const std::string& name, const Json& value, MethodFields* fields) {
  const struct {
    std::string_view name;
    std::string* text;
  } texts[] = {{"method", &fields->method},
               {"kind", &fields->payload.kind},
               {"payload_bytes", &fields->payload.bytes},
               {"payload_hex", &fields->payload.hex},
               {"deadline", &fields->deadline},
               {"msgs_per_stream", &fields->stream.messages},
               {"msg_interval", &fields->stream.interval},
               {"in_flight", &fields->stream.in_flight}};
  std::vector<std::string> known = {"weight", "data", "metadata"};
  for (const auto& one : texts) {
    if (name == one.name) return TakeText(value, one.text);
    known.emplace_back(one.name);
  }
  if (name == "weight") return TakeWeight(value, &fields->weight);
  if (name == "metadata") return TakeMetadataFields(value, &fields->metadata);
  if (name == "data" && value.is_string()) return TakeText(value, &fields->payload.data);
  if (name == "data") {
    fields->payload.data = value.dump();
    return value.is_object() ? "" : "is no message, and no text that is one in JSON";
  }
  const std::string nearest = wire::NearestOf(name, known);
  return "is no field" + (nearest.empty() ? "" : ", did you mean " + nearest + "?");
}

std::string TakeMethodOptions(const MethodFields& fields, const PayloadFlags& schema,
                              MethodOptions* method) {
  PayloadFlags payload = fields.payload;
  if (!payload.data.empty()) {  // what names a schema is for messages in JSON alone
    payload.protos = schema.protos;
    payload.roots = schema.roots;
    payload.descriptor_set = schema.descriptor_set;
  }
  std::string trouble = TakeMethod("method", fields.method, method);
  if (trouble.empty()) {
    trouble = TakeDuration("deadline", fields.deadline, kNsPerMs, &method->deadline_ns);
  }
  for (const std::string& text : fields.metadata) {
    if (trouble.empty()) trouble = TakeMetadata("metadata", text, method);
  }
  if (trouble.empty()) trouble = TakeStreamFlags(fields.stream, method);
  return trouble.empty() ? TakePayload(payload, method) : trouble;
}

// One element of "methods"; `place` is where it stands.
std::string TakeMixMethod(const Json& value, const std::string& place, const PayloadFlags& schema,
                          Options* options) {
  if (!value.is_object()) return place + R"( is no object, such as {"method": "pkg.Service/M"})";
  MethodFields fields;
  for (const auto& [name, field] : value.items()) {
    const std::string trouble = TakeField(name, field, &fields);
    if (!trouble.empty()) {
      return place + "." + name + (trouble.starts_with('.') ? "" : " ") + trouble;
    }
  }
  MethodOptions method = *options;  // its deadline and metadata
  method.weight = fields.weight;
  const std::string trouble = TakeMethodOptions(fields, schema, &method);
  if (!trouble.empty()) return place + ": " + trouble;
  options->mix.push_back(std::move(method));
  return "";
}

// "line 3, column 5: syntax error ...", of "[json.exception...] parse error at line 3...", and
// "number overflow ...", which is an exception of another kind.
std::string DescribeJsonError(const Json::exception& error) {
  std::string_view what = error.what();
  for (const std::string_view before : {"] ", "parse error at "}) {
    const size_t begin = what.find(before);
    if (begin != what.npos) what.remove_prefix(begin + before.size());
  }
  return std::string(what);
}

// "", or what is wrong. Messages are written as JSON again, by recursion: their depth is bounded.
std::string ParseMix(const std::string& text, Json* json) {
  bool is_too_deep = false;
  const auto keep = [&is_too_deep](int depth, Json::parse_event_t, Json&) {
    is_too_deep = is_too_deep || depth > kMixDepthMax;
    return !is_too_deep;
  };
  try {
    *json = Json::parse(text, keep, /*allow_exceptions=*/true, /*ignore_comments=*/true);
  } catch (const Json::exception& error) {
    return " is no JSON: " + DescribeJsonError(error);
  }
  if (!is_too_deep) return "";
  return " nests deeper than " + std::to_string(kMixDepthMax) + " objects and lists";
}

}  // namespace

std::string TakeMix(const std::string& file, const PayloadFlags& flags, Options* options) {
  const std::string place = "--mix '" + file + "'";
  std::string text;
  if (!ReadFile(file, &text)) return place + " cannot be read: " + std::strerror(errno);
  Json json;
  if (const std::string wrong = ParseMix(text, &json); !wrong.empty()) return place + wrong;
  const bool has_methods = json.is_object() && json.size() == 1 && json.contains("methods") &&
                           json["methods"].is_array() && !json["methods"].empty();
  if (!has_methods) {
    return place + R"( has to be {"methods": [...]} with one method or more, and nothing else)";
  }
  const Json& methods = json["methods"];
  if (methods.size() > kMixMethodsMax) {
    return place + " has " + std::to_string(methods.size()) + " methods; " +
           std::to_string(kMixMethodsMax) + " are the most";
  }
  for (size_t i = 0; i < methods.size(); ++i) {
    std::string trouble =
        TakeMixMethod(methods[i], place + ": methods[" + std::to_string(i) + "]", flags, options);
    if (!trouble.empty()) return trouble;
  }
  options->method = "mix " + file;
  return "";
}

}  // namespace penstock::loadtest
