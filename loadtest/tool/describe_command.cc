// penstock-load describe: what a name means, as the text of a .proto.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/tool/command_options.h"
#include "penstock/loadtest/tool/commands.h"
#include "penstock/loadtest/tool/proto_text.h"
#include "penstock/loadtest/tool/schema_source.h"
#include "penstock/loadtest/tool/status_text.h"

namespace penstock::loadtest::tool {
namespace {

constexpr char kName[] = "penstock-load describe";
constexpr char kDescription[] =
    "penstock-load describe: a service, method, message, enum, field or extension of a server, as\n"
    "the text of a .proto; without a SYMBOL, all of its services.\n"
    "\n"
    "Examples:\n"
    "  penstock-load describe 127.0.0.1:50051 helloworld.Greeter\n"
    "  penstock-load describe 127.0.0.1:50051 helloworld.HelloRequest\n"
    "  penstock-load describe --proto shop.proto shop.proto     the whole file\n";
constexpr char kFooter[] =
    "Exit status: 0 it was printed; 1 the server does not say all; 2 no connection; 64 wrong\n"
    "usage, or nothing of that name; 130 interrupted.";

std::optional<Failure> Print(SchemaSource& source, const std::string& symbol) {
  if (auto failure = source.Load(symbol)) return failure;
  const ProtoText proto(source.pool());
  std::string name = symbol.starts_with('/') ? symbol.substr(1) : symbol;
  std::string text = proto.OfSymbol(name);
  if (const auto* file = source.pool().FindFile(name); text.empty() && file != nullptr) {
    text = proto.OfFile(*file);
  }
  if (text.empty()) return Failure{kExitUsage, "'" + symbol + "' is nothing that can be described"};
  std::fputs(Printable(text, true).c_str(), stdout);
  return std::nullopt;
}

// Those that a server names without describing them are passed over, with a line on stderr, and
// what else it fails to say ends with the first such status. Nothing more is asked after Ctrl-C,
// or without a connection. Returns the exit status.
int PrintAll(SchemaSource& source) {
  std::vector<std::string> services;
  if (auto failure = source.ListServices(&services)) return failure->Report(kName);
  int status = kExitOk;
  bool any_printed = false;
  for (const std::string& service : services) {
    if (auto failure = source.Load(service)) {
      const int reported = failure->Report(kName);
      if (reported == kExitInterrupted || reported == kExitNoConnection) return reported;
      if (reported != kExitUsage && status == kExitOk) status = reported;
      continue;
    }
    if (any_printed) std::fputs("\n", stdout);
    any_printed = true;
    if (auto failure = Print(source, service)) return failure->Report(kName);
  }
  return status == kExitOk && !any_printed && !services.empty() ? kExitErrors : status;
}

}  // namespace

int RunDescribe(int argc, char** argv) {
  CLI::App app{kDescription, kName};
  app.footer(kFooter);
  CommandOptions options;
  const auto status = ReadSchemaCommand(
      app, "SYMBOL", "what to describe; without it, all services", argc, argv, &options);
  if (status) return *status;
  std::optional<Connection> connection;
  if (!options.has_schema()) connection.emplace(options);
  SchemaSource source(options, connection ? &*connection : nullptr);
  if (options.subject.empty()) return PrintAll(source);
  const std::optional<Failure> failure = Print(source, options.subject);
  return failure ? failure->Report(kName) : kExitOk;
}

}  // namespace penstock::loadtest::tool
