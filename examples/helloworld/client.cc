// Asks helloworld.Greeter to greet somebody, and prints the greeting.
//
//     bazel run //examples/helloworld:client -- 127.0.0.1:50051 world
//     ... --tls-ca ca.pem localhost:50051 world
#include <cstdio>
#include <string>

#include "penstock/examples/client_program/client_program.h"

#include "examples/helloworld/helloworld.client.h"

int main(int argc, char** argv) {
  CLI::App app{"Asks helloworld.Greeter to greet somebody.", "client"};
  std::string server = "127.0.0.1:50051";
  std::string name = "world";
  penstock::client::ChannelOptions options;
  app.add_option("server", server, "where it listens: HOST:PORT or unix:PATH");
  app.add_option("name", name, "whom to greet");
  penstock::examples::AddTlsFlags(app, &options.tls);
  if (const auto status = penstock::examples::ParseCommandLine(app, argc, argv)) return *status;

  penstock::client::BlockingChannel channel(server, options);
  helloworld::GreeterBlockingClient greeter(&channel);
  helloworld::HelloRequest request;
  request.set_name(name);
  const penstock::StatusOr<helloworld::HelloReply> reply = greeter.SayHello(request);
  if (!reply.ok()) {
    std::fprintf(stderr, "%s\n", reply.status().ToString().c_str());
    return 1;
  }
  std::printf("%s\n", std::string(reply->message()).c_str());
}
