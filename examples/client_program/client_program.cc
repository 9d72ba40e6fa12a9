#include "penstock/examples/client_program/client_program.h"

#include <cstdio>
#include <vector>

#include "penstock/reactor/address.h"
#include "penstock/wire/suggestion.h"

namespace penstock::examples {
namespace {

void AddFlagsOf(const CLI::App& app, std::vector<std::string>* flags) {
  for (const CLI::Option* option : app.get_options()) flags->push_back(option->get_name());
}

// CLI11 says "The following argument was not expected: --rom": the nearest flag is what was meant.
std::string DescribeParseError(const CLI::App& app, const CLI::ParseError& error) {
  std::string message = error.what();
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return message;
  const std::string given = message.substr(message.rfind(' ') + 1);
  std::vector<std::string> flags;
  AddFlagsOf(app, &flags);
  for (const CLI::App* command : app.get_subcommands()) AddFlagsOf(*command, &flags);
  message = "unknown argument " + given;
  const std::string nearest = wire::NearestOf(given.substr(0, given.find('=')), flags);
  return nearest.empty() ? message : message + ", did you mean " + nearest + "?";
}

}  // namespace

void AddServerFlag(CLI::App& app, std::string* server) {
  *server = "127.0.0.1:50051";
  app.add_option("--server", *server, "where the server listens: HOST:PORT or unix:PATH")
      ->type_name("ADDRESS")
      ->check([](const std::string& address) {
        std::string why;
        return reactor::Address::IsWellFormed(address, &why) ? "" : address + ": " + why;
      })
      ->capture_default_str();
}

void AddTlsFlags(CLI::App& app, wire::TlsClientOptions* tls) {
  const auto enable = [tls](const std::string&) { tls->enabled = true; };
  app.add_flag("--tls", tls->enabled, "speak TLS; the authorities are those of the system");
  app.add_option("--tls-ca", tls->ca, "who may have issued the server's certificate, PEM")
      ->type_name("FILE")
      ->each(enable);
  CLI::Option* const certificate =
      app.add_option("--tls-cert", tls->own.certificate, "what the server is shown if it asks, PEM")
          ->type_name("FILE")
          ->each(enable);
  app.add_option("--tls-key", tls->own.key, "private key of that, PEM")
      ->type_name("FILE")
      ->needs(certificate);
}

std::optional<int> ParseCommandLine(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help
    app.exit(done);
    return kExitOk;
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s: %s; run with --help for the flags\n", app.get_name().c_str(),
                 DescribeParseError(app, error).c_str());
    return kExitUsage;
  }
  return std::nullopt;
}

int ReportFailure(std::string_view program, const Status& status) {
  const std::string code = absl::StatusCodeToString(status.code());
  std::fprintf(stderr, "%s: %s: %s\n", std::string(program).c_str(), code.c_str(),
               Printable(MessageOf(status)).c_str());
  return kExitFailure;
}

std::string Printable(std::string_view text) {
  constexpr char kDelete = 0x7f;
  std::string printable(text);
  for (char& octet : printable) {
    const auto code = static_cast<unsigned char>(octet);
    if (code < ' ' || octet == kDelete) octet = '?';
  }
  return printable;
}

}  // namespace penstock::examples
