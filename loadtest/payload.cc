#include "penstock/loadtest/payload.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "penstock/loadtest/message_template.h"
#include "penstock/loadtest/read_file.h"
#include "penstock/loadtest/request.h"
#include "penstock/loadtest/units.h"

namespace penstock::loadtest {
namespace {

constexpr int64_t kMessageBytesMax = int64_t{256} << 20;

bool ParseHex(std::string_view text, std::string* bytes) {
  if (text.size() % 2 != 0) return false;
  for (size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    if (error != std::errc() || end != text.data() + i + 2) return false;
    *bytes += static_cast<char>(value);
  }
  return true;
}

std::string TakeHex(const PayloadFlags& flags, MethodOptions* options) {
  return ParseHex(flags.hex, &options->message)
             ? ""
             : WrongValue("--payload-hex", flags.hex,
                          "pairs of hex digits, such as 0a05776f726c64");
}

std::string TakeBytes(const PayloadFlags& flags, MethodOptions* options) {
  const std::optional<int64_t> bytes = ParseByteSize(flags.bytes);
  if (!bytes) return WrongValue("--payload-bytes", flags.bytes, kByteSizeForm);
  if (*bytes == 1) {
    return "--payload-bytes 1: no message has one byte; give 0, or 2 and more, or --payload-hex";
  }
  if (*bytes > kMessageBytesMax) {
    return WrongValue("--payload-bytes", flags.bytes, "at most 256MiB");
  }
  options->message = MakePayload(static_cast<size_t>(*bytes));
  return "";
}

// "@FILE" is what stands in the file.
std::string ReadData(const std::string& data, std::string* json) {
  if (!data.starts_with('@')) {
    *json = data;
    return "";
  }
  if (ReadFile(data.substr(1), json)) return "";
  return "--data '" + data + "' cannot be read: " + std::strerror(errno);
}

std::string TakeData(const PayloadFlags& flags, MethodOptions* options) {
  std::string json;
  std::string why = ReadData(flags.data, &json);
  if (!why.empty()) return why;
  if (flags.protos.empty() && flags.descriptor_set.empty()) {
    options->json = json;
    return "";
  }
  const auto schema = std::make_shared<Schema>();
  for (const std::string& proto : flags.protos) {
    if (!schema->AddProto(proto, flags.roots, &why)) return why;
  }
  if (!flags.descriptor_set.empty() && !schema->AddDescriptorSet(flags.descriptor_set, &why)) {
    return why;
  }
  return TakeJson(json, schema, options);
}

std::string TakeMessage(const PayloadFlags& flags, MethodOptions* options) {
  if (!flags.hex.empty()) return TakeHex(flags, options);
  if (!flags.bytes.empty()) return TakeBytes(flags, options);
  if (options->method == kHelloMethod) options->message = kHelloMessage;
  return "";
}

// What is said of a stream of messages is for methods that send one.
std::string CheckStream(const MethodOptions& options) {
  const char* const flag = options.messages_per_stream != 1   ? "--msgs-per-stream"
                           : options.message_interval_ns != 0 ? "--msg-interval"
                           : options.messages_in_flight != 1  ? "--in-flight"
                                                              : nullptr;
  if (flag == nullptr) return "";
  const std::string of = ", and " + options.method + " is " + std::string(NameOf(options.kind));
  if (!SendsStream(options.kind)) {
    return std::string(flag) + " is for methods that take a stream of messages" + of;
  }
  if (options.messages_in_flight != 1 && options.kind != CallKind::kBidi) {
    return "--in-flight is for methods with a stream each way" + of;
  }
  return "";
}

}  // namespace

std::string TakeJson(const std::string& json, std::shared_ptr<const Schema> schema,
                     MethodOptions* options) {
  std::string why;
  const auto* method = schema->FindMethod(options->method, &why);
  if (method == nullptr) return why;
  options->kind = Schema::KindOf(*method);
  why = CheckStream(*options);
  if (!why.empty()) return why;
  if (MessageTemplate::IsTemplate(json)) {
    options->message_template =
        MessageTemplate::Parse(json, options->method, std::move(schema), &why);
    return why;
  }
  if (!schema->MakeRequest(options->method, json, &options->message, &why)) return why;
  if (options->message.size() <= static_cast<size_t>(kMessageBytesMax)) return "";
  return "--data makes a message of " + std::to_string(options->message.size()) +
         " bytes; 256MiB is the most";
}

std::string WrongValue(const std::string& flag, const std::string& value, std::string_view wanted) {
  return flag + " '" + value + "' is not " + std::string(wanted);
}

std::string TakePayload(const PayloadFlags& flags, MethodOptions* options) {
  const bool has_schema = !flags.protos.empty() || !flags.descriptor_set.empty();
  const int given_count = !flags.bytes.empty() + !flags.hex.empty() + !flags.data.empty();
  if (given_count > 1) {
    return "--payload-bytes, --payload-hex and --data each say what to send; give one";
  }
  if (!flags.roots.empty() && flags.protos.empty()) return "-I is for --proto: add one";
  if (flags.data.empty() && (has_schema || !flags.roots.empty())) {
    return "--proto, -I and --descriptor-set are for --data: say what to send, for example -d '{}'";
  }
  if (!flags.data.empty() && !flags.kind.empty()) {
    return "--kind is for messages without a schema: of --data the schema says it, leave it out";
  }
  if (!flags.data.empty()) return TakeData(flags, options);
  if (!flags.kind.empty()) {
    const std::optional<CallKind> kind = ParseCallKind(flags.kind);
    if (!kind) {
      return WrongValue("--kind", flags.kind, "unary, client-stream, server-stream or bidi");
    }
    options->kind = *kind;
  }
  const std::string trouble = CheckStream(*options);
  return trouble.empty() ? TakeMessage(flags, options) : trouble;
}

}  // namespace penstock::loadtest
