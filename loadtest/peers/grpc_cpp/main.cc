// The gRPC C++ server that penstock is measured against, of the callback API, which is what gRPC
// recommends for speed: helloworld.Greeter and what loadtest/streams/benchmark_service.proto has of
// grpc.testing.BenchmarkService, every option at its default.
//
//     ./build OUTPUT && OUTPUT --listen 127.0.0.1:0 --cores 1
//
// The library chooses its threads; --cores bounds the cores that they run on. --tls-cert FILE and
// --tls-key FILE make it TLS. Prints `listening on ADDRESS` once calls are accepted, and nothing
// more.
#include <grpcpp/grpcpp.h>
#include <sched.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "examples/helloworld/helloworld.grpc.pb.h"
#include "loadtest/streams/benchmark_service.grpc.pb.h"

namespace {

using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 64;
constexpr int kPayloadBytesMax = 4 << 20;

[[noreturn]] void Fail(int status, const std::string& why) {
  std::fprintf(stderr, "grpc_cpp peer: %s\n", why.c_str());
  std::exit(status);
}

class Greeter final : public helloworld::Greeter::CallbackService {
  grpc::ServerUnaryReactor* SayHello(grpc::CallbackServerContext* context,
                                     const helloworld::HelloRequest* request,
                                     helloworld::HelloReply* reply) override {
    reply->set_message("Hello " + request->name());
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

// A payload of zeroes, as long as the request asks for.
grpc::Status Answer(const SimpleRequest& request, SimpleResponse* response) {
  const int size = request.response_size();
  if (size < 0 || size > kPayloadBytesMax) {
    return {grpc::StatusCode::INVALID_ARGUMENT, "response_size is " + std::to_string(size) +
                                                    ", which is not between 0 and 4 MiB"};
  }
  response->mutable_payload()->mutable_body()->assign(static_cast<size_t>(size), '\0');
  return grpc::Status::OK;
}

// Reads, answers, reads: as gRPC's own benchmark server does it.
class Stream final : public grpc::ServerBidiReactor<SimpleRequest, SimpleResponse> {
 public:
  Stream() { StartRead(&request_); }
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    const grpc::Status status = Answer(request_, &response_);
    if (!status.ok()) return Finish(status);
    StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    StartRead(&request_);
  }
  void OnDone() override { delete this; }

 private:
  SimpleRequest request_;
  SimpleResponse response_;
};

class Benchmark final : public grpc::testing::BenchmarkService::CallbackService {
  grpc::ServerUnaryReactor* UnaryCall(grpc::CallbackServerContext* context,
                                      const SimpleRequest* request,
                                      SimpleResponse* response) override {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(Answer(*request, response));
    return reactor;
  }
  grpc::ServerBidiReactor<SimpleRequest, SimpleResponse>* StreamingCall(
      grpc::CallbackServerContext*) override {
    return new Stream;
  }
};

struct Options {
  std::string listen = "127.0.0.1:50051";
  int cores = 1;
  std::string tls_cert;  // "": cleartext
  std::string tls_key;
};

Options ParseArguments(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--version") {
      std::printf("%s\n", grpc::Version().c_str());
      std::exit(0);
    }
    const std::string value = i + 1 < argc ? argv[++i] : "";
    if (flag == "--listen" && !value.empty()) {
      options.listen = value;
    } else if (flag == "--cores" && std::atoi(value.c_str()) > 0) {
      options.cores = std::atoi(value.c_str());
    } else if (flag == "--tls-cert" && !value.empty()) {
      options.tls_cert = value;
    } else if (flag == "--tls-key" && !value.empty()) {
      options.tls_key = value;
    } else {
      Fail(kExitUsage, "'" + flag + " " + value +
                           "' is not --listen ADDRESS:PORT, --cores N (1 or more), "
                           "--tls-cert FILE, --tls-key FILE or --version");
    }
  }
  return options;
}

std::string Read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || text.str().empty()) Fail(kExitUsage, "cannot read " + path);
  return text.str();
}

std::shared_ptr<grpc::ServerCredentials> CredentialsOf(const Options& options) {
  if (options.tls_cert.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({Read(options.tls_key), Read(options.tls_cert)});
  return grpc::SslServerCredentials(tls);
}

// Leaves the first `count` of the cores that this process may use.
void UseCores(int count) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
  cpu_set_t used;
  CPU_ZERO(&used);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&used) < count; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) CPU_SET(cpu, &used);
  }
  sched_setaffinity(0, sizeof(used), &used);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = ParseArguments(argc, argv);
  UseCores(options.cores);
  // Before the library's threads, which inherit it.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  Greeter greeter;
  Benchmark benchmark;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.listen, CredentialsOf(options), &port);
  builder.RegisterService(&greeter);
  builder.RegisterService(&benchmark);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    Fail(kExitFailed, "cannot listen on " + options.listen + ": choose another --listen");
  }
  const std::string host = options.listen.substr(0, options.listen.rfind(':'));
  std::printf("listening on %s:%d\n", host.c_str(), port);
  std::fflush(stdout);
  int signal_number = 0;
  sigwait(&ends, &signal_number);
  server->Shutdown(std::chrono::system_clock::now());
}
