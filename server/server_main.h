// ServerMain: the main() of a program that is a server.
//
//     int main(int argc, char** argv) {
//       return penstock::ServerMain(argc, argv, [](penstock::Server& server) {
//         server.Add<GreeterImpl>();
//       });
//     }
//
// Flags: --listen, --shards, --cpus, --io and so on; --help lists them. Each is a variable of the
// environment, too, and a line of the file that --config names: docs/configuration.md. A program
// with flags of its own, in the words of CLI11 (<CLI/CLI.hpp>), and options of its own:
//
//     std::string root;
//     return penstock::ServerMain(
//         argc, argv,
//         [&root](CLI::App& app) { app.add_option("--root", root, "the files' folder"); },
//         [&root](penstock::Server& server) { return server.Add<Files>().Open(root); },
//         {.shards = 4});
#ifndef PENSTOCK_SERVER_SERVER_MAIN_H_
#define PENSTOCK_SERVER_SERVER_MAIN_H_

#include <functional>

#include "penstock/rpc/status.h"
#include "penstock/server/options.h"
#include "penstock/server/server.h"

namespace CLI {
class App;
}

namespace penstock {

// Reads file, environment and flags, lets `setup` add services, prints the line that says what runs
// where on standard error, and serves until SIGINT or SIGTERM. `coded` is what holds where none of
// them says otherwise. Returns the program's exit status: 0; 1 with a sentence when the server
// cannot run, or what --print-config and its like print does not arrive; 64 when something that was
// set is wrong. SIGPIPE no longer ends the process, unless the program has handled it already. The
// soft limit of open files is raised to the hard one, as Go does; programs that are started inherit
// it.
int ServerMain(int argc, char** argv, const std::function<void(Server&)>& setup,
               ServerOptions coded = {});

// The same with the flags that `declare` adds; they are flags alone, and take the place of ours of
// the same name. An error of `setup` is a sentence, and the exit status 1.
int ServerMain(int argc, char** argv, const std::function<void(CLI::App&)>& declare,
               const std::function<Status(Server&)>& setup, ServerOptions coded = {});

}  // namespace penstock

#endif  // PENSTOCK_SERVER_SERVER_MAIN_H_
