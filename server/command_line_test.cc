#include "penstock/server/command_line.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace penstock::server {
namespace {

struct Parsed {
  CommandLine line;
  std::string out;
  std::string error;
};

Parsed Parse(std::vector<std::string> arguments,
             const std::function<void(CLI::App&)>& declare = {},
             std::vector<const char*> environment = {}, ServerOptions coded = {}) {
  environment.push_back(nullptr);
  std::string program = "server";
  std::vector<char*> argv = {program.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Parsed parsed{ParseCommandLine(static_cast<int>(argv.size()), argv.data(), declare,
                                 std::move(coded), environment.data()),
                "", ""};
  std::fflush(stdout);
  parsed.out = testing::internal::GetCapturedStdout();
  parsed.error = testing::internal::GetCapturedStderr();
  return parsed;
}

ServerOptions Options(std::vector<std::string> arguments) {
  const Parsed parsed = Parse(std::move(arguments));
  EXPECT_EQ(parsed.line.exit_status, std::nullopt) << parsed.error;
  EXPECT_EQ(parsed.out, "");
  EXPECT_EQ(parsed.error, "");
  return parsed.line.options;
}

TEST(CommandLine, WithoutFlagsItIsTheDefaults) {
  const ServerOptions options = Options({}), defaults;
  EXPECT_EQ(options.listen, defaults.listen);
  EXPECT_EQ(options.shards, defaults.shards);
  EXPECT_EQ(options.cpus, defaults.cpus);
  EXPECT_EQ(options.io, defaults.io);
  EXPECT_EQ(options.message_bytes_max, defaults.message_bytes_max);
  EXPECT_EQ(options.compression, "identity");
  EXPECT_TRUE(options.healthz);
  EXPECT_TRUE(options.health && options.reflection);
  EXPECT_FALSE(options.channelz) << "it shows clients to each other";
  EXPECT_EQ(options.http2.concurrent_streams_max, defaults.http2.concurrent_streams_max);
}

TEST(CommandLine, AProgramHasFlagsOfItsOwn) {
  std::string root;
  const auto declare = [&root](CLI::App& app) {
    app.add_option("--root", root, "the files' folder")->required();
  };
  EXPECT_EQ(Parse({"--root", "/srv", "--shards", "3"}, declare).line.options.shards, 3);
  EXPECT_EQ(root, "/srv");
  EXPECT_EQ(Parse({}, declare).line.exit_status, kExitUsage);
  EXPECT_NE(Parse({"--help"}, declare).out.find("the files' folder"), std::string::npos);
}

TEST(CommandLine, EveryFlagIsTaken) {
  const ServerOptions options = Options({"--listen", "127.0.0.1:1", "--listen=unix:/x", "--shards",
                                         "3", "--cpus", "0,2-3", "--io", "epoll", "--max-streams",
                                         "7", "--max-message-bytes", "1000", "--no-healthz",
                                         "--compression", "gzip", "--placement", "round-robin",
                                         "--channelz"});
  EXPECT_EQ(options.placement, reactor::PlacementRule::kRoundRobin);
  EXPECT_EQ(options.compression, "gzip");
  EXPECT_FALSE(options.healthz);
  EXPECT_TRUE(options.channelz);
  EXPECT_EQ(options.listen, (std::vector<std::string>{"127.0.0.1:1", "unix:/x"}));
  EXPECT_EQ(options.shards, 3);
  EXPECT_EQ(options.cpus, (std::vector<int>{0, 2, 3}));
  EXPECT_EQ(options.io, reactor::IoMode::kEpoll);
  EXPECT_EQ(options.http2.concurrent_streams_max, 7u);
  EXPECT_EQ(options.message_bytes_max, 1000u);
}

TEST(CommandLine, TheEndOfAServerIsTaken) {
  const ServerOptions options = Options({"--drain-delay", "2.5", "--drain-grace=60", "--takeover",
                                         "unix:/run/x", "--listen", "systemd:", "--listen=fd:3"});
  EXPECT_EQ(options.drain_delay_ns, 2'500 * kNsPerMs);
  EXPECT_EQ(options.drain_grace_ns, 60 * kNsPerSecond);
  EXPECT_EQ(options.takeover, "unix:/run/x");
  EXPECT_EQ(options.listen, (std::vector<std::string>{"systemd:", "fd:3"}));
  EXPECT_EQ(Options({}).drain_delay_ns, 0);
  EXPECT_EQ(Options({}).drain_grace_ns, ServerOptions().drain_grace_ns);
}

TEST(CommandLine, SwitchesAreTurnedBothWays) {
  EXPECT_FALSE(Options({"--no-reflection"}).reflection);
  EXPECT_FALSE(Options({"--reflection=false"}).reflection);
  ServerOptions coded;
  coded.reflection = false;
  EXPECT_TRUE(Parse({"--reflection"}, {}, {}, coded).line.options.reflection);
  EXPECT_FALSE(Parse({}, {}, {}, coded).line.options.reflection);
}

TEST(CommandLine, FileEnvironmentAndFlagsFollowEachOther) {
  const std::string path = testing::TempDir() + "/server.conf";
  std::ofstream(path) << "shards = 2\nworkers = 2\nlisten = 127.0.0.1:2\n";
  ServerOptions coded;
  coded.shards = coded.workers = 1;
  coded.compression = "gzip";
  const std::string named = "PENSTOCK_CONFIG=" + path;
  const Parsed parsed =
      Parse({"--shards", "4"}, {}, {named.c_str(), "PENSTOCK_WORKERS=3"}, coded);
  EXPECT_FALSE(parsed.line.exit_status.has_value()) << parsed.error;
  EXPECT_EQ(parsed.line.options.shards, 4);
  EXPECT_EQ(parsed.line.options.workers, 3);
  EXPECT_EQ(parsed.line.options.listen, std::vector<std::string>{"127.0.0.1:2"});
  EXPECT_EQ(parsed.line.options.compression, "gzip");
  // --config goes before PENSTOCK_CONFIG.
  EXPECT_EQ(Parse({"--config", path}, {}, {"PENSTOCK_CONFIG=/no/such.conf"}).line.options.shards,
            2);
}

TEST(CommandLine, WhatIsWrongOutsideOfItIsOneSentenceToo) {
  const std::string path = testing::TempDir() + "/wrong.conf";
  std::ofstream(path) << "shards = 2\nworkers = no\n";
  const Parsed file = Parse({"--config", path});
  EXPECT_EQ(file.line.exit_status, kExitUsage);
  EXPECT_TRUE(file.error.starts_with("server: " + path + ":2: workers = no: ")) << file.error;
  const Parsed variable = Parse({}, {}, {"PENSTOCK_SHARDS=no"});
  EXPECT_EQ(variable.line.exit_status, kExitUsage);
  EXPECT_TRUE(variable.error.starts_with("server: PENSTOCK_SHARDS=no: ")) << variable.error;
  const Parsed missing = Parse({"--config", "/no/such.conf"});
  EXPECT_EQ(missing.line.exit_status, kExitFailure);
  EXPECT_NE(missing.error.find("/no/such.conf"), std::string::npos) << missing.error;
}

TEST(CommandLine, TheConfigurationIsPrintedWithItsOrigins) {
  const Parsed parsed = Parse({"--print-config", "--shards=4"}, {}, {"PENSTOCK_IO=epoll"});
  EXPECT_EQ(parsed.line.exit_status, kExitOk);
  EXPECT_EQ(parsed.error, "");
  for (const char* pattern : {"shards = 4 +# --shards", "io = epoll +# PENSTOCK_IO",
                              "drain-grace = 30s +# default"}) {
    EXPECT_TRUE(std::regex_search(parsed.out, std::regex(pattern))) << pattern << parsed.out;
  }
}

TEST(CommandLine, AFlagOfTheProgramsOwnTakesThePlaceOfOurs) {
  std::string io;
  const auto declare = [&io](CLI::App& app) { app.add_option("--io", io, "which way"); };
  const Parsed parsed = Parse({"--io", "both"}, declare, {"PENSTOCK_IO=epoll"});
  EXPECT_FALSE(parsed.line.exit_status.has_value()) << parsed.error;
  EXPECT_EQ(io, "both");
  EXPECT_EQ(parsed.line.options.io, reactor::IoMode::kEpoll);
}

TEST(CommandLine, SoDoFlagsThatAreNoOptions) {
  std::string config, version, prints;
  bool is_unwell = false;
  const auto declare = [&](CLI::App& app) {
    app.add_option("--config", config);
    app.add_option("--version", version);
    app.add_option("--print-config", prints);
    app.add_flag("--no-health", is_unwell);
  };
  const Parsed parsed = Parse({"--config", "a", "--version", "2", "--print-config", "b",
                               "--no-health", "--health=false", "--no-reflection"}, declare);
  EXPECT_FALSE(parsed.line.exit_status.has_value()) << parsed.error;
  EXPECT_EQ(config + version + prints, "a2b");
  EXPECT_TRUE(is_unwell);
  EXPECT_FALSE(parsed.line.options.health);
  EXPECT_FALSE(parsed.line.options.reflection);
  EXPECT_TRUE(Parse({"--no-health"}, declare).line.options.health);
}

TEST(CommandLine, IoModesAreNamed) {
  EXPECT_EQ(Options({"--io", "auto"}).io, reactor::IoMode::kAuto);
  EXPECT_EQ(Options({"--io", "uring"}).io, reactor::IoMode::kUring);
}

TEST(CommandLine, SizesMayHaveUnits) {
  EXPECT_EQ(Options({"--max-message-bytes", "8MiB"}).message_bytes_max, 8u * 1024 * 1024);
}

TEST(CommandLine, HelpAndVersionEndWell) {
  const Parsed help = Parse({"--help"});
  EXPECT_EQ(help.line.exit_status, kExitOk);
  for (const char* flag : {"--listen", "--shards", "--cpus", "--io", "--max-streams",
                           "--max-message-bytes", "--tls-cert", "--tls-key", "--version",
                           "--config", "--print-config", "Examples:", "Exit status: 0"}) {
    EXPECT_NE(help.out.find(flag), std::string::npos) << flag;
  }
  const Parsed version = Parse({"--version"});
  EXPECT_EQ(version.line.exit_status, kExitOk);
  EXPECT_TRUE(version.out.starts_with("penstock 0.")) << version.out;
  for (const char* line : {"\nrevision: ", "\ncompiler: ", "\nio_uring: ", "\nTLS: OpenSSL 3."}) {
    EXPECT_NE(version.out.find(line), std::string::npos) << version.out;
  }
}

TEST(CommandLine, WhatIsWrongIsOneSentenceAndStatus64) {
  const struct {
    std::vector<std::string> arguments;
    const char* what;
  } cases[] = {
      {{"--prot", "1"}, "--prot"},
      {{"--takeover", "127.0.0.1:1"}, "write unix:PATH or unix-abstract:NAME"},
      {{"--takeover", "unix:"}, "the name after the colon is missing"},
      {{"--listen", "fd:x"}, "write fd:NUMBER"},
      {{"--listen", "inproc:x"}, "inproc:x is heard inside of this process alone; write HOST:PORT"},
      {{"--admin", "fd:3"}, "write HOST:PORT, unix:PATH or unix-abstract:NAME"},
      {{"--admin", "inproc:x"}, "write HOST:PORT, unix:PATH or unix-abstract:NAME"},
      {{"--drain-grace", "-1"}, "--drain-grace"},
      {{"--lisen", "x"}, "did you mean --listen?"},
      {{"server"}, "server"},
      {{"--shards"}, "--shards"},
      {{"--shards", "-1"}, "--shards"},
      {{"--shards", "1025"}, "--shards"},
      {{"--shards", "two"}, "--shards two: write a whole number, at least 0 and at most 1024"},
      {{"--shards", "1", "--shards", "2"}, "--shards is given 2 times"},
      {{"--reflection=maybe"}, "--reflection maybe: write true or false"},
      {{"--http2-ping-strikes-mx", "3"}, "did you mean --http2-ping-strikes-max?"},
      {{"--io", "select"}, "--io"},
      {{"--max-streams", "0"}, "--max-streams"},
      {{"--max-message-bytes", "8GiB"}, "at least 1 and at most 4294967295"},
      {{"--max-message-bytes", "-1"}, "--max-message-bytes"},
      {{"--max-message-bytes", "much"}, "--max-message-bytes"},
      {{"--cpus", "0-"}, "--cpus 0-: write a list of cores"},
      {{"--config", ""}, "--config: the name of a file should stand here, and is empty"},
      {{"--tls-client-ca", ""}, "--tls-client-ca: the name of a file should stand here, and is"},
      {{"--tls-cert", "", "--tls-key", ""}, "--tls-cert: the name of a file should stand here"},
      {{"--shards", " 2"}, "--shards \" 2\": write a whole number"},
      {{"--listen", "localhost"}, "--listen localhost: no port"},
      {{"--listen", "127.0.0.1:0", "127.0.0.1:1"}, "unknown argument 127.0.0.1:1"},
      {{"--listen", "127.0.0.1:65536"}, "--listen 127.0.0.1:65536"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.arguments.front());
    const Parsed parsed = Parse(c.arguments);
    EXPECT_EQ(parsed.line.exit_status, kExitUsage);
    EXPECT_NE(parsed.error.find(c.what), std::string::npos) << parsed.error;
    EXPECT_TRUE(parsed.error.starts_with("server: ")) << parsed.error;
    EXPECT_EQ(std::count(parsed.error.begin(), parsed.error.end(), '\n'), 1) << parsed.error;
  }
}

TEST(CommandLine, AMissingCertificateIsNamed) {
  const Parsed parsed =
      Parse({"--tls-cert", "/no/such/file.pem", "--tls-key", "/no/such/file.key"});
  EXPECT_EQ(parsed.line.exit_status, kExitFailure);
  EXPECT_NE(parsed.error.find("/no/such/file.pem"), std::string::npos) << parsed.error;
  EXPECT_NE(parsed.error.find("No such file or directory"), std::string::npos) << parsed.error;
}

TEST(CommandLine, CertificateAndKeyGoTogether) {
  const std::string path = testing::TempDir() + "/some.pem";
  std::ofstream(path) << "something";
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"--tls-cert", path}, {"--tls-key", path}, {"--tls-client-ca", path}}) {
    const Parsed parsed = Parse(arguments);
    EXPECT_EQ(parsed.line.exit_status, kExitUsage);
    EXPECT_TRUE(parsed.error.starts_with("server: " + arguments.front())) << parsed.error;
    EXPECT_NE(parsed.error.find("tls-cert and tls-key"), std::string::npos) << parsed.error;
  }
  const Parsed all = Parse({"--tls-cert", path, "--tls-key", path, "--tls-client-ca", path});
  EXPECT_FALSE(all.line.exit_status.has_value()) << all.error;
  const wire::TlsServerOptions& tls = all.line.options.tls;
  EXPECT_EQ(tls.certificates.at(0).certificate, path);
  EXPECT_EQ(tls.client_certificates, wire::ClientCertificates::kRequire);
}

TEST(CommandLine, AnEmptyKeyIsNamed) {
  const std::string path = testing::TempDir() + "/empty.pem";
  std::ofstream(path).flush();
  const std::string other = testing::TempDir() + "/other.pem";
  std::ofstream(other) << "something";
  const Parsed parsed = Parse({"--tls-cert", other, "--tls-key", path});
  EXPECT_EQ(parsed.line.exit_status, kExitFailure);
  EXPECT_NE(parsed.error.find(path + " that --tls-key names: it is empty"), std::string::npos)
      << parsed.error;
}

}  // namespace
}  // namespace penstock::server
