// Asks helloworld.Greeter to greet somebody, and prints the greeting.
//
//     bazel run //examples/helloworld:client -- 127.0.0.1:50051 world
#include <cstdio>
#include <string>

#include "examples/helloworld/helloworld.client.h"

int main(int argc, char** argv) {
  penstock::client::BlockingChannel channel(argc > 1 ? argv[1] : "127.0.0.1:50051");
  helloworld::GreeterBlockingClient greeter(&channel);
  helloworld::HelloRequest request;
  request.set_name(argc > 2 ? argv[2] : "world");
  const penstock::StatusOr<helloworld::HelloReply> reply = greeter.SayHello(request);
  if (!reply.ok()) {
    std::fprintf(stderr, "%s\n", reply.status().ToString().c_str());
    return 1;
  }
  std::printf("%s\n", std::string(reply->message()).c_str());
}
