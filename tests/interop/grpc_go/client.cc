// The client of gRPC's interoperability tests: makes the calls of one case, and says what was not
// as the case wants it.
//
//     client --server 127.0.0.1:50051 --case large_unary
//
// Exit status: 0 all as it should be, 1 not so, 64 wrong usage.
// Spec: gRPC's interop-test-descriptions.md, "Client"
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <string_view>

#include "penstock/reactor/io_mode.h"
#include "penstock/reactor/shard.h"
#include "penstock/tests/client/run_on_shard.h"

#include "tests/interop/grpc_go/cases.h"

namespace {

using penstock::Status;
using penstock::StatusCode;
using penstock::Task;
using penstock::grpc_go::Case;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 64;
// Far longer than any case takes: one that hangs ends so.
constexpr penstock::TimeNs kCaseTimeoutNs = 60 * penstock::kNsPerSecond;

int Fail(std::string_view why) {
  std::fprintf(stderr, "client: %.*s\n", static_cast<int>(why.size()), why.data());
  return kExitFailed;
}

Task<void> Make(const Case& wanted, penstock::client::Channel& channel,
                penstock::reactor::Shard& shard, Status* status) {
  penstock::client::Scope scope(&shard);
  scope.SetTimeout(kCaseTimeoutNs);
  *status = co_await wanted.run(channel, scope);
}

int Run(const Case& wanted, std::string_view server, penstock::reactor::IoMode io,
        const penstock::client::ChannelOptions& channel_options) {
  penstock::reactor::ShardOptions options;
  options.io = io;
  penstock::reactor::Shard shard(options);
  std::string why;
  if (!shard.Open(&why)) return Fail(why);
  Status status;
  {
    penstock::client::Channel channel(&shard, server, channel_options);
    penstock::test::client::RunOnShard(shard, Make(wanted, channel, shard, &status));
  }
  shard.Stop();
  shard.Run();
  if (!status.ok()) return Fail(std::string(wanted.name) + ": " + status.ToString());
  std::printf("%s: done\n", wanted.name);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string server;
  std::string name;
  std::string io = "auto";
  CLI::App app{"Makes the calls of one of gRPC's interoperability cases."};
  app.add_option("--server", server, "whom to call: HOST:PORT")->required();
  app.add_option("--case", name, "which case, empty_unary for one")->required();
  app.add_option("--io", io, "how to talk to the kernel: auto, uring or epoll")
      ->type_name("MODE")
      ->check(CLI::IsMember({"auto", "uring", "epoll"}))
      ->capture_default_str();
  penstock::client::ChannelOptions channel_options;
  app.add_option("--tls-ca", channel_options.tls.ca,
                 "TLS, with whom issued the server's certificate, PEM")
      ->type_name("FILE");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s: %s; run with --help for the flags\n", argv[0], error.what());
    return kExitUsage;
  }
  const Case* wanted = penstock::grpc_go::FindCase(name);
  if (wanted == nullptr) {
    std::fprintf(stderr, "%s: there is no case '%s'\n", argv[0], name.c_str());
    return kExitUsage;
  }
  channel_options.tls.enabled = !channel_options.tls.ca.empty();
  return Run(*wanted, server, *penstock::reactor::ParseIoMode(io), channel_options);
}
