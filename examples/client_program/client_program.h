// What the examples' client programs have in common: a command line that explains itself, and what
// is said when a call has failed.
//
//     CLI::App app{"Talks in a room."};
//     std::string server;
//     AddServerFlag(app, &server);
//     if (const std::optional<int> status = ParseCommandLine(app, argc, argv)) return *status;
//     ...
//     return ReportFailure("chat", status);
#ifndef PENSTOCK_EXAMPLES_CLIENT_PROGRAM_CLIENT_PROGRAM_H_
#define PENSTOCK_EXAMPLES_CLIENT_PROGRAM_CLIENT_PROGRAM_H_

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/rpc/status.h"
#include "penstock/wire/tls_options.h"

namespace penstock::examples {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;  // the call has failed
inline constexpr int kExitUsage = 64;   // EX_USAGE of sysexits.h

// --server ADDRESS, 127.0.0.1:50051 where nothing is said. What cannot be one is a wrong command
// line; where nobody listens, the call says so.
void AddServerFlag(CLI::App& app, std::string* server);

// --tls, --tls-ca, --tls-cert and --tls-key: what penstock::client::ChannelOptions::tls is made of.
void AddTlsFlags(CLI::App& app, wire::TlsClientOptions* tls);

// Set when the program ends here, and with which status: help was asked for, or something is wrong.
// What there is to say has been printed.
std::optional<int> ParseCommandLine(CLI::App& app, int argc, const char* const* argv);

// "chat: UNAVAILABLE: cannot connect to ...", on standard error. Returns kExitFailure.
int ReportFailure(std::string_view program, const Status& status);

// `text`, which strangers wrote, for a terminal: nothing in it moves the cursor or rings the bell.
std::string Printable(std::string_view text);

}  // namespace penstock::examples

#endif  // PENSTOCK_EXAMPLES_CLIENT_PROGRAM_CLIENT_PROGRAM_H_
