// stream-load: one busy bidirectional stream against a server of grpc.testing.BenchmarkService, and
// what it came to, as one line of JSON.
//
//     stream-load --in-flight 100 --payload-bytes 16 -t 5s --server-pid 4711 127.0.0.1:50051
//
// Exit status: 0; 1 the stream failed, or a response was not as asked for; 64 wrong usage.
#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <string>

#include "penstock/client/main_shard.h"
#include "penstock/loadtest/streams/stream_load.h"
#include "penstock/loadtest/units.h"
#include "penstock/reactor/io_mode.h"

namespace penstock::loadtest {
namespace {

constexpr char kProgram[] = "stream-load";
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 64;
constexpr uint32_t kInFlightMax = 1'000'000;
// Less than a message may have by default, by what stands before the payload.
constexpr uint32_t kPayloadBytesMax = 4 * 1024 * 1024 - 64;

struct Options {
  std::string target;
  std::string io = "auto";
  StreamLoad load;
};

void AddDuration(CLI::App& app, const char* flag, TimeNs* duration_ns, const char* what) {
  app.add_option_function<std::string>(
         flag,
         [duration_ns, flag](const std::string& text) {
           const std::optional<TimeNs> given = ParseDuration(text);
           if (!given || *given == 0) {
             throw CLI::ValidationError(flag, "takes " + std::string(kDurationForm));
           }
           *duration_ns = *given;
         },
         what)
      ->type_name("TIME");
}

void Declare(CLI::App& app, Options* options) {
  StreamLoad& load = options->load;
  app.add_option("TARGET", options->target, "whom to call: HOST:PORT or unix:PATH")->required();
  app.add_option("--in-flight", load.in_flight, "requests without their response at any time")
      ->type_name("N")
      ->check(CLI::Range(uint32_t{1}, kInFlightMax))
      ->capture_default_str();
  app.add_option("--payload-bytes", load.payload_bytes, "of each request, and of each response")
      ->type_name("BYTES")
      ->check(CLI::Range(uint32_t{0}, kPayloadBytesMax))
      ->capture_default_str();
  AddDuration(app, "-t,--duration", &load.duration_ns, "how long is measured [5s]");
  AddDuration(app, "--warmup", &load.warmup_ns, "how long before that is not [1s]");
  app.add_option("--server-pid", load.server_pid, "whose processor time to tell")
      ->type_name("PID")
      ->check(CLI::PositiveNumber);
  app.add_option("--io", options->io, "how to talk to the kernel: auto, uring or epoll")
      ->type_name("MODE")
      ->check(CLI::IsMember({"auto", "uring", "epoll"}))
      ->capture_default_str();
}

void Print(const StreamLoad& load, const StreamLoadResult& result) {
  std::printf("{\"messages\": %" PRIu64 ", \"payload_bytes\": %" PRIu32
              ", \"in_flight\": %" PRIu32 ", \"elapsed_ns\": %" PRId64
              ", \"client_cpu_ns\": %" PRId64,
              result.messages, load.payload_bytes, load.in_flight, result.elapsed_ns,
              result.client_cpu_ns);
  if (load.server_pid != 0) std::printf(", \"server_cpu_ns\": %.0f", result.server_cpu_ns);
  std::printf("}\n");
}

int Main(int argc, char** argv) {
  CLI::App app{"Keeps one bidirectional stream of grpc.testing.BenchmarkService busy.", kProgram};
  Options options;
  Declare(app, &options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s: %s; run with --help for the flags\n", kProgram, error.what());
    return kExitUsage;
  }
  reactor::ShardOptions shard_options;
  shard_options.io = *reactor::ParseIoMode(options.io);
  client::MainShard main_shard(shard_options);
  main_shard.CancelOnSignals();
  client::Channel channel(&main_shard.shard(), options.target);
  StreamLoadResult result;
  const Status status =
      main_shard.Run(LoadStream(main_shard.scope(), &channel, options.load, &result));
  if (!status.ok()) {
    std::fprintf(stderr, "%s: %s: %s\n", kProgram, options.target.c_str(),
                 status.ToString().c_str());
    return kExitFailed;
  }
  Print(options.load, result);
  return 0;
}

}  // namespace
}  // namespace penstock::loadtest

int main(int argc, char** argv) { return penstock::loadtest::Main(argc, argv); }
