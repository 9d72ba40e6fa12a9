#include "penstock/loadtest/method_flags.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "penstock/http2/hpack_field.h"
#include "penstock/loadtest/flag_values.h"
#include "penstock/loadtest/payload.h"
#include "penstock/rpc/base64.h"

namespace penstock::loadtest {

void DeclareStreamFlags(CLI::App& app, StreamFlags* flags) {
  app.add_option("--msgs-per-stream", flags->messages,
                 "messages that each call of a client-streaming or bidi method sends; 1")
      ->type_name("N");
  app.add_option("--msg-interval", flags->interval,
                 "from one of them to the next; 0s: as fast as the windows allow")
      ->type_name("TIME");
  app.add_option("--in-flight", flags->in_flight,
                 "of bidi streams: messages sent without their response, 1 is ping-pong; 1")
      ->type_name("N");
}

std::string TakeStreamFlags(const StreamFlags& flags, MethodOptions* options) {
  for (const std::string& trouble :
       {TakeCount("--msgs-per-stream", flags.messages, kMessagesPerStreamMax,
                  &options->messages_per_stream),
        TakeDuration("--msg-interval", flags.interval, 0, &options->message_interval_ns),
        TakeCount("--in-flight", flags.in_flight, kMessagesInFlightMax,
                  &options->messages_in_flight)}) {
    if (!trouble.empty()) return trouble;
  }
  return "";
}

std::string CheckFlowMemory(const Options& options) {
  const uint64_t slots = uint64_t{options.connections} * options.streams_per_connection;
  uint64_t sends = 0;
  for (size_t i = 0; i < options.methods_count(); ++i) {
    const MethodOptions& method = options.method_at(i);
    sends = std::max(sends, std::min<uint64_t>(method.messages_in_flight,
                                               method.messages_per_stream));
  }
  if (sends <= kFlowSendsMax / slots) return "";
  return "--in-flight " + std::to_string(sends) + " on " +
         std::to_string(slots) + " streams at once is more than is kept account of: " +
         std::to_string(kFlowSendsMax) + " messages in all; give less of either";
}

std::string TakeMethod(const std::string& where, std::string text, MethodOptions* options) {
  if (text.empty()) {
    return where + " is missing: say what to call, for example " + std::string(kHelloMethod);
  }
  if (text.starts_with('/')) text.erase(0, 1);
  const size_t slash = text.find('/');
  const bool two_names = slash != 0 && slash != std::string::npos && slash + 1 != text.size() &&
                         text.find('/', slash + 1) == std::string::npos;
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!two_names || !printable) {
    return WrongValue(
        where, text,
        "a method: write PKG.SERVICE/METHOD, for example " + std::string(kHelloMethod));
  }
  options->method = std::move(text);
  return "";
}

// Spec: gRPC PROTOCOL-HTTP2, "Custom-Metadata": names in lower case; grpc- is reserved.
std::string TakeMetadata(const std::string& where, const std::string& text,
                         MethodOptions* options) {
  const size_t colon = text.find(':');
  std::string name = text.substr(0, colon);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (colon == std::string::npos || colon == 0) {
    return WrongValue(where, text, "KEY:VALUE, such as 'x-user: 7'");
  }
  std::string value = text.substr(colon + 1);
  value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
  value.erase(value.find_last_not_of(' ') + 1);
  const http2::FieldName token = http2::FieldNameOf(name);
  const bool ours = token != http2::FieldName::kOther && token != http2::FieldName::kCookie;
  if (name.starts_with("grpc-") || (ours && token != http2::FieldName::kInvalid)) {
    return where + " '" + text + "' would set " + name +
           ", which the protocol itself needs; leave it out";
  }
  if (token == http2::FieldName::kInvalid || !http2::IsValidFieldValue(value)) {
    return WrongValue(where, text, "a header field that HTTP/2 can carry");
  }
  if (name.ends_with("-bin")) {
    std::string octets(rpc::Base64DecodedBytesMax(value.size()), '\0');
    if (rpc::Base64Decode(value, octets.data()) == nullptr) {
      return where + " '" + text + "': the value of a key that ends in -bin is written in base64";
    }
  }
  options->metadata.emplace_back(std::move(name), std::move(value));
  return "";
}

}  // namespace penstock::loadtest
