// A helloworld.Greeter whose connections live as short as the flags say, and that minds PINGs.
#include <CLI/CLI.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

#include "penstock/server/server.h"

#include "examples/helloworld/helloworld.server.h"

namespace {

class Greeter final : public helloworld::GreeterService {
  penstock::Status SayHello(penstock::Call&, const helloworld::HelloRequest& request,
                            helloworld::HelloReply& reply) override {
    reply.set_message("Hello " + std::string(request.name()));
    return penstock::OkStatus();
  }
};

}  // namespace

int main(int argc, char** argv) {
  penstock::ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.shards = 2;
  int64_t age_ms = 0;
  CLI::App app;
  app.add_option("--age-ms", age_ms, "the age at which connections end; 0: none");
  app.add_option("--ping-strikes", options.http2.ping_strikes_max);
  CLI11_PARSE(app, argc, argv);
  if (age_ms != 0) options.connection_age_ns_max = age_ms * penstock::kNsPerMs;

  penstock::Server server(options);
  server.Add<Greeter>();
  const penstock::Status status = server.Start();
  std::fprintf(stderr, "%s\n", status.ok() ? server.Describe().c_str() : status.ToString().c_str());
  if (!status.ok()) return 1;
  server.Run();
  return 0;
}
