#include "penstock/server/command_line.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "penstock/server/configuration.h"
#include "penstock/server/version.h"

namespace penstock::server {
namespace {

constexpr char kFooter[] =
    "Each option is also a variable (PENSTOCK_DRAIN_GRACE=30s) and a line of the file that\n"
    "--config names (drain-grace = 30s). A flag goes before a variable, a variable before the\n"
    "file, and the file before what the program was built with; --print-config shows what holds.\n"
    "TIME: 500ms, 30s, 1m30s. BYTES: 1000, 64KiB, 4MiB, 1GB. N: 4, 10k.\n"
    "Exit status: 0 it was told to stop; 1 it cannot serve; 64 wrong usage.";

// What was given on the command line.
struct Flags {
  std::string config;
  bool prints_config = false;
  std::vector<std::vector<std::string>> values;  // of the table's rows
};

int ReportFailure(const char* program, const std::string& message) {
  std::fprintf(stderr, "%s: %s\n", program, message.c_str());
  return kExitFailure;
}

// What the program ends with when it has printed what it was asked for. A file that the disk had no
// room for must not pass for the whole of it (--print-config > app.conf).
int FinishOutput(const char* program) {
  const bool flushed = std::fflush(stdout) == 0;
  if (flushed && std::ferror(stdout) == 0) return kExitOk;
  // What failed before has left no errno to trust.
  const std::string why = flushed ? "" : std::string(" (") + std::strerror(errno) + ")";
  return ReportFailure(program, "standard output did not take all that was printed" + why);
}

// CLI11 says "The following argument was not expected: --prot": the nearest flag is what was meant.
std::string DescribeParseError(const CLI::App& app, const CLI::ParseError& error) {
  std::string message = error.what();
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return message;
  const std::string given = message.substr(message.rfind(' ') + 1);
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) flags.push_back(option->get_name());
  return "unknown argument " + given + DidYouMean(given.substr(0, given.find('=')), flags);
}

std::string Description(std::string_view program) {
  const size_t slash = program.rfind('/');
  if (slash != std::string_view::npos) program.remove_prefix(slash + 1);
  const std::string name = "  " + std::string(program);
  return "A gRPC server.\n\nExamples:\n" + name + " --listen 127.0.0.1:50051 --shards 1\n" + name +
         " --tls-cert server.pem --tls-key server.key --admin 127.0.0.1:9901\n" + name +
         " --config server.conf --print-config\n";
}

void DeclareRow(CLI::App& app, const Option& row, const ServerOptions& coded,
                std::vector<std::string>* values) {
  const std::string flag = FlagOf(row.name);
  if (app.get_option_no_throw(flag) != nullptr) return;  // the program has its own
  const std::vector<std::string> shown = row.show(coded);
  const std::string text = shown.empty() ? "" : shown.front();
  if (row.is_switch) {
    const std::string negation = "--no-" + row.name;
    const bool is_free = app.get_option_no_throw(negation) == nullptr;
    app.add_flag(is_free ? flag + ",!" + negation : flag, *values, row.help + "; it is " + text)
        ->group(row.group);
    return;
  }
  const std::string help = row.repeatable ? row.help + "; may be repeated" : row.help;
  app.add_option(flag, *values, help)
      ->type_name(row.form)
      ->default_str(text)
      ->group(row.group)
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
}

void Declare(CLI::App& app, const Configuration& configuration, Flags* flags) {
  const auto is_free = [&app](const char* flag) {
    return app.get_option_no_throw(flag) == nullptr;
  };
  if (is_free("--version")) {
    app.set_version_flag("--version", std::function<std::string()>(&DescribeVersion),
                         "prints the version, the compiler, and io_uring and TLS as they are here");
  }
  if (is_free("--config")) {
    // `--config "$FILE"` without that variable would be a server with other options than are meant.
    const auto check = [](const std::string& path) {
      return std::string(path.empty() ? "the name of a file should stand here, and is empty" : "");
    };
    app.add_option("--config", flags->config, "file with lines of NAME = VALUE")
        ->type_name("FILE")
        ->check(check);
  }
  if (is_free("--print-config")) {
    app.add_flag("--print-config", flags->prints_config,
                 "prints every option with its value and where that comes from, and ends");
  }
  flags->values.resize(configuration.table().size());
  for (size_t row = 0; row < flags->values.size(); ++row) {
    DeclareRow(app, configuration.table()[row], configuration.options(), &flags->values[row]);
  }
}

// The environment and the flags, in this order. Returns what is wrong, or "".
std::string TakeAll(const Flags& flags, const char* const* environment,
                    Configuration* configuration) {
  std::string why = configuration->TakeEnvironment(environment);
  for (size_t row = 0; why.empty() && row < flags.values.size(); ++row) {
    if (flags.values[row].empty()) continue;
    why = configuration->TakeFlag(configuration->table()[row], flags.values[row]);
  }
  return why;
}

}  // namespace

int ReportUsage(const char* program, const std::string& message) {
  std::fprintf(stderr, "%s: %s; run with --help for the flags\n", program, message.c_str());
  return kExitUsage;
}

CommandLine ParseCommandLine(int argc, char** argv,
                             const std::function<void(CLI::App&)>& declare, ServerOptions coded,
                             const char* const* environment) {
  if (environment == nullptr) environment = ::environ;
  CommandLine result;
  Configuration configuration(std::move(coded));
  Flags flags;
  CLI::App app(Description(argv[0]));
  app.footer(kFooter);
  if (declare) declare(app);
  Declare(app, configuration, &flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help, --version
    app.exit(done);
    result.exit_status = FinishOutput(argv[0]);
    return result;
  } catch (const CLI::ParseError& error) {
    result.exit_status = ReportUsage(argv[0], DescribeParseError(app, error));
    return result;
  }
  if (flags.config.empty()) flags.config = VariableIn(environment, kConfigVariable);
  std::string text;
  if (!flags.config.empty()) {
    if (const std::string why = ReadConfigFile(flags.config, &text); !why.empty()) {
      result.exit_status = ReportFailure(argv[0], why);
      return result;
    }
  }
  std::string why = configuration.TakeText(flags.config, text);
  if (why.empty()) why = TakeAll(flags, environment, &configuration);
  if (why.empty()) why = configuration.Finish();
  if (!why.empty()) {
    result.exit_status = ReportUsage(argv[0], why);
    return result;
  }
  why = configuration.MissingFile();
  if (!why.empty()) {
    result.exit_status = ReportFailure(argv[0], why);
    return result;
  }
  if (flags.prints_config) {
    std::fputs(configuration.Print().c_str(), stdout);
    result.exit_status = FinishOutput(argv[0]);
  }
  result.options = configuration.options();
  if (configuration.IsSet("compression")) {
    result.compression_cited = configuration.Cite("compression");
  }
  return result;
}

}  // namespace penstock::server
