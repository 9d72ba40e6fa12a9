// Answers helloworld.Greeter: SayHello(name) with "Hello name".
//
//     bazel run --config=opt //examples/helloworld:server -- --listen 127.0.0.1:50051
#include <string>

#include "penstock/server/server_main.h"

#include "examples/helloworld/helloworld.server.h"

class Greeter final : public helloworld::GreeterService {
  penstock::Status SayHello(penstock::Call&, const helloworld::HelloRequest& request,
                            helloworld::HelloReply& reply) override {
    std::string greeting = "Hello ";
    reply.set_message(greeting.append(request.name()));
    return penstock::OkStatus();
  }
};

int main(int argc, char** argv) {
  return penstock::ServerMain(argc, argv, [](penstock::Server& server) { server.Add<Greeter>(); });
}
