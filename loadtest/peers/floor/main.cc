// The floor server: the cheapest answer to a unary call that io_uring allows. It looks at the
// lengths of frames and sends the same reply to every request, "Hello world" of helloworld.Greeter,
// whatever was called. So it bounds from below what a server can cost: other peers' processor time
// is given as a multiple of its.
//
//     bazel run --config=opt //loadtest/peers/floor:server -- --listen 127.0.0.1:0 --cores 1
//
// With --copy it answers with the request's own octets, which bounds the cost of large payloads.
// One thread a core, connections dealt in turn. Prints `listening on ADDRESS`, and at its end
// `answered N` with the number of requests, which generators' counts are held against. Exit status:
// 0 on SIGTERM and SIGINT; 1 when it cannot listen; 64 wrong usage; 69 without io_uring.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "penstock/loadtest/peers/floor/loop.h"
#include "penstock/reactor/listener.h"

namespace penstock::loadtest::floor {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 64;
constexpr int kExitUnavailable = 69;
constexpr unsigned kCoresMax = 1024;

[[noreturn]] void Fail(int status, const std::string& why) {
  std::fprintf(stderr, "floor: %s\n", why.c_str());
  ::_exit(status);
}

std::string BoundAddress(const std::string& asked, int fd) {
  sockaddr_in bound{};
  socklen_t bytes = sizeof(bound);
  char text[INET_ADDRSTRLEN];
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &bytes) != 0 ||
      bound.sin_family != AF_INET ||
      ::inet_ntop(AF_INET, &bound.sin_addr, text, sizeof(text)) == nullptr) {
    return asked;
  }
  return std::string(text) + ":" + std::to_string(ntohs(bound.sin_port));
}

// A ring belongs to the thread that makes it; the first thread accepts once all have theirs.
struct Threads {
  Threads(unsigned count, Mode mode) : rings(count), made(count) {
    for (unsigned i = 0; i < count; ++i) loops.push_back(std::make_unique<Loop>(mode));
  }

  // `address` is where the first one, which has `listening_fd`, was asked to listen.
  void Run(unsigned index, int listening_fd, const std::string& address) {
    Loop& loop = *loops[index];
    std::string why;
    if (!loop.SetUp(&why)) Fail(kExitUnavailable, why);
    rings[index] = loop.ring_fd();
    made.arrive_and_wait();
    if (listening_fd >= 0) {
      std::printf("listening on %s\n", BoundAddress(address, listening_fd).c_str());
      std::fflush(stdout);
    }
    loop.Run(listening_fd, rings);
  }

  std::vector<std::unique_ptr<Loop>> loops;
  std::vector<int> rings;
  std::latch made;
};

// Blocked in every thread, so that one may wait for them.
sigset_t BlockEnds() {
  sigset_t ends;
  ::sigemptyset(&ends);
  for (const int number : {SIGTERM, SIGINT}) ::sigaddset(&ends, number);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  return ends;
}

int Main(int argc, char** argv) {
  CLI::App app{"Answers every request with the same octets.", "floor"};
  std::string listen = "127.0.0.1:50051";
  unsigned cores = 1;
  bool copy = false;
  app.add_option("--listen", listen, "HOST:PORT; port 0 takes a free one")->capture_default_str();
  app.add_option("--cores", cores, "threads, one ring each")
      ->check(CLI::Range(1u, kCoresMax))
      ->capture_default_str();
  app.add_flag("--copy", copy, "answer with the octets of the request");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "floor: %s; run with --help for the flags\n", error.what());
    return kExitUsage;
  }
  std::string why;
  const int fd = reactor::OpenListeningSocket(listen, &why);
  if (fd < 0) Fail(kExitFailed, why);
  const sigset_t ends = BlockEnds();
  Threads threads(cores, copy ? Mode::kCopy : Mode::kCanned);
  std::vector<std::thread> running;
  for (unsigned i = 0; i < cores; ++i) {
    running.emplace_back(&Threads::Run, &threads, i, i == 0 ? fd : -1, listen);
  }
  int number = 0;
  ::sigwait(&ends, &number);
  uint64_t answered_count = 0;
  for (const auto& loop : threads.loops) answered_count += loop->answered_count();
  std::printf("answered %" PRIu64 "\n", answered_count);
  std::fflush(stdout);
  ::_exit(0);  // the threads may be asleep in the kernel, and have nothing to save
}

}  // namespace
}  // namespace penstock::loadtest::floor

int main(int argc, char** argv) { return penstock::loadtest::floor::Main(argc, argv); }
