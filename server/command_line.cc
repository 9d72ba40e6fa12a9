#include "penstock/server/command_line.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "penstock/reactor/cpu.h"
#include "penstock/reactor/inherited_sockets.h"
#include "penstock/reactor/placement.h"
#include "penstock/rpc/responder.h"
#include "penstock/wire/suggestion.h"

namespace penstock::server {
namespace {

constexpr int kShardsMax = 1024;
constexpr double kDrainSecondsMax = 86'400;

struct Flags {
  std::vector<std::string> listen;
  std::string cpus;
  std::string io = "auto";
  std::string placement = "least-loaded";
  double drain_delay_s = 0;
  double drain_grace_s = 0;
  std::string tls_cert;
  std::string tls_key;
  std::string tls_client_ca;
};

// "PROGRAM: what is wrong" and the way to help.
int ReportUsage(const char* program, const std::string& message) {
  std::fprintf(stderr, "%s: %s; run with --help for the flags\n", program, message.c_str());
  return kExitUsage;
}

// CLI11 says "The following argument was not expected: --prot": the nearest flag is what was meant.
std::string DescribeParseError(const CLI::App& app, const CLI::ParseError& error) {
  std::string message = error.what();
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return message;
  const std::string given = message.substr(message.rfind(' ') + 1);
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) flags.push_back(option->get_name());
  message = "unknown argument " + given;
  const std::string nearest = wire::NearestOf(given.substr(0, given.find('=')), flags);
  if (!nearest.empty()) message += ", did you mean " + nearest + "?";
  return message;
}

// Why `path` cannot be read, or "".
std::string FileTrouble(const std::string& path, const char* flag) {
  errno = 0;
  std::ifstream file(path);
  if (file.good() && file.peek() != std::ifstream::traits_type::eof()) return "";
  const char* cause = errno != 0 ? std::strerror(errno) : "it is empty";
  return "cannot read the file " + path + " that " + flag + " names: " + cause +
         "; check the path, and that this user may read it";
}

// Returns what is wrong, or "".
std::string TakeTls(const Flags& flags, wire::TlsServerOptions* tls) {
  for (const auto& [path, flag] : {std::pair{&flags.tls_cert, "--tls-cert"},
                                   std::pair{&flags.tls_key, "--tls-key"},
                                   std::pair{&flags.tls_client_ca, "--tls-client-ca"}}) {
    if (path->empty()) continue;
    if (const std::string trouble = FileTrouble(*path, flag); !trouble.empty()) return trouble;
  }
  if (flags.tls_cert.empty() != flags.tls_key.empty()) {
    return "--tls-cert and --tls-key go together: the certificate, and its key";
  }
  if (!flags.tls_client_ca.empty()) {
    if (flags.tls_cert.empty()) return "--tls-client-ca needs --tls-cert and --tls-key";
    tls->client_ca = flags.tls_client_ca;
    tls->client_certificates = wire::ClientCertificates::kRequire;
  }
  if (!flags.tls_cert.empty()) tls->certificates = {{flags.tls_cert, flags.tls_key}};
  return "";
}

void DeclareEnd(CLI::App& app, Flags* flags, ServerOptions* options) {
  flags->drain_delay_s = static_cast<double>(options->drain_delay_ns) / kNsPerSecond;
  flags->drain_grace_s = static_cast<double>(options->drain_grace_ns) / kNsPerSecond;
  app.add_option("--drain-delay", flags->drain_delay_s,
                 "how long to go on serving after SIGTERM, so that load balancers hear of it")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, kDrainSecondsMax))
      ->capture_default_str();
  app.add_option("--drain-grace", flags->drain_grace_s,
                 "how long calls may take to end after that, before they are cut off")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, kDrainSecondsMax))
      ->capture_default_str();
  app.add_option("--takeover", options->takeover,
                 "unix:PATH or unix-abstract:NAME where the next process takes the listening "
                 "sockets over, and this one takes those of the last")
      ->type_name("ADDRESS");
}

// What a server answers besides its services.
void DeclareBuiltin(CLI::App& app, ServerOptions* options) {
  app.add_flag("!--no-healthz", options->healthz,
               "answer GET /healthz as any path without a handler: 404");
  app.add_flag("--channelz", options->channelz,
               "answer grpc.channelz.v1.Channelz: what each connection has carried; it shows the "
               "addresses of all clients to every client");
}

void Declare(CLI::App& app, Flags* flags, ServerOptions* options) {
  app.add_option("--listen", flags->listen,
                 "address to listen on: HOST:PORT, [IPV6]:PORT, unix:PATH, unix-abstract:NAME; "
                 "port 0 takes a free one; systemd:, systemd:NAME or fd:NUMBER takes sockets that "
                 "were passed; may be repeated")
      ->type_name("ADDRESS")
      ->default_str(options->listen.front())
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  app.add_option("--admin", options->admin,
                 "address of the admin port (HTTP/1.1: /metrics, /readyz, /debug), e.g. "
                 "127.0.0.1:9901; none without it")
      ->type_name("ADDRESS");
  app.add_option(
         "--shards", options->shards,
         "threads that serve; 0: one for each core of --cpus, or each that the process may use")
      ->type_name("N")
      ->check(CLI::Range(0, kShardsMax))
      ->capture_default_str();
  app.add_option("--cpus", flags->cpus, "cores to run the shards on, e.g. 0-3 or 0,2")
      ->type_name("LIST");
  app.add_option("--workers", options->workers,
                 "threads for handlers that block, if there are such; 0: as many as cores")
      ->type_name("N")
      ->check(CLI::Range(0, kShardsMax))
      ->capture_default_str();
  app.add_option("--io", flags->io, "how to talk to the kernel: auto, uring or epoll")
      ->type_name("MODE")
      ->check(CLI::IsMember({"auto", "uring", "epoll"}))
      ->capture_default_str();
  app.add_option("--placement", flags->placement,
                 "which shard gets a new connection: least-loaded (the fewest connections) or "
                 "round-robin")
      ->type_name("RULE")
      ->check(CLI::IsMember({"least-loaded", "round-robin"}))
      ->capture_default_str();
  app.add_option("--max-streams", options->http2.concurrent_streams_max,
                 "streams a connection may have open at once")
      ->type_name("N")
      ->check(CLI::Range(1u, 1u << 20))
      ->capture_default_str();
  app.add_option("--max-message-bytes", options->message_bytes_max, "longest request message taken")
      ->type_name("BYTES")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app.add_option("--compression", options->compression,
                 "what responses are compressed with where the caller accepts it and the handler "
                 "does not choose: identity, gzip, deflate, zstd")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--tls-cert", flags->tls_cert,
                 "certificate chain, PEM; with it the server speaks TLS, and nothing else")
      ->type_name("FILE");
  app.add_option("--tls-key", flags->tls_key, "private key of the certificate, PEM")
      ->type_name("FILE");
  app.add_option("--tls-client-ca", flags->tls_client_ca,
                 "who may have issued clients' certificates, PEM; with it clients must show one")
      ->type_name("FILE");
}

// What CLI11 cannot judge. Returns what is wrong, or "".
std::string TakeFlags(const Flags& flags, ServerOptions* options) {
  if (!flags.listen.empty()) options->listen = flags.listen;
  for (const std::string& address : options->listen) {
    std::string why;
    if (!reactor::IsListenable(address, &why)) return "--listen " + address + ": " + why;
  }
  if (std::string why; !options->takeover.empty() && !options->takeover.starts_with("unix")) {
    return "--takeover " + options->takeover + ": write unix:PATH or unix-abstract:NAME";
  } else if (!options->takeover.empty() && !reactor::IsListenable(options->takeover, &why)) {
    return "--takeover " + options->takeover + ": " + why;
  }
  options->drain_delay_ns = static_cast<TimeNs>(flags.drain_delay_s * kNsPerSecond);
  options->drain_grace_ns = static_cast<TimeNs>(flags.drain_grace_s * kNsPerSecond);
  std::string why;
  if (!options->admin.empty() && !reactor::Address::IsWellFormed(options->admin, &why)) {
    return "--admin " + options->admin + ": " + why;
  }
  options->io = *reactor::ParseIoMode(flags.io);
  options->placement = *reactor::ParsePlacementRule(flags.placement);
  if (flags.cpus.empty()) return "";
  const auto cpus = reactor::ParseCpuList(flags.cpus);
  if (!cpus) return "--cpus " + flags.cpus + " is not a list of cores such as 0-3 or 0,2";
  options->cpus = *cpus;
  return "";
}

}  // namespace

CommandLine ParseCommandLine(int argc, char** argv,
                             const std::function<void(CLI::App&)>& declare) {
  CommandLine result;
  Flags flags;
  CLI::App app{"A gRPC server."};
  app.set_version_flag("--version", std::string(rpc::kServerName));
  if (declare) declare(app);
  Declare(app, &flags, &result.options);
  DeclareBuiltin(app, &result.options);
  DeclareEnd(app, &flags, &result.options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help, --version
    app.exit(done);
    result.exit_status = kExitOk;
    return result;
  } catch (const CLI::ParseError& error) {
    result.exit_status = ReportUsage(argv[0], DescribeParseError(app, error));
    return result;
  }
  if (const std::string trouble = TakeFlags(flags, &result.options); !trouble.empty()) {
    result.exit_status = ReportUsage(argv[0], trouble);
    return result;
  }
  if (const std::string trouble = TakeTls(flags, &result.options.tls); !trouble.empty()) {
    std::fprintf(stderr, "%s: %s\n", argv[0], trouble.c_str());
    result.exit_status = kExitFailure;
  }
  return result;
}

}  // namespace penstock::server
