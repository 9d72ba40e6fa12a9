// The flags that say how penstock-load speaks TLS: the same for the load and for its subcommands.
//
//     TlsFlags flags;
//     DeclareTlsFlags(app, &flags);
//     ...
//     if (std::string trouble = TakeTlsFlags(flags, &options.tls); !trouble.empty()) ...
#ifndef PENSTOCK_LOADTEST_TLS_FLAGS_H_
#define PENSTOCK_LOADTEST_TLS_FLAGS_H_

#include <string>

#include "penstock/wire/tls_options.h"

namespace CLI {
class App;
}  // namespace CLI

namespace penstock::loadtest {

// As they were written; empty: not given.
struct TlsFlags {
  std::string ca, certificate, key, server_name;
  bool tls = false;
  bool insecure = false;
};

// Ownership: `flags` outlives `app`.
void DeclareTlsFlags(CLI::App& app, TlsFlags* flags);

// Any of them means TLS. Returns what is wrong, "" when nothing is; files are read later.
std::string TakeTlsFlags(const TlsFlags& flags, wire::TlsClientOptions* options);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_TLS_FLAGS_H_
