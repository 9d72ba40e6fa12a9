// penstock-load call: one call, its messages as JSON.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/read_file.h"
#include "penstock/loadtest/tool/command_options.h"
#include "penstock/loadtest/tool/commands.h"
#include "penstock/loadtest/tool/one_call.h"
#include "penstock/loadtest/tool/schema_source.h"
#include "penstock/loadtest/tool/status_text.h"
#include "penstock/loadtest/units.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest::tool {
namespace {

constexpr char kName[] = "penstock-load call";
constexpr char kDescription[] =
    "penstock-load call: calls a method once. Requests are JSON, one behind the other where the\n"
    "method takes several; each response is printed as JSON when it comes. How the call ended, if\n"
    "not well, stands on stderr, with its details.\n"
    "\n"
    "Examples:\n"
    "  penstock-load call 127.0.0.1:50051 helloworld.Greeter/SayHello -d '{\"name\": \"world\"}'\n"
    "  penstock-load call --proto shop.proto -d @cart.json -H 'x-user: 7' unix:/run/shop.sock \\\n"
    "      shop.Cart/Order\n"
    "  seq 3 | jq '{latitude: .}' | penstock-load call -d @- 127.0.0.1:50051 \\\n"
    "      routeguide.RouteGuide/RecordRoute\n";
constexpr char kFooter[] =
    "Exit status: 0 the call ended with OK; 1 with another status; 2 no connection; 64 wrong\n"
    "usage, no such method, or a message that does not fit; 130 interrupted.";

// "@FILE" is what stands in the file, "@-" what comes on stdin, to its end.
bool ReadMessages(const std::string& given, std::string* json, std::string* why) {
  if (!given.starts_with('@')) {
    *json = given;
    return true;
  }
  if (given == "@-" ? ReadStream(stdin, json) : ReadFile(given.substr(1), json)) return true;
  *why = "-d '" + given + "' cannot be read: " + std::strerror(errno);
  return false;
}

int Call(const CommandOptions& options, const std::string& json, bool is_verbose) {
  Connection connection(options);
  SchemaSource source(options, &connection);
  const codec::reflection::ServiceDescriptor* service = nullptr;
  const codec::reflection::MethodDescriptor* method = nullptr;
  if (const auto failure = source.FindMethod(options.subject, &service, &method)) {
    return failure->Report(kName);
  }
  OneCall call(source.pool(), *service, *method);
  if (const std::string trouble = call.TakeRequests(json); !trouble.empty()) {
    return Failure{kExitUsage, trouble}.Report(kName);
  }
  if (is_verbose) {
    for (const auto& [key, value] : options.call.metadata()) {
      std::fputs(DescribeEntry({key, value}, "> ").c_str(), stderr);
    }
  }
  client::MainShard& main_shard = connection.main_shard();
  const Status status = main_shard.Run(
      call.Make(connection.channel(), main_shard.scope(), options.call, is_verbose));
  if (!status.ok()) {
    std::fprintf(stderr, "%s: %s/%s: %s", kName, service->full_name.c_str(),
                 method->name.c_str(), DescribeStatus(status, &call.types()).c_str());
  }
  return connection.ExitStatusOf(status);
}

}  // namespace

int RunCall(int argc, char** argv) {
  CLI::App app{kDescription, kName};
  app.footer(kFooter);
  CommandFlags flags;
  std::string given;
  std::string deadline;
  bool is_verbose = false;
  DeclareCommandFlags(app, "METHOD", "what to call: PKG.SERVICE/METHOD", &flags);
  app.add_option("-d,--data", given,
                 "the requests; @FILE: what stands there, @-: on stdin; {} or none")
      ->type_name("JSON");
  app.add_option("--deadline", deadline, "the call's deadline, told to the server; none")
      ->type_name("TIME");
  app.add_flag("-v,--verbose", is_verbose,
               "show on stderr the metadata that is sent (>) and received (<)");
  if (const auto status = ParseCommand(app, argc, argv)) return *status;
  CommandOptions options;
  std::string trouble = TakeCommandFlags(flags, true, &options);
  if (trouble.empty() && options.subject.empty()) {
    trouble = "the method is missing: say what to call, for example helloworld.Greeter/SayHello";
  }
  if (trouble.empty() && !deadline.empty()) {
    const std::optional<TimeNs> timeout_ns = ParseSpan(deadline);
    if (timeout_ns && *timeout_ns > 0) {
      options.call.SetTimeout(*timeout_ns);
    } else {
      trouble = "--deadline '" + deadline + "' is not " + std::string(kDurationForm);
    }
  }
  std::string json;
  if (!trouble.empty() || !ReadMessages(given, &json, &trouble)) {
    return FailUsage(app.get_name(), trouble);
  }
  return Call(options, json, is_verbose);
}

}  // namespace penstock::loadtest::tool
