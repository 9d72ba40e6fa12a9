#include "penstock/loadtest/tool/load_by_reflection.h"

#include <string>
#include <utility>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/payload.h"

namespace penstock::loadtest::tool {

std::optional<Failure> EncodeByReflection(Options* options) {
  CommandOptions command;
  command.target = options->target;
  command.tls = options->tls;
  for (const auto& [key, value] : options->metadata) {
    (void)command.call.AddMetadata(key, value);  // what is refused is the run's own
  }
  Connection connection(command);
  SchemaSource source(command, &connection);
  const codec::reflection::ServiceDescriptor* service = nullptr;
  const codec::reflection::MethodDescriptor* method = nullptr;
  if (auto failure = source.FindMethod(options->method, &service, &method)) return failure;
  const std::string json = std::exchange(options->json, "");
  const std::string trouble = TakeJson(json, source.schema(), options);
  if (trouble.empty()) return std::nullopt;
  return Failure{kExitUsage, trouble};
}

}  // namespace penstock::loadtest::tool
