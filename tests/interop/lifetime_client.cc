// Calls a helloworld.Greeter on a channel with a keepalive that only a test may have: --calls on
// each of --threads, then one more call for each line of standard input. Prints a line when the
// first are done and for each of the others: how many went well, and how the first failed.
#include <CLI/CLI.hpp>

#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "penstock/client/blocking_channel.h"

#include "examples/helloworld/helloworld.client.h"

namespace {

// How many of `count` calls went well; `*failure` is the first that did not.
int MakeCalls(helloworld::GreeterBlockingClient& greeter, int count, std::string* failure) {
  helloworld::HelloRequest request;
  request.set_name("world");
  int good_count = 0;
  for (int i = 0; i < count; ++i) {
    const penstock::StatusOr<helloworld::HelloReply> reply = greeter.SayHello(request);
    good_count += reply.ok();
    if (!reply.ok() && failure->empty()) *failure = reply.status().ToString();
  }
  return good_count;
}

}  // namespace

int main(int argc, char** argv) {
  std::string target;
  int calls_count = 1;
  size_t threads_count = 1;
  int64_t keepalive_ms = 0;
  CLI::App app;
  app.add_option("--target", target)->required();
  app.add_option("--calls", calls_count);
  app.add_option("--threads", threads_count);
  app.add_option("--keepalive-ms", keepalive_ms, "0: none");
  CLI11_PARSE(app, argc, argv);
  penstock::client::ChannelOptions options;
  if (keepalive_ms != 0) {
    options.keepalive_time_ns = options.keepalive_time_ns_min = keepalive_ms * penstock::kNsPerMs;
    options.keepalive_without_calls = true;
  }
  penstock::client::BlockingChannel channel(target, options);
  helloworld::GreeterBlockingClient greeter(&channel);

  std::vector<int> good_counts(threads_count);
  std::vector<std::string> failures(threads_count);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < threads_count; ++i) {
    threads.emplace_back(
        [&, i] { good_counts[i] = MakeCalls(greeter, calls_count, &failures[i]); });
  }
  int good_count = 0;
  std::string failure;
  for (size_t i = 0; i < threads_count; ++i) {
    threads[i].join();
    good_count += good_counts[i];
    if (failure.empty()) failure = failures[i];
  }
  std::printf("%d good %s\n", good_count, failure.c_str());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    failure.clear();
    good_count = MakeCalls(greeter, 1, &failure);
    std::printf("%d good %s\n", good_count, failure.c_str());
    std::fflush(stdout);
  }
  return 0;
}
