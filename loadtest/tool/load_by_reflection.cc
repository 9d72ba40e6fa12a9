#include "penstock/loadtest/tool/load_by_reflection.h"

#include <string>
#include <utility>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/payload.h"
#include "penstock/rpc/base64.h"

namespace penstock::loadtest::tool {
namespace {

// The load sends fields as they are written, a client those of "-bin" keys in base64.
std::string ValueOf(const std::string& key, const std::string& written) {
  if (!key.ends_with("-bin")) return written;
  std::string octets(rpc::Base64DecodedBytesMax(written.size()), '\0');
  const char* const end = rpc::Base64Decode(written, octets.data());
  octets.resize(end == nullptr ? 0 : static_cast<size_t>(end - octets.data()));
  return octets;
}

std::optional<Failure> Encode(SchemaSource* source, MethodOptions* options) {
  const codec::reflection::ServiceDescriptor* service = nullptr;
  const codec::reflection::MethodDescriptor* method = nullptr;
  if (auto failure = source->FindMethod(options->method, &service, &method)) return failure;
  const std::string json = std::exchange(options->json, "");
  const std::string trouble = TakeJson(json, source->schema(), options);
  if (trouble.empty()) return std::nullopt;
  return Failure{kExitUsage, trouble};
}

}  // namespace

bool NeedsReflection(const Options& options) {
  for (size_t i = 0; i < options.methods_count(); ++i) {
    if (!options.method_at(i).json.empty()) return true;
  }
  return false;
}

std::optional<Failure> EncodeByReflection(Options* options) {
  CommandOptions command;
  command.target = options->target;
  command.tls = options->tls;
  for (const auto& [key, value] : options->metadata) {
    // What is refused here, such as user-agent, is the run's own.
    (void)command.call.AddMetadata(key, ValueOf(key, value));
  }
  Connection connection(command);
  SchemaSource source(command, &connection);
  if (options->mix.empty()) return Encode(&source, options);
  for (MethodOptions& method : options->mix) {
    if (method.json.empty()) continue;
    if (auto failure = Encode(&source, &method)) return failure;
  }
  return std::nullopt;
}

}  // namespace penstock::loadtest::tool
