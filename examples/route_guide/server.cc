// Serves routeguide.RouteGuide, which has a method of each kind.
//
//     bazel run --config=opt //examples/route_guide:server -- --listen 127.0.0.1:50051
#include "penstock/examples/route_guide/guide.h"
#include "penstock/server/server_main.h"

int main(int argc, char** argv) {
  return penstock::ServerMain(
      argc, argv, [](penstock::Server& server) { server.Add<routeguide::Guide>(); });
}
