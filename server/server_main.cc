#include "penstock/server/server_main.h"

#include <signal.h>
#include <sys/resource.h>

#include <cstdio>
#include <utility>

#include "penstock/server/command_line.h"
#include "penstock/server/version.h"

namespace penstock {
namespace {

// Who reads our lines (tee, grep, a logger) may end before we do. Left to its default, SIGPIPE
// would then end the server with the next line, calls and all, and peers choose when there is one;
// a drain always has some. A handler, and not SIG_IGN, which programs that are started inherit.
void OutliveReadersOfLines() {
  struct sigaction action {};
  if (::sigaction(SIGPIPE, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) return;
  action.sa_handler = [](int) {};
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGPIPE, &action, nullptr);
}

// The soft limit, often 1,024, is for programs that use select(2). Where it cannot be raised it is
// as it was: a line says so when it is reached.
void RaiseDescriptorLimit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int ServerMain(int argc, char** argv, const std::function<void(Server&)>& setup,
               ServerOptions coded) {
  return ServerMain(
      argc, argv, [](CLI::App&) {},
      [&setup](Server& server) {
        setup(server);
        return OkStatus();
      },
      std::move(coded));
}

int ServerMain(int argc, char** argv, const std::function<void(CLI::App&)>& declare,
               const std::function<Status(Server&)>& setup, ServerOptions coded) {
  const server::CommandLine command_line =
      server::ParseCommandLine(argc, argv, declare, std::move(coded));
  if (command_line.exit_status) return *command_line.exit_status;
  OutliveReadersOfLines();
  RaiseDescriptorLimit();
  Server server(command_line.options);
  Status status = setup(server);
  const rpc::Encodings& encodings = server.registry().encodings();
  if (status.ok() && !command_line.compression_cited.empty() &&
      encodings.Find(command_line.options.compression) == rpc::Encoding::kUnknown) {
    return server::ReportUsage(argv[0], command_line.compression_cited + " is \"" +
                                            command_line.options.compression + "\"; there is " +
                                            std::string(encodings.accepted()));
  }
  if (status.ok()) status = server.Start();
  if (!status.ok()) {
    std::fprintf(stderr, "%s: %s\n", argv[0], std::string(MessageOf(status)).c_str());
    return server::kExitFailure;
  }
  std::fprintf(stderr, "%s %s\n", server::kProgramName, server.Describe().c_str());
  server.Run();
  return server::kExitOk;
}

}  // namespace penstock
