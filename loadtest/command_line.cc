#include "penstock/loadtest/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "penstock/loadtest/flag_values.h"
#include "penstock/loadtest/method_flags.h"
#include "penstock/loadtest/mix_file.h"
#include "penstock/loadtest/output_flags.h"
#include "penstock/loadtest/payload.h"
#include "penstock/loadtest/rate_flags.h"
#include "penstock/loadtest/tls_flags.h"
#include "penstock/loadtest/units.h"
#include "penstock/loadtest/version.h"
#include "penstock/reactor/cpu.h"
#include "penstock/wire/suggestion.h"

namespace penstock::loadtest {
namespace {

constexpr char kDescription[] =
    "penstock-load: measures a gRPC server with calls of any kind, in a closed or an open loop.\n"
    "\n"
    "Examples:\n"
    "  penstock-load --method helloworld.Greeter/SayHello 127.0.0.1:50051\n"
    "  penstock-load --method helloworld.Greeter/SayHello --connections 10 --streams-per-conn 100 "
    "\\\n"
    "      -t 10s --warmup 2s --server-pid $(pgrep -n server) 127.0.0.1:50051\n"
    "  penstock-load --method helloworld.Greeter/SayHello --rate 50k -t 30s 127.0.0.1:50051\n"
    "  penstock-load --method shop.Cart/Add --proto shop.proto -d '{\"item\": \"tea\"}' \\\n"
    "      -n 100k -H 'x-user: 7' --json result.json unix:/run/app.sock\n"
    "\n"
    "Subcommands, each with a --help: ls and describe say what a server has, call calls it once,\n"
    "serve is one to test with; report prints results again, compare two of them, and plot draws\n"
    "them. help SUBCOMMAND is its --help.\n";

constexpr char kFooter[] =
    "Exit status: 0 every call was OK; 1 calls failed or were dropped, the server fell behind the\n"
    "rate, or connections were lost; 2 no connection, or TARGET is none; 3 --slo was missed; 4\n"
    "worse than --baseline; 64 wrong usage; 130 interrupted (Ctrl-C prints the results so far).";

constexpr int64_t kStreamsMax = 1'000'000;
constexpr int64_t kConnectionsMax = 100'000;
constexpr int64_t kShardsMax = 1024;
// Less is a handshake or two.
constexpr TimeNs kReconnectNsMin = 10 * kNsPerMs;

// As they were written; empty: not given.
struct Flags {
  std::string target, method, mix, deadline, connections, streams, reconnect, duration, count,
      warmup, cpus, shards, io, server_pid;
  PayloadFlags payload;
  RateFlags rate;
  StreamFlags stream;
  std::vector<std::string> metadata;
  TlsFlags tls;
  OutputFlags output;
};

void Declare(CLI::App& app, Flags* flags) {
  const auto add = [&app](const char* names, std::string* value, const char* type,
                          const char* help) {
    app.add_option(names, *value, help)->type_name(type);
  };
  add("TARGET", &flags->target, "",
      "HOST:PORT, dns:///HOST:PORT, unix:PATH or static:HOST:PORT,HOST:PORT");
  add("--method", &flags->method, "PKG.SERVICE/METHOD", "the method to call");
  add("--mix", &flags->mix, "FILE",
      "in place of --method: several, by weight, as a file of JSON says: docs/penstock_load.md");
  const auto add_several = [&app](const char* names, std::vector<std::string>* values,
                                  const char* type, const char* help) {
    app.add_option(names, *values, help)
        ->type_name(type)
        ->expected(1)
        ->allow_extra_args(false)
        ->take_all();
  };
  add("-d,--data", &flags->payload.data, "JSON",
      "send this message, by --proto or else by the server's reflection; @FILE: what stands there; "
      "{{seq}}, {{uuid}} and {{rand A B}} in it differ from call to call");
  add_several("--proto", &flags->payload.protos, "FILE",
              "the .proto file with the method, repeatable");
  add_several("-I,--proto-path", &flags->payload.roots, "DIR",
              "where imports of --proto begin, repeatable; here, and in its own folder");
  add("--descriptor-set,--protoset", &flags->payload.descriptor_set, "FILE",
      "in place of --proto: what protoc --include_imports --descriptor_set_out wrote");
  add("--payload-bytes", &flags->payload.bytes, "N",
      "send messages of N bytes: field 1, filled with 'x' (needs no schema)");
  add("--payload-hex", &flags->payload.hex, "HEX", "send this message");
  add("--kind", &flags->payload.kind, "KIND",
      "of the method, where no --data tells: unary, client-stream, server-stream or bidi; unary");
  add_several("-H,--header", &flags->metadata, "KEY:VALUE",
              "metadata to send with each call, repeatable");
  DeclareStreamFlags(app, &flags->stream);
  add("--deadline", &flags->deadline, "TIME", "each call's deadline, told to the server; none");
  add("--connections", &flags->connections, "N", "connections, shared out over the shards; 1");
  add("--streams-per-conn", &flags->streams, "N",
      "calls under way on each connection; 1, in an open loop 100");
  add("--reconnect-every", &flags->reconnect, "N|TIME",
      "replace each connection after N calls, or after so long, when its calls have ended");
  add("--rate", &flags->rate.rate, "N",
      "an open loop: start so many calls a second, whatever the server does");
  add("--stages", &flags->rate.stages, "LIST",
      "in place of --rate: straight from one to the next, such as 0s:1k,30s:20k");
  add("--arrival", &flags->rate.arrival, "KIND",
      "poisson: by chance, as many independent callers do; or uniform; poisson");
  add("--max-in-flight", &flags->rate.in_flight_max, "N",
      "calls that may wait or be under way at once; what is due beyond is dropped; 1M");
  add("--seed", &flags->rate.seed, "N", "of the chance in --arrival poisson, and in --mix; 1");
  add("-t,--duration", &flags->duration, "TIME",
      "how long to measure; 10s, or until -n is reached");
  add("-n,--count", &flags->count, "N", "how many calls to measure");
  add("--warmup", &flags->warmup, "TIME", "load before the measurement, in no figure; 0s");
  add("--slo", &flags->rate.slo, "LIST",
      "what must be kept, such as 'p99<5ms,err<0.1%'; exit status 3 where it was not");
  app.add_flag("--find-max", flags->rate.finds_max,
               "find the highest rate that keeps --slo, from --rate (1k) on, 3s for each");
  add("--cpus", &flags->cpus, "LIST", "cores to run the shards on, e.g. 4-7 or 1,3");
  add("--shards", &flags->shards, "N", "threads that make load; one for each core of --cpus, or 1");
  add("--io", &flags->io, "MODE", "how to talk to the kernel: auto, uring or epoll; auto");
  add("--server-pid", &flags->server_pid, "PID",
      "measure the processor time and memory of this process, too");
  DeclareOutputFlags(app, &flags->output);
  DeclareTlsFlags(app, &flags->tls);
}

// --- From text to options. Each returns what is wrong, "" when nothing is.

// "1k" is calls, "10s" is time.
std::string TakeReconnect(const std::string& text, Options* options) {
  if (text.empty()) return "";
  if (ParseCount(text)) {
    return TakeCount("--reconnect-every", text, Options::kUnlimited, &options->reconnect_calls);
  }
  if (ParseDuration(text)) {
    return TakeDuration("--reconnect-every", text, kReconnectNsMin, &options->reconnect_ns);
  }
  return WrongValue("--reconnect-every", text, "a number of calls, such as 1k, or a time, as 10s");
}

std::string TakeShape(const Flags& flags, Options* options) {
  if (options->is_open_loop()) options->streams_per_connection = kOpenLoopStreamsDefault;
  std::string trouble =
      TakeCount("--connections", flags.connections, kConnectionsMax, &options->connections);
  if (trouble.empty()) {
    trouble = TakeCount("--streams-per-conn", flags.streams, kStreamsMax,
                        &options->streams_per_connection);
  }
  if (trouble.empty()) trouble = TakeReconnect(flags.reconnect, options);
  if (!trouble.empty()) return trouble;
  if (!flags.cpus.empty()) {
    const std::optional<std::vector<int>> cpus = reactor::ParseCpuList(flags.cpus);
    if (!cpus) return WrongValue("--cpus", flags.cpus, "a list of cores such as 4-7 or 1,3");
    options->cpus = *cpus;
    options->shards = static_cast<uint32_t>(cpus->size());
  }
  trouble = TakeCount("--shards", flags.shards, kShardsMax, &options->shards);
  if (trouble.empty()) trouble = CheckFlowMemory(*options);
  options->shards = std::min(options->shards, options->connections);
  if (!flags.io.empty()) {
    const std::optional<reactor::IoMode> io = reactor::ParseIoMode(flags.io);
    if (!io) return WrongValue("--io", flags.io, "auto, uring or epoll");
    options->io = *io;
  }
  return trouble;
}

std::string TakeTimes(const Flags& flags, Options* options) {
  if (!flags.count.empty()) options->duration_ns = kTimeNever;
  for (const std::string& trouble :
       {TakeCount("-n", flags.count, Options::kUnlimited - 1, &options->calls_max),
        TakeDuration("-t", flags.duration, kNsPerMs, &options->duration_ns),
        TakeDuration("--warmup", flags.warmup, 0, &options->warmup_ns),
        TakeDuration("--deadline", flags.deadline, kNsPerMs, &options->deadline_ns)}) {
    if (!trouble.empty()) return trouble;
  }
  return "";
}

std::string TakeOneMethod(const Flags& flags, Options* options) {
  std::string trouble = TakeMethod("--method", flags.method, options);
  if (trouble.empty()) trouble = TakeStreamFlags(flags.stream, options);
  return trouble.empty() ? TakePayload(flags.payload, options) : trouble;
}

// The file says what is sent.
std::string TakeMixFlags(const Flags& flags, Options* options) {
  const struct {
    const char* flag;
    const std::string& given;
  } others[] = {{"--method", flags.method},
                {"--data", flags.payload.data},
                {"--payload-bytes", flags.payload.bytes},
                {"--payload-hex", flags.payload.hex},
                {"--kind", flags.payload.kind},
                {"--msgs-per-stream", flags.stream.messages},
                {"--msg-interval", flags.stream.interval},
                {"--in-flight", flags.stream.in_flight}};
  for (const auto& [flag, given] : others) {
    if (!given.empty()) {
      return std::string(flag) + " is said by the file of --mix, of each method: leave it out";
    }
  }
  return TakeMix(flags.mix, flags.payload, options);
}

std::string TakeFlags(const Flags& flags, Options* options) {
  if (flags.target.empty()) {
    return "the target is missing: say whom to measure, for example 127.0.0.1:50051";
  }
  options->target = flags.target;
  std::string trouble = TakeTlsFlags(flags.tls, &options->tls);
  for (const std::string& text : flags.metadata) {
    if (trouble.empty()) trouble = TakeMetadata("-H", text, options);
  }
  if (trouble.empty()) trouble = TakeTimes(flags, options);
  if (trouble.empty()) {
    trouble = flags.mix.empty() ? TakeOneMethod(flags, options) : TakeMixFlags(flags, options);
  }
  if (trouble.empty()) {
    const GivenExtent given{!flags.duration.empty(), !flags.count.empty(), !flags.warmup.empty()};
    trouble = TakeRate(flags.rate, given, options);
  }
  if (trouble.empty()) trouble = TakeShape(flags, options);
  if (trouble.empty()) trouble = TakeOutput(flags.output, options);
  if (trouble.empty() && !flags.server_pid.empty()) {
    int pid = 0;
    trouble = TakeCount("--server-pid", flags.server_pid, 1 << 30, &pid);
    options->server_pid = pid;
  }
  return trouble;
}

// CLI11 says "The following argument was not expected: --metod": the nearest flag was meant.
std::string DescribeParseError(const CLI::App& app, const CLI::ParseError& error) {
  std::string message = error.what();
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return message;
  const std::string given = message.substr(message.rfind(' ') + 1);
  if (!given.starts_with('-')) return "a second target, " + given + "; give one, or static:A,B";
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) flags.push_back(option->get_name());
  message = "unknown flag " + given;
  const std::string nearest = wire::NearestOf(given.substr(0, given.find('=')), flags);
  return nearest.empty() ? message : message + ", did you mean " + nearest + "?";
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CommandLine result;
  Flags flags;
  CLI::App app{kDescription, "penstock-load"};
  app.footer(kFooter);
  app.set_version_flag("--version", "penstock-load " + std::string(kVersion));
  Declare(app, &flags);
  std::string trouble;
  try {
    app.parse(argc, argv);
    trouble = DescribeEmptyFlag(app);
    if (trouble.empty()) trouble = TakeFlags(flags, &result.options);
  } catch (const CLI::Success& done) {  // --help, --version
    std::ostringstream text;
    app.exit(done, text, text);
    result.exit_status = kExitOk;
    result.message = text.str();
    return result;
  } catch (const CLI::ParseError& error) {
    trouble = DescribeParseError(app, error);
  }
  result.options.command_line.assign(argv, argv + argc);
  if (!trouble.empty()) {
    result.exit_status = kExitUsage;
    result.message = "penstock-load: " + trouble + " (--help lists the flags)\n";
  }
  return result;
}

}  // namespace penstock::loadtest
