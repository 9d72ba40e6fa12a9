// Serves users.UserService, whose users live as long as the program.
//
//     bazel run --config=opt //examples/user_service:server -- --listen 127.0.0.1:50051
#include "penstock/examples/user_service/users.h"
#include "penstock/server/server_main.h"

int main(int argc, char** argv) {
  return penstock::ServerMain(argc, argv,
                              [](penstock::Server& server) { server.Add<users::Users>(); });
}
