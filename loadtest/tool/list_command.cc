// penstock-load ls: the services of a server, or the methods of one.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/tool/command_options.h"
#include "penstock/loadtest/tool/commands.h"
#include "penstock/loadtest/tool/schema_source.h"
#include "penstock/loadtest/tool/status_text.h"

namespace penstock::loadtest::tool {
namespace {

constexpr char kName[] = "penstock-load ls";
constexpr char kDescription[] =
    "penstock-load ls: what a server has: its services, or the methods of one, a line for each.\n"
    "\n"
    "Examples:\n"
    "  penstock-load ls 127.0.0.1:50051\n"
    "  penstock-load ls 127.0.0.1:50051 helloworld.Greeter\n"
    "  penstock-load ls --proto shop.proto shop.Cart          no server is asked\n";
constexpr char kFooter[] =
    "Exit status: 0 it was printed; 1 the server does not say; 2 no connection; 64 wrong usage,\n"
    "or no such service; 130 interrupted.";

std::optional<Failure> Print(SchemaSource& source, const std::string& service) {
  if (service.empty()) {
    std::vector<std::string> services;
    if (auto failure = source.ListServices(&services)) return failure;
    for (const std::string& name : services) std::printf("%s\n", Printable(name).c_str());
    return std::nullopt;
  }
  if (auto failure = source.Load(service)) return failure;
  const auto* found = source.pool().FindService(service);
  if (found == nullptr) {
    return Failure{kExitUsage, "'" + service + "' is no service; describe says what it is"};
  }
  for (const auto& method : found->methods) {
    std::printf("%s/%s\n", found->full_name.c_str(), method.name.c_str());
  }
  return std::nullopt;
}

}  // namespace

int RunList(int argc, char** argv) {
  CLI::App app{kDescription, kName};
  app.footer(kFooter);
  CommandOptions options;
  const auto status = ReadSchemaCommand(
      app, "SERVICE", "whose methods; without it, all services", argc, argv, &options);
  if (status) return *status;
  std::optional<Connection> connection;
  if (!options.has_schema()) connection.emplace(options);
  SchemaSource source(options, connection ? &*connection : nullptr);
  const std::optional<Failure> failure = Print(source, options.subject);
  return failure ? failure->Report(kName) : kExitOk;
}

}  // namespace penstock::loadtest::tool
