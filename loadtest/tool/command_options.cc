#include "penstock/loadtest/tool/command_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdio>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/flag_values.h"
#include "penstock/rpc/base64.h"
#include "penstock/rpc/metadata.h"
#include "penstock/wire/suggestion.h"

namespace penstock::loadtest::tool {
namespace {

// CLI11 says "The following argument was not expected: --prot": the nearest flag was meant.
std::string DescribeParseError(const CLI::App& app, const CLI::ParseError& error) {
  std::string message = error.what();
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return message;
  const std::string given = message.substr(message.rfind(' ') + 1);
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) flags.push_back(option->get_name());
  message = "unexpected " + given;
  const std::string nearest = wire::NearestOf(given.substr(0, given.find('=')), flags);
  return nearest.empty() ? message : message + ", did you mean " + nearest + "?";
}

// The value of a "-bin" key is written in base64.
std::string TakeMetadata(const std::string& text, client::CallOptions* options) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0) {
    return "-H '" + text + "' is not KEY:VALUE, such as 'x-user: 7'";
  }
  std::string key = text.substr(0, colon);
  std::transform(key.begin(), key.end(), key.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string value = text.substr(colon + 1);
  value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
  value.erase(value.find_last_not_of(' ') + 1);
  if (key.ends_with("-bin")) {
    std::string octets(rpc::Base64DecodedBytesMax(value.size()), '\0');
    const char* const end = rpc::Base64Decode(value, octets.data());
    if (end == nullptr) {
      return "-H '" + text + "': the value of a key that ends in -bin is written in base64";
    }
    octets.resize(static_cast<size_t>(end - octets.data()));
    value = std::move(octets);
  }
  if (const char* why = Metadata::WhyRefused(key, value)) {
    return "-H '" + text + "' cannot be sent: " + key + " " + why;
  }
  (void)options->AddMetadata(key, value);  // which asks the same
  return "";
}

}  // namespace

void DeclareCommandFlags(CLI::App& app, const char* subject, const char* meaning,
                         CommandFlags* flags) {
  app.add_option("TARGET", flags->first,
                 "whom to ask: HOST:PORT, dns:///HOST:PORT or unix:PATH")
      ->type_name("");
  app.add_option(subject, flags->second, meaning)->type_name("");
  const auto add_several = [&app](const char* names, std::vector<std::string>* values,
                                  const char* type, const char* help) {
    app.add_option(names, *values, help)
        ->type_name(type)
        ->expected(1)
        ->allow_extra_args(false)
        ->take_all();
  };
  add_several("--proto", &flags->protos, "FILE",
              "take the schema from this .proto, repeatable; without it the server is asked");
  add_several("-I,--proto-path", &flags->roots, "DIR",
              "where imports of --proto begin, repeatable; here, and in its own folder");
  app.add_option("--descriptor-set,--protoset", flags->descriptor_set,
                 "in place of --proto: what protoc --include_imports --descriptor_set_out wrote")
      ->type_name("FILE");
  add_several("-H,--header", &flags->metadata, "KEY:VALUE",
              "metadata to send, repeatable; in base64 for a key that ends in -bin");
  DeclareTlsFlags(app, &flags->tls);
}

std::optional<int> ParseCommand(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help
    app.exit(done);
    return kExitOk;
  } catch (const CLI::ParseError& error) {
    return FailUsage(app.get_name(), DescribeParseError(app, error));
  }
  const std::string empty = DescribeEmptyFlag(app);
  if (!empty.empty()) return FailUsage(app.get_name(), empty);
  return std::nullopt;
}

std::string TakeCommandFlags(const CommandFlags& flags, bool needs_target,
                             CommandOptions* options) {
  options->protos = flags.protos;
  options->roots = flags.roots;
  options->descriptor_set = flags.descriptor_set;
  if (needs_target || !options->has_schema()) {
    if (flags.first.empty()) {
      return "TARGET is missing: say whom to ask, for example 127.0.0.1:50051, or where the schema "
             "is, with --proto";
    }
    options->target = flags.first;
    options->subject = flags.second;
  } else if (flags.second.empty()) {
    options->subject = flags.first;
  } else {
    return "with --proto or --descriptor-set nobody is asked: leave out " + flags.first;
  }
  // ".pkg.Type" is how protoc writes a whole name; "./shop.proto" is a file.
  std::string& subject = options->subject;
  if (subject.size() > 1 && subject[0] == '.' && subject[1] != '/' && subject[1] != '.') {
    subject.erase(0, 1);
  }
  if (!options->roots.empty() && options->protos.empty()) return "-I is for --proto: add one";
  for (const std::string& text : flags.metadata) {
    if (std::string trouble = TakeMetadata(text, &options->call); !trouble.empty()) return trouble;
  }
  return TakeTlsFlags(flags.tls, &options->tls);
}

std::optional<int> ReadSchemaCommand(CLI::App& app, const char* subject, const char* meaning,
                                     int argc, const char* const* argv, CommandOptions* options) {
  CommandFlags flags;
  DeclareCommandFlags(app, subject, meaning, &flags);
  if (const auto status = ParseCommand(app, argc, argv)) return status;
  const std::string trouble = TakeCommandFlags(flags, false, options);
  if (!trouble.empty()) return FailUsage(app.get_name(), trouble);
  return std::nullopt;
}

int FailUsage(std::string_view command, std::string_view trouble) {
  std::fprintf(stderr, "%.*s: %.*s (--help lists the flags)\n", static_cast<int>(command.size()),
               command.data(), static_cast<int>(trouble.size()), trouble.data());
  return kExitUsage;
}

}  // namespace penstock::loadtest::tool
