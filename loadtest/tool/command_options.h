// CommandOptions: what the subcommands of penstock-load have in common: whom to ask, over what, and
// where the schema comes from.
//
//     CommandFlags flags;
//     CLI::App app{...};
//     DeclareCommandFlags(app, &flags);
//     CommandOptions options;
//     if (const auto exit = ParseCommand(app, argc, argv, flags, &options)) return *exit;
#ifndef PENSTOCK_LOADTEST_TOOL_COMMAND_OPTIONS_H_
#define PENSTOCK_LOADTEST_TOOL_COMMAND_OPTIONS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/client/call_options.h"
#include "penstock/loadtest/tls_flags.h"
#include "penstock/wire/tls_options.h"

namespace penstock::loadtest::tool {

struct CommandOptions {
  std::string target;  // empty: a file has the schema, and nobody is called
  // What the command is about: a service, a symbol, a method; empty: not given.
  std::string subject;
  wire::TlsClientOptions tls;
  // The user's metadata, and for `call` the deadline.
  client::CallOptions call;
  // Where the schema is; all empty: the server's reflection.
  std::vector<std::string> protos, roots;
  std::string descriptor_set;

  bool has_schema() const { return !protos.empty() || !descriptor_set.empty(); }
};

// As they were written.
struct CommandFlags {
  std::string first, second;  // TARGET and what follows
  std::vector<std::string> protos, roots, metadata;
  std::string descriptor_set;
  TlsFlags tls;
};

// `subject` is how --help names what follows TARGET, and `meaning` what it says of that.
// Ownership: `flags` outlives `app`.
void DeclareCommandFlags(CLI::App& app, const char* subject, const char* meaning,
                         CommandFlags* flags);

// Something to end with: after --help, or a sentence on stderr about what is wrong.
std::optional<int> ParseCommand(CLI::App& app, int argc, const char* const* argv);

// The words and flags as options; with a schema of a file TARGET may be missing unless
// `needs_target`. Returns what is wrong, "" when nothing is.
std::string TakeCommandFlags(const CommandFlags& flags, bool needs_target,
                             CommandOptions* options);

// All three, for a command that needs nothing but a schema.
std::optional<int> ReadSchemaCommand(CLI::App& app, const char* subject, const char* meaning,
                                     int argc, const char* const* argv, CommandOptions* options);

// Says it on stderr, and returns kExitUsage.
int FailUsage(std::string_view command, std::string_view trouble);

}  // namespace penstock::loadtest::tool

#endif  // PENSTOCK_LOADTEST_TOOL_COMMAND_OPTIONS_H_
