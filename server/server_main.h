// ServerMain: the main() of a program that is a server.
//
//     int main(int argc, char** argv) {
//       return penstock::ServerMain(argc, argv, [](penstock::Server& server) {
//         server.Add<GreeterImpl>();
//       });
//     }
//
// Flags: --listen, --shards, --cpus, --io and so on; --help lists them.
#ifndef PENSTOCK_SERVER_SERVER_MAIN_H_
#define PENSTOCK_SERVER_SERVER_MAIN_H_

#include <functional>

#include "penstock/server/server.h"

namespace penstock {

// Reads the flags, lets `setup` add services, prints the line that says what runs where on standard
// error, and serves until SIGINT or SIGTERM. Returns the program's exit status: 0; 1 with a
// sentence when the server cannot run; 64 when the command line is wrong.
int ServerMain(int argc, char** argv, const std::function<void(Server&)>& setup);

}  // namespace penstock

#endif  // PENSTOCK_SERVER_SERVER_MAIN_H_
